"""The free addresses of one interface, then of every interface that the token can see.

It uses the bundled sandbox, or Katapult if KATAPULT_API_KEY is set in the environment.
"""

import asyncio
import contextlib
import os

from katapult_async import Failed, KatapultClient, Succeeded
from katapult_async.sandbox import Sandbox


async def main() -> None:
    async with contextlib.AsyncExitStack() as stack:
        if "KATAPULT_API_KEY" in os.environ:
            client = KatapultClient.from_env()
        else:
            sandbox = await stack.enter_async_context(Sandbox(machines=5, interfaces=8, seed=1))
            client = KatapultClient(sandbox.token, base_url=sandbox.base_url)
        katapult = await stack.enter_async_context(client)
        nics = katapult.virtual_machine_network_interfaces

        async with katapult.fleet() as fleet:
            ids = [interface.id async for interface in fleet]
        if ids:
            addresses = await nics.available_ips(ids[0], address_version="ipv4")
            print(f"{ids[0]} has {len(addresses)} free IPv4 addresses")

        free, failures = 0, 0
        async with nics.available_ips_many(ids, address_versions=("ipv4", "ipv6")) as outcomes:
            async for outcome in outcomes:
                match outcome:
                    case Succeeded(value=addresses):
                        free += len(addresses)
                    case Failed(key=query, error=error):
                        failures += 1
                        print(f"{query.interface_id} {query.address_version}: {error}")
        print(f"{len(ids)} interfaces, {free} free addresses, {failures} failures")


if __name__ == "__main__":
    asyncio.run(main())
