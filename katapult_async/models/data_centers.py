"""Data centers, and their zones."""

import attrs

from katapult_async.models.countries import Country


@attrs.frozen(kw_only=True)
class DataCenter:
    """A data center: the location of virtual machines and networks."""

    id: str
    """Katapult's id. Ids of older data centers start with ``loc_``, ids of newer ones with ``dc_``."""

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
