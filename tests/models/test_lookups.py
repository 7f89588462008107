"""Lookups: values other than the id that identify an object, such as a permalink."""

import attrs
import pytest

from katapult_async.errors import UsageError
from katapult_async.models import (
    FQDN,
    APIReference,
    DomainName,
    ISOCode,
    ISOCode2,
    ISOCode3,
    ObjectID,
    Permalink,
    SubDomain,
)
from katapult_async.models.lookups import Lookup

KINDS = [
    (APIReference, "api_reference"),
    (DomainName, "name"),
    (FQDN, "fqdn"),
    (ISOCode, "iso_code"),
    (ObjectID, "object_id"),
    (Permalink, "permalink"),
    (SubDomain, "sub_domain"),
]
COUNTRY_CODES = [(ISOCode2, "iso_code2"), (ISOCode3, "iso_code3")]


@pytest.mark.parametrize(("kind", "field"), KINDS)
@pytest.mark.parametrize("name", ["acme", "web-1.acme.example", "templates/debian-13", "ü", "a" * 253])
def test_valid_name_is_unchanged_and_can_be_a_key(kind: type[Lookup], field: str, name: str) -> None:
    assert getattr(kind(name), field) == name
    assert kind(name) == kind(name)
    assert {kind(name): 1}[kind(name)] == 1


@pytest.mark.parametrize(("kind", "field"), [*KINDS, *COUNTRY_CODES])
@pytest.mark.parametrize("name", ["", " ", "a b", "a\n", "a\0", "a" * 254, None, 5, b"acme", ["acme"]])
def test_invalid_name_raises_usage_error_that_names_the_field(kind: type[Lookup], field: str, name: str) -> None:
    with pytest.raises(
        UsageError, match=f"^{field} must be 1 to 253 printable characters without spaces, not "
    ) as caught:
        kind(name)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("kind", "code", "rule"), [(ISOCode2, "GB", "two letters"), (ISOCode3, "gbr", "three letters")]
)
def test_code_of_a_country_has_its_number_of_letters(kind: type[Lookup], code: str, rule: str) -> None:
    assert attrs.astuple(kind(code)) == (code,)
    assert {kind(code): 1}[kind(code)] == 1
    for wrong in (code[1:], f"{code}x", "1" * len(code), "ü" * len(code)):
        with pytest.raises(UsageError, match=f"must be {rule}, not '{wrong}'"):
            kind(wrong)


def test_domain_name_may_end_with_a_dot() -> None:
    """As ``dig`` and zone files write it."""
    assert FQDN("web-1.acme.example.") == FQDN("web-1.acme.example")
    assert DomainName("acme.example.") == DomainName("acme.example")


def test_single_dot_is_not_a_full_domain_name() -> None:
    with pytest.raises(UsageError, match="fqdn must be"):
        FQDN(".")
