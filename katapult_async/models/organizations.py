"""Organizations: the owners of all other resources."""

import datetime

import attrs

from katapult_async.models.countries import Country, CountryState
from katapult_async.models.currencies import Currency
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class Organization(Model):
    """An organization that the token can see."""

    id: str
    """Katapult's id, ``org_...``."""

    name: str | None = None
    """Display name."""

    sub_domain: str | None = None
    """Sub domain: name for URLs, which ``SubDomain`` looks up."""

    infrastructure_domain: str | None = None
    """Domain of the default domain names of the organization's virtual machines."""

    created_at: datetime.datetime | None = None
    """When the organization was created."""

    activated_at: datetime.datetime | None = None
    """When the organization was activated; None before that. Lists of managed organizations omit this field and
    `suspended`."""

    suspended: bool | None = None
    """Whether Katapult has suspended the organization."""

    managed: bool | None = None
    """Whether another organization manages the organization."""

    uuid: str | None = None
    """A second id. Sent since July 2026, and not documented."""

    billing_name: str | None = None
    """Name on invoices. Lists omit this field and all that follow."""

    address1: str | None = None
    """First line of the postal address."""

    address2: str | None = None
    """Second line of the postal address."""

    address3: str | None = None
    """Third line of the postal address."""

    address4: str | None = None
    """Fourth line of the postal address."""

    postcode: str | None = None
    """Postal code."""

    vat_number: str | None = None
    """VAT number."""

    phone_number: str | None = None
    """Telephone number."""

    currency: Currency | None = None
    """Currency of the invoices."""

    country: Country | None = None
    """Country of the postal address."""

    country_state: CountryState | None = None
    """State of the postal address."""
