"""Organizations."""

from katapult_async.sandbox.models import Organization

from .crud import Crud

ORGANIZATIONS = Crud(model=Organization)
