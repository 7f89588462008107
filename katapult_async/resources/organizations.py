"""Organizations. Core API v1: get:organizations."""

from typing import Final

from katapult_async._caller import Caller
from katapult_async.models.organizations import Organization
from katapult_async.resources.pages import Pages
from katapult_async.sansio.endpoints import Endpoint, Request

LIST: Final = Endpoint(path="/organizations", answer="organizations", type=list[Organization])


class Organizations:
    """Who owns things. Reached as ``katapult.organizations``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self) -> Pages[Organization]:
        """Return the organizations that the token can see: ``async for organization in ...``.

        One request, sent when the iteration begins. Scope ``organizations:read``.

        Raises:
            PermissionDeniedError: the token has no such scope.
        """
        return Pages(self._caller, Request(endpoint=LIST))
