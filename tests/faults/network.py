"""What the network does to a request and its answer."""

import asyncio
from functools import partial

from katapult_async import BadResponseError, BadResponseReason, ConnectError, DisconnectedError, RequestTimeoutError

from .answers import addresses, drips, framed, good, head, raw, standard_headers, whole
from .outcomes import ATTEMPTS, HASTY, Fails, Family, Fault, Right, fault
from .server import Received, Wire

_fault = partial(fault, Family.NETWORK)

_GONE = Fails(kind=DisconnectedError, attempts=ATTEMPTS)
_CUT = Fails(kind=BadResponseError, reason=BadResponseReason.TRUNCATED, attempts=ATTEMPTS)
_NOT_HTTP = Fails(kind=BadResponseError, reason=BadResponseReason.UNREADABLE, attempts=ATTEMPTS, says="not HTTP")
_SILENT = Fails(kind=RequestTimeoutError, phase="read", attempts=ATTEMPTS, says="the server was silent for 0.08 s")
_SLOW = Fails(kind=RequestTimeoutError, phase="attempt", attempts=ATTEMPTS, says="no whole response within 0.6 s")
_NO_HANDSHAKE = Fails(kind=RequestTimeoutError, phase="connect", attempts=ATTEMPTS, says="no connection within 0.3 s")
_NO_CONNECTION = Fails(kind=ConnectError, attempts=ATTEMPTS)

_HEAD = head(headers=standard_headers(Content_Length="1000"))
_CHUNKED = head(headers=standard_headers(Transfer_Encoding="chunked"))
_HALF = _HEAD + b'{"ip_addresses": ['


async def _reset_at_once(wire: Wire) -> None:
    wire.reset()


async def _close_at_once(wire: Wire) -> None:
    wire.close()


async def _hush(wire: Wire) -> None:
    await wire.until_gone()


async def _babble(wire: Wire) -> None:
    await wire.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    await wire.until_gone()


async def _plain_refusal(wire: Wire) -> None:
    await wire.send(whole(b"", "400 Bad Request"))
    await wire.until_gone()


async def _late(wire: Wire, request: Received) -> None:
    """Answer when the client has given up on it: after its read timeout."""
    await asyncio.sleep(1.5 * HASTY.read)
    await wire.send(whole(addresses(request.key)))


async def _twice(wire: Wire, request: Received) -> None:
    await wire.send(whole(addresses(request.key)) + whole(addresses("vmnet_of_somebody_else")))


async def _bit_by_bit(wire: Wire, request: Received) -> None:
    answer = whole(addresses(request.key))
    await wire.send(*(answer[at : at + 1] for at in range(len(answer))))


async def _one_each(wire: Wire, request: Received) -> None:
    await good(wire, request)
    wire.close()


FAULTS: tuple[Fault, ...] = (
    _fault("refused", "Nobody listens on the port", good, _NO_CONNECTION, sends=0, listening=False),
    _fault(
        "reset_on_connect", "The connection is reset as soon as it is made", good, _GONE, sends=0, greet=_reset_at_once
    ),
    _fault(
        "closed_on_connect",
        "The connection is closed as soon as it is made",
        good,
        _GONE,
        sends=0,
        greet=_close_at_once,
    ),
    _fault("reset_before_answer", "A reset in place of an answer", raw(then="reset"), _GONE),
    _fault("closed_before_answer", "The connection ends in place of an answer", raw(then="close"), _GONE),
    _fault(
        "half_closed_before_answer",
        "The server's half of the connection ends, no answer",
        raw(then="half_close"),
        _GONE,
    ),
    _fault(
        "closed_in_status_line", "The connection ends inside the status line", raw(b"HTTP/1.1 20", then="close"), _GONE
    ),
    _fault("closed_in_headers", "The connection ends inside the headers", raw(_HEAD[:60], then="close"), _GONE),
    _fault("reset_in_headers", "A reset inside the headers", raw(_HEAD[:60], then="reset", pause=0.01), _GONE),
    _fault("closed_after_headers", "The connection ends after the headers", raw(_HEAD, then="close"), _CUT),
    _fault("reset_after_headers", "A reset after the headers", raw(_HEAD, then="reset", pause=0.01), _CUT),
    _fault("closed_in_body", "The connection ends inside the body", raw(_HALF, then="close"), _CUT),
    _fault(
        "half_closed_in_body",
        "The server's half of the connection ends inside the body",
        raw(_HALF, then="half_close"),
        _CUT,
    ),
    _fault("reset_in_body", "A reset inside the body", raw(_HALF, then="reset", pause=0.01), _CUT),
    _fault("closed_in_chunk", "The connection ends inside a chunk", raw(_CHUNKED + b"10\r\n{", then="close"), _CUT),
    _fault(
        "closed_before_last_chunk",
        "The connection ends where another chunk is due",
        raw(_CHUNKED + b"1\r\n{\r\n", then="close"),
        _CUT,
    ),
    _fault("silence", "No answer, and the connection stays", raw(then="hush"), _SILENT, timeouts=HASTY),
    _fault("silence_in_headers", "Silence inside the headers", raw(_HEAD[:60], then="hush"), _SILENT, timeouts=HASTY),
    _fault("silence_after_headers", "Silence after the headers", raw(_HEAD, then="hush"), _SILENT, timeouts=HASTY),
    _fault("silence_in_body", "Silence inside the body", raw(_HALF, then="hush"), _SILENT, timeouts=HASTY),
    _fault("late_answer", "The answer comes after the client has given up", _late, _SILENT, timeouts=HASTY),
    _fault(
        "drip_of_headers",
        "Headers that never end, a few bytes at a time",
        drips(_HEAD[:-2] + b"X-Drip: ", b"x", every=0.02),
        _SLOW,
        timeouts=HASTY,
    ),
    _fault(
        "drip_of_body",
        "A body that never ends, a byte at a time",
        drips(_HEAD, b" ", every=0.02),
        _SLOW,
        timeouts=HASTY,
    ),
    _fault(
        "drip_of_100_continue",
        "100 Continue for ever, with pauses",
        drips(b"", head("100 Continue"), every=0.07),
        _SLOW,
        timeouts=HASTY,
    ),
    _fault(
        "flood_of_100_continue",
        "100 Continue for ever, without pauses",
        drips(b"", head("100 Continue") * 200, every=0.0),
        _NOT_HTTP,
    ),
    _fault(
        "silence_after_100_continue",
        "100 Continue, then silence: aiohttp takes it for the end of silence",
        raw(head("100 Continue"), then="hush"),
        _SLOW,
        timeouts=HASTY,
    ),
    _fault(
        "drip_of_chunks",
        "Chunks for ever, a byte each",
        drips(_CHUNKED, b"1\r\n \r\n", every=0.02),
        _SLOW,
        timeouts=HASTY,
    ),
    _fault("bit_by_bit", "A good answer, each byte in a packet of its own", _bit_by_bit, Right()),
    _fault("two_answers_in_one_packet", "A second answer, somebody else's, right behind the good one", _twice, Right()),
    _fault("one_answer_a_connection", "The connection ends after each answer, unannounced", _one_each, Right()),
    _fault(
        "half_closed_after_answer",
        "The server's half of the connection ends after the answer",
        framed(whole, then="half_close"),
        Right(),
    ),
    _fault("tls_silence", "No TLS handshake", good, _NO_HANDSHAKE, sends=0, greet=_hush, tls=True, timeouts=HASTY),
    _fault(
        "tls_reset", "A reset inside the TLS handshake", good, _NO_CONNECTION, sends=0, greet=_reset_at_once, tls=True
    ),
    _fault(
        "tls_closed",
        "The connection ends inside the TLS handshake",
        good,
        _NO_CONNECTION,
        sends=0,
        greet=_close_at_once,
        tls=True,
    ),
    _fault("tls_garbage", "Something else than TLS", good, _NO_CONNECTION, sends=0, greet=_babble, tls=True),
    _fault(
        "tls_plain_http", "Plain HTTP where TLS is due", good, _NO_CONNECTION, sends=0, greet=_plain_refusal, tls=True
    ),
)
