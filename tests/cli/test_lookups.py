"""What people write for a thing, and what the library gets."""

import ipaddress

import click
import pytest

from katapult_async.cli.lookups import ADDRESS, INTERFACE, MACHINE, NETWORK, ORGANIZATION, TASK, Name
from katapult_async.models import FQDN, Permalink, SubDomain

COMMAND = click.Command("command")
PARAMETER = click.Argument(["thing"])


def taken(name: Name, text: str | None) -> object:
    return name(click.Context(COMMAND), PARAMETER, text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (ORGANIZATION, "org_gMvejGkqSCtDbxAl", "org_gMvejGkqSCtDbxAl"),
        (ORGANIZATION, "acme", SubDomain("acme")),
        (ORGANIZATION, None, None),
        (MACHINE, "vm_SSY9IPHockPIozqP", "vm_SSY9IPHockPIozqP"),
        (MACHINE, "web-1.acme.example", FQDN("web-1.acme.example")),
        (NETWORK, "netw_gPsEu23bmu9WvnPZ", "netw_gPsEu23bmu9WvnPZ"),
        (NETWORK, "uk-lon-01/public", Permalink("uk-lon-01/public")),
        (ADDRESS, "ip_tV0nWFG2bivVyjOV", "ip_tV0nWFG2bivVyjOV"),
        (ADDRESS, "203.0.113.7", ipaddress.ip_address("203.0.113.7")),
        (ADDRESS, "2001:DB8::7", ipaddress.ip_address("2001:db8::7")),
        (INTERFACE, "vmnet_nowhere", "vmnet_nowhere"),
        (TASK, "task_1", "task_1"),
    ],
)
def test_one_rule_tells_ids_from_other_names(name: Name, text: str | None, value: object) -> None:
    assert taken(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (ORGANIZATION, "two words", "'two words' is no sub domain or id (org_...)"),
        (ADDRESS, "203.0.113", "'203.0.113' is no IP address or id (ip_...)"),
        (ADDRESS, "203.0.113.7/24", "'203.0.113.7/24' is no IP address or id (ip_...)"),
        (INTERFACE, "web-1", "'web-1' is no id (vmnet_...)"),
        (TASK, "", "'' is no id (task_...)"),
    ],
)
def test_what_names_nothing_is_told_the_ways_to_name_it(name: Name, text: str, said: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        taken(name, text)
    assert refused.value.message == said
