"""Certificates. Core API v1: get:organization_certificates, get:certificate."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.certificates import Certificate
from katapult_async.models.lookups import SubDomain
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import CERTIFICATE
from katapult_async.resources.resource import Resource

_CERTIFICATES: Final = Operations(CERTIFICATE, Certificate, write=("certificates",))


def _single(response: Certificate | tuple[Certificate]) -> Certificate:
    """Return the certificate of a response."""
    return response[0] if isinstance(response, tuple) else response


class Certificates(Resource):
    """Certificates for HTTPS. Reached as ``katapult.certificates``."""

    @_CERTIFICATES.list("/organizations/organization/certificates")
    def list(self, *, organization: str | SubDomain, **options: Unpack[CallOptions]) -> Pages[Certificate]:
        """Return the certificates of an organization, without the many fields that only `get` returns.

        Args:
            organization: id of the organization, or ``SubDomain("acme")``.
        """

    # v2.68.0 documents a list of one; the responses recorded in September 2026 have one object.
    @_CERTIFICATES.returning("certificate", Certificate | tuple[Certificate]).get(result=_single)
    async def get(self, certificate: str, **options: Unpack[CallOptions]) -> Certificate:
        """Return a certificate with its chain. Its ``private_key`` is a secret.

        Args:
            certificate: id of the certificate.

        Raises:
            NotAcceptableError: the certificate is in the trash (``object_in_trash``).
        """
