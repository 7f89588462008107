"""Rules of load balancers.

Core API v1: get:load_balancer_rules, post:load_balancer_rules, get:load_balancers_rules_load_balancer_rule,
patch:load_balancers_rules_load_balancer_rule, delete:load_balancers_rules_load_balancer_rule.
"""

from collections.abc import Iterable
from typing import Final, Literal, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.load_balancers import LoadBalancerRule
from katapult_async.models.lookups import APIReference
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import LOAD_BALANCER_RULE
from katapult_async.resources.resource import Resource

_RULES: Final = Operations(
    LOAD_BALANCER_RULE, LoadBalancerRule, path="/load_balancers/rules/load_balancer_rule", write=("load_balancers",)
)


class LoadBalancerRules(Resource):
    """Rules of load balancers: ports that they listen on. Reached as ``katapult.load_balancer_rules``."""

    @_RULES.list("/load_balancers/load_balancer/rules")
    def list(self, *, load_balancer: str | APIReference, **options: Unpack[CallOptions]) -> Pages[LoadBalancerRule]:
        """Return the rules of a load balancer, without the fields that only `get` returns.

        Args:
            load_balancer: id of the load balancer, ``lb_...``, or its ``APIReference``.
        """

    @_RULES.create("/load_balancers/load_balancer/rules")
    async def create(
        self,
        *,
        load_balancer: str | APIReference,
        algorithm: Literal["round_robin", "least_connections", "sticky"],
        destination_port: int,
        listen_port: int,
        protocol: Literal["HTTP", "HTTPS", "TCP"],
        proxy_protocol: bool | None = None,
        backend_ssl: bool | None = None,
        passthrough_ssl: bool | None = None,
        certificates: Iterable[str] | None = None,
        check_enabled: bool | None = None,
        check_fall: int | None = None,
        check_interval: int | None = None,
        check_path: str | None = None,
        check_protocol: Literal["HTTP", "TCP"] | None = None,
        check_rise: int | None = None,
        check_timeout: int | None = None,
        check_http_statuses: Literal["2", "23", "234"] | None = None,
        **options: Unpack[CallOptions],
    ) -> LoadBalancerRule:
        """Add a rule to a load balancer and return it. Omitted arguments have Katapult's defaults.

        Args:
            load_balancer: id of the load balancer, ``lb_...``, or its ``APIReference``.
            algorithm: how the backend of a connection is chosen.
            destination_port: port of the backends, such as ``8080``.
            listen_port: port of the load balancer, such as ``80``.
            protocol: protocol of the traffic.
            proxy_protocol: whether the backends receive the address of the client by the PROXY protocol.
            backend_ssl: whether the connections to the backends use TLS.
            passthrough_ssl: whether TLS is passed on to the backends undecrypted.
            certificates: ids of the certificates for HTTPS.
            check_enabled: whether backends are checked.
            check_fall: failed checks after which a backend receives no traffic.
            check_interval: seconds between two checks.
            check_path: path of an HTTP check.
            check_protocol: protocol of the check.
            check_rise: successful checks after which a backend receives traffic again.
            check_timeout: seconds after which a check has failed.
            check_http_statuses: which statuses an HTTP check accepts, by their first digits: 23 is 2xx and 3xx.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_RULES.get()
    async def get(self, load_balancer_rule: str, **options: Unpack[CallOptions]) -> LoadBalancerRule:
        """Return a rule with its load balancer.

        Args:
            load_balancer_rule: id of the rule, ``lbrule_...``.
        """

    @_RULES.update()
    async def update(
        self,
        load_balancer_rule: str,
        *,
        algorithm: Literal["round_robin", "least_connections", "sticky"] | Unset = UNSET,
        destination_port: int | Unset = UNSET,
        listen_port: int | Unset = UNSET,
        protocol: Literal["HTTP", "HTTPS", "TCP"] | Unset = UNSET,
        proxy_protocol: bool | Unset = UNSET,
        backend_ssl: bool | Unset = UNSET,
        passthrough_ssl: bool | Unset = UNSET,
        certificates: Iterable[str] | Unset = UNSET,
        check_enabled: bool | Unset = UNSET,
        check_fall: int | Unset = UNSET,
        check_interval: int | Unset = UNSET,
        check_path: str | Unset = UNSET,
        check_protocol: Literal["HTTP", "TCP"] | Unset = UNSET,
        check_rise: int | Unset = UNSET,
        check_timeout: int | Unset = UNSET,
        check_http_statuses: Literal["2", "23", "234"] | Unset = UNSET,
        **options: Unpack[CallOptions],
    ) -> LoadBalancerRule:
        """Change a rule and return it. A field whose argument is omitted stays as it is.

        Args:
            load_balancer_rule: id of the rule, ``lbrule_...``.
            algorithm: how the backend of a connection is chosen.
            destination_port: port of the backends, such as ``8080``.
            listen_port: port of the load balancer, such as ``80``.
            protocol: protocol of the traffic.
            proxy_protocol: whether the backends receive the address of the client by the PROXY protocol.
            backend_ssl: whether the connections to the backends use TLS.
            passthrough_ssl: whether TLS is passed on to the backends undecrypted.
            certificates: ids of the certificates for HTTPS.
            check_enabled: whether backends are checked.
            check_fall: failed checks after which a backend receives no traffic.
            check_interval: seconds between two checks.
            check_path: path of an HTTP check.
            check_protocol: protocol of the check.
            check_rise: successful checks after which a backend receives traffic again.
            check_timeout: seconds after which a check has failed.
            check_http_statuses: which statuses an HTTP check accepts, by their first digits: 23 is 2xx and 3xx.

        Raises:
            UnprocessableError: a value is not valid; ``detail`` lists the problems.
        """

    @_RULES.delete()
    async def delete(self, load_balancer_rule: str, **options: Unpack[CallOptions]) -> LoadBalancerRule | None:
        """Delete a rule and return it with only its id; None if the response was lost and a retry did not find it.

        Args:
            load_balancer_rule: id of the rule, ``lbrule_...``.

        Raises:
            UnprocessableError: the rule cannot be deleted; ``detail`` lists the problems.
        """
