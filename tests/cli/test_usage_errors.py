"""Errors about arguments name them as a user of the command does: ``--data-center``, ``MACHINE``."""

import itertools
import re
import shlex
from typing import Final

import click
import pytest

from katapult_async.cli.declarations import methods_of
from katapult_async.cli.exit_codes import ExitCode
from katapult_async.cli.groups import GROUPS, Group
from katapult_async.cli.methods import Method
from katapult_async.cli.name_parsing import LOOKUP_NAMES
from katapult_async.cli.parameters import Parameter
from katapult_async.cli.usage_errors import usage_error
from katapult_async.errors import UsageError
from tests.cli.conftest import Command, Objects
from tests.cli.declared import all_references
from tests.cli.examples import example_of

BUILD: Final = "vms build --organization larch --package small"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (BUILD, "give either --data-center or --zone"),
        (f"{BUILD} --zone zone_1 --data-center loc_1", "give either --data-center or --zone"),
        (
            f"{BUILD} --zone zone_1 --disk-template-version 2",
            "--disk-template-version and --disk-template-options need a --disk-template",
        ),
        (f"{BUILD} --zone zone_1 --user-data \x1b", "--user-data contains a character that XML does not allow"),
        (
            f"{BUILD} --zone zone_1 --disks size_in_gb=1,system=true --disks size_in_gb=2,system=true",
            "exactly one disk must be the system disk",
        ),
        (
            "nics create --virtual-machine vm_1 --speed-profile nsp_1",
            "give either --network or --virtual-network",
        ),
        ("dns-records update dnsrec_1 --content a", "give --type with --content: it says what the content means"),
        (
            "dns-records create --dns-zone larch.example --type CAA --content 'the type'",
            "--content of the --type CAA must be 'flag tag value', not 'the type'",
        ),
        (
            "buckets create --organization larch --region 'a name' --name a",
            "--region must be a string of 1 to 64 letters, digits, '_' or '-', not 'a name'",
        ),
        (
            "buckets delete 'a region' --region uk-lon-1 --yes",
            "BUCKET must be a string of 1 to 64 letters, digits, '_' or '-', not 'a region'",
        ),
        ("api GET 'a path'", "PATH must be like '/organizations', of letters, digits and '_:.-', not '/a path'"),
        ("sandbox --clock-offset nan", "--clock-offset must be a finite number, not nan"),
        ("sandbox --machines 0", "--interfaces must be 0 where there are no --machines, not 100"),
    ],
)
def test_error_about_arguments_names_them_as_the_command_line_does(
    command: Command, objects: Objects, line: str, message: str
) -> None:
    result = command(*shlex.split(line))
    usage = " ".join(line.split()[: 1 if line.startswith(("api", "sandbox")) else 2])
    assert (result.code, result.err) == (2, f"error: {message} (see katapult-async {usage} --help)\n")
    assert objects.mutations() == []


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("state must be a or b, not 'the state'", "--status must be a or b, not 'the state'"),
        ("machine must be an id, or the machine itself", "MACHINE must be an id, or the machine itself"),
        ("machines, subset, ip-machine", "machines, subset, ip-MACHINE"),
        ("another error", "another error"),
    ],
)
def test_only_the_first_occurrence_of_the_name_of_a_parameter_is_replaced(error: str, message: str) -> None:
    options = [click.Argument(["machine"]), click.Option(["--status", "state"]), click.Option(["-s", "--set"])]
    with click.Context(click.Command("command", params=options)):
        assert usage_error(UsageError(error)).message == message


WRONG_VALUES: Final = ("", "a b", "None", "\x1b", "\udcff", "x" * 70, '{"a": null}')
PYTHON_NAMES: Final = {"None", "True", "False", "Unset", "UNSET", "str", "int", "datetime", *LOOKUP_NAMES}


KNOWN: Final = {parameter: reference["example"] for parameter, reference in all_references().items()}


def given_as(parameter: Parameter, text: str) -> list[str]:
    """Return the words of a command line that give a parameter a value."""
    option = parameter.click_parameters()[0]
    return [text] if isinstance(option, click.Argument) else [option.opts[0], text]


def shown_name(parameter: Parameter) -> str:
    """Return the name of a parameter in a usage line."""
    option = parameter.click_parameters()[0]
    return option.human_readable_name if isinstance(option, click.Argument) else option.opts[0]


def line_with(wrong: Parameter, text: str, method: Method) -> list[str]:
    """Return a command line with a wrong value for one parameter, and right values for the others that are required."""
    line = [method.group.name, method.command, *given_as(wrong, text)]
    for other in method.parameters:
        if other is not wrong and other.declaration.is_required:
            line += shlex.split(example_of(other, "", KNOWN)) or given_as(other, "example")
    if method.mutates:
        return [*line, "--dry-run"]
    return [*line, "--timeout", "0.001"] if method.only_waits else line


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_error_about_a_wrong_value_names_options_and_arguments_and_nothing_of_python(
    command: Command, group: Group
) -> None:
    errors = 0
    methods = [Method(group, name) for name in group.derived(methods_of(group.attribute)).values()]
    pairs = [(method, parameter) for method in methods for parameter in method.parameters]
    for (method, wrong), text in itertools.product(pairs, WRONG_VALUES):
        if wrong.declaration.types == ["bool"]:
            continue  # an option without a value
        result = command(*line_with(wrong, text, method))
        if result.code == ExitCode.USAGE:
            errors += 1
            message = result.err.replace(repr(text), "")
            names = [*map(shown_name, method.parameters), "at least one option that names a change"]
            assert any(name in message for name in names), result.err
            python_names = {parameter.name for parameter in method.parameters if "_" in parameter.name}
            python_names -= wrong.declaration.fields.keys()  # a value is FIELD=VALUE,FIELD=VALUE
            assert not (PYTHON_NAMES | python_names) & {*re.findall(r"\w+", message)}, result.err
    has_parameters = any(method.parameters for method in methods)
    assert errors or not has_parameters, "every wrong value was accepted"
