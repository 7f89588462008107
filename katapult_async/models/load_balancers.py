"""Load balancers and their rules."""

import attrs

from katapult_async.models.annotations import Annotation
from katapult_async.models.certificates import Certificate
from katapult_async.models.data_centers import DataCenter
from katapult_async.models.model import Model
from katapult_async.models.secret_fields import SECRET
from katapult_async.models.typed_objects import TypedObject
from katapult_async.models.virtual_machines import VirtualMachineAddress


@attrs.frozen(kw_only=True, repr=False)
class LoadBalancerWeight(Model):
    """The share of a virtual machine in the traffic of a load balancer."""

    virtual_machine_id: str
    """Id of the virtual machine."""

    weight: int | None = None
    """Weight, relative to the other virtual machines."""


@attrs.frozen(kw_only=True, repr=False)
class LoadBalancer(Model):
    """A load balancer."""

    id: str
    """Katapult's id, ``lb_...``."""

    name: str | None = None
    """Display name."""

    api_reference: str | None = None
    """A name of the user's choice, which ``APIReference`` looks up, in place of the id."""

    resource_type: str | None = None
    """Type of the resources: ``virtual_machines``, ``virtual_machine_groups`` or ``tags``."""

    resources: tuple[TypedObject, ...] = ()
    """The objects that the load balancer sends traffic to; their types are ``VirtualMachine``, ``VirtualMachineGroup``
    and ``Tag`` so far."""

    resource_ids: tuple[str, ...] = ()
    """Ids of the objects in `resources`."""

    ip_address: VirtualMachineAddress | None = None
    """The IP address of the load balancer."""

    https_redirect: bool | None = None
    """Whether HTTP is redirected to HTTPS. Lists omit this field and all that follow, except `data_center`."""

    backend_certificate: str | None = None
    """Certificate that the backends can use, PEM."""

    backend_certificate_key: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """Private key of `backend_certificate`, PEM: a secret."""

    data_center: DataCenter | None = None
    """The data center of the load balancer."""

    enable_weighting: bool | None = None
    """Whether `weights` apply."""

    weights: tuple[LoadBalancerWeight, ...] = ()
    """Shares of the virtual machines in the traffic."""

    standby_vms: tuple[str, ...] = ()
    """Ids of the virtual machines that receive traffic only when all others fail."""

    annotations: tuple[Annotation, ...] = ()
    """Annotations. Lists omit them."""


@attrs.frozen(kw_only=True, repr=False)
class LoadBalancerRule(Model):
    """A rule of a load balancer: a port to listen on, and how the traffic of this port is sent on."""

    id: str
    """Katapult's id, ``lbrule_...``."""

    algorithm: str | None = None
    """``round_robin``, ``least_connections`` or ``sticky``."""

    destination_port: int | None = None
    """Port of the backends."""

    listen_port: int | None = None
    """Port of the load balancer."""

    protocol: str | None = None
    """``HTTP``, ``HTTPS`` or ``TCP``."""

    proxy_protocol: bool | None = None
    """Whether the backends receive the address of the client by the PROXY protocol; lists omit it."""

    certificates: tuple[Certificate, ...] = ()
    """Certificates for HTTPS."""

    backend_ssl: bool | None = None
    """Whether the connections to the backends use TLS; lists omit it."""

    passthrough_ssl: bool | None = None
    """Whether TLS is passed on to the backends undecrypted; lists omit it."""

    check_enabled: bool | None = None
    """Whether backends are checked."""

    check_fall: int | None = None
    """Failed checks after which a backend receives no traffic. Lists omit this field and all that follow."""

    check_interval: int | None = None
    """Seconds between two checks."""

    check_path: str | None = None
    """Path of an HTTP check."""

    check_protocol: str | None = None
    """``HTTP`` or ``TCP``."""

    check_rise: int | None = None
    """Successful checks after which a backend receives traffic again."""

    check_timeout: int | None = None
    """Seconds after which a check has failed."""

    check_http_statuses: str | None = None
    """First digits of the statuses of a successful HTTP check: ``2``, ``23`` or ``234``."""

    load_balancer: LoadBalancer | None = None
    """The load balancer."""
