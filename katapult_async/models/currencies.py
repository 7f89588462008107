"""Currencies."""

import attrs


@attrs.frozen(kw_only=True)
class Currency:
    """A currency."""

    id: str
    """Katapult's id, ``cur_...``."""

    name: str | None = None
    """Name in English."""

    iso_code: str | None = None
    """ISO 4217; lists omit it."""

    symbol: str | None = None
    """Currency symbol; lists omit it."""
