"""States of countries. Core API v1: get:country_country_states, get:country_state."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.countries import CountryState
from katapult_async.models.lookups import ISOCode2, ISOCode3
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import COUNTRY_STATE
from katapult_async.resources.resource import Resource

_COUNTRY_STATES: Final = Operations(COUNTRY_STATE, CountryState)


class CountryStates(Resource):
    """States, provinces and counties of countries. Reached as ``katapult.country_states``."""

    @_COUNTRY_STATES.list("/countries/country/country_states")
    def list(self, *, country: str | ISOCode2 | ISOCode3, **options: Unpack[CallOptions]) -> Pages[CountryState]:
        """Return the states of a country, each with its id and name only.

        Args:
            country: id of the country, ``ctry_...``, or ``ISOCode2("US")``, or ``ISOCode3("USA")``.
        """

    @_COUNTRY_STATES.get()
    async def get(self, country_state: str, **options: Unpack[CallOptions]) -> CountryState:
        """Return a state of a country.

        Args:
            country_state: id of the state.
        """
