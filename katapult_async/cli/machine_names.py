"""Names of machines and interfaces that Katapult does not look up. `name_search` finds their ids."""

import re
from typing import Final

import attrs

from katapult_async.config import must_be
from katapult_async.errors import UsageError, quoted
from katapult_async.models.lookups import FQDN

_LABEL: Final = re.compile(r"[^\s./]{1,63}")  # RFC 1035 section 2.3.4

_check_label = must_be(
    "1 to 63 printable characters without white space, dots and slashes",
    lambda text: _LABEL.fullmatch(text) and text.isprintable(),
)


@attrs.frozen
class FirstLabel:
    """A virtual machine by the first label of its full domain name, such as ``web-1``."""

    first_label: str = attrs.field(validator=_check_label)

    def __str__(self) -> str:
        return self.first_label


@attrs.frozen
class InterfaceName:
    """A network interface: ``MACHINE/NETWORK``, or ``MACHINE`` if the machine has one interface."""

    interface_name: str

    def __attrs_post_init__(self) -> None:
        if not self.interface_name.isprintable() or self.network == "":
            raise UsageError(f"the name of an interface is MACHINE/NETWORK, not {quoted(self.interface_name)}")
        _ = self.machine  # a wrong name is an error now, not when it is used

    @property
    def machine(self) -> str | FQDN | FirstLabel:
        """The machine, by its id or a name.

        Raises:
            UsageError: it is neither.
        """
        text = self.interface_name.partition("/")[0]
        if text.startswith("vm_"):
            return text
        return FQDN(text) if "." in text else FirstLabel(text)

    @property
    def network(self) -> str | None:
        """The network, by its id, name or permalink; None if the text has no slash."""
        _, slash, network = self.interface_name.partition("/")
        return network if slash else None

    def __str__(self) -> str:
        return self.interface_name
