"""A bundled server that behaves like the Katapult API: real sockets, generated data, rate limit and errors.

It shares no code with the client: a shared mistake would pass every test. The arguments and responses of its operations
come from the OpenAPI document and from recorded responses.

- `server`: settings, clock and delays, and `setting_checks`; `listener`: its socket.
- `dispatcher`: the response to a request, step by step: `routes`, `tokens`, `rate_limit`, `faults`, `arguments`, and
  the operation in `operations`; `errors` and `responses`; `request_log`.
- `documented_operations`: scopes, arguments and responses as documented; `constant_fields.json`: fields that never
  change; `json_files`: reads such files.
- `store`: the objects and the steps of their tasks; `models`: the classes of objects, and `kinds`: the properties of
  these classes; `seed_data`: the objects of a new store, with `identifiers`; `mutations`: changes of the store;
  `serializers`: objects as JSON.
- `operations`: one module for each family of operations, and `operations.operation`: an operation as data, and the
  pages of its list; `operations.crud`: create, read, update and delete by rules.
"""

from .faults import Faults
from .request_log import LoggedRequest
from .server import Sandbox
from .store import Store

__all__ = ["Faults", "LoggedRequest", "Sandbox", "Store"]
