"""API errors: Katapult's error codes with their HTTP status, and the body of an error response."""

from collections.abc import Mapping, Sequence
from typing import Any

DESCRIPTIONS: Mapping[str, tuple[int, str | None]] = {
    "missing_api_token": (400, "The request has no API token. Send it as a Bearer token."),
    "invalid_argument": (400, "The value of an argument is not valid."),
    "missing_required_argument": (400, "A required argument is missing."),
    "invalid_json_body": (400, "The body of the request is not valid JSON."),
    "invalid_api_token": (403, "The API token is not valid."),
    "unauthorized_network_for_api_token": (403, "The API token is not allowed from this IP address."),
    "invalid_capabilities_token": (403, "The capabilities token is not valid."),
    "scope_not_granted": (403, "The API token does not have the scope for this operation."),
    "permission_denied": (403, "You are not permitted to do this."),
    "organization_suspended": (403, "The organization is suspended."),
    "organization_not_activated": (403, "The organization is not activated yet."),
    "route_not_found": (404, "There is no operation at this path with this method."),
    "organization_not_found": (404, "There is no such organization."),
    "virtual_machine_not_found": (404, "There is no such virtual machine."),
    "virtual_machine_network_interface_not_found": (404, "There is no such network interface."),
    "interface_not_found": (404, "The virtual machine has no interface on this network."),
    "ip_address_not_found": (404, "There is no such IP address."),
    "data_center_not_found": (404, "There is no such data center."),
    "network_not_found": (404, "There is no such network."),
    "network_speed_profile_not_found": (404, "There is no such network speed profile."),
    "virtual_network_not_found": (404, "There is no such virtual network."),
    "task_not_found": (404, "There is no such task."),
    "object_in_trash": (406, "The object is in the trash. Restore it first."),
    "task_queueing_error": (406, "The task could not be queued."),
    "deletion_restricted": (409, "The object cannot be deleted."),
    "resource_does_not_support_unallocation": (409, "The resource that has the IP address cannot release it."),
    "validation_error": (422, "The object is not valid."),
    "ip_already_allocated": (422, "The IP address is already allocated."),
    "invalid_ip": (422, "The IP address cannot be allocated to this interface."),
    "no_allocation": (422, "The IP address is not allocated."),
    "no_interface_available": (422, "The virtual machine has no interface for this IP address."),
    "speed_profile_already_assigned": (422, "The network interface already has this speed profile."),
    "virtual_machine_network_interface_already_attached": (422, "The network interface is already attached."),
    "virtual_machine_network_interface_already_detached": (422, "The network interface is already detached."),
    "object_storage_provisioning_error": (422, "The object storage is still being provisioned."),
    "rate_limit_reached": (429, "The rate limit is reached."),
    "unhandled_exception": (500, None),
    "service_unavailable": (503, "The service is unavailable."),
    "no_available_addresses": (503, "The network has no available IP address."),
    "network_error": (504, "An upstream server did not respond."),
}
"""HTTP status and description of each code. The descriptions are the sandbox's own; Katapult's are free text."""

Envelope = dict[str, dict[str, Any]]


def envelope(code: str, *, description: str | None, detail: Any) -> Envelope:
    """Return the JSON object of an error. Katapult nests it under ``error``."""
    return {"error": {"code": code, "description": description, "detail": detail}}


class APIError(Exception):
    """An error response of the API."""

    def __init__(self, code: str, *, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.description = DESCRIPTIONS[code]
        self.detail: Mapping[str, Any] = {} if detail is None else detail

    def envelope(self) -> Envelope:
        """Return the JSON object of this error."""
        return envelope(self.code, description=self.description, detail=dict(self.detail))


def invalid_argument(path: Sequence[str], *, issue: str, description: str, errors: Sequence[str] = ()) -> APIError:
    """Return the error of an argument with an invalid value.

    Args:
        path: names from the outermost argument to this one.
        issue: the framework's code of the problem, such as ``missing_lookup_value``.
        description: one sentence about the problem.
        errors: one sentence for each rule that the value breaks.
    """
    return APIError(
        "invalid_argument",
        detail={
            "path": list(path),
            "index": None,
            "issue": issue,
            "issue_description": description,
            "errors": list(errors),
            "argument": {"id": "/".join(path), "name": path[-1], "description": None},
        },
    )


def missing_argument(path: Sequence[str]) -> APIError:
    """Return the error of a missing required argument.

    Args:
        path: names from the outermost argument to this one.
    """
    return APIError(
        "missing_required_argument",
        detail={"path": list(path), "argument": {"name": path[-1], "description": None}},
    )


def validation_error(*errors: str) -> APIError:
    """Return the error of an object that would not be valid, with one sentence for each problem."""
    return APIError("validation_error", detail={"errors": list(errors)})


def deletion_restricted(*errors: str) -> APIError:
    """Return the error of an object that cannot be deleted, with one sentence for each reason."""
    return APIError("deletion_restricted", detail={"errors": list(errors)})
