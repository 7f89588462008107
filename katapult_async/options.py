"""The options that every method of a resource takes."""

import typing
from collections.abc import Iterable, Mapping
from typing import TypedDict

from katapult_async.config import check_seconds
from katapult_async.similar_names import did_you_mean


class CallOptions(TypedDict, total=False):
    """Options that every method of a resource takes, as keyword arguments.

    They bound the method as a whole, even one that makes several requests (`allocate_first_available`, a list that is
    awaited, a wait for a task). For a list that is iterated, they bound each page instead. Inside a batch, the limits
    of the batch also bound each item as a whole.
    """

    max_wait: float | None
    """Seconds that the call may wait for the rate limit. None, or left out, means `RateLimitPolicy.max_wait`, and
    inside a batch the batch's ``max_wait``. For a method that waits for work of Katapult, such as `tasks.wait`, it
    means no limit of its own."""

    timeout: float | None
    """Seconds for the whole call, with all attempts and the waits between them. None, or left out, means
    `Timeouts.call`, or 600 for a method that waits for work of Katapult; inside a batch, it means the batch's
    ``timeout``."""


def check_options(options: Mapping[str, object], *, called: str = "the call", names: Iterable[str] = ()) -> CallOptions:
    """Return the options of a call that are not None.

    Args:
        options: the options, and what else the caller gave that is not a parameter; empty after a `TypeError`.
        called: the method, for the error.
        names: the names of its parameters, for the error.

    Raises:
        TypeError: there is no such option.
        UsageError: a value is not a number of seconds.
    """
    known = CallOptions.__annotations__
    if unknown := [name for name in options if name not in known]:
        typing.cast("dict[str, object]", options).clear()  # a traceback could show a secret whose name is misspelled
        hint = did_you_mean(unknown[0], [*names, *known]) or "; the options of a call are max_wait and timeout"
        raise TypeError(f"{called} got an unexpected keyword argument {unknown[0]!r}{hint}")
    limits = {name: check_seconds(name, value) for name, value in options.items() if value is not None}
    return typing.cast("CallOptions", limits)
