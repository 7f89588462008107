"""The base class of the resources: which values are sent, what a deletion returns, and what a module loads."""

import ast
import inspect
import json
import pkgutil
import re
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from typing import Any, Unpack

import pytest

from katapult_async import (
    BadResponseError,
    CallOptions,
    EmptyResponse,
    Endpoint,
    NotAcceptableError,
    NotFoundError,
    Ref,
    UsageError,
    resources,
)
from katapult_async.config import RetryPolicy
from katapult_async.errors import DisconnectedError, RequestTimeoutError
from katapult_async.models import UNSET, Permalink, Unset
from katapult_async.resources.disks import Disks
from katapult_async.resources.dns_zones import DNSZones
from katapult_async.resources.object_storage_buckets import ObjectStorageBuckets
from katapult_async.resources.references import DATA_CENTER, ORGANIZATION
from katapult_async.resources.resource import Resource, calls
from katapult_async.resources.tasks import Tasks
from katapult_async.resources.users import Users
from tests.openapi.library import RESOURCES
from tests.scripted_transport import BASE_URL, ScriptedTransport, Step, breaks, gives, opened, refuses
from tests.tied_methods import endpoint_of

pytestmark = pytest.mark.looptime

TAG = Ref("tag", by=(Permalink,))
UPDATE = Endpoint(path="/tags/tag", answer=None, type=EmptyResponse, method="PATCH", refs=(TAG, Ref("group")))
DELETE = Endpoint(path="/tags/tag", answer="tag", type=str, method="DELETE", refs=(TAG,))
LOST = breaks(DisconnectedError)
GONE = refuses(404, "tag_not_found")
CUT = gives(b"{", status=404, headers={"Content-Type": "application/json"})


class Tags(Resource):
    """Tags, as an example."""

    @calls(UPDATE, inside="properties", outside=("urgent",))
    async def update(
        self,
        tag: str | Permalink,
        *,
        name: str | Unset = UNSET,
        color: str | Unset | None = UNSET,
        group: str | Unset | None = UNSET,
        urgent: bool = False,
        **options: Unpack[CallOptions],
    ) -> EmptyResponse:
        """Change a tag."""

    @calls(DELETE, deletes=True)
    async def delete(self, tag: str, **options: Unpack[CallOptions]) -> str | None:
        """Delete a tag."""

    async def rename(self, tag: str, **options: Unpack[CallOptions]) -> EmptyResponse:
        """Call another method."""
        return await self.update(tag, name="new", **options)


async def tags(*steps: Step, **settings: Any) -> tuple[Tags, ScriptedTransport]:
    caller, transport = await opened(*steps, **settings)
    return Tags(caller), transport


def test_method_is_tied_to_its_operation_and_keeps_its_name() -> None:
    assert endpoint_of(Tags.update) is endpoint_of(tags_without_caller().update)
    assert endpoint_of(Tags.update) == UPDATE
    assert endpoint_of(Tags.rename) is None
    assert Tags.update.__name__ == "update"


def tags_without_caller() -> Tags:
    return Tags(None)  # type: ignore[arg-type] # no request is sent


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        ({"name": "web"}, {"tag": {"id": "tag_1"}, "properties": {"name": "web"}}),
        ({"name": ""}, {"tag": {"id": "tag_1"}, "properties": {"name": ""}}),
        ({"color": None}, {"tag": {"id": "tag_1"}, "properties": {"color": None}}),
        ({"group": "grp_1"}, {"tag": {"id": "tag_1"}, "properties": {"group": {"id": "grp_1"}}}),
        ({"group": None}, {"tag": {"id": "tag_1"}, "properties": {"group": None}}),
        ({"name": "x", "urgent": True}, {"tag": {"id": "tag_1"}, "urgent": True, "properties": {"name": "x"}}),
    ],
)
async def test_value_is_sent_unless_it_is_the_default_of_its_parameter(
    arguments: dict[str, Any], body: dict[str, Any]
) -> None:
    resource, transport = await tags(gives({}))
    await resource.update("tag_1", **arguments)
    [request] = transport.requests
    assert request.url == f"{BASE_URL}/tags/tag"
    assert json.loads(request.body or b"") == body


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tag": "a b", "name": "x"}, "tag must be an id or Permalink(...), not 'a b'; an id is a string of 1 to 64"),
        ({"tag": None, "name": "x"}, "tag must be an id or Permalink(...), not None"),
        ({"tag": "tag_1", "name": None}, "name must be a string, not None"),
        ({"tag": "tag_1", "urgent": "yes", "name": "x"}, "urgent must be True or False, not 'yes'"),
        ({"tag": "tag_1"}, "give name, color or group: there is nothing to change"),
        ({"tag": "tag_1", "urgent": True}, "give name, color or group: there is nothing to change"),
    ],
)
async def test_wrong_value_raises_usage_error_before_anything_is_sent(arguments: dict[str, Any], message: str) -> None:
    resource, transport = await tags(gives({}))
    with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
        await resource.update(**arguments)
    assert transport.requests == []


async def test_arguments_of_a_deletion_go_into_the_query() -> None:
    resource, transport = await tags(gives({"tag": "web"}))
    assert await resource.delete("tag_1") == "web"
    [request] = transport.requests
    assert (request.url, request.body) == (f"{BASE_URL}/tags/tag?tag%5Bid%5D=tag_1", None)


@pytest.mark.parametrize(
    "steps",
    [
        (LOST, GONE),
        (breaks(RequestTimeoutError), GONE),
        (refuses(502, ""), GONE),
        (LOST, LOST, GONE),
        (LOST, refuses(503, "service_unavailable"), GONE),
        (LOST, refuses(406, "object_in_trash")),
        (LOST, CUT, GONE),
    ],
)
async def test_deletion_whose_retry_finds_no_object_returns_none(
    steps: tuple[Step, ...],
) -> None:
    resource, transport = await tags(*steps)
    assert await resource.delete("tag_1") is None
    assert len(transport.requests) == len(steps)


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ((GONE,), NotFoundError),
        ((refuses(406, "object_in_trash"),), NotAcceptableError),
        ((LOST, refuses(406, "task_queueing_error")), NotAcceptableError),
        ((LOST, refuses(404, "route_not_found")), NotFoundError),
        ((refuses(429, "rate_limit_reached"), GONE), NotFoundError),
        ((LOST, gives("<html>", status=404)), NotFoundError),
    ],
)
async def test_deletion_raises_the_error_if_no_attempt_can_have_deleted_the_object(
    steps: tuple[Step, ...], error: type[Exception]
) -> None:
    resource, _ = await tags(*steps)
    with pytest.raises(error):
        await resource.delete("tag_1")


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda caller: DNSZones(caller).delete("dnszone_1"), "deleted"),
        (lambda caller: ObjectStorageBuckets(caller).revoke_presigned_urls("files", region="uk-lon-1"), "success"),
        (lambda caller: Users(caller).invalidate_linked_web_session(), "status"),
    ],
)
async def test_response_that_denies_success_raises_bad_response_error(
    call: Callable[[Any], Awaitable[None]], field: str
) -> None:
    caller, transport = await opened(gives({field: False}, headers={"X-Request-Id": "request-1"}))
    with pytest.raises(BadResponseError, match=f"^the response denies success: {field} is false") as raised:
        await call(caller)
    assert (raised.value.status, raised.value.request_id) == (200, "request-1")
    assert len(transport.requests) == 1
    caller, _ = await opened(gives({field: True}))
    await call(caller)


async def test_deletion_whose_last_response_is_lost_raises_the_error_of_the_lost_response() -> None:
    resource, _ = await tags(LOST, retry=RetryPolicy(attempts=1))
    with pytest.raises(DisconnectedError):
        await resource.delete("tag_1")


async def test_name_that_is_not_a_parameter_raises_type_error() -> None:
    resource, transport = await tags(gives({}))
    with pytest.raises(
        TypeError, match=r"^Tags\.update\(\) got an unexpected keyword argument 'colour'; did you mean color\?$"
    ):
        await resource.update("tag_1", colour="red")  # type: ignore[call-arg] # the mistake
    assert transport.requests == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), "missing 1 required positional argument: 'tag'"), (("tag_1", "tag_2"), "takes 2 positional arguments but 3")],
)
async def test_missing_or_extra_positional_argument_raises_type_error(arguments: Any, message: str) -> None:
    resource, transport = await tags(gives({"tag": "web"}))
    with pytest.raises(TypeError, match=message):
        await resource.delete(*arguments)
    assert transport.requests == []


def test_missing_argument_of_a_list_raises_type_error_at_once() -> None:
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'organization'"):
        Disks(None).list()  # type: ignore[arg-type,call-arg] # the mistake


async def test_name_that_is_not_a_parameter_raises_type_error_also_in_methods_of_several_requests() -> None:
    caller, transport = await opened(gives({}))
    for method in (Disks(caller).trash, Disks(caller).purge, Tasks(caller).wait):
        with pytest.raises(
            TypeError, match=r"^the call got an unexpected keyword argument 'colour'; the options of a call are"
        ):
            await method("disk_1", colour="red")  # type: ignore[call-arg] # the mistake
    assert transport.requests == []


def test_parameter_of_an_unsupported_type_raises_type_error_when_the_class_is_defined() -> None:
    async def get(self: Resource, *, weight: float) -> None:
        """Never called."""

    with pytest.raises(TypeError, match="no rule converts a parameter of the type <class 'float'>"):
        type("Broken", (Resource,), {"get": calls(DELETE)(get)})


def has_only_a_docstring(method: Callable[..., object]) -> bool:
    """Return whether a function has no statement but its docstring."""
    [function] = ast.parse(textwrap.dedent(inspect.getsource(method))).body
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return len(function.body) == 1 and ast.get_docstring(function) is not None


def test_every_method_that_has_only_a_docstring_is_tied_to_an_operation() -> None:
    methods = [method for kind in RESOURCES for method in vars(kind).values() if inspect.isfunction(method)]
    untied = [method for method in methods if endpoint_of(method) is None]
    assert len(methods) > len(untied) > 10
    assert [method.__qualname__ for method in untied if has_only_a_docstring(method)] == []
    assert has_only_a_docstring(Tags.update)
    assert not has_only_a_docstring(Tags.rename)


def test_resource_modules_load_no_packages_for_http_retries_or_decoding() -> None:
    modules = [f"{resources.__name__}.{module.name}" for module in pkgutil.iter_modules(resources.__path__)]
    heavy = {"aiohttp", "tenacity", "cattrs", "msgspec"}
    code = f"import sys, {', '.join(modules)}; print(sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_parameter_with_the_name_of_a_known_object_is_a_reference_to_that_object() -> None:
    async def move(self: Resource, organization: str, *, data_center: str, group: str) -> None:
        """Do nothing."""

    own = Ref("group", by=(Permalink,))
    endpoint = Endpoint(path="/move", answer=None, type=EmptyResponse, method="POST", refs=(own,))
    tied = endpoint_of(calls(endpoint)(move))
    assert tied is not None
    assert set(tied.refs) == {ORGANIZATION, DATA_CENTER, own}
