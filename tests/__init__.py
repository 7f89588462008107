"""The tests. A folder named after a folder of the package tests that folder; the other folders are:

- ``promises``: each sentence of README and public docstrings that promises something, with the tests that prove it.
- ``openapi``: every operation, argument and response, compared with Katapult's OpenAPI document.
- ``faults``: a server that misbehaves in every known way, and what each call does then.
- ``simulation``: clients, networks and servers in virtual time, for the goals of the rate limiter and of isolation.
- ``fuzz``: random command lines, response bodies and HTTP messages.
- ``examples``: the programs in ``examples/``.
- ``benchmarks``: processor time, memory and makespans, against other libraries.

What several folders use:

- ``bodies``: response bodies; ``exchanges``: HTTP without a socket, by aioresponses; ``one_response_server``: a server
  that sends the same bytes to every request.
- ``scripted_transport``: a transport that plays a script, in virtual time; ``offline_batches``: batches without
  a client.
- ``error_texts``: every text that an error can show; ``freed_frames``: whether an error keeps the frame
  that handled it.
- ``conditions``: the wait for a condition that sets no event.
- ``imports`` and ``public_names``: those of the package; ``tied_methods``: the operation of each method.
"""
