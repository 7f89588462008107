"""Sending one HTTP request.

- `transport`: the interface of a transport; `aiohttp_transport`: the default one.
- `connection_pool`: its connections, and `resolver`: its name lookups.
"""
