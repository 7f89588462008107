"""Currencies. Core API v1: get:currencies, get:currency."""

from typing import Final, Unpack

from katapult_async.core.endpoints import Endpoint
from katapult_async.models.lookups import ISOCode
from katapult_async.models.organizations import Currency
from katapult_async.options import CallOptions
from katapult_async.resources.pages import Pages
from katapult_async.resources.references import CURRENCY
from katapult_async.resources.resource import Resource, calls

LIST: Final = Endpoint(path="/currencies", answer="currencies", type=list[Currency], paginated=True)
GET: Final = Endpoint(path="/currencies/currency", answer="currency", type=Currency, refs=(CURRENCY,))


class Currencies(Resource):
    """Currencies. Reached as ``katapult.currencies``."""

    @calls(LIST)
    def list(self, **options: Unpack[CallOptions]) -> Pages[Currency]:
        """Return all currencies, each with its id and name only."""
        return self._list(LIST, **options)

    @calls(GET)
    async def get(self, currency: str | ISOCode, **options: Unpack[CallOptions]) -> Currency:
        """Return a currency.

        Args:
            currency: id of the currency, ``cur_...``, or ``ISOCode("GBP")``.
        """
        return await self._call(GET, currency=currency, **options)
