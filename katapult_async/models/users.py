"""Users of Katapult."""

import attrs

from katapult_async.models.model import Model
from katapult_async.models.organizations import Organization


@attrs.frozen(kw_only=True, repr=False)
class User(Model):
    """A person who uses Katapult."""

    id: str
    """Katapult's id."""

    first_name: str | None = None
    """First name."""

    last_name: str | None = None
    """Last name."""

    avatar_url: str | None = None
    """URL of a picture."""


@attrs.frozen(kw_only=True, repr=False)
class UserAccess(Model):
    """The access of a user to an organization."""

    user: User | None = None
    """The user."""


@attrs.frozen(kw_only=True, repr=False)
class CurrentUser(Model):
    """The user that a token belongs to."""

    user: User
    """The user."""

    organizations: tuple[Organization, ...] = ()
    """The organizations that the user has access to, with id, name and sub domain only."""

    api_token_id: str | None = None
    """Id of the token of the request."""
