"""Names that the command looks up: what their parts mean."""

import pytest

from katapult_async import FQDN, UsageError
from katapult_async.cli.names import FirstLabel, InterfaceName


@pytest.mark.parametrize(
    ("text", "machine", "network"),
    [
        ("web-1", FirstLabel("web-1"), None),
        ("web-1.acme.example", FQDN("web-1.acme.example"), None),
        ("vm_SSY9IPHockPIozqP", "vm_SSY9IPHockPIozqP", None),
        ("web-1/Public network", FirstLabel("web-1"), "Public network"),
        ("web-1.acme.example/netw_1", FQDN("web-1.acme.example"), "netw_1"),
        ("web-1/uk-lon-01/public", FirstLabel("web-1"), "uk-lon-01/public"),
    ],
)
def test_name_of_an_interface_is_a_machine_and_perhaps_a_network(
    text: str, machine: object, network: str | None
) -> None:
    name = InterfaceName(text)
    assert (name.machine, name.network, str(name)) == (machine, network, text)


@pytest.mark.parametrize("text", ["", "/", "web-1/", "/public", "web 1", "web 1/public", "web-1/\x1b[31m"])
def test_interface_without_a_machine_or_network_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        InterfaceName(text)


@pytest.mark.parametrize("text", ["", "web-1.acme", "web 1", "w" * 64, "web\x1b"])
def test_first_label_is_one_label(text: str) -> None:
    with pytest.raises(UsageError):
        FirstLabel(text)
