"""Certificates. The sandbox issues none."""

from katapult_async.sandbox.models import Certificate

from .crud import Crud

CERTIFICATES = Crud(model=Certificate)
