"""The steps of a call: encoding, circuit breakers, attempts and retries, decoding, and errors.

- `caller`: a call from beginning to end; `call_state`: how far it has come; `deadlines`: what ends its waits, at its
  deadline or when the client is closed; `credentials_and_headers`: its token and the headers of its requests.
- `endpoints`: operations and requests as data; `encoding`: arguments as JSON or as a query, and the check of ids;
  `validation`: the checks of other arguments and of settings, such as the token and the base URL.
- `retry`: which failed attempts are repeated, and when; `circuit_breaker`: the rules by which requests are held back;
  `breaker_queue`: the calls that wait meanwhile; `failure_attribution`: is a failure the call's or the endpoint's.
- `decoding`: objects from a body; `columnar_decoding` for flat lists, `stepwise_decoding` for large bodies,
  `cattrs_decoding` for types that msgspec does not support, such as open enums; `msgspec_types`: which types these are;
  `decoding_errors`: what is wrong with a body, and where.
- `error_mapping`: the error for a response or a failure; `redaction`: what keeps secrets out of it; `hooks`: what is
  reported to the user's functions; `log`: the log of the library.
- `pagination`: lists, page by page; `polling`: waits for background work of Katapult.
- `lazy_classes`: classes that annotations name, and that are imported when an annotation is read.
"""
