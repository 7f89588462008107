"""Types of graphics processors. Core API v1: get:gpu_types, get:data_center_gpu_types, get:gpu_type."""

from typing import Final, Unpack

from katapult_async.core.pagination import Pages
from katapult_async.models.gpus import GPUType
from katapult_async.models.lookups import Permalink
from katapult_async.options import CallOptions
from katapult_async.resources.operations import Operations
from katapult_async.resources.references import GPU_TYPE
from katapult_async.resources.resource import Resource

_GPU_TYPES: Final = Operations(GPU_TYPE, GPUType)


class GPUTypes(Resource):
    """Types of graphics processors for virtual machines. Reached as ``katapult.gpu_types``."""

    @_GPU_TYPES.list("/gpu_types")
    def list(self, **options: Unpack[CallOptions]) -> Pages[GPUType]:
        """Return all types of graphics processors, each with the data centers that have it."""

    @_GPU_TYPES.list("/data_centers/data_center/gpu_types")
    def list_of_data_center(self, data_center: str | Permalink, **options: Unpack[CallOptions]) -> Pages[GPUType]:
        """Return the types of graphics processors that a data center has, without the list of their data centers.

        Args:
            data_center: id of the data center, or ``Permalink("uk-lon-01")``.
        """

    @_GPU_TYPES.get()
    async def get(self, gpu_type: str | Permalink, **options: Unpack[CallOptions]) -> GPUType:
        """Return a type of graphics processor.

        Args:
            gpu_type: id of the type, or its ``Permalink``.
        """
