"""Countries. Core API v1: get:countries, get:country."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.countries import Country
from katapult_async.models.lookups import ISOCode2, ISOCode3
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import COUNTRY
from katapult_async.resources.resource import Resource

_COUNTRIES: Final = Operations(COUNTRY, Country)


class Countries(Resource):
    """Countries. Reached as ``katapult.countries``."""

    @_COUNTRIES.list("/countries")
    def list(self, **options: Unpack[CallOptions]) -> Pages[Country]:
        """Return all countries, each with its id and name only."""

    @_COUNTRIES.get()
    async def get(self, country: str | ISOCode2 | ISOCode3, **options: Unpack[CallOptions]) -> Country:
        """Return a country.

        Args:
            country: id of the country, ``ctry_...``, or ``ISOCode2("GB")``, or ``ISOCode3("GBR")``.
        """
