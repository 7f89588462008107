"""The endpoints of one kind of object, made from what they have in common."""

from typing import Final

from katapult_async.core.endpoints import Endpoint
from katapult_async.models import Tag, Task
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import ORGANIZATION, TAG

TAGS: Final = Operations("tag", Tag, path="/tags/tag", refs=(TAG,), write=("tags",), beside=("annotations",))


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
