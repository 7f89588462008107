"""Refusals: Katapult's error codes with their status, and the envelope they travel in."""

from collections.abc import Mapping, Sequence
from typing import Any

DESCRIPTIONS: Mapping[str, tuple[int, str | None]] = {
    "missing_api_token": (400, "The request has no API token; send it as a Bearer credential."),
    "invalid_argument": (400, "An argument has a value that cannot be used."),
    "missing_required_argument": (400, "An argument that must be given is not there."),
    "invalid_json_body": (400, "The body of the request is not JSON."),
    "invalid_api_token": (403, "This API token is not known or has run out."),
    "unauthorized_network_for_api_token": (403, "This API token may not be used from your address."),
    "invalid_capabilities_token": (403, "This capabilities token is not valid."),
    "scope_not_granted": (403, "The API token lacks the scope for this operation."),
    "permission_denied": (403, "You may not do that."),
    "organization_suspended": (403, "The organization is suspended."),
    "organization_not_activated": (403, "The organization waits for its activation."),
    "route_not_found": (404, "Nothing is served at this path and method."),
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
    "object_in_trash": (406, "What you asked for lies in the trash; restore it first."),
    "task_queueing_error": (406, "The task could not be queued."),
    "deletion_restricted": (409, "This object may not be deleted."),
    "resource_does_not_support_unallocation": (409, "What holds the address cannot give it back."),
    "validation_error": (422, "The object would not be valid."),
    "ip_already_allocated": (422, "Somebody holds this IP address already."),
    "invalid_ip": (422, "This IP address does not fit here."),
    "no_allocation": (422, "This IP address is not allocated."),
    "no_interface_available": (422, "No network interface can take this IP address."),
    "speed_profile_already_assigned": (422, "The network interface has this speed profile already."),
    "virtual_machine_network_interface_already_attached": (422, "The network interface is attached already."),
    "virtual_machine_network_interface_already_detached": (422, "The network interface is detached already."),
    "object_storage_provisioning_error": (422, "Object storage is still being set up."),
    "rate_limit_reached": (429, "No more requests are permitted at the moment."),
    "unhandled_exception": (500, None),
    "service_unavailable": (503, "The service cannot answer now."),
    "no_available_addresses": (503, "The network has no address left."),
    "network_error": (504, "A server behind this one did not answer."),
}
"""Each code with its one status (Core API v1) and a sentence of our own: Katapult's are free text, once null."""

Envelope = dict[str, dict[str, Any]]


def envelope(code: str, *, description: str | None, detail: Any) -> Envelope:
    """Return the JSON object that a error is sent as: Katapult nests it under ``error``."""
    return {"error": {"code": code, "description": description, "detail": detail}}


class APIError(Exception):
    """The server's answer to a request that it will not carry out."""

    def __init__(self, code: str, *, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.description = DESCRIPTIONS[code]
        self.detail: Mapping[str, Any] = {} if detail is None else detail

    def envelope(self) -> Envelope:
        """Return the JSON object that this error is sent as."""
        return envelope(self.code, description=self.description, detail=dict(self.detail))


def invalid_argument(path: Sequence[str], *, issue: str, why: str, errors: Sequence[str] = ()) -> APIError:
    """Return the error of an argument's value.

    Args:
        path: the names that lead to the argument, outermost first.
        issue: the framework's word for what is wrong, such as ``missing_lookup_value``.
        why: one sentence about it.
        errors: sentences about a value of the right type that breaks a rule.
    """
    return APIError(
        "invalid_argument",
        detail={
            "path": list(path),
            "index": None,
            "issue": issue,
            "issue_description": why,
            "errors": list(errors),
            "argument": {"id": "/".join(path), "name": path[-1], "description": None},
        },
    )


def missing_argument(path: Sequence[str]) -> APIError:
    """Return the error of a request that lacks a required argument.

    Args:
        path: the names that lead to the argument, outermost first.
    """
    return APIError(
        "missing_required_argument",
        detail={"path": list(path), "argument": {"name": path[-1], "description": None}},
    )


def validation_error(*errors: str) -> APIError:
    """Return the error of an object that would not be valid, one sentence for each thing that is wrong."""
    return APIError("validation_error", detail={"errors": list(errors)})


def deletion_restricted(*errors: str) -> APIError:
    """Return the error to delete an object, one sentence for each thing that is in the way."""
    return APIError("deletion_restricted", detail={"errors": list(errors)})
