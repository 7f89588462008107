"""Builds of virtual machines."""

import datetime
import enum

import attrs

from katapult_async.models.annotations import Annotation
from katapult_async.models.model import Model
from katapult_async.models.secret_fields import SECRET
from katapult_async.models.tasks import Task
from katapult_async.models.virtual_machines import VirtualMachine


class VirtualMachineBuildState(enum.StrEnum):
    """The state of a build. Katapult may add others, which are plain strings."""

    DRAFT = "draft"
    FAILED = "failed"
    PENDING = "pending"
    COMPLETE = "complete"
    BUILDING = "building"


@attrs.frozen(kw_only=True, repr=False)
class VirtualMachineBuild(Model):
    """A build: the creation of a virtual machine."""

    id: str
    """Katapult's id, ``vmbuild_...``."""

    state: VirtualMachineBuildState | str | None = None
    """State of the build; a plain string if it is not one of `VirtualMachineBuildState`."""

    virtual_machine: VirtualMachine | None = None
    """The virtual machine with its names and state; None until the build is complete."""

    created_at: datetime.datetime | None = None
    """When the build was created. The response that begins the build omits this field and `spec_xml`."""

    spec_xml: str | None = attrs.field(default=None, repr=False, metadata=SECRET)
    """The specification of the virtual machine: a secret, because its options can be passwords."""

    hostname: str | None = None
    """First part of the domain name of the virtual machine. Only the response that begins the build has this field and
    `task`."""

    task: Task | None = None
    """The task that builds the virtual machine."""

    annotations: tuple[Annotation, ...] = ()
    """Annotations."""
