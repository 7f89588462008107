"""Console sessions of virtual machines."""

import datetime

import attrs

from katapult_async.models.model import Model
from katapult_async.models.secret_fields import SECRET
from katapult_async.models.virtual_machines import VirtualMachine


@attrs.frozen(kw_only=True, repr=False)
class ConsoleSession(Model):
    """Access from a browser to the console of a virtual machine."""

    id: str
    """Katapult's id."""

    url: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """Address to open in a browser: a secret, because it gives access to the virtual machine."""

    expires_at: datetime.datetime | None = None
    """When the address expires."""

    virtual_machine: VirtualMachine | None = None
    """The virtual machine, with its names and state."""
