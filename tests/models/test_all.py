"""Rules that every model follows."""

import datetime
import importlib
import inspect
import pickle
import pkgutil
import re
import typing
from typing import Any

import attrs
import pytest

from katapult_async import models, to_dict
from katapult_async.models import (
    UNSET,
    AddressQuery,
    AddressVersion,
    Model,
    Unset,
)
from katapult_async.models.lookups import Lookup
from katapult_async.models.secret_fields import is_secret
from tests.public_names import MODEL_NAMES

MODELS: list[type[Any]] = [
    kind for kind in (getattr(models, name) for name in MODEL_NAMES) if attrs.has(kind) and kind is not Model
]
IN_RESPONSES = [kind for kind in MODELS if kind not in (AddressQuery, *typing.get_args(Lookup))]
REQUIRED_FIELDS: dict[str, set[str]] = {
    "Address": {"address"},
    "IPAddress": {"id", "address"},
    "AddressListItem": {"address"},
    "VirtualMachineAddress": {"address"},
    "Package": {"name"},
    "Annotation": {"key"},
    "InterfaceTask": {"virtual_machine_network_interface", "task"},
    "GPU": set(),  # Katapult documents that its id may be null
    "AvailableNetworks": set(),
    "DNSRecordContent": set(),
    "DNSRecordContents": set(),
    "DiskAssignment": set(),
    "DiskBackupSchedule": set(),
    "DiskInstallation": set(),
    "DiskInstallationAttribute": {"key"},
    "DiskTask": {"disk", "task"},
    "DiskTemplateField": {"name"},
    "DiskTemplateSpec": set(),
    "DiskTemplateVersion": set(),  # the installation of a disk omits the id of its version
    "AnyObject": set(),
    "TypedObject": set(),
    "LoadBalancerWeight": {"virtual_machine_id"},
    "TrashedDisk": {"disk", "trash_object"},
    "TrashedVirtualMachine": {"virtual_machine", "trash_object"},
    "VirtualMachineDisk": {"disk"},
    "ObjectStorageAccount": {"region"},
    "TrashedObjectStorageAccount": {"object_storage_account", "trash_object"},
    "ObjectStorageBucket": {"name"},
    "BucketAccessControlList": set(),
    "ObjectStorageObject": {"full_path"},
    "PresignedURL": {"url"},
    "TrashedFileStorageVolume": {"file_storage_volume", "trash_object"},
    "CurrentUser": {"user"},
    "UserAccess": set(),  # Katapult documents that its user may be null
    "OrganizationPolicy": set(),
    "OrganizationLimits": set(),
    "OrganizationFeatures": set(),
    "OrganizationPrices": set(),
    "PolicyLimits": set(),
    "PolicyLimit": set(),
    "PolicyFeature": set(),
    "PolicyValue": set(),
    "BalanceLimit": set(),
    "BalanceValue": set(),
    "Price": {"resource"},
    "DeletionStep": set(),
    "DeletionSteps": set(),
    "Attachment": set(),
}
"""The required fields of each model that does not require exactly the id."""

CODES = {"iso_code2": "GB", "iso_code3": "GBR"}  # a field with another name can be "x"


def required_values(kind: type[Any]) -> dict[str, str]:
    """Return a valid value for each required field of a model."""
    names = [field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING]
    return {name: CODES.get(name, "x") for name in names}


@pytest.mark.parametrize("kind", MODELS)
def test_model_is_frozen_slotted_and_hashable(kind: type[Any]) -> None:
    model = kind(**required_values(kind))
    assert not hasattr(model, "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(model, attrs.fields(kind)[0].name, "y")
    assert hash(model) == hash(pickle.loads(pickle.dumps(model)))


def test_only_the_id_and_the_listed_fields_are_required() -> None:
    for kind in IN_RESPONSES:
        required = {field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING}
        assert required == REQUIRED_FIELDS.get(kind.__name__, {"id"}), kind


def test_optional_field_is_none_or_an_empty_tuple_by_default() -> None:
    for kind in IN_RESPONSES:
        for field in attrs.fields(attrs.resolve_types(kind)):
            if field.default is not attrs.NOTHING:
                assert field.default in (None, ()), (kind, field.name)
                assert "None" in str(field.type) or "tuple" in str(field.type), (kind, field.name)


@pytest.mark.parametrize("kind", IN_RESPONSES)
def test_repr_has_the_fields_that_differ_from_their_defaults(kind: type[Any]) -> None:
    assert issubclass(kind, Model)
    required = required_values(kind)
    optional = [field.name for field in attrs.fields(kind) if field.name not in required and field.repr]
    values = {**required, **dict.fromkeys(optional[:1], "y")}
    shown = [
        f"{field.name}={values[field.name]!r}" for field in attrs.fields(kind) if field.name in values and field.repr
    ]
    assert repr(kind(**values)) == f"{kind.__name__}({', '.join(shown)})"


def test_repr_shows_a_field_as_the_field_says() -> None:
    @attrs.frozen(kw_only=True, repr=False)
    class Disk(models.Disk):
        key: str = attrs.field(repr=lambda _: "***")

    assert repr(Disk(id="disk_1", key="secret")) == "Disk(id='disk_1', key=***)"


SECRETS = {
    "APIToken.secret",
    "Attachment.token",
    "ConsoleSession.url",
    "Certificate.certificate_api_url",
    "Certificate.private_key",
    "DiskInstallationAttribute.value",
    "LoadBalancer.backend_certificate_key",
    "ObjectStorageAccessKey.s3_secret_access_key",
    "PresignedURL.url",
    "VirtualMachine.initial_root_password",
    "VirtualMachineBuild.spec_xml",
}


def test_fields_that_katapult_documents_as_secrets_are_marked() -> None:
    names = {f"{kind.__name__}.{field.name}" for kind in MODELS for field in attrs.fields(kind) if is_secret(field)}
    assert names == SECRETS
    named_like_a_secret = re.compile("(password|secret|token|private_key|certificate_key)(?!_id$)")
    all_names = {f"{kind.__name__}.{field.name}" for kind in MODELS for field in attrs.fields(kind)}
    assert {name for name in all_names if named_like_a_secret.search(name)} <= SECRETS


@pytest.mark.parametrize("kind", MODELS)
def test_secrets_are_in_no_repr_and_in_dicts_only_on_request(kind: type[Any]) -> None:
    secrets = {field.name for field in attrs.fields(kind) if is_secret(field)}
    required = required_values(kind)
    model = kind(**{**required, **dict.fromkeys(secrets, "hunter2")})
    assert "hunter2" not in f"{model!r} {model} {to_dict(model)}"
    assert {name: to_dict(model)[name] for name in secrets} == dict.fromkeys(secrets, "***")
    assert {name: to_dict(model, secrets=True)[name] for name in secrets} == dict.fromkeys(secrets, "hunter2")
    empty = kind(**required)
    assert {name: to_dict(empty)[name] for name in secrets - required.keys()} == dict.fromkeys(
        secrets - required.keys()
    )


def test_every_point_in_time_is_an_aware_datetime() -> None:
    fields = [field for kind in IN_RESPONSES for field in attrs.fields(attrs.resolve_types(kind))]
    times = [field for field in fields if "datetime" in str(field.type)]
    assert {field.name for field in times} == {field.name for field in fields if field.name.endswith(("_at", "_until"))}
    assert all(field.type == datetime.datetime | None for field in times)


def test_unset_is_one_object_that_equals_no_other_value() -> None:
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET is Unset.UNSET
    assert UNSET not in (None, False, "", 0)
    assert repr(UNSET) == "UNSET"


def test_every_class_of_the_package_is_exported() -> None:
    modules = [
        importlib.import_module(f"{models.__name__}.{path.name}") for path in pkgutil.iter_modules(models.__path__)
    ]
    defined = {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    }
    assert defined | {"UNSET"} == set(MODEL_NAMES)


def test_address_query_can_be_the_key_of_a_dict() -> None:
    query = AddressQuery("vmnet_1", AddressVersion.IPV4)
    assert (query.interface_id, query.address_version) == ("vmnet_1", "ipv4")
    assert {query: 1}[AddressQuery("vmnet_1", AddressVersion.IPV4)] == 1
