"""The conditions for the deletion of an organization."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class DeletionStep(Model):
    """One condition for the deletion of an organization."""

    satisfied: bool | None = None
    """Whether the condition is satisfied."""

    description: str | None = None
    """What must be done."""


@attrs.frozen(kw_only=True, repr=False)
class DeletionSteps(Model):
    """The conditions for the deletion of an organization: all of them must be satisfied."""

    managed_organizations: DeletionStep | None = None
    """No managed organizations."""

    virtual_machines: DeletionStep | None = None
    """No virtual machines."""

    disks: DeletionStep | None = None
    """No disks."""

    file_storage_volumes: DeletionStep | None = None
    """No file storage volumes."""

    disk_backup_policies: DeletionStep | None = None
    """No disk backup policies."""

    isos: DeletionStep | None = None
    """No ISO images."""

    disk_templates: DeletionStep | None = None
    """No disk templates."""

    load_balancers: DeletionStep | None = None
    """No load balancers."""

    dns_zones: DeletionStep | None = None
    """No DNS zones."""

    empty_trash: DeletionStep | None = None
    """An empty trash."""

    virtual_networks: DeletionStep | None = None
    """No virtual networks."""

    ip_addresses: DeletionStep | None = None
    """No IP addresses."""

    object_storage: DeletionStep | None = None
    """No object storage."""

    ensure_zero_balance: DeletionStep | None = None
    """A balance of zero."""

    ensure_no_outstanding_invoices: DeletionStep | None = None
    """No unpaid invoices."""
