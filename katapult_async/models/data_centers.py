"""Countries, their states, data centers, and the zones of a data center."""

import attrs


@attrs.frozen(kw_only=True)
class Country:
    """A country. Some responses have all of its fields, others only id and name."""

    id: str
    """Katapult's id, such as ``ctry_1oXY4qOzU6KJHVLC``."""

    name: str | None = None
    """Name in English."""

    iso_code2: str | None = None
    """ISO 3166-1 alpha-2."""

    iso_code3: str | None = None
    """ISO 3166-1 alpha-3."""

    time_zone: str | None = None
    """Time zone, in Katapult's notation."""

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
    """Abbreviation of the name."""

    country: Country | None = None
    """The country that the state belongs to."""


@attrs.frozen(kw_only=True)
class DataCenter:
    """A data center: the location of virtual machines and networks."""

    id: str
    """Katapult's id; older ones start with ``loc_``, newer ones with ``dc_``."""

    name: str | None = None
    """Display name."""

    permalink: str | None = None
    """Permalink: name for URLs, such as ``uk-lon-01``."""

    country: Country | None = None
    """The country that the data center is in."""


@attrs.frozen(kw_only=True)
class Zone:
    """A zone of a data center."""

    id: str
    """Katapult's id, ``zone_...``."""

    name: str | None = None
    """Display name."""

    permalink: str | None = None
    """Permalink: name for URLs."""

    data_center: DataCenter | None = None
    """The data center that the zone belongs to."""
