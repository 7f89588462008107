"""Lookups: values other than the id that identify an object. A plain string is always an id."""

import re

import attrs

from katapult_async.config import must_be

_LONGEST_NAME = 253  # characters of a full domain name, RFC 1035 section 3.1; permalinks are shorter


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable() and " " not in value


_check_name = must_be(f"1 to {_LONGEST_NAME} printable characters without spaces", _is_name)


def _without_final_dot(name: str) -> str:
    return name.removesuffix(".") if type(name) is str else name  # the check reports another type


@attrs.frozen
class SubDomain:
    """An organization by its sub domain, such as ``acme``."""

    sub_domain: str = attrs.field(validator=_check_name)


@attrs.frozen
class FQDN:
    """A virtual machine by its full domain name, such as ``web-1.acme.example``, with or without a dot at its end."""

    fqdn: str = attrs.field(validator=_check_name, converter=_without_final_dot)


@attrs.frozen
class Permalink:
    """A network, data center, speed profile or other object by its permalink, such as ``uk-lon-01``."""

    permalink: str = attrs.field(validator=_check_name)


@attrs.frozen
class APIReference:
    """A load balancer by its API reference."""

    api_reference: str = attrs.field(validator=_check_name)


@attrs.frozen
class ObjectID:
    """A trash object by the id of the object that is in the trash, such as ``vm_...``."""

    object_id: str = attrs.field(validator=_check_name)


@attrs.frozen
class DomainName:
    """A DNS zone by its domain name, such as ``acme.example``, with or without a dot at its end."""

    name: str = attrs.field(validator=_check_name, converter=_without_final_dot)


@attrs.frozen
class ISOCode2:
    """A country by its code of two letters, such as ``GB``."""

    iso_code2: str = attrs.field(validator=[_check_name, must_be("two letters", re.compile("[A-Za-z]{2}").fullmatch)])


@attrs.frozen
class ISOCode3:
    """A country by its code of three letters, such as ``GBR``."""

    iso_code3: str = attrs.field(validator=[_check_name, must_be("three letters", re.compile("[A-Za-z]{3}").fullmatch)])


@attrs.frozen
class ISOCode:
    """A currency by its code, such as ``GBP``."""

    iso_code: str = attrs.field(validator=_check_name)


Lookup = SubDomain | FQDN | Permalink | APIReference | ObjectID | DomainName | ISOCode2 | ISOCode3 | ISOCode
"""Any of the lookup classes."""
