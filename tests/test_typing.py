"""The types of the public names. mypy and pyright check the functions below TYPE_CHECKING; they do not run."""
# pyright: strict, reportUnusedFunction=false, reportUnnecessaryTypeIgnoreComment=true

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, assert_never, assert_type

import aiohttp
import pytest

import katapult_async
from katapult_async import (
    FQDN,
    AddressQuery,
    AddressVersion,
    APIError,
    Batch,
    Endpoint,
    Estimate,
    Failed,
    IPAddress,
    KatapultClient,
    KatapultError,
    Organization,
    Pages,
    Permalink,
    PermissionDeniedError,
    RateLimit,
    RateLimitPolicy,
    RequestError,
    RequestTimeoutError,
    RetryNotice,
    RetryPolicy,
    SubDomain,
    Succeeded,
    Timeouts,
    VirtualMachine,
    VirtualMachineNetworkInterface,
    WaitNotice,
    Zone,
)

README = Path(__file__).parent.parent / "README.md"


def test_package_contains_py_typed() -> None:
    assert (Path(katapult_async.__file__).parent / "py.typed").exists()


def pyright(*arguments: str) -> Any:
    """Return the JSON output of pyright, which finds the library in the environment of the first Python in PATH."""
    command = [sys.executable, "-m", "pyright", "--outputjson", *arguments]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(command, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_pyright_accepts_what_mypy_accepts() -> None:
    assert pyright(__file__)["generalDiagnostics"] == []


@pytest.mark.slow
def test_pyright_accepts_the_programs_of_the_readme(tmp_path: Path) -> None:
    programs = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    complete = {f"{number}.py": code for number, code in enumerate(programs) if "async def" in code}
    assert len(complete) > 3
    for name, code in complete.items():
        (tmp_path / name).write_text(f"# pyright: strict\n{code}", encoding="utf-8")
    assert pyright(str(tmp_path))["generalDiagnostics"] == []


@pytest.mark.slow
def test_every_name_has_a_type_on_which_type_checkers_agree() -> None:
    report = pyright("--verifytypes", "katapult_async", "--ignoreexternal")["typeCompleteness"]
    names = (symbol for symbol in report["symbols"] if symbol["isExported"] and not symbol["isTypeKnown"])
    assert [symbol["name"] for symbol in names] == []
    assert report["completenessScore"] == 1


if TYPE_CHECKING:

    def _client(session: aiohttp.ClientSession) -> None:
        def on_wait(notice: WaitNotice) -> None:
            assert_type(notice.seconds, float)

        def on_retry(notice: RetryNotice) -> None:
            assert_type(notice.error, RequestError)

        KatapultClient(
            lambda: "token",
            session=session,
            timeouts=Timeouts(call=5),
            retry=RetryPolicy(attempts=2),
            rate_limit=RateLimitPolicy(max_wait=1),
            on_wait=on_wait,
            on_retry=on_retry,
        )
        assert_type(KatapultClient.from_env(environ={"KATAPULT_API_KEY": "token"}), KatapultClient)

    async def _single_calls(katapult: KatapultClient) -> None:
        nics = katapult.virtual_machine_network_interfaces
        assert_type(await nics.available_ips("vmnet_1", address_version="ipv4"), list[IPAddress])
        assert_type(
            await nics.available_ips("vmnet_1", address_version=AddressVersion.IPV6, timeout=5), list[IPAddress]
        )
        assert_type(await nics.get("vmnet_1", max_wait=5.0), VirtualMachineNetworkInterface)
        assert_type(katapult.rate_limit, RateLimit)
        await nics.available_ips("vmnet_1", "ipv4")  # type: ignore[call-arg] # one positional argument at most
        await nics.available_ips("vmnet_1", address_version="both")  # type: ignore[arg-type] # Katapult has no such value
        await nics.get("vmnet_1", timout=5)  # type: ignore[call-arg] # a misspelled option
        await nics.available_ips(5, address_version="ipv4")  # type: ignore[arg-type] # an id is a string
        await nics.available_ips("vmnet_1")  # type: ignore[call-arg] # address_version has no default

    async def _lists(katapult: KatapultClient) -> None:
        assert_type(katapult.organizations.list(), Pages[Organization])
        assert_type(await katapult.organizations.list(timeout=5), list[Organization])
        for _ in katapult.organizations.list():  # type: ignore[attr-defined] # iterated with `async for`
            pass
        async for organization in katapult.organizations.list():
            assert_type(organization, Organization)
        assert_type(
            [machine async for machine in katapult.virtual_machines.list(organization="org_1")], list[VirtualMachine]
        )
        katapult.virtual_machines.list(organization=SubDomain("acme"))
        katapult.virtual_machines.list(organization=FQDN("web-1.acme.example"))  # type: ignore[arg-type] # names a machine
        katapult.virtual_machine_network_interfaces.list(virtual_machine=FQDN("web-1.acme.example"))
        async with katapult.fleet(organization=SubDomain("acme")) as interfaces:
            async for interface in interfaces:
                assert_type(interface, VirtualMachineNetworkInterface)
            assert_type(interfaces.failures, list[Failed[str]])

    async def _batches(katapult: KatapultClient, ids: AsyncIterator[str]) -> None:
        nics = katapult.virtual_machine_network_interfaces
        batch = nics.available_ips_many(ids, address_versions=("ipv4", AddressVersion.IPV6))
        assert_type(batch, Batch[AddressQuery, list[IPAddress]])
        async with batch as outcomes:
            assert_type(outcomes.estimate(), Estimate | None)
            async for outcome in outcomes:
                match outcome:
                    case Succeeded(key=query, value=addresses):
                        assert_type(query, AddressQuery)
                        assert_type(addresses, list[IPAddress])
                    case Failed(key=query, error=error):
                        assert_type(query, AddressQuery)
                        assert_type(error, KatapultError)
                    case _:
                        assert_never(outcome)
        assert_type(katapult.many(nics.get, ["vmnet_1"]), Batch[str, VirtualMachineNetworkInterface])
        katapult.many(nics.get, [1, 2])  # type: ignore[arg-type] # ids are strings

    async def _call_of_any_endpoint(katapult: KatapultClient) -> None:
        zones = Endpoint(path="/zones", answer="zones", type=list[Zone])
        assert_type(zones, Endpoint[list[Zone]])
        assert_type(await katapult.call(zones, arguments={"page": 2, "network": Permalink("public")}), list[Zone])
        await katapult.call(zones, arguments={"page": 2.5})  # type: ignore[dict-item] # no query has fractions

    def _errors(error: KatapultError) -> None:
        match error:
            case PermissionDeniedError(scopes=scopes):
                assert_type(scopes, tuple[str, ...])
            case APIError(code=code, status=status):
                assert_type(code, str | None)
                assert_type(status, int)
            case RequestTimeoutError(phase=phase):
                assert_type(phase, Literal["connect", "read", "attempt", "call"] | None)
            case _:
                assert_type(error, KatapultError)
