"""The differences between the library and the document, each as a sentence."""

import datetime
import enum
import inspect
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import attrs

from katapult_async import errors
from katapult_async.core.endpoints import EmptyResponse, Endpoint, Pagination
from katapult_async.errors import APIError
from katapult_async.models.field_names import json_name
from katapult_async.resources.resource import Resource

from .document import Document, Shape, plain
from .library import ENDPOINTS, METHODS, Method, request_of
from .uses import USES

KINDS: Final[dict[str, type]] = {"string": str, "integer": int, "boolean": bool, "number": float}

BY_STATUS: Final[dict[str, type[APIError]]] = {
    "400": errors.BadRequestError,
    "403": errors.PermissionDeniedError,
    "404": errors.NotFoundError,
    "406": errors.NotAcceptableError,
    "409": errors.ConflictError,
    "422": errors.UnprocessableError,
    "429": errors.RateLimitReachedError,
    "500": errors.ServerError,
    "503": errors.ServiceUnavailableError,
    "504": errors.ServerError,
}
BY_CODE: Final[dict[str, type[APIError]]] = {
    "missing_api_token": errors.AuthenticationError,
    "invalid_api_token": errors.AuthenticationError,
    "invalid_capabilities_token": errors.AuthenticationError,
    "unauthorized_network_for_api_token": errors.AuthenticationError,
    "no_available_addresses": errors.ConflictError,
}
"""The classes of errors that are chosen by the code, not by the status."""

_VERSION: Final = "/disk_template_versions/disk_template_version"
_POLICY: Final = "/disk_backup_policies/disk_backup_policy"
_BALANCER: Final = "/load_balancers/load_balancer"

# For an object of varying type, the live API sends {"type": .., "value": {"id": .., "name": ..}}: 260 of 260 recorded
# objects.
NOT_IN_MODELS: Final = frozenset(
    {
        ("GET /ip_addresses/ip_address", "allocation.id"),
        ("GET /ip_addresses/ip_address", "allocation.name"),
        *(
            (name, "resources.resources")
            for name in (
                f"GET {_BALANCER}",
                f"PATCH {_BALANCER}",
                "GET /organizations/organization/load_balancers",
                "POST /organizations/organization/load_balancers",
            )
        ),
        *(
            (name, "target.target")
            for name in (
                f"GET {_POLICY}",
                f"PATCH {_POLICY}",
                f"DELETE {_POLICY}/schedule",
                "GET /organizations/organization/disk_backup_policies",
                *(
                    f"{method} {target}/disk_backup_policies"
                    for method in ("GET", "POST")
                    for target in ("/disks/disk", "/virtual_machines/virtual_machine")
                ),
            )
        ),
    }
)
"""Documented fields of responses that no model has: the operation, and the path of the field."""

ACCEPTED: Final = frozenset(
    {
        *(f"{name}: no model has the field {path} of the response" for name, path in NOT_IN_MODELS),
        # The same as virtual_machine_build, and deprecated.
        *(
            f"POST /organizations/organization/virtual_machines/{name}: the field build of the response is ignored"
            for name in ("build", "build_from_spec")
        ),
        # The request names these objects, so the caller has them.
        f"GET {_VERSION}/spec: the field disk_template_version of the response is ignored",
        "GET /disk_templates/disk_template/versions: the field disk_template of the response is ignored",
        # The library decodes a list or an object: recorded responses have an object.
        "GET /certificates/certificate: the field certificate is a list",
        # These are the annotations of the request. No other response has annotations of an organization.
        "POST /organizations/organization/managed: the field annotations of the response is ignored",
    }
)
"""Differences that are known, each below a comment with its reason."""

_DISK_ATTACHMENT: Final = "detached|failed|attached|attaching|detaching"
_COLORS: Final = (
    "red|pink|purple|dark_blue|green|teal|aqua|light_blue|yellow|orange|orange_red|brown|black|dark_gray|light_gray|"
    "light_brown"
)

OPEN_ENUMS: Final[dict[str, str]] = {
    "Certificate.issuer": "lets_encrypt|custom|self_signed",
    "Certificate.state": "pending|issue_failed|issued|issuing",
    "DNSRecord.type": "A|AAAA|ALIAS|CAA|CNAME|HTTPRedirect|IPS|MX|NS|PTR|SOA|SRV|SSHFP|TXT|VirtualMachine",
    "Disk.bus_type": "scsi|virtio",
    "Disk.state": "not_built|failed|built|building|installing|restoring|formatting|resizing|configuring|importing",
    "Disk.storage_speed": "nvme|ssd",
    "DiskAssignment.state": _DISK_ATTACHMENT,
    "DiskBackupSchedule.interval": "hourly|daily|weekly|monthly",
    "DiskTemplateField.type": "Text|Boolean|Password|Keyboard",
    "FileStorageVolume.state": "pending|failed|ready|configuring",
    "GPU.pending_action": "attach|detach",
    "GPU.status": "attached|attaching|detached|detaching|unknown",
    "LoadBalancer.resource_type": "virtual_machines|virtual_machine_groups|tags",
    "LoadBalancerRule.algorithm": "round_robin|least_connections|sticky",
    "LoadBalancerRule.check_http_statuses": "2|23|234",
    "LoadBalancerRule.check_protocol": "HTTP|TCP",
    "LoadBalancerRule.protocol": "HTTPS|TCP|HTTP",
    "ObjectStorageAccessKey.state": "pending|configured",
    "ObjectStorageAccount.provisioning_state": "provisioning|provisioned|failed",
    "ObjectStorageBucket.state": "pending|configured",
    "OrganizationPolicy.policy_type": "auto|override|none",
    "Package.privacy": "public|private",
    "SecurityGroupRule.action": "allow|deny",
    "SecurityGroupRule.direction": "inbound|outbound",
    "SecurityGroupRule.protocol": "TCP|UDP|ICMP",
    "Tag.color": f"{_COLORS}|pastel_{_COLORS.replace('|', '|pastel_')}",
    "VirtualMachineDisk.state": _DISK_ATTACHMENT,
}
"""The documented values of fields that are plain text in the models, because Katapult adds values."""


def all_differences(api: Document) -> Iterator[str]:
    """Yield every difference between the library and a document."""
    names = set(api.names)
    known = set(ENDPOINTS)
    yield from (f"{name}: new in the document" for name in sorted(names - known))
    yield from (f"{name}: no longer in the document" for name in sorted(known - names))
    facts = api.table(known & names)
    for name in sorted(known & names):
        yield from differences(name, facts[name])


def differences(name: str, facts: Shape) -> Iterator[str]:
    """Yield every difference between an operation of the library and its documentation."""
    endpoint, method = ENDPOINTS[name], METHODS[name]
    for part in (
        scopes(endpoint, facts),
        paging(endpoint, facts),
        arguments(method, USES[name], facts),
        choices(method, facts),
        required(method, facts),
        response(endpoint, facts),
        documented_errors(method, facts),
    ):
        yield from (line for line in (f"{name}: {text}" for text in part) if line not in ACCEPTED)


def scopes(endpoint: Endpoint[Any], facts: Shape) -> Iterator[str]:
    """Compare the scopes, of which the token needs at least one."""
    ours, theirs = set(endpoint.scopes), set(facts.get("scopes", ()))
    if ours != theirs:
        yield f"the scopes are {sorted(theirs)}, not {sorted(ours)}"


def paging(endpoint: Endpoint[Any], facts: Shape) -> Iterator[str]:
    """Compare whether the response has pages."""
    if endpoint.paginated != ("page" in facts.get("query", {})):
        yield "the response has no pages" if endpoint.paginated else "the response has pages"


def arguments(method: Method, calls: tuple[dict[str, Any], ...], facts: Shape) -> Iterator[str]:
    """Compare the names, types and places of the arguments that some calls send with the documented ones."""
    requests = [request_of(method, call) for call in calls]
    sent = {
        "query": {name: [value] for request in requests for name, value in request.arguments},
        "body": _merged(pair for request in requests for pair in flat(request.body or {})),
    }
    documented = {
        "query": query_arguments(facts),
        "body": dict(documented_arguments(facts.get("body", {}))),
    }
    if method.endpoint.arguments_in == "query":  # Katapult takes the arguments of a DELETE from the query too
        documented["query"] |= documented.pop("body")
        documented["body"] = {}
    for place, names in documented.items():
        yield from (f"the argument {name} of the {place} is not sent" for name in names if name not in sent[place])
        unknown = [name for name in sent[place] if name not in names]
        # A null clears an object, such as ``group``. Only the names inside the object are documented: ``group[id]``.
        cleared = {
            name for name in unknown if None in sent[place][name] and any(f"{name}[" in longer for longer in names)
        }
        yield from (f"{name} is not an argument of the {place}" for name in unknown if name not in cleared)
    for name, values in sent["body"].items():
        kind, _, allowed = documented["body"].get(name, "").partition("=")
        types = {str if isinstance(value, str) else type(value) for value in values if value is not None}
        if kind in KINDS and types - {KINDS[kind]}:
            yield f"the argument {name} has the type {kind}"
        if allowed and not set(values) <= {*allowed.split("|"), None}:
            yield f"the argument {name} is one of {allowed}"


def _merged(pairs: Any) -> dict[str, list[Any]]:
    merged: dict[str, list[Any]] = {}
    for name, value in pairs:
        merged.setdefault(name, []).append(value)
    return merged


def query_arguments(facts: Shape) -> dict[str, str]:
    """Return the documented types of the arguments in the query, by their names."""
    return {name.rstrip("*"): kind for name, kind in facts.get("query", {}).items()}


def documented_arguments(shape: Shape, outer: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and type of each argument in a body; an argument inside an object is named ``group[id]``."""
    for marked, inner in shape.items():
        name = f"{outer}[{plain(marked)}]" if outer else plain(marked)
        if isinstance(inner, dict):
            yield from documented_arguments(inner, name)
        else:
            yield name, inner


def flat(body: Mapping[str, Any], outer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the name and value of each argument in a body, named as by `documented_arguments`, also inside lists."""
    for key, value in body.items():
        name = f"{outer}[{key}]" if outer else key
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from flat(item, name)
            else:
                yield name, item


def choices(method: Method, facts: Shape) -> Iterator[str]:
    """Compare the values that a parameter can have with the documented ones."""
    body = documented_arguments(facts.get("body", {}))
    documented = {
        name.rpartition("[")[2].rstrip("]"): set(kind.partition("=")[2].split("|"))  # ``type`` for ``properties[type]``
        for name, kind in (*body, *query_arguments(facts).items())
        if "=" in kind
    }
    for parameter in method.parameters:
        annotation, allowed = parameter.annotation, documented.get(parameter.name)
        kinds = [kind for kind in (annotation, *typing.get_args(annotation)) if kind is not None]
        literals = [set(typing.get_args(kind)) for kind in kinds if typing.get_origin(kind) is Literal]
        if literals and literals[0] != allowed:
            yield f"the argument {parameter.name} is one of {'|'.join(sorted(allowed or ()))}"


def required(method: Method, facts: Shape) -> Iterator[str]:
    """Compare which arguments a caller must give.

    Katapult requires the arguments that the document marks as required, and the objects that the path names. Arguments
    inside a wrapper such as ``properties`` are not compared: the document marks few of them.
    """
    documented = [*facts.get("query", {}), *facts.get("body", {})]
    top_level = {plain(marked).partition("[")[0] for marked in documented}
    marked_as_required = {plain(marked) for marked in documented if marked.endswith("*")}
    in_path = top_level & set(method.endpoint.path.split("/"))
    theirs = marked_as_required | in_path

    katapult_names = {ref.parameter: ref.name for ref in method.endpoint.refs}
    objects = {plain(marked): inner for marked, inner in facts.get("body", {}).items() if isinstance(inner, dict)}
    wrappers = objects.keys() - set(katapult_names.values())
    wrapped = {plain(marked) for wrapper in wrappers for marked in objects[wrapper]}
    must_be_given = {obj.name for obj in method.parameters if obj.default is inspect.Parameter.empty}
    compared = {name for name in must_be_given if name not in wrapped or katapult_names.get(name) in top_level}
    ours = {katapult_names.get(name, name) for name in compared}

    yield from (f"the argument {name} is required" for name in sorted(theirs - ours - wrappers))
    yield from (f"the argument {name} is optional" for name in sorted(ours - theirs))


@attrs.frozen
class DocumentedField:
    """A documented field of a response, and the field of a model that it is decoded to."""

    path: str
    """Names of the objects around it, then its own name: ``zone.data_center.id``."""

    marked: str
    """Its name with the marks of the table."""

    shape: Any
    """Its documented type, or the fields of the object that is its value."""

    model: Any
    """The model of the object that has the field."""

    kind: Any
    """The type of the field of the model; None if the model has no such field."""


def classes_in(kind: Any) -> Iterator[Any]:
    """Yield the classes in a type: X for ``tuple[X, ...] | None``."""
    if members := typing.get_args(kind):
        for member in members:
            yield from classes_in(member)
    elif kind not in (None, type(None), Ellipsis):
        yield kind


def fields_of(shape: Shape, model: type[Any], path: str = "") -> Iterator[DocumentedField]:
    """Yield the fields of an object that is decoded to a model, and those of the objects inside it."""
    kinds = {json_name(field): field.type for field in attrs.fields(attrs.resolve_types(model))}
    for marked, inner in shape.items():
        kind, inner_path = kinds.get(plain(marked)), f"{path}.{plain(marked)}".lstrip(".")
        yield DocumentedField(inner_path, marked, inner, model, kind)
        if isinstance(inner, dict):
            for inner_model in classes_in(kind):
                if attrs.has(inner_model):
                    yield from fields_of(inner, inner_model, inner_path)


def fields_of_response(endpoint: Endpoint[Any], shape: Shape) -> Iterator[DocumentedField]:
    """Yield the fields of a whole response."""
    if endpoint.answer is None:
        yield from fields_of(shape, endpoint.type)
        return
    for marked, inner in shape.items():
        if plain(marked) == "pagination":
            yield from fields_of(inner, Pagination, "pagination")
        elif plain(marked) in endpoint.beside:
            yield from fields_of({marked: inner}, endpoint.type)
        elif plain(marked) == endpoint.answer:
            for kind in classes_in(endpoint.type):
                if isinstance(inner, dict):
                    yield from fields_of(inner, kind)
                else:  # `_envelope` compares whether it is a list
                    yield DocumentedField(endpoint.answer, endpoint.answer, inner, kind, kind)


def response(endpoint: Endpoint[Any], facts: Shape) -> Iterator[str]:
    """Compare the fields of the response, at every depth, with the models that it decodes to."""
    shape = facts.get("response", {})
    is_text = endpoint.answer is None and endpoint.type is str
    if shape == "text" or is_text:
        if (shape == "text") is not is_text:
            yield "the response is text" if shape == "text" else "the response is not text"
        return
    if not shape:
        if endpoint.type is not EmptyResponse:
            yield "the response is empty"
        return
    if endpoint.answer is not None:
        yield from _envelope(endpoint, shape)
    for field in fields_of_response(endpoint, shape):
        if field.kind is None:
            yield f"no model has the field {field.path} of the response"
        else:
            yield from _field(field)


def _envelope(endpoint: Endpoint[Any], shape: Shape) -> Iterator[str]:
    fields = {plain(marked): marked for marked in shape}
    yield from (
        f"the field {name} of the response is ignored"
        for name in sorted({*fields} - {endpoint.answer, "pagination", *endpoint.beside})
    )
    marked = fields.get(endpoint.answer or "")
    if marked is None:
        yield f"the response has no field {endpoint.answer}"
    elif ("[" in marked) is not (typing.get_origin(endpoint.type) is list):
        yield f"the field {endpoint.answer} is {'' if '[' in marked else 'not '}a list"
    else:
        kind = shape[marked]
        if isinstance(kind, str) and [*classes_in(endpoint.type)] != [KINDS[kind]]:
            yield f"the field {endpoint.answer} has the type {kind}"


def _field(field: DocumentedField) -> Iterator[str]:
    is_list = "[" in field.marked
    if str(field.kind).startswith("tuple[") is not is_list:
        yield f"the field {field.path} is {'' if is_list else 'not '}a list"
    if not isinstance(field.shape, str):
        return
    allowed: dict[str, set[Any]] = {name: {kind} for name, kind in KINDS.items()}
    allowed["integer"].add(datetime.datetime)
    documented, _, values = field.shape.partition("=")
    enums = [kind for kind in classes_in(field.kind) if issubclass(kind, enum.Enum)]
    others = {kind for kind in classes_in(field.kind) if kind not in enums}
    is_time = datetime.datetime in others
    if not others <= allowed[documented] or is_time is not field.path.endswith(("_at", "_until")):
        yield f"the field {field.path} has the type {documented}"
    if values:
        members = {str(member) for kind in enums for member in kind}
        if members and members != set(values.split("|")):
            yield f"the field {field.path} is one of {values}"
        if not members and OPEN_ENUMS.get(f"{field.model.__name__}.{plain(field.marked)}") != values:
            yield f"the field {field.path} is an enum: {values}"


# Codes that docstrings of methods need not name, because `Resource` describes their errors for all methods.
_NAMED_BY_RESOURCE: Final = {
    "validation_error",  # the docstrings say that `detail` lists the problems
    "permission_denied",
    "organization_suspended",
    "organization_not_activated",
    "resource_creation_restricted",
    "object_storage_cluster_not_found",  # the argument ``region``
}


def documented_errors(method: Method, facts: Shape) -> Iterator[str]:
    """Compare the errors that the docstrings name with the documented ones.

    The docstring of the method, or of `Resource`, names the class of each error. The docstring of the method names each
    code too, except the codes that `Resource` describes, and those of objects that are not found.
    """
    of_resource = inspect.getdoc(Resource) or ""
    own = inspect.getdoc(method.function) or ""
    docstrings = f"{own}\n{of_resource}"
    not_found = {f"{word}_not_found" for ref in method.endpoint.refs for word in _words_for(ref.name)}
    for status, codes in facts.get("errors", {}).items():
        for code in codes:
            kind = BY_CODE.get(code, BY_STATUS.get(status, APIError)).__name__
            if f"{kind}:" not in docstrings and f"`{kind}`" not in docstrings:
                yield f"the error {status} {code} is not named ({kind})"
            elif f"``{code}``" not in own and code not in _NAMED_BY_RESOURCE | not_found:
                yield f"the code {status} {code} is not named"


def _words_for(name: str) -> Iterator[str]:
    """Yield the names that an object has in error codes: for ``virtual_machine_package`` also ``package``."""
    longer = {"access_key": "object_storage_access_key", "bucket": "object_storage_bucket"}
    longer |= {"io_profile": "disk_io_profile", "speed_profile": "network_speed_profile"}
    yield from (name, longer.get(name, name), name.removeprefix("virtual_machine_"))
