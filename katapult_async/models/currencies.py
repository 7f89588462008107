"""Currencies."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class Currency(Model):
    """A currency."""

    id: str
    """Katapult's id, ``cur_...``."""

    name: str | None = None
    """Name in English."""

    iso_code: str | None = None
    """ISO 4217; lists omit it."""

    symbol: str | None = None
    """Currency symbol; lists omit it."""
