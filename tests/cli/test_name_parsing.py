"""Names of objects on the command line, and the id or lookup that the library gets for each."""

import ipaddress

import click
import pytest

from katapult_async.cli.machine_names import FirstLabel, InterfaceName
from katapult_async.cli.name_parsing import ADDRESS, INTERFACE, ORGANIZATION, ObjectName
from katapult_async.errors import UsageError
from katapult_async.models import FQDN, APIReference, ObjectID, Permalink, SubDomain

CONTEXT = click.Context(click.Command("command"))
PARAMETER = click.Argument(["name"])
MACHINE = ObjectName("virtual_machine", by=("FQDN",))
NETWORK = ObjectName("network", by=("Permalink",))
TASK = ObjectName("task_id")
BALANCER = ObjectName("load_balancer", by=("APIReference",))
DATA_CENTER = ObjectName("data_center", by=("Permalink",))
COUNTRY = ObjectName("country", by=("ISOCode2", "ISOCode3"))
TRASH = ObjectName("trash_object", by=("ObjectID",))
TAGS = ": `katapult-async tags list` shows the ids"


@pytest.mark.parametrize(
    ("names", "text", "value"),
    [
        (ORGANIZATION, "org_krnoRJx30xTbu3MU", "org_krnoRJx30xTbu3MU"),
        (ORGANIZATION, "acme", SubDomain("acme")),
        (ORGANIZATION, None, None),
        (MACHINE, "vm_lw643pcxF25uaZhU", "vm_lw643pcxF25uaZhU"),
        (MACHINE, "web-1.acme.example", FQDN("web-1.acme.example")),
        (MACHINE, "web-1", FirstLabel("web-1")),
        (NETWORK, "netw_JBt5VBcqTMrKGSwU", "netw_JBt5VBcqTMrKGSwU"),
        (NETWORK, "uk-lon-01/public", Permalink("uk-lon-01/public")),
        (ADDRESS, "ip_YUTMUn7pwdJWBI3i", "ip_YUTMUn7pwdJWBI3i"),
        (ADDRESS, "203.0.113.7", ipaddress.ip_address("203.0.113.7")),
        (ADDRESS, "2001:DB8::7", ipaddress.ip_address("2001:db8::7")),
        (INTERFACE, "vmnet_nowhere", "vmnet_nowhere"),
        (INTERFACE, "vmnet_web", "vmnet_web"),
        (INTERFACE, "web-1", InterfaceName("web-1")),
        (INTERFACE, "vm_lw643pcxF25uaZhU", InterfaceName("vm_lw643pcxF25uaZhU")),
        (INTERFACE, "web-1.acme.example/uk-lon-01/public", InterfaceName("web-1.acme.example/uk-lon-01/public")),
        (TASK, "task_1", "task_1"),
        (BALANCER, "lb_G2bivVyjOVtV0nWF", "lb_G2bivVyjOVtV0nWF"),
        (BALANCER, "web_balancer", APIReference("web_balancer")),
        (TRASH, "trsh_a4ONAZ0jJ5pBFCJr", "trsh_a4ONAZ0jJ5pBFCJr"),
        (TRASH, "vm_lw643pcxF25uaZhU", ObjectID("vm_lw643pcxF25uaZhU")),
    ],
)
def test_id_is_passed_on_and_other_text_becomes_a_lookup(names: ObjectName, text: str | None, value: object) -> None:
    assert names(text, PARAMETER, CONTEXT) == value


@pytest.mark.parametrize(
    ("names", "text", "message"),
    [
        (ORGANIZATION, "two words", "'two words' is not an id (org_...) or sub domain"),
        (ADDRESS, "203.0.113", "'203.0.113' is not an id (ip_...) or IP address"),
        (ADDRESS, "203.0.113.7/24", "'203.0.113.7/24' is not an id (ip_...) or IP address"),
        (MACHINE, "web 1", "'web 1' is not an id (vm_...) or full domain name or its first label"),
        (INTERFACE, "web-1/", "'web-1/' is not an id (vmnet_...) or MACHINE/NETWORK"),
        (INTERFACE, "/public", "'/public' is not an id (vmnet_...) or MACHINE/NETWORK"),
        (TASK, "web-1", "'web-1' is not an id (task_...)"),
        (TASK, "", "'' is not an id (task_...)"),
        (ObjectName("tag"), "web", f"'web' is not an id (tag_...){TAGS}"),
        (ObjectName("disk_template_version"), "web", "'web' is not an id (dtv_...)"),  # no group has its name
        (
            TRASH,
            "web-1",
            "'web-1' is not an id (trsh_...) or id of its object: `katapult-async trash list` shows the ids",
        ),
        (ObjectName("tag"), "x" * 3000, f"'{'x' * 99}... is not an id (tag_...){TAGS}"),
        (DATA_CENTER, "uk lon", "'uk lon' is not an id or permalink"),  # ids of data centers have two prefixes
        (COUNTRY, "GBRX", "'GBRX' is not an id (ctry_...) or ISO code of two letters or ISO code of three letters"),
    ],
)
def test_invalid_name_is_an_error_that_lists_the_kinds_of_names(names: ObjectName, text: str, message: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        names(text, PARAMETER, CONTEXT)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "machine", "network"),
    [
        ("web-1", FirstLabel("web-1"), None),
        ("web-1.acme.example", FQDN("web-1.acme.example"), None),
        ("vm_lw643pcxF25uaZhU", "vm_lw643pcxF25uaZhU", None),
        ("web-1/Public network", FirstLabel("web-1"), "Public network"),
        ("web-1.acme.example/netw_1", FQDN("web-1.acme.example"), "netw_1"),
        ("web-1/uk-lon-01/public", FirstLabel("web-1"), "uk-lon-01/public"),
    ],
)
def test_name_of_an_interface_is_a_machine_and_optionally_a_network(
    text: str, machine: object, network: str | None
) -> None:
    name = InterfaceName(text)
    assert (name.machine, name.network, str(name)) == (machine, network, text)


@pytest.mark.parametrize("text", ["", "/", "web-1/", "/public", "web 1", "web 1/public", "web-1/\x1b[31m"])
def test_interface_without_a_machine_or_network_raises_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        InterfaceName(text)


@pytest.mark.parametrize("text", ["", "web-1.acme", "web 1", "w" * 64, "web\x1b"])
def test_first_label_must_be_one_label(text: str) -> None:
    with pytest.raises(UsageError):
        FirstLabel(text)
