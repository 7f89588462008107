"""Processor time, memory and makespans, against other libraries. ``README.md`` has the results and their goals.

- Processor time: `call`, `batch`, `decode`, `import_time`, `start_up`, and `profile`, which shows where it goes.
- Memory: `memory` of a batch; `scale`: many tokens in one process.
- Makespans: `rate_limit` in a simulation, and `rate_limit_sockets` in real time. `isolation`: faults in one part.
- `peers`: the same work without this library; `minimal_server`: a server that costs little; `ratios`: compares pieces
  of work; `results`: tables and JSON; `pictures`: those of the README.
"""
