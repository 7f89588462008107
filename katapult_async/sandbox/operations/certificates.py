"""Certificates. The sandbox issues none."""

from katapult_async.sandbox.models import Certificate, Organization

from .crud import Crud

CERTIFICATES = Crud(model=Certificate, operations="list get", parent=Organization, scope="certificates")
