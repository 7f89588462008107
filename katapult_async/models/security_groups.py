"""Security groups and their rules."""

import attrs

from katapult_async.models.annotations import Annotation
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class SecurityGroup(Model):
    """A security group: firewall rules for virtual machines."""

    id: str
    """Katapult's id, ``sg_...``."""

    name: str | None = None
    """Display name."""

    allow_all_inbound: bool | None = None
    """Whether all incoming traffic is allowed."""

    allow_all_outbound: bool | None = None
    """Whether all outgoing traffic is allowed."""

    associations: tuple[str, ...] = ()
    """Ids of the virtual machines, virtual machine groups and tags that the rules apply to."""

    annotations: tuple[Annotation, ...] = ()
    """Annotations. Lists omit them."""


@attrs.frozen(kw_only=True, repr=False)
class SecurityGroupRule(Model):
    """A rule of a security group."""

    id: str
    """Katapult's id, ``sgr_...``."""

    security_group: SecurityGroup | None = None
    """The security group; lists omit it."""

    direction: str | None = None
    """``inbound`` or ``outbound``."""

    protocol: str | None = None
    """``TCP``, ``UDP`` or ``ICMP``."""

    action: str | None = None
    """``allow`` or ``deny``."""

    ports: str | None = None
    """Ports and ranges, such as ``22,8000-8010``; None for all."""

    targets: tuple[str, ...] = ()
    """Sources or destinations: addresses, networks, ``all:ipv4``, ``all:ipv6``, and ids of address lists, virtual
    machines, virtual machine groups and tags."""

    notes: str | None = None
    """Free text about the rule."""
