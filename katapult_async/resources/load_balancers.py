"""Load balancers.

Core API v1: get:organization_load_balancers, post:organization_load_balancers, get:load_balancer, patch:load_balancer,
delete:load_balancer.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.load_balancers import LoadBalancer, LoadBalancerWeight
from katapult_async.models.lookups import APIReference, Permalink, SubDomain
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import LOAD_BALANCER
from katapult_async.resources.resource import EMPTY, Resource

_LOAD_BALANCERS: Final = Operations(LOAD_BALANCER, LoadBalancer, write=("load_balancers",), beside=("annotations",))


class LoadBalancers(Resource):
    """Load balancers. Reached as ``katapult.load_balancers``."""

    @_LOAD_BALANCERS.list("/organizations/organization/load_balancers")
    def list(
        self, *, organization: str | SubDomain, annotations: Mapping[str, str] = EMPTY, **options: Unpack[CallOptions]
    ) -> Pages[LoadBalancer]:
        """Return the load balancers of an organization, without the fields that only `get` returns.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            annotations: only load balancers with these annotations, by key.
        """

    @_LOAD_BALANCERS.create("/organizations/organization/load_balancers")
    async def create(
        self,
        *,
        organization: str | SubDomain,
        name: str,
        data_center: str | Permalink,
        resource_type: Literal["virtual_machines", "virtual_machine_groups", "tags"] | None = None,
        resource_ids: Iterable[str] | None = None,
        api_reference: str | None = None,
        https_redirect: bool | None = None,
        enable_weighting: bool | None = None,
        weights: Iterable[LoadBalancerWeight] | None = None,
        standby_vms: Iterable[str] | None = None,
        annotations: Mapping[str, str] = EMPTY,
        **options: Unpack[CallOptions],
    ) -> LoadBalancer:
        """Create a load balancer and return it. Its rules are created with ``load_balancer_rules.create``.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: display name.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            resource_type: type of the objects that the load balancer sends traffic to.
            resource_ids: ids of the objects that the load balancer sends traffic to.
            api_reference: a name of your choice, which ``APIReference`` looks up, in place of the id.
            https_redirect: whether HTTP requests are redirected to HTTPS.
            enable_weighting: whether ``weights`` apply.
            weights: shares of the virtual machines in the traffic.
            standby_vms: ids of the virtual machines that receive traffic only when all others fail.
            annotations: keys and values to store with the object, for programs.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_LOAD_BALANCERS.get()
    async def get(self, load_balancer: str | APIReference, **options: Unpack[CallOptions]) -> LoadBalancer:
        """Return a load balancer with its annotations. Its ``backend_certificate_key`` is a secret.

        Args:
            load_balancer: id of the load balancer, ``lb_...``, or its ``APIReference``.
        """

    @_LOAD_BALANCERS.update()
    async def update(
        self,
        load_balancer: str | APIReference,
        *,
        name: str | Unset = UNSET,
        data_center: str | Permalink | Unset = UNSET,
        resource_type: Literal["virtual_machines", "virtual_machine_groups", "tags"] | Unset = UNSET,
        resource_ids: Iterable[str] | Unset = UNSET,
        api_reference: str | Unset | None = UNSET,
        https_redirect: bool | Unset = UNSET,
        enable_weighting: bool | Unset = UNSET,
        weights: Iterable[LoadBalancerWeight] | Unset = UNSET,
        standby_vms: Iterable[str] | Unset = UNSET,
        annotations: Mapping[str, str] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> LoadBalancer:
        """Change a load balancer and return it. A field whose argument is omitted stays as it is.

        Args:
            load_balancer: id of the load balancer, ``lb_...``, or its ``APIReference``.
            name: display name.
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
            resource_type: type of the objects that the load balancer sends traffic to.
            resource_ids: ids of the objects that the load balancer sends traffic to.
            api_reference: a name of your choice, which ``APIReference`` looks up, in place of the id; None removes it.
            https_redirect: whether HTTP requests are redirected to HTTPS.
            enable_weighting: whether ``weights`` apply.
            weights: shares of the virtual machines in the traffic.
            standby_vms: ids of the virtual machines that receive traffic only when all others fail.
            annotations: keys and values to store with the object, for programs. Katapult does not document whether
                annotations with other keys are kept.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_LOAD_BALANCERS.delete()
    async def delete(self, load_balancer: str | APIReference, **options: Unpack[CallOptions]) -> LoadBalancer | None:
        """Delete a load balancer and return it with only its id, name and ``api_reference``.

        Returns None if the response was lost and a retry did not find it.

        Args:
            load_balancer: id of the load balancer, ``lb_...``, or its ``APIReference``.

        Raises:
            UnprocessableError: the load balancer cannot be deleted; ``detail`` lists the problems.
        """
