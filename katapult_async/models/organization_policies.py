"""What an organization may have and do, and what it pays: policies, prices, and the steps of its deletion."""

import attrs

from katapult_async.models.organizations import Currency


@attrs.frozen(kw_only=True)
class PolicyLimit:
    """How many of something an organization may have, and has."""

    limit: int | None = None
    """How many it may have."""

    current: int | None = None
    """How many it has."""

    unit: str | None = None
    """Unit of both numbers; None for a number of objects."""


@attrs.frozen(kw_only=True)
class BalanceLimit:
    """How much an organization may owe, and owes."""

    limit: float | None = None
    """How much it may owe."""

    current: float | None = None
    """How much it owes."""

    currency: Currency | None = None
    """Currency of both amounts."""


@attrs.frozen(kw_only=True)
class OrganizationLimits:
    """The limits of an organization."""

    uninvoiced_balance: BalanceLimit | None = None
    """Costs that are not invoiced yet."""

    virtual_machines: PolicyLimit | None = None
    """Virtual machines."""

    virtual_machine_memory: PolicyLimit | None = None
    """Memory of all virtual machines."""

    managed_organizations: PolicyLimit | None = None
    """Managed organizations."""

    unallocated_ip_addresses: PolicyLimit | None = None
    """IP addresses that are not allocated."""

    disk_space: PolicyLimit | None = None
    """Size of all disks."""

    security_groups: PolicyLimit | None = None
    """Security groups."""

    virtual_networks: PolicyLimit | None = None
    """Virtual networks."""

    load_balancers: PolicyLimit | None = None
    """Load balancers."""

    dns_zones: PolicyLimit | None = None
    """DNS zones."""

    certificates: PolicyLimit | None = None
    """Certificates."""

    file_storage_volumes: PolicyLimit | None = None
    """File storage volumes."""

    isos: PolicyLimit | None = None
    """ISO images."""

    disk_iops: PolicyLimit | None = None
    """IO operations a second of a disk; without ``current``."""

    network_speed: PolicyLimit | None = None
    """Speed of a network interface; without ``current``."""


@attrs.frozen(kw_only=True)
class PolicyFeature:
    """Whether an organization may use a feature."""

    permitted: bool | None = None
    """Whether it may."""


@attrs.frozen(kw_only=True)
class OrganizationFeatures:
    """The features that an organization may use, or not."""

    disk_bus_configuration: PolicyFeature | None = None
    """Choosing the bus of a disk."""

    zone_selection: PolicyFeature | None = None
    """Choosing the zone of a virtual machine."""

    restricted_traffic_types: PolicyFeature | None = None
    """Sending traffic of types that are otherwise blocked."""

    suspension: PolicyFeature | None = None
    """Suspension of the organization by Katapult."""

    flexible_virtual_machine_resources: PolicyFeature | None = None
    """Virtual machines with resources of their own instead of a package's."""


@attrs.frozen(kw_only=True)
class OrganizationPolicy:
    """What an organization may have and do at present."""

    policy_type: str | None = None
    """``auto``, ``override`` or ``none`` so far."""

    policy_name: str | None = None
    """Name of the policy."""

    limits: OrganizationLimits | None = None
    """How many of everything the organization may have, and has."""

    features: OrganizationFeatures | None = None
    """The features that it may use."""

    reasons_for_disallowing_resource_creation: tuple[str, ...] = ()
    """Why it may create nothing at present; empty when it may."""


@attrs.frozen(kw_only=True)
class PolicyValue:
    """The value of one limit of a policy."""

    value: int | None = None
    """The limit; None when there is none."""

    unlimited: bool | None = None
    """Whether there is no limit."""


@attrs.frozen(kw_only=True)
class BalanceValue:
    """The most that an organization may owe."""

    value: float | None = None
    """The amount; None when there is no limit."""

    unlimited: bool | None = None
    """Whether there is no limit."""


@attrs.frozen(kw_only=True)
class PolicyLimits:
    """The limits of an organization's policy, without how much of them is used."""

    maximum_uninvoiced_balance: BalanceValue | None = None
    """Most costs that are not invoiced yet."""

    maximum_virtual_machines: PolicyValue | None = None
    """Most virtual machines."""

    maximum_virtual_machine_memory: PolicyValue | None = None
    """Most memory of all virtual machines."""

    maximum_disk_space: PolicyValue | None = None
    """Most disk space."""

    maximum_managed_organizations: PolicyValue | None = None
    """Most managed organizations."""

    maximum_unallocated_ip_addresses: PolicyValue | None = None
    """Most IP addresses that are not allocated."""

    maximum_security_groups: PolicyValue | None = None
    """Most security groups."""

    maximum_virtual_networks: PolicyValue | None = None
    """Most virtual networks."""

    maximum_load_balancers: PolicyValue | None = None
    """Most load balancers."""

    maximum_dns_zones: PolicyValue | None = None
    """Most DNS zones."""

    maximum_certificates: PolicyValue | None = None
    """Most certificates."""

    maximum_file_storage_volumes: PolicyValue | None = None
    """Most file storage volumes."""

    maximum_isos: PolicyValue | None = None
    """Most ISO images."""

    maximum_disk_size: PolicyValue | None = None
    """Largest disk."""

    minimum_disk_size: PolicyValue | None = None
    """Smallest disk."""

    flexible_virtual_machine_resources: bool | None = None
    """Whether virtual machines may have resources of their own instead of a package's."""

    allow_suspension: bool | None = None
    """Whether Katapult may suspend the organization."""

    allow_restricted_traffic_types: bool | None = None
    """Whether it may send traffic of types that are otherwise blocked."""


@attrs.frozen(kw_only=True)
class PriceVariant:
    """The price of one variant of a resource."""

    id: str
    """Id of the variant."""

    description: str | None = None
    """What the variant is."""

    price: float | None = None
    """The price."""


@attrs.frozen(kw_only=True)
class Price:
    """The price of a resource."""

    resource: str
    """Name of the resource."""

    category: str | None = None
    """Category of the resource."""

    description: str | None = None
    """What is paid for."""

    price: float | None = None
    """The price."""

    variants: tuple[PriceVariant, ...] = ()
    """Prices of its variants."""


@attrs.frozen(kw_only=True)
class OrganizationPrices:
    """The prices that an organization pays."""

    currency: Currency | None = None
    """Currency of all prices."""

    prices: tuple[Price, ...] = ()
    """The prices."""


@attrs.frozen(kw_only=True)
class DeletionStep:
    """One condition for the deletion of an organization."""

    satisfied: bool | None = None
    """Whether it is met."""

    description: str | None = None
    """What is left to do."""


@attrs.frozen(kw_only=True)
class DeletionSteps:
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
