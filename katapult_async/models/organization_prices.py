"""The prices that an organization pays."""

import attrs

from katapult_async.models.currencies import Currency
from katapult_async.models.model import Model


@attrs.frozen(kw_only=True, repr=False)
class PriceVariant(Model):
    """The price of one variant of a resource."""

    id: str
    """Id of the variant."""

    description: str | None = None
    """What the variant is."""

    price: float | None = None
    """The price, in the currency of `OrganizationPrices`. Katapult does not document for which time or amount."""


@attrs.frozen(kw_only=True, repr=False)
class Price(Model):
    """The price of a resource."""

    resource: str
    """Name of the resource."""

    category: str | None = None
    """Category of the resource."""

    description: str | None = None
    """What is paid for."""

    price: float | None = None
    """The price, in the currency of `OrganizationPrices`. Katapult does not document for which time or amount."""

    variants: tuple[PriceVariant, ...] = ()
    """Prices of the variants."""


@attrs.frozen(kw_only=True, repr=False)
class OrganizationPrices(Model):
    """The prices that an organization pays."""

    currency: Currency | None = None
    """Currency of all prices."""

    prices: tuple[Price, ...] = ()
    """The prices."""
