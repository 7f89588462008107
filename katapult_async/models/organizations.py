"""Organizations: who owns machines, networks and addresses."""

import datetime

import attrs

from katapult_async.models.data_centers import Country, CountryState


@attrs.frozen(kw_only=True)
class Currency:
    """A currency that bills are written in."""

    id: str
    """Katapult's id, ``cur_...``."""

    name: str | None = None
    """Name in English."""

    iso_code: str | None = None
    """ISO 4217."""

    symbol: str | None = None
    """Sign before an amount."""


@attrs.frozen(kw_only=True)
class Organization:
    """An organization that the token can see."""

    id: str
    """Katapult's id, ``org_...``."""

    name: str | None = None
    """Name for people."""

    sub_domain: str | None = None
    """Name for URLs; look it up with ``SubDomain``."""

    infrastructure_domain: str | None = None
    """Domain under which its machines get their names."""

    created_at: datetime.datetime | None = None
    """When it was made."""

    activated_at: datetime.datetime | None = None
    """When it was activated; None before that."""

    suspended: bool | None = None
    """Whether Katapult has suspended it."""

    managed: bool | None = None
    """Whether another organization manages it."""

    uuid: str | None = None
    """Another id of it. Sent since July 2026, and documented nowhere."""

    billing_name: str | None = None
    """Name on bills. This and all that follows is left out of lists."""

    address1: str | None = None
    """First line of the address."""

    address2: str | None = None
    """Second line."""

    address3: str | None = None
    """Third line."""

    address4: str | None = None
    """Fourth line."""

    postcode: str | None = None
    """Postal code."""

    vat_number: str | None = None
    """Number for value-added tax."""

    phone_number: str | None = None
    """Telephone."""

    currency: Currency | None = None
    """What it pays in."""

    country: Country | None = None
    """Where it is."""

    country_state: CountryState | None = None
    """The part of the country that it is in."""
