"""Messages about a call that waits: for the rate limit, or for its next attempt."""

from collections.abc import Callable
from typing import Final

from katapult_async.cli import messages
from katapult_async.cli.error_messages import short_message_of
from katapult_async.core.hooks import RetryNotice
from katapult_async.rate_limit.status import WaitNotice

SHORT_WAIT: Final = 2.0
"""Seconds; a shorter wait needs no message."""


def show_wait(notice: WaitNotice, *, show: Callable[[str], None] = messages.show) -> None:
    """Show that the rate limit makes calls wait, except a short wait. With ``--debug``, the log shows it instead."""
    if notice.seconds >= SHORT_WAIT and not messages.is_given("debug"):
        show(f"rate limit: {notice}")


def show_retry(notice: RetryNotice) -> None:
    """Show that a call is tried again. With ``--debug``, the log shows it instead."""
    if not messages.is_given("debug"):
        when = f"in {notice.wait:.1f} s " if notice.wait else ""  # a refused call waits for the rate limit instead
        messages.show(f"trying again {when}after: {short_message_of(notice.error)}")
