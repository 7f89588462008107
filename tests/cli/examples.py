"""The examples in the help of derived commands: those that are written by hand, and one for each other method."""

import re
from typing import Any, Final

from katapult_async.cli.methods import Method
from katapult_async.cli.parameters import EXAMPLE_TIME, Parameter

_BY_TYPE: Final = {"time": EXAMPLE_TIME, "integer": "20", "text": "example"}
_DOCUMENTED: Final = re.compile("such as ``([^`]+)``")

EXAMPLES: Final = (
    "address-list-entries bulk adlst_gMB8FACLKhEiyng4 --add address=198.51.100.7,name=office --dry-run",
    "dns-records create --dns-zone larch.example --type A --name web --content 203.0.113.7 --sandbox",
    "dns-zones update larch.example --default-ttl 3600 --dry-run",
    "ip-addresses list --organization larch --allocated --sandbox",
    "ips create --organization larch --network gb-london-1/public-0 --address-version ipv6 --vip --label web",
    "ip-addresses update 10.0.0.57 --reverse-dns mail.example.com --sandbox",
    "ips update ip_YUTMUn7pwdJWBI3i --no-reverse-dns --dry-run",
    "network-interfaces detach vmnet_U2BYXIqN9F0sScyK --wait --timeout 60",
    "network-interfaces find --virtual-machine mail-1.larch.example --network netw_wCaqJPgvWrfTnwnv --sandbox",
    "network-interfaces create --virtual-machine mail-1 --network gb-reading-1/public-3 --speed-profile 1gbps",
    "object-storage-buckets create --region uk-lon-1 --organization larch --name larch-pictures --wait --sandbox",
    "ssh-keys create --organization larch --name laptop --key 'ssh-ed25519 AAAAC3NzaC1lZDI1' --dry-run",
    "tags create --organization larch --name staging --color teal --sandbox",
    "virtual-machine-builds create --organization larch --package small --data-center gb-london-1 --wait --dry-run",
    'virtual-machine-builds create-from-spec --organization larch --xml "$(cat spec.xml)" --dry-run',
    "builds create --organization larch --package small --zone gb-london-1-a --disks size_in_gb=20,system=true",
    "vms list --organization larch -o csv --fields fqdn,ip_addresses.address",
    "vms get vm_lw643pcxF25uaZhU -o json --fields state,package.name",
    "virtual-machines authorized-keys",
    "virtual-machines update mail-1.larch.example --description 'Mail of the office' --dry-run",
    "vms update vm_lw643pcxF25uaZhU --no-group --dry-run",
    "virtual-machines build --organization larch --package small --data-center gb-london-1 --hostname web --sandbox",
    "virtual-machines delete mail-1.larch.example --yes --sandbox",
)
"""Command lines that are written by hand. One with the full name of its group replaces the example that is made from
the method; one with the alias is shown after that."""


def examples_of(method: Method, texts: dict[str, str], references: dict[str, Any]) -> list[str]:
    """Return the examples of the command of a method: the derived one, unless `EXAMPLES` replaces it, and `EXAMPLES`.

    Args:
        method: the method.
        texts: what the docstring says about each parameter.
        references: what is known about the objects that parameters name.
    """
    group = method.group
    names = [[name, method.command] for name in (group.name, group.alias)]
    handwritten = [line for line in EXAMPLES if line.split()[:2] in names]
    if any(line.split()[0] == group.name for line in handwritten):
        return handwritten
    known = {name: reference["example"] for name, reference in references.items()}
    required = [parameter for parameter in method.parameters if parameter.declaration.is_required]
    words = [example_of(parameter, texts[parameter.name], known) for parameter in required]
    changes = [example_of(parameter, texts[parameter.name], known) for parameter in method.changes]
    words += [change for change in changes if change][:1]  # one is enough
    if method.mutates:
        words.append("--dry-run")
    elif not any(references.get(parameter.name, {}).get("is_absent_in_sandbox") for parameter in required):
        words.append("--sandbox")
    if not all(words):
        return handwritten
    return [" ".join([group.name, method.command, *words]), *handwritten]


def example_of(parameter: Parameter, text: str, known: dict[str, str]) -> str:
    """Return a value for an example, with the name of the option; empty if no value can be derived.

    Args:
        parameter: the parameter.
        text: what the docstring says about it.
        known: names or ids of objects in a new sandbox, by the names of the parameters that take them.
    """
    if parameter.is_flag:
        return f"--{parameter.option}"
    values = [
        known.get(parameter.name),
        *map(str, parameter.declaration.choices),
        *_DOCUMENTED.findall(text),
        _BY_TYPE.get(parameter.type.name),
    ]
    value = next(filter(None, values), "")
    return f"--{parameter.option} {value}" if value and not parameter.declaration.is_positional else value
