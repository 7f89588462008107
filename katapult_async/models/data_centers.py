"""Data centers, and their zones."""

import attrs

from katapult_async.models.countries import Country
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class DataCenter(Model):
    """A data center: the location of virtual machines and networks."""

    id: str
    """Katapult's id. Ids of older data centers start with ``loc_``, ids of newer ones with ``dc_``."""

    name: str | None = None
    """Display name."""

    permalink: str | None = None
    """Permalink: name for URLs, such as ``uk-lon-01``."""

    country: Country | None = None
    """The country that the data center is in."""


@attrs.frozen(kw_only=True, repr=False)
class Zone(Model):
    """A zone of a data center."""

    id: str
    """Katapult's id, ``zone_...``."""

    name: str | None = None
    """Display name."""

    permalink: str | None = None
    """Permalink: name for URLs."""

    data_center: DataCenter | None = None
    """The data center that the zone belongs to."""
