"""Disk templates, their versions and operating systems."""

from katapult_async.sandbox import serializers
from katapult_async.sandbox.arguments import Page
from katapult_async.sandbox.models import (
    DiskTemplate,
    DiskTemplateVersion,
    OperatingSystem,
    Organization,
)
from katapult_async.sandbox.serializers import JSON, serialize
from katapult_async.sandbox.store import Store

from .crud import Crud
from .operation import PAGE, boolean, lookup, operation, paginated

_TEMPLATES = "disk_templates disk_templates:read"


_VERSION = "/disk_template_versions/:disk_template_version"


@operation(
    "GET",
    "/organizations/:organization/disk_templates",
    Organization,
    lookup(OperatingSystem, optional=True),
    boolean("include_universal"),
    PAGE,
    scopes=_TEMPLATES,
)
def list_templates(
    store: Store, organization: Organization, operating_system: OperatingSystem | None, universal: object, page: Page
) -> JSON:
    """Core API v1: get:organization_disk_templates. Universal templates only with ``include_universal``."""
    owners = (organization.id, None) if universal is True else (organization.id,)
    templates = [template for template in store.all(DiskTemplate) if template.organization_id in owners]
    if operating_system is not None:
        templates = [template for template in templates if template.operating_system_id == operating_system.id]
    return paginated(store, page, "disk_templates", templates, serializers.TEMPLATE)


@operation("GET", "/disk_templates/:disk_template/versions", DiskTemplate, PAGE, scopes=_TEMPLATES)
def list_versions(store: Store, template: DiskTemplate, page: Page) -> JSON:
    """Core API v1: get:disk_template_versions."""
    versions = store.all(DiskTemplateVersion, disk_template_id=template.id)
    response = paginated(store, page, "disk_template_versions", versions, serializers.TEMPLATE_VERSION)
    return {"disk_template": serialize(store, template, serializers.NAMED), **response}


@operation("GET", f"{_VERSION}/spec", DiskTemplateVersion, scopes=_TEMPLATES)
def get_spec(store: Store, version: DiskTemplateVersion) -> JSON:
    """Core API v1: get:disk_template_version_spec. All templates have the same fields."""
    field = {"name": "root_password", "type": "Password", "label": "Root password", "required": False}
    spec = {"fields": [{**field, "description": None, "placeholder": None, "prefill": None}]}
    return {"disk_template_version": serialize(store, version, serializers.TEMPLATE_VERSION_FULL), "spec": spec}


DISK_TEMPLATES = Crud(model=DiskTemplate, operations="get", scope="disk_templates", shape=serializers.TEMPLATE_FULL)


DISK_TEMPLATE_VERSIONS = Crud(
    model=DiskTemplateVersion, operations="get", scope="disk_templates", shape=serializers.TEMPLATE_VERSION_FULL
)


OPERATING_SYSTEMS = Crud(
    model=OperatingSystem, operations="list get", shape=serializers.OPERATING_SYSTEM, list_shape="id name"
)
