"""Countries, and their states."""

import attrs

from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class Country(Model):
    """A country."""

    id: str
    """Katapult's id, ``ctry_...``."""

    name: str | None = None
    """Name in English."""

    iso_code2: str | None = None
    """ISO 3166-1 alpha-2. Lists omit this field and all that follow; other responses may omit them too."""

    iso_code3: str | None = None
    """ISO 3166-1 alpha-3."""

    time_zone: str | None = None
    """Time zone, in Katapult's notation."""

    eu: bool | None = None
    """Whether the country is in the European Union."""


@attrs.frozen(kw_only=True, repr=False)
class CountryState(Model):
    """A state, province or county of a country."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Name in English."""

    code: str | None = None
    """Abbreviation of the name; lists omit it."""

    country: Country | None = None
    """The country that the state belongs to; lists omit it."""
