"""Checks of arguments: each rule, its error, and that no error quotes a token."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import numpy
import pytest
from hypothesis import example, given, strategies as st

from katapult_async import config
from katapult_async.config import Timeouts
from katapult_async.core import validation
from katapult_async.core.encoding import reference
from katapult_async.core.endpoints import Ref
from katapult_async.errors import UsageError
from katapult_async.models import AddressVersion, SubDomain

INTERFACE = Ref("virtual_machine_network_interface")
NOT_STRINGS = [None, 0, 1, True, 1.5, b"vmnet_1", ["vmnet_1"], object()]


@pytest.mark.parametrize("value", ["ipv4", AddressVersion.IPV4])
def test_choice_is_one_of_the_strings_or_an_enum_member_with_its_value(value: str) -> None:
    chosen = validation.choice(("ipv4", "ipv6"))("version", value)
    assert (type(chosen), chosen) == (str, "ipv4")
    assert validation.choice(AddressVersion)("version", value) == "ipv4"


@pytest.mark.parametrize("value", ["", "IPV4", "v4", "ipv5", "both", " ipv4", *NOT_STRINGS, 4, [], {}])
def test_error_of_an_invalid_choice_names_the_allowed_ones(value: object) -> None:
    with pytest.raises(UsageError, match=r"^version must be 'ipv4' or 'ipv6', not "):
        validation.choice(AddressVersion)("version", value)
    with pytest.raises(UsageError, match=r"^color must be 'red', 'green' or 'blue', not "):
        validation.choice(("red", "green", "blue"))("color", value)


def test_address_versions_lose_repetitions_and_keep_their_order() -> None:
    given_twice = ["ipv6", "ipv4", AddressVersion.IPV6]
    assert validation.address_versions(given_twice) == (AddressVersion.IPV6, AddressVersion.IPV4)


@pytest.mark.parametrize("values", ["ipv4", AddressVersion.IPV4, None, 4, (), [], ["ipv4", "both"], [None]])
def test_address_versions_must_be_a_list_that_is_not_empty(values: object) -> None:
    with pytest.raises(UsageError, match="address_version"):
        validation.address_versions(values)


@pytest.mark.parametrize("value", ["t", " \t\r\ntoken\n ", "!~", "a.b-c_d/e+f="])
def test_token_loses_the_white_space_around_it(value: str) -> None:
    assert validation.token(value) == value.strip()


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "\n",
        "S3CRET S3CRET",
        "S3CRET\nX-Evil: 1",
        "S3CRET\r\n\r\nGET",
        "S3CRET\0",
        "S3CRÈT",
        "\u200bS3CRET",
        "S3CRET\x7f",
    ],
)
def test_error_of_a_malformed_token_does_not_quote_it(value: str) -> None:
    with pytest.raises(UsageError, match=r"^the token ") as caught:
        validation.token(value)
    assert "S3CR" not in repr(caught.value)


@pytest.mark.parametrize("value", [None, 5, b"S3CRET", ["S3CRET"], {"S3CRET": 1}])
def test_error_of_a_token_of_another_type_does_not_quote_it(value: object) -> None:
    with pytest.raises(UsageError, match=r"^the token must be a string, not ") as caught:
        validation.token(value)
    assert "S3CR" not in repr(caught.value)


@pytest.mark.parametrize(
    ("value", "base"),
    [
        ("https://api.katapult.io/core/v1", "https://api.katapult.io/core/v1"),
        ("https://api.katapult.io/core/v1/", "https://api.katapult.io/core/v1"),
        ("https://api.katapult.io", "https://api.katapult.io"),
        ("https://api.katapult.io:8443/x", "https://api.katapult.io:8443/x"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ("https://10.0.0.1/x", "https://10.0.0.1/x"),
        ("http://localhost/x", "http://localhost/x"),
        ("http://LOCALHOST:80", "http://LOCALHOST:80"),
        ("http://127.0.0.1:8080/core/v1", "http://127.0.0.1:8080/core/v1"),
        ("http://[::1]:8080/core/v1", "http://[::1]:8080/core/v1"),
        ("HTTPS://api.katapult.io/core", "HTTPS://api.katapult.io/core"),
    ],
)
def test_base_url_is_https_or_loopback_and_loses_its_final_slash(value: str, base: str) -> None:
    assert validation.base_url(value) == base


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "printable ASCII"),
        ("https://api.katapult.io/\n", "printable ASCII"),
        ("https://api.katapult.io /core", "printable ASCII"),
        ("https://api.katapült.io", "printable ASCII"),
        ("https://api.katapult.io/\0", "printable ASCII"),
        ("api.katapult.io", "cannot be read"),
        ("https:api.katapult.io", "cannot be read"),
        ("https://", "cannot be read"),
        ("https:///core", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("https://[nonsense]/", "cannot be read"),
        ("https://[::1]x/core", "cannot be read"),
        ("http://api.katapult.io[::1]/core", "cannot be read"),
        ("https://api.katapult.io:port", "cannot be read"),
        ("https://api.katapult.io:65536", "cannot be read"),
        ("https://:443", "cannot be read"),
        ("https://me@api.katapult.io", "without a user or password"),
        ("https://me:S3CRET@api.katapult.io", "without a user or password"),
        ("https://@api.katapult.io", "without a user or password"),
        ("https://api.katapult.io?x=S3CRET", "without a query or fragment"),
        ("https://api.katapult.io/core?", "without a query or fragment"),
        ("https://api.katapult.io/core#S3CRET", "without a query or fragment"),
        ("https://api.katapult.io/core#", "without a query or fragment"),
        ("http://api.katapult.io", "not http://api.katapult.io"),
        ("http://127.0.0.1.evil.example", "not http://127.0.0.1.evil.example"),
        ("http://localhost.evil.example", "not http://localhost.evil.example"),
        ("http://0.0.0.0", "not http://0.0.0.0"),
        ("ftp://localhost", "not ftp://localhost"),
        ("file://localhost/etc/passwd", "not file://localhost"),
        ("//api.katapult.io/core", "not //api.katapult.io"),
    ],
)
def test_error_of_an_invalid_base_url_states_the_rule_and_no_secret(value: str, says: str) -> None:
    with pytest.raises(UsageError, match=r"^base_url must be https://") as caught:
        validation.base_url(value)
    assert says in str(caught.value)
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize("value", [None, 5, b"https://api.katapult.io", object()])
def test_base_url_must_be_a_string(value: object) -> None:
    with pytest.raises(UsageError, match=r"^base_url must be a string, not "):
        validation.base_url(value)


@pytest.mark.parametrize("value", [0, 0.0, 5, 0.5, float("inf")])
def test_limit_is_a_number_of_seconds_from_0_to_infinity(value: float) -> None:
    assert config.check_seconds("timeout", value) == value


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("-inf"), True, "5", None])
def test_limit_that_is_no_number_of_seconds_raises_usage_error(value: object) -> None:
    with pytest.raises(UsageError, match=r"^timeout must be 0 seconds or more, or math.inf, not "):
        config.check_seconds("timeout", value)


@pytest.mark.parametrize("value", ["mine/1.0", "mine (on Linux)", "a" * 200])
def test_header_of_printable_ascii_is_accepted(value: str) -> None:
    assert validation.header("user_agent", value) == value


@pytest.mark.parametrize("value", ["", "a\r\nX-Evil: 1", "a\n", "é", "a\0", "a" * 201, None, 5])
def test_header_that_is_not_printable_ascii_raises_usage_error(value: object) -> None:
    with pytest.raises(UsageError, match=r"^user_agent must be 1 to 200 printable ASCII characters, not "):
        validation.header("user_agent", value)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.katapult.io/core/v1", "https://api.katapult.io"),
        ("https://API.katapult.io:8443/x", "https://api.katapult.io:8443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://api.katapult.io:443/core/v1", "https://api.katapult.io"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_origin_of_a_url_is_its_scheme_host_and_any_port_but_the_default(url: str, origin: str) -> None:
    assert validation.origin(url) == origin


def test_error_does_not_quote_a_number_that_is_too_long_for_str() -> None:
    with pytest.raises(
        UsageError, match=r"^size must be a whole number from 1 to 9, not a number of more than 100 digits$"
    ):
        config.whole_number("size", 10**5000, least=1, most=9)


def test_whole_number_of_numpy_becomes_one_of_python() -> None:
    number = config.whole_number("size", numpy.int64(20))
    assert json.dumps({"size": number}) == '{"size": 20}'
    for other in (numpy.float64(20), numpy.bool_(True), numpy.array([20]), numpy.array(20)):
        with pytest.raises(UsageError, match=r"^size must be a whole number, not "):
            config.whole_number("size", other)


def test_whole_number_has_at_most_64_bits() -> None:
    assert config.whole_number("size", 2**63 - 1) == 2**63 - 1
    for number in (2**63, -(2**63), 10**5000):
        with pytest.raises(UsageError, match=r"^size has more than 64 bits$"):
            config.whole_number("size", number)


ANYTHING = st.one_of(
    st.text(), st.none(), st.booleans(), st.integers(), st.floats(), st.binary(), st.lists(st.text(), max_size=2)
)
RULES: list[Callable[[Any], object]] = [
    lambda value: reference(INTERFACE, "interface_id", value),
    lambda value: validation.choice(AddressVersion)("version", value),
    lambda value: validation.text("name", value),
    lambda value: config.whole_number("size_in_gb", value),
    lambda value: validation.flag("vip", value),
    validation.address_versions,
    validation.token,
    validation.base_url,
    lambda value: config.whole_number("concurrency", value, least=1, most=1000),
    lambda value: config.check_seconds("timeout", value),
    lambda value: validation.header("user_agent", value),
    SubDomain,
]


@given(rule=st.sampled_from(RULES), value=ANYTHING)
def test_any_value_either_passes_a_rule_or_raises_usage_error_of_one_line(
    rule: Callable[[Any], object], value: object
) -> None:
    try:
        rule(value)
    except UsageError as error:
        outcome = str(error)
    else:
        outcome = "passed"
    assert outcome.isprintable()


@given(st.text())
@example("https://api.katapult.io:")
@example("https://-")
@example("http://localhost/a/../b")
def test_base_url_that_passes_leads_to_https_or_loopback(value: str) -> None:
    try:
        parts = urlsplit(validation.base_url(value))
    except UsageError:
        return
    assert parts.hostname
    assert parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}
    assert (parts.username, parts.password, parts.query, parts.fragment) == (None, None, "", "")


def test_number_of_seconds_that_no_float_can_hold_raises_usage_error() -> None:
    assert config.check_seconds("timeout", 10**300) == 10**300
    with pytest.raises(
        UsageError, match=r"^timeout must be 0 seconds or more, or math\.inf, not a number of more than 100 digits$"
    ):
        config.check_seconds("timeout", 10**400)
    with pytest.raises(UsageError, match=r"^call must be 0 seconds or more"):
        Timeouts(call=10**400)
