"""Disk templates and their versions."""

from collections.abc import Sequence

from katapult_async.sandbox.models import DiskTemplate, DiskTemplateVersion, OperatingSystem, Organization
from katapult_async.sandbox.serializers import JSON
from katapult_async.sandbox.store import Store

from .operation import operation


@operation("GET", "/organizations/:organization/disk_templates")
def list_templates(
    store: Store, owner: Organization, system: OperatingSystem | None, *, include_universal: bool | None = None
) -> Sequence[DiskTemplate]:
    """Core API v1: get:organization_disk_templates. Universal templates only with ``include_universal``."""
    owners = (owner.id, None) if include_universal else (owner.id,)
    templates = store.all(DiskTemplate, system) if system is not None else store.all(DiskTemplate)
    return [template for template in templates if template.organization_id in owners]


@operation("GET", "/disk_template_versions/:disk_template_version/spec")
def get_spec(_: Store, __: DiskTemplateVersion) -> JSON:
    """Core API v1: get:disk_template_version_spec. All templates have the same fields."""
    field = {"name": "root_password", "type": "Password", "label": "Root password", "required": False}
    return {"spec": {"fields": [{**field, "description": None, "placeholder": None, "prefill": None}]}}
