"""Where things are: countries, their states, data centers and the zones in them."""

import attrs


@attrs.frozen(kw_only=True)
class Country:
    """A country. Katapult shows it whole, or only by id and name."""

    id: str
    """Katapult's id, such as ``ctry_1oXY4qOzU6KJHVLC``."""

    name: str | None = None
    """Name in English."""

    iso_code2: str | None = None
    """ISO 3166-1 alpha-2."""

    iso_code3: str | None = None
    """ISO 3166-1 alpha-3."""

    time_zone: str | None = None
    """Time zone, as Katapult names it."""

    eu: bool | None = None
    """Whether the country is in the European Union."""


@attrs.frozen(kw_only=True)
class CountryState:
    """A state, province or county of a country."""

    id: str
    """Katapult's id."""

    name: str | None = None
    """Name in English."""

    code: str | None = None
    """Short form of the name."""

    country: Country | None = None
    """The country that it is a part of."""


@attrs.frozen(kw_only=True)
class DataCenter:
    """A data center."""

    id: str
    """Katapult's id; older ones start with ``loc_``, newer ones with ``dc_``."""

    name: str | None = None
    """Name for people."""

    permalink: str | None = None
    """Name for URLs, such as ``uk-lon-01``."""

    country: Country | None = None
    """Where it stands."""


@attrs.frozen(kw_only=True)
class Zone:
    """A part of a data center."""

    id: str
    """Katapult's id, ``zone_...``."""

    name: str | None = None
    """Name for people."""

    permalink: str | None = None
    """Name for URLs."""

    data_center: DataCenter | None = None
    """The data center that it is a part of."""
