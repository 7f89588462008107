"""Tags.

Core API v1: get:organization_tags, post:organization_tags, get:tag, patch:tag, delete:tag.
"""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.lookups import SubDomain
from katapult_async.models.tags import Tag
from katapult_async.models.unset_argument import UNSET, Unset
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import TAG
from katapult_async.resources.resource import Resource

_TAGS: Final = Operations(TAG, Tag, write=("tags",))


class Tags(Resource):
    """Tags: labels with a color on virtual machines. Reached as ``katapult.tags``."""

    @_TAGS.list("/organizations/organization/tags")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[Tag]:
        """Return the tags of an organization, without ``created_at``, which `get` returns.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    @_TAGS.create("/organizations/organization/tags")
    async def create(
        self, *, organization: str | SubDomain, name: str, color: str | None = None, **options: Unpack[CallOptions]
    ) -> Tag:
        """Create a tag and return it.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
            name: name, unique in the organization.
            color: one of ``red``, ``pink``, ``purple``, ``dark_blue``, ``green``, ``teal``, ``aqua``, ``light_blue``,
                ``yellow``, ``orange``, ``orange_red``, ``brown``, ``black``, ``dark_gray``, ``light_gray`` and
                ``light_brown``, or one of these with the prefix ``pastel_``, such as ``pastel_red``; None for
                a color that Katapult chooses.

        Raises:
            UnprocessableError: the name is taken; ``detail`` lists the problems.
        """

    @_TAGS.get()
    async def get(self, tag: str, **options: Unpack[CallOptions]) -> Tag:
        """Return a tag.

        Args:
            tag: id of the tag, ``tag_...``.
        """

    @_TAGS.update()
    async def update(
        self, tag: str, *, name: str | Unset = UNSET, color: str | Unset = UNSET, **options: Unpack[CallOptions]
    ) -> Tag:
        """Change a tag and return it. A field whose argument is omitted stays as it is.

        Args:
            tag: id of the tag, ``tag_...``.
            name: new name, unique in the organization.
            color: new color, such as ``light_blue``; see `create` for all colors.

        Raises:
            UnprocessableError: the name is taken; ``detail`` lists the problems.
        """

    @_TAGS.delete()
    async def delete(self, tag: str, **options: Unpack[CallOptions]) -> Tag | None:
        """Delete a tag and return it as it was; None if the response was lost and a retry did not find it.

        Args:
            tag: id of the tag, ``tag_...``.
        """
