"""Sending one HTTP request.

- `transport`: the interface of a transport; `aiohttp_transport`: the default one.
- `connection_pool`: its connections, and which of them are not used again; `resolver`: its name lookups.
"""
