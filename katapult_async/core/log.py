"""The log of the library, named ``katapult_async``.

It has retries, outages and failed hooks (written by `hooks`), requests and responses at the level DEBUG (by `caller`),
and waits for the rate limit (by this module).
"""

import logging
import traceback
from typing import Any, Final

from katapult_async.rate_limit.status import WaitNotice

__all__ = ["LOG", "log_wait"]


class _Log(logging.LoggerAdapter[logging.Logger]):
    """The log. An exception of a filter or handler of the program is printed and not raised."""

    def log(self, level: int, msg: object, *args: object, **options: Any) -> None:
        try:
            super().log(level, msg, *args, **options, stacklevel=2)
        except Exception:  # noqa: BLE001 # foreign code: its bug must not change the outcome of a call
            traceback.print_exc()


LOG: Final = _Log(logging.getLogger("katapult_async"))


def log_wait(notice: WaitNotice) -> None:
    """Log a wait for the rate limit, once for all clients of a token."""
    LOG.info("rate limit: %s (%s of %s requests left)", notice, notice.remaining, notice.permitted)
