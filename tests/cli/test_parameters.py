"""How the words of a command line become the arguments of a method, by the annotation of each parameter."""

import datetime
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Literal

import attrs
import click
import pytest

from katapult_async import FQDN, AddressVersion, ISOCode2, ISOCode3, Unset
from katapult_async.cli import parameters
from katapult_async.cli.declarations import Declaration, fields_of
from katapult_async.cli.parameters import Parameter
from tests.cli.declared import facts_of, field_of
from tests.cli.examples import example_of

CONTEXT = click.Context(click.Command("command"))


@attrs.frozen(kw_only=True)
class Drive:
    """A value with fields of several kinds."""

    size: int = attrs.field(validator=attrs.validators.ge(0))
    system: bool | None = None
    speed: Literal["nvme", "ssd"] | None = None
    addresses: tuple[str | IPv4Address | IPv6Address, ...] = ()


@pytest.fixture(autouse=True)
def _drive_is_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {field.name: Declaration(**field_of(Drive, field)) for field in attrs.fields(Drive)}
    monkeypatch.setattr(parameters, "fields_of", lambda model: fields if model == "Drive" else fields_of(model))
    monkeypatch.setattr(parameters, "class_of", {"Drive": Drive}.get)


def parameter(annotation: Any, *, name: str = "value") -> Parameter:
    return Parameter(name, Declaration(**facts_of(annotation)))


def value(annotation: Any, *words: str) -> object:
    """Return the argument that a method gets for the words of a command line; "absent" if it gets none."""
    tested = parameter(annotation)
    seen: list[dict[str, object]] = []
    command = click.Command(
        "command", params=tested.click_parameters(), callback=lambda **given: seen.append(tested.arguments(given))
    )
    command.main(list(words), standalone_mode=False)
    return seen[0].get("value", "absent")


@pytest.mark.parametrize(
    ("annotation", "words", "expected"),
    [
        (str | None, [], "absent"),
        (str | None, ["--value", "a"], "a"),
        (int | None, ["--value", "5"], 5),
        (float | None, ["--value", "0.5"], 0.5),
        (bool | None, [], "absent"),
        (bool | None, ["--value"], True),
        (bool | None, ["--no-value"], False),
        (str | Unset, ["--value", ""], ""),
        (str | Unset | None, ["--no-value"], None),
        (int | Unset | None, [], "absent"),
        (Literal["ipv4", "ipv6"] | AddressVersion, ["--value", "IPv4"], "ipv4"),
        (str | FQDN, ["--value", "web.acme.example"], FQDN("web.acme.example")),
        (str | FQDN, ["--value", "vm_1"], "vm_1"),
        (str | ISOCode2 | ISOCode3, ["--value", "GB"], ISOCode2("GB")),
        (str | ISOCode2 | ISOCode3, ["--value", "GBR"], ISOCode3("GBR")),
        (str | IPv4Address | IPv6Address, ["--value", "2001:db8::7"], ip_address("2001:db8::7")),
        (Iterable[str] | None, ["--value", "a", "--value", "b"], ("a", "b")),
        (Iterable[str] | None, [], "absent"),
        (Iterable[str] | Unset, ["--no-value"], ()),
        (Iterable[str | FQDN], ["--value", "web.acme.example"], (FQDN("web.acme.example"),)),
        (Mapping[str, str], ["--value", "a=1", "--value", "b==2"], {"a": "1", "b": "=2"}),
        (Mapping[str, str] | Unset, ["--no-value"], {}),
        (
            datetime.datetime | None,
            ["--value", "2027-01-31T12:00:00Z"],
            datetime.datetime(2027, 1, 31, 12, tzinfo=datetime.UTC),
        ),
        (Iterable[Drive], ["--value", "size=5,system=true,speed=SSD"], (Drive(size=5, system=True, speed="ssd"),)),
        (Iterable[Drive], ["--value", "size=5,addresses=ip_1"], (Drive(size=5, addresses=("ip_1",)),)),
        (
            Iterable[Drive],
            ["--value", '{"size": 5, "addresses": ["203.0.113.7", "ip_1"], "speed": null}'],
            (Drive(size=5, addresses=(ip_address("203.0.113.7"), "ip_1")),),
        ),
        (
            Iterable[Drive],
            ["--value", "size=5,addresses=203.0.113.7,addresses=ip_1"],
            (Drive(size=5, addresses=(ip_address("203.0.113.7"), "ip_1")),),
        ),
    ],
)
def test_text_becomes_a_value_of_the_annotated_type(annotation: Any, words: list[str], expected: object) -> None:
    assert value(annotation, *words) == expected


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (Iterable[Drive], "size=5,color=red", "no field 'color'; the fields are size, system, speed, addresses"),
        (Iterable[Drive], "system=true", "'system=true' is not complete: size is missing"),
        (Iterable[Drive], "size=-1", "'size=-1' is not valid: 'size' must be >= 0: -1"),
        (Iterable[Drive], "size=5,size=6", "size has 2 values, but takes one"),
        (Iterable[Drive], '{"size": []}', "size has 0 values, but takes one"),
        (Iterable[Drive], '{"size": "big"}', "size: 'big' is not a valid integer"),
        (Iterable[Drive], "size=5,system=None", "system: 'None' is not one of 'true', 'false'"),
        (Iterable[Drive], "size=5,system=", "system: '' is not one of 'true', 'false'"),
        (Iterable[Drive], '{"size": 5.7}', "'5.7' is not a valid integer"),
        (Iterable[Drive], '{"size": null}', "null is not a value of size"),
        (Iterable[Drive], '{"size": [[5]]}', "[5] is not a value of size"),
        (Iterable[Drive], '{"size": {"a": 1}}', '{"a": 1} is not a value of size'),
        (Iterable[Drive], '{"size": 5, "addresses": [null]}', "null is not a value of addresses"),
        (Iterable[Drive], '{"size": 5', "is not a JSON object"),
        (Iterable[Drive], '{"size": 5, "size": 6}', "is not a JSON object: the key 'size' is given twice"),
        (Iterable[Drive], f'{{"size": {"[" * 100_000}', "is not a JSON object: it is nested too deeply"),
        (Mapping[str, str], "a", "'a' is not KEY=VALUE"),
        (Mapping[str, str], "a=\udcff", "the text is not UTF-8"),
        (str, "caf\udce9", "the text is not UTF-8"),
        (Mapping[str, str], "=a", "'=a' is not KEY=VALUE"),
        (datetime.datetime, "2027-01-31T12:00:00", "is not a time with its zone, such as"),
        (datetime.datetime, "tomorrow", "is not a time with its zone, such as"),
        (Literal["ipv4", "ipv6"], "ipv5", "is not one of 'ipv4', 'ipv6'"),
        (Literal["A", "AAAA"], "B", "'B' is not one of 'A', 'AAAA'"),
    ],
)
def test_wrong_text_is_an_error_that_says_what_is_expected(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        value(annotation, "--value", text)
    assert message in caught.value.message


def test_choices_are_shown_and_sent_as_katapult_writes_them() -> None:
    [option] = parameter(Literal["HTTP", "TCP"]).click_parameters()
    assert option.make_metavar(CONTEXT) == "[HTTP|TCP]"
    assert value(Literal["HTTP", "TCP"], "--value", "http") == "HTTP"
    with pytest.raises(click.BadParameter, match="'UDP' is not one of 'HTTP', 'TCP'"):
        value(Literal["HTTP", "TCP"], "--value", "UDP")


def test_value_that_is_set_and_cleared_is_an_error() -> None:
    with pytest.raises(click.UsageError, match="give --value or --no-value, not both"):
        value(str | Unset | None, "--value", "a", "--no-value")


def test_type_without_a_rule_is_an_error_when_the_command_is_made() -> None:
    with pytest.raises(TypeError, match="no rule makes an option of value"):
        parameter(complex)


@pytest.mark.parametrize(
    ("annotation", "name", "example"),
    [
        (str, "virtual_machine", "--virtual-machine mail-1.larch.example"),
        (Literal["a", "b"], "value", "--value a"),
        (int, "value", "--value 20"),
        (str, "value", "--value example"),
        (bool, "value", "--value"),
        (datetime.datetime, "value", "--value 2027-01-31T12:00:00Z"),
        (str | FQDN, "other", ""),
        (Iterable[Drive], "value", ""),
    ],
)
def test_example_has_an_object_of_the_sandbox_or_a_plain_value(annotation: Any, name: str, example: str) -> None:
    known = {"virtual_machine": "mail-1.larch.example"}
    assert example_of(parameter(annotation, name=name), "the value.", known) == example
