"""API errors: Katapult's error codes with their HTTP status, and the body of an error response."""

from collections.abc import Mapping, Sequence
from typing import Any

_CODES: Mapping[int, str] = {
    400: "missing_api_token invalid_argument missing_required_argument invalid_json_body invalid_timestamp"
    " invalid_spec_xml policy_not_available_for_managed_organizations prices_not_available_for_managed_organizations"
    " identity_not_linked_to_web_session",
    403: "invalid_api_token unauthorized_network_for_api_token invalid_capabilities_token scope_not_granted"
    " permission_denied organization_suspended organization_not_activated resource_creation_restricted"
    " object_storage_account_not_provisioned object_storage_account_suspended object_storage_bucket_deletion_error",
    404: "no_user_associated_with_identity no_virtual_machine_for_api_token",
    406: "object_in_trash task_queueing_error virtual_machine_must_be_started",
    409: "deletion_restricted resource_does_not_support_unallocation deletion_steps_not_satisfied"
    " managed_organization_required",
    422: "validation_error ip_already_allocated invalid_ip no_allocation no_interface_available"
    " speed_profile_already_assigned virtual_machine_network_interface_already_attached"
    " virtual_machine_network_interface_already_detached object_storage_provisioning_error unassigned_disk"
    " unable_to_assign unable_to_unassign dns_zone_not_verified organization_limit_reached location_required"
    " one_system_disk_required",
    429: "rate_limit_reached",
    500: "unhandled_exception deletion_failed",
    503: "service_unavailable no_available_addresses",
    504: "network_error",
}
_ACRONYMS = {"api", "dns", "io", "ip", "ssh"}
_STATUSES = {code: status for status, codes in _CODES.items() for code in codes.split()}


def status_of(code: str) -> int | None:
    """Return the HTTP status of an error code, or None for an unknown code. Each code has one status."""
    return 404 if code.endswith("_not_found") else _STATUSES.get(code)


def description_of(code: str) -> str | None:
    """Return the description of an error code: the code as a sentence. Katapult's descriptions are free text."""
    words = [word.upper() if word in _ACRONYMS else word for word in code.split("_")]
    sentence = " ".join(words)
    return None if code == "unhandled_exception" else f"{sentence[0].upper()}{sentence[1:]}."


Envelope = dict[str, dict[str, Any]]


def envelope(code: str, *, description: str | None, detail: Any) -> Envelope:
    """Return the JSON object of an error. Katapult nests it under ``error``."""
    return {"error": {"code": code, "description": description, "detail": detail}}


class APIError(Exception):
    """An error response of the API."""

    def __init__(self, code: str, *, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = 500 if (status := status_of(code)) is None else status
        self.detail: Mapping[str, Any] = {} if detail is None else detail

    def envelope(self) -> Envelope:
        """Return the JSON object of this error."""
        return envelope(self.code, description=description_of(self.code), detail=dict(self.detail))


def invalid_argument(path: Sequence[str], *, issue: str, why: str, errors: Sequence[str] = ()) -> APIError:
    """Return the error of an argument with an invalid value.

    Args:
        path: names from the outermost argument to this one.
        issue: the framework's code of the problem, such as ``missing_lookup_value``.
        why: one sentence about the problem.
        errors: one sentence for each rule that the value breaks.
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
    """Return the error of a missing required argument.

    Args:
        path: names from the outermost argument to this one.
    """
    return APIError(
        "missing_required_argument", detail={"path": list(path), "argument": {"name": path[-1], "description": None}}
    )


def validation_error(*errors: str) -> APIError:
    """Return the error of an object that would not be valid, with one sentence for each problem."""
    return APIError("validation_error", detail={"errors": list(errors)})


def deletion_restricted(*errors: str) -> APIError:
    """Return the error of an object that cannot be deleted, with one sentence for each reason."""
    return APIError("deletion_restricted", detail={"errors": list(errors)})
