"""Sending one HTTP request: the transport interface and its aiohttp implementation."""
