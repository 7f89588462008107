"""A server that misbehaves in every known way, and what each call does then.

- `fault`: a row of the fault table; `table`: all rows, which are in `network`, `protocol`, `bodies`, `headers`,
  `error_responses` (with `documented_error_codes`) and `misuse`.
- `server`: reads requests and writes bytes; `responses`: these bytes; `harness`: runs a test with a server and a
  client.
- Runs of many calls: `random_faults`, `outage`, `unsolicited_responses`. `stalls`: what a heavy response costs.
"""
