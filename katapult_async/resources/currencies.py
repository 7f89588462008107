"""Currencies. Core API v1: get:currencies, get:currency."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.currencies import Currency
from katapult_async.models.lookups import ISOCode
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import CURRENCY
from katapult_async.resources.resource import Resource

_CURRENCIES: Final = Operations(CURRENCY, Currency)


class Currencies(Resource):
    """Currencies. Reached as ``katapult.currencies``."""

    @_CURRENCIES.list("/currencies")
    def list(self, **options: Unpack[CallOptions]) -> Pages[Currency]:
        """Return all currencies, each with its id and name only."""

    @_CURRENCIES.get()
    async def get(self, currency: str | ISOCode, **options: Unpack[CallOptions]) -> Currency:
        """Return a currency.

        Args:
            currency: id of the currency, ``cur_...``, or ``ISOCode("GBP")``.
        """
