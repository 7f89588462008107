"""The command `katapult-async`: built on the client with click and rich. No other part of the package imports it.

- `main`: the root command; `groups`: the groups of commands, in `lazy_group`. `runner` runs one command.
- `resource_commands`: the commands derived from the methods of resources, which `resource_runner` runs; `methods`: what
  a method means for its command; `parameters`: its arguments as options; `declarations`: all methods as data.
- Commands by hand: `available_ips` (run by `available_ips_runner`), `allocate`, `api`, `rate_limit`, `sandbox` and
  `completion`.
- Input: `connection` and `server_options`: the server, its proxy and the default organization; `token_input`: the
  token; `id_input`: ids from a file; `file_descriptor`: reads and writes that a signal ends; `shared_options`: the
  options that commands share, `seconds`: their numbers of seconds, and `given_options`: those that were given.
- Names of objects: `name_parsing` reads them, `name_search` and `machine_names` find ids; `location`: where an
  interface is.
- Output: `output`: the formats, named in `format_names`; `table`: the layout of tables; `column_titles`: their titles;
  `declarations.json`: their columns, chosen in ``tests/cli/columns.py``; `field_paths`, `plain_values`: ``--fields``.
- Jobs: `available_ips_output`: the records; `checkpoint`: ``--resume``; `free_address_counts`: ``--by``; `progress` and
  `summary`: how far a job is, and how it ended.
- Changes: `dry_run`, `confirmation` (which describes an object with `object_description`), and `change_recorder`.
- Messages and ends: `messages` (with the escapes of control characters), `wait_messages`, `error_messages`,
  `usage_errors`, `error_or_signal`, `signals` and `exit_codes`.
"""
