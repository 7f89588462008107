"""Users. Core API v1: get:users_current, post:invalidate_linked_web_session."""

from typing import Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.users import CurrentUser
from katapult_async.options import CallOptions
from katapult_async.resources.resource import Resource, calls


class Users(Resource):
    """The user that the token belongs to. Reached as ``katapult.users``."""

    @calls(Endpoint(path="/users/current", answer=None, type=CurrentUser))
    async def current(self, **options: Unpack[CallOptions]) -> CurrentUser:
        """Return the user that the token belongs to, with the organizations that the user has access to.

        Raises:
            NotFoundError: the token belongs to no user (``no_user_associated_with_identity``).
        """

    @calls(Endpoint(method="POST", path="/invalidate_linked_web_session", answer="status", type=bool))
    async def invalidate_linked_web_session(self, **options: Unpack[CallOptions]) -> None:
        """End the session on Katapult's website in which the token was issued.

        Raises:
            BadRequestError: the token was not issued in such a session (``identity_not_linked_to_web_session``).
        """
