"""Classes that annotations name. Their modules load packages that only a request needs, so they are imported late."""

import typing

from katapult_async.lazy_names import lazy_names

__all__ = ["Caller", "Decoded", "RateLimiter"]

if typing.TYPE_CHECKING:
    from katapult_async.core.caller import Caller
    from katapult_async.core.decoding import Decoded
    from katapult_async.rate_limit.limiter import RateLimiter
else:  # hidden from type checkers: with a `__getattr__`, they would accept any name
    __getattr__ = lazy_names(globals(), **dict.fromkeys(__all__, "katapult_async.core.caller"))
