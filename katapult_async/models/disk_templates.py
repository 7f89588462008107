"""Disk templates, their versions, and the options of a version."""

import attrs

from katapult_async.models.model import Model
from katapult_async.models.operating_systems import OperatingSystem


@attrs.frozen(kw_only=True, repr=False)
class LatestDiskTemplateVersion(Model):
    """The latest version of a disk template."""

    id: str
    """Katapult's id, ``dtv_...``."""

    number: int | None = None
    """Number of the version."""


@attrs.frozen(kw_only=True, repr=False)
class DiskTemplate(Model):
    """A disk template: an image that a disk is built from."""

    id: str
    """Katapult's id, ``dtpl_...``."""

    name: str | None = None
    """Display name."""

    description: str | None = None
    """Description."""

    permalink: str | None = None
    """Permalink: name for URLs, such as ``templates/ubuntu-24-04``."""

    universal: bool | None = None
    """Whether the template is available to all organizations."""

    size_in_gb: int | None = None
    """Size of the image in GB."""

    latest_version: LatestDiskTemplateVersion | None = None
    """The latest version."""

    operating_system: OperatingSystem | None = None
    """The operating system that the template installs."""


@attrs.frozen(kw_only=True, repr=False)
class DiskTemplateVersion(Model):
    """A version of a disk template."""

    id: str | None = None
    """Katapult's id, ``dtv_...``; the installation of a disk omits it."""

    number: int | None = None
    """Number of the version."""

    stable: bool | None = None
    """Whether the version is stable."""

    size_in_gb: int | None = None
    """Size of the image in GB."""

    disk_template: DiskTemplate | None = None
    """The template; lists omit it."""


@attrs.frozen(kw_only=True, repr=False)
class DiskTemplateField(Model):
    """An option of a disk template version, which a build can set."""

    name: str
    """Name of the option."""

    type: str | None = None
    """``Text``, ``Boolean``, ``Password`` or ``Keyboard`` so far."""

    label: str | None = None
    """Display name."""

    description: str | None = None
    """Description."""

    required: bool | None = None
    """Whether a build must set it."""

    placeholder: str | None = None
    """Example of a value."""

    prefill: str | None = None
    """Suggested value."""


@attrs.frozen(kw_only=True, repr=False)
class DiskTemplateSpec(Model):
    """The options of a disk template version."""

    fields: tuple[DiskTemplateField, ...] = ()
    """The options, in Katapult's order."""
