"""The endpoints of one kind of object, made from what they have in common."""

from typing import Final

import pytest

from katapult_async.core.endpoints import Endpoint, Ref
from katapult_async.models import Tag, Task
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import COUNTRY, IP_ADDRESS, ORGANIZATION, SSH_KEY, TAG

TAGS: Final = Operations(TAG, Tag, write=("tags",), beside=("annotations",))


def test_requests_that_read_need_the_scope_or_the_one_for_reading() -> None:
    assert TAGS.get().scopes == TAGS.list("/tags").scopes == ("tags", "tags:read")
    assert TAGS.create("/tags").scopes == TAGS.update().scopes == TAGS.delete().scopes == ("tags",)
    assert TAGS.get(scopes=("other",)).scopes == ("other",)


def test_a_list_has_the_plural_of_the_object_and_pages() -> None:
    expected = Endpoint(
        path="/organizations/organization/tags",
        answer="tags",
        type=list[Tag],
        paginated=True,
        refs=(ORGANIZATION,),
        scopes=("tags", "tags:read"),
    )
    assert TAGS.list("/organizations/organization/tags", ORGANIZATION) == expected


def test_an_update_is_retried_and_a_creation_is_not() -> None:
    assert TAGS.update().idempotent
    assert not TAGS.update(idempotent=False).idempotent
    assert not TAGS.create("/tags").idempotent


def test_only_the_object_itself_has_fields_beside_it() -> None:
    assert TAGS.get().beside == TAGS.create("/tags").beside == TAGS.update().beside == ("annotations",)
    assert TAGS.delete().beside == TAGS.list("/tags").beside == ()
    restart = TAGS.returning("task", Task).action("POST", "/restart")
    assert (restart.path, restart.refs, restart.beside) == ("/tags/tag/restart", (TAG,), ())


@pytest.mark.parametrize(
    ("ref", "path", "answer"),
    [
        (TAG, "/tags/tag", "tags"),
        (SSH_KEY, "/ssh_keys/ssh_key", "ssh_keys"),
        (COUNTRY, "/countries/country", "countries"),
        (IP_ADDRESS, "/ip_addresses/ip_address", "ip_addresses"),
    ],
)
def test_the_path_and_the_list_have_the_plural_of_the_name(ref: Ref, path: str, answer: str) -> None:
    operations = Operations(ref, Tag)
    assert (operations.get().path, operations.list("/things").answer) == (path, answer)
