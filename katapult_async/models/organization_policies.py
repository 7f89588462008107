"""Organization policies: what an organization may have and do."""

import attrs

from katapult_async.models.currencies import Currency
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class PolicyLimit(Model):
    """A limit of an organization, and how much of it is used."""

    limit: int | None = None
    """How many, or how much, the organization may have."""

    current: int | None = None
    """How many, or how much, the organization has."""

    unit: str | None = None
    """Unit of both numbers; None for a number of objects."""


@attrs.frozen(kw_only=True, repr=False)
class BalanceLimit(Model):
    """The most that an organization may owe, and what it owes."""

    limit: float | None = None
    """How much the organization may owe."""

    current: float | None = None
    """How much the organization owes."""

    currency: Currency | None = None
    """Currency of both amounts."""


@attrs.frozen(kw_only=True, repr=False)
class OrganizationLimits(Model):
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


@attrs.frozen(kw_only=True, repr=False)
class PolicyFeature(Model):
    """Whether an organization may use a feature."""

    permitted: bool | None = None
    """Whether the organization may use the feature."""


@attrs.frozen(kw_only=True, repr=False)
class OrganizationFeatures(Model):
    """Which features an organization may use."""

    disk_bus_configuration: PolicyFeature | None = None
    """Choosing the bus of a disk."""

    zone_selection: PolicyFeature | None = None
    """Choosing the zone of a virtual machine."""

    restricted_traffic_types: PolicyFeature | None = None
    """Sending traffic of types that are otherwise blocked."""

    suspension: PolicyFeature | None = None
    """Whether Katapult may suspend the organization."""

    flexible_virtual_machine_resources: PolicyFeature | None = None
    """Virtual machines with resources of their own instead of a package's."""


@attrs.frozen(kw_only=True, repr=False)
class OrganizationPolicy(Model):
    """What an organization may have and do at present."""

    policy_type: str | None = None
    """``auto``, ``override`` or ``none`` so far."""

    policy_name: str | None = None
    """Name of the policy."""

    limits: OrganizationLimits | None = None
    """The limits, and how much of each is used."""

    features: OrganizationFeatures | None = None
    """The features that the organization may use."""

    reasons_for_disallowing_resource_creation: tuple[str, ...] = ()
    """Reasons why the organization may create nothing at present; empty if there are none."""


@attrs.frozen(kw_only=True, repr=False)
class PolicyValue(Model):
    """The value of one limit of a policy."""

    value: int | None = None
    """The limit; None when there is none."""

    unlimited: bool | None = None
    """Whether there is no limit."""


@attrs.frozen(kw_only=True, repr=False)
class BalanceValue(Model):
    """The most that an organization may owe."""

    value: float | None = None
    """The amount; None when there is no limit."""

    unlimited: bool | None = None
    """Whether there is no limit."""


@attrs.frozen(kw_only=True, repr=False)
class PolicyLimits(Model):
    """The limits of an organization's policy, without how much of them is used.

    Katapult does not document the units of memory and of disk sizes.
    """

    maximum_uninvoiced_balance: BalanceValue | None = None
    """Largest amount of costs that are not invoiced yet."""

    maximum_virtual_machines: PolicyValue | None = None
    """Largest number of virtual machines."""

    maximum_virtual_machine_memory: PolicyValue | None = None
    """Largest memory of all virtual machines together."""

    maximum_disk_space: PolicyValue | None = None
    """Largest size of all disks together."""

    maximum_managed_organizations: PolicyValue | None = None
    """Largest number of managed organizations."""

    maximum_unallocated_ip_addresses: PolicyValue | None = None
    """Largest number of IP addresses that are not allocated."""

    maximum_security_groups: PolicyValue | None = None
    """Largest number of security groups."""

    maximum_virtual_networks: PolicyValue | None = None
    """Largest number of virtual networks."""

    maximum_load_balancers: PolicyValue | None = None
    """Largest number of load balancers."""

    maximum_dns_zones: PolicyValue | None = None
    """Largest number of DNS zones."""

    maximum_certificates: PolicyValue | None = None
    """Largest number of certificates."""

    maximum_file_storage_volumes: PolicyValue | None = None
    """Largest number of file storage volumes."""

    maximum_isos: PolicyValue | None = None
    """Largest number of ISO images."""

    maximum_disk_size: PolicyValue | None = None
    """Largest disk."""

    minimum_disk_size: PolicyValue | None = None
    """Smallest disk."""

    flexible_virtual_machine_resources: bool | None = None
    """Whether virtual machines may have resources of their own instead of a package's."""

    allow_suspension: bool | None = None
    """Whether Katapult may suspend the organization."""

    allow_restricted_traffic_types: bool | None = None
    """Whether the organization may send traffic of types that are otherwise blocked."""
