"""The class `Operations`: the endpoints of one kind of object, made from its name, its model and its scopes."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from katapult_async.core.endpoints import Endpoint, Ref
from katapult_async.models import Tag, Task
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import COUNTRY, IP_ADDRESS, SSH_KEY, TAG
from tests.tied_methods import endpoint_of

TAGS: Final = Operations(TAG, Tag, write=("tags",), beside=("created_at",))


def endpoint(tie: Callable[[Callable[[], None]], Callable[[], None]]) -> Endpoint[Any]:
    """Return the operation to which a decorator ties a method."""

    @tie
    def method() -> None:
        """Do nothing."""

    tied = endpoint_of(method)
    assert tied is not None
    return tied


def test_get_and_list_need_the_scope_or_its_read_scope_and_all_else_needs_the_scope() -> None:
    assert endpoint(TAGS.get()).scopes == endpoint(TAGS.list("/tags")).scopes == ("tags", "tags:read")
    assert (
        endpoint(TAGS.create("/tags")).scopes
        == endpoint(TAGS.update()).scopes
        == endpoint(TAGS.delete()).scopes
        == ("tags",)
    )
    assert endpoint(TAGS.get(scopes=("other",))).scopes == ("other",)


def test_list_is_paginated_and_its_answer_is_the_plural_of_the_object() -> None:
    expected = Endpoint(
        path="/organizations/organization/tags",
        answer="tags",
        type=list[Tag],
        paginated=True,
        scopes=("tags", "tags:read"),
    )
    assert endpoint(TAGS.list("/organizations/organization/tags")) == expected


def test_update_is_retried_and_a_creation_is_not() -> None:
    assert endpoint(TAGS.update()).idempotent
    assert not endpoint(TAGS.update(idempotent=False)).idempotent
    assert not endpoint(TAGS.create("/tags")).idempotent


def test_fields_beside_the_object_are_in_no_list_and_no_task() -> None:
    assert (
        endpoint(TAGS.get()).beside
        == endpoint(TAGS.create("/tags")).beside
        == endpoint(TAGS.update()).beside
        == ("created_at",)
    )
    assert endpoint(TAGS.list("/tags")).beside == ()
    restart = endpoint(TAGS.returning("task", Task).action("POST", "/restart"))
    assert (restart.path, restart.beside) == ("/tags/tag/restart", ())


@pytest.mark.parametrize(
    ("ref", "path", "answer"),
    [
        (TAG, "/tags/tag", "tags"),
        (SSH_KEY, "/ssh_keys/ssh_key", "ssh_keys"),
        (COUNTRY, "/countries/country", "countries"),
        (IP_ADDRESS, "/ip_addresses/ip_address", "ip_addresses"),
    ],
)
def test_path_and_answer_of_a_list_have_the_plural_of_the_name_of_the_object(ref: Ref, path: str, answer: str) -> None:
    operations = Operations(ref, Tag)
    assert (endpoint(operations.get()).path, endpoint(operations.list("/organizations/organization/tags")).answer) == (
        path,
        answer,
    )
