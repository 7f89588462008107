"""Faults of the network: connections that fail, break, fall silent or deliver slowly."""

import asyncio
from functools import partial

import attrs

from katapult_async import BadResponseError, BadResponseReason, ConnectError, DisconnectedError, RequestTimeoutError

from .fault import MAX_ATTEMPTS, SHORT_TIMEOUTS, Fails, Family, Fault, Succeeds
from .responses import (
    addresses_body,
    full_response,
    head,
    send_correct_response,
    send_endlessly,
    send_framed,
    send_raw,
    standard_headers,
)
from .server import Connection, ReceivedRequest

_fault = partial(Fault, Family.NETWORK)

_SHORT_CONNECT_TIMEOUT = attrs.evolve(SHORT_TIMEOUTS, connect=1.5)

_DISCONNECTED = Fails(error=DisconnectedError, attempts=MAX_ATTEMPTS)
_TRUNCATED = Fails(error=BadResponseError, reason=BadResponseReason.TRUNCATED, attempts=MAX_ATTEMPTS)
_NOT_HTTP = Fails(error=BadResponseError, reason=BadResponseReason.UNREADABLE, attempts=MAX_ATTEMPTS, text="not HTTP")
_READ_TIMEOUT = Fails(
    error=RequestTimeoutError,
    phase="read",
    attempts=MAX_ATTEMPTS,
    text=f"the server was silent for {SHORT_TIMEOUTS.read} s",
)
_ATTEMPT_TIMEOUT = Fails(
    error=RequestTimeoutError,
    phase="attempt",
    attempts=MAX_ATTEMPTS,
    text=f"no whole response within {SHORT_TIMEOUTS.attempt} s",
)
_CONNECT_TIMEOUT = Fails(
    error=RequestTimeoutError,
    phase="connect",
    attempts=MAX_ATTEMPTS,
    text=f"no connection within {_SHORT_CONNECT_TIMEOUT.connect} s",
)
_NOT_CONNECTED = Fails(error=ConnectError, attempts=MAX_ATTEMPTS)

_HEAD = head(headers=standard_headers(Content_Length="1000"))
_CHUNKED = head(headers=standard_headers(Transfer_Encoding="chunked"))
_HALF_RESPONSE = _HEAD + b'{"ip_addresses": ['


async def _reset(connection: Connection) -> None:
    connection.reset()


async def _close(connection: Connection) -> None:
    connection.close()


async def _stay_silent(connection: Connection) -> None:
    await connection.stay_silent()


async def _send_ssh_greeting(connection: Connection) -> None:
    await connection.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    await connection.stay_silent()


async def _send_plain_http(connection: Connection) -> None:
    await connection.send(full_response(b"", "400 Bad Request"))
    await connection.stay_silent()


async def _respond_after_timeout(connection: Connection, request: ReceivedRequest) -> None:
    """Respond after the client's read timeout."""
    await asyncio.sleep(1.5 * SHORT_TIMEOUTS.read)
    await connection.send(full_response(addresses_body(request.key)))


async def _respond_twice(connection: Connection, request: ReceivedRequest) -> None:
    await connection.send(
        full_response(addresses_body(request.key)) + full_response(addresses_body("vmnet_of_another_call"))
    )


async def _respond_byte_by_byte(connection: Connection, request: ReceivedRequest) -> None:
    response = full_response(addresses_body(request.key))
    await connection.send(*(response[index : index + 1] for index in range(len(response))))


async def _respond_and_close(connection: Connection, request: ReceivedRequest) -> None:
    await send_correct_response(connection, request)
    connection.close()


FAULTS: tuple[Fault, ...] = (
    _fault(
        "connection_refused",
        "The server refuses the connection",
        send_correct_response,
        _NOT_CONNECTED,
        requests=0,
        listening=False,
    ),
    _fault(
        "reset_on_connect",
        "The connection is reset right after it is made",
        send_correct_response,
        _DISCONNECTED,
        requests=0,
        on_connect=_reset,
    ),
    _fault(
        "closed_on_connect",
        "The connection is closed right after it is made",
        send_correct_response,
        _DISCONNECTED,
        requests=0,
        on_connect=_close,
    ),
    _fault(
        "reset_before_response", "The connection is reset before the response", send_raw(then="reset"), _DISCONNECTED
    ),
    _fault(
        "closed_before_response", "The connection is closed before the response", send_raw(then="close"), _DISCONNECTED
    ),
    _fault(
        "half_closed_before_response",
        "The server sends FIN and no response",
        send_raw(then="half_close"),
        _DISCONNECTED,
    ),
    _fault(
        "closed_in_status_line",
        "The connection is closed inside the status line",
        send_raw(b"HTTP/1.1 20", then="close"),
        _DISCONNECTED,
    ),
    _fault(
        "closed_in_headers",
        "The connection is closed inside the headers",
        send_raw(_HEAD[:60], then="close"),
        _DISCONNECTED,
    ),
    _fault(
        "reset_in_headers",
        "The connection is reset inside the headers",
        send_raw(_HEAD[:60], then="reset", pause=0.01),
        _DISCONNECTED,
    ),
    _fault(
        "closed_after_headers", "The connection is closed after the headers", send_raw(_HEAD, then="close"), _TRUNCATED
    ),
    _fault(
        "reset_after_headers",
        "The connection is reset after the headers",
        send_raw(_HEAD, then="reset", pause=0.01),
        _TRUNCATED,
    ),
    _fault(
        "closed_in_body", "The connection is closed inside the body", send_raw(_HALF_RESPONSE, then="close"), _TRUNCATED
    ),
    _fault(
        "half_closed_in_body",
        "The server sends FIN inside the body",
        send_raw(_HALF_RESPONSE, then="half_close"),
        _TRUNCATED,
    ),
    _fault(
        "reset_in_body",
        "The connection is reset inside the body",
        send_raw(_HALF_RESPONSE, then="reset", pause=0.01),
        _TRUNCATED,
    ),
    _fault(
        "closed_in_chunk",
        "The connection is closed inside a chunk",
        send_raw(_CHUNKED + b"10\r\n{", then="close"),
        _TRUNCATED,
    ),
    _fault(
        "closed_before_last_chunk",
        "The connection is closed before the last chunk",
        send_raw(_CHUNKED + b"1\r\n{\r\n", then="close"),
        _TRUNCATED,
    ),
    _fault(
        "silence",
        "The server sends nothing and keeps the connection open",
        send_raw(then="stay_silent"),
        _READ_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "silence_in_headers",
        "The server stops sending inside the headers",
        send_raw(_HEAD[:60], then="stay_silent"),
        _READ_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "silence_after_headers",
        "The server stops sending after the headers",
        send_raw(_HEAD, then="stay_silent"),
        _READ_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "silence_in_body",
        "The server stops sending inside the body",
        send_raw(_HALF_RESPONSE, then="stay_silent"),
        _READ_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "response_after_timeout",
        "The response comes after the read timeout",
        _respond_after_timeout,
        _READ_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "slow_headers_without_end",
        "Headers without an end, a byte at a time",
        send_endlessly(_HEAD[:-2] + b"X-Drip: ", b"x", every=0.02),
        _ATTEMPT_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "slow_body_without_end",
        "A body without an end, a byte at a time",
        send_endlessly(_HEAD, b" ", every=0.02),
        _ATTEMPT_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "slow_100_continue_without_end",
        "100 Continue without an end, with pauses",
        send_endlessly(b"", head("100 Continue"), every=0.2),
        _ATTEMPT_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "fast_100_continue_without_end",
        "100 Continue without an end, without pauses",
        send_endlessly(b"", head("100 Continue") * 200, every=0.0),
        _NOT_HTTP,
    ),
    _fault(
        "silence_after_100_continue",
        "100 Continue, then silence (aiohttp stops its read timeout at the 100)",
        send_raw(head("100 Continue"), then="stay_silent"),
        _ATTEMPT_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault(
        "slow_chunks_without_end",
        "Chunks of one byte without an end",
        send_endlessly(_CHUNKED, b"1\r\n \r\n", every=0.02),
        _ATTEMPT_TIMEOUT,
        timeouts=SHORT_TIMEOUTS,
    ),
    _fault("one_byte_per_packet", "A correct response, each byte in its own packet", _respond_byte_by_byte, Succeeds()),
    _fault(
        "two_responses_in_one_packet",
        "A correct response and a second one for another interface, in one packet",
        _respond_twice,
        Succeeds(),
    ),
    _fault(
        "one_response_per_connection",
        "The connection is closed after each response, without Connection: close",
        _respond_and_close,
        Succeeds(),
    ),
    _fault(
        "half_closed_after_response",
        "The server sends FIN after the response",
        send_framed(full_response, then="half_close"),
        Succeeds(),
    ),
    _fault(
        "tls_silence",
        "The server does not reply to the TLS handshake",
        send_correct_response,
        _CONNECT_TIMEOUT,
        requests=0,
        on_connect=_stay_silent,
        tls=True,
        timeouts=_SHORT_CONNECT_TIMEOUT,
    ),
    _fault(
        "tls_reset",
        "The connection is reset inside the TLS handshake",
        send_correct_response,
        _NOT_CONNECTED,
        requests=0,
        on_connect=_reset,
        tls=True,
    ),
    _fault(
        "tls_closed",
        "The connection is closed inside the TLS handshake",
        send_correct_response,
        _NOT_CONNECTED,
        requests=0,
        on_connect=_close,
        tls=True,
    ),
    _fault(
        "tls_other_protocol",
        "The server speaks SSH in place of TLS",
        send_correct_response,
        _NOT_CONNECTED,
        requests=0,
        on_connect=_send_ssh_greeting,
        tls=True,
    ),
    _fault(
        "tls_plain_http",
        "The server speaks plain HTTP in place of TLS",
        send_correct_response,
        _NOT_CONNECTED,
        requests=0,
        on_connect=_send_plain_http,
        tls=True,
    ),
)
