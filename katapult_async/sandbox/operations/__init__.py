"""Operations: what the API can do, one module for each resource and one row of the table for each operation."""

from .operation import Operation
from .table import OPERATIONS

__all__ = ["OPERATIONS", "Operation"]
