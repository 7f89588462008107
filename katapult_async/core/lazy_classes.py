"""Classes that annotations name. Their modules load packages that only a request needs, so they are imported late."""

import typing

__all__ = ["Caller", "Decoded", "RateLimiter"]

if typing.TYPE_CHECKING:
    from katapult_async.core.caller import Caller
    from katapult_async.core.decoding import Decoded
    from katapult_async.rate_limit.limiter import RateLimiter
else:  # hidden from type checkers, which would take any name for one of ours

    def __getattr__(name: str) -> object:
        """Return one of the classes, as `typing.get_type_hints` needs it."""
        from katapult_async.core import caller  # noqa: PLC0415 # as late as possible

        return getattr(caller, name)
