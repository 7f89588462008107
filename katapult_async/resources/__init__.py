"""The resources of the API, one module each: endpoints as values, and short typed methods.

- `resource`: the base of all resources, deletions that find the object gone, and responses that deny success;
  `operations`: the decorators of methods.
- `references`: the arguments that name an object, with the prefixes of ids.
- `tasks`: also the parameter ``wait`` of methods that start a task.
- `allocation`: the first available address for an interface; `fleet`: the interfaces of all virtual machines.
- `new_virtual_machine_parts` and `virtual_machine_spec`: what a new virtual machine is built from.

The first use of a name of the package itself, such as ``resources.Tags``, loads all resources.
"""

import typing

from katapult_async.lazy_names import lazy_names

if typing.TYPE_CHECKING:
    from katapult_async.resources._public import *  # noqa: F403 # it has the resources and no other names
else:  # hidden from type checkers, which would take any name for one of ours
    __getattr__ = lazy_names(globals())
    del lazy_names
