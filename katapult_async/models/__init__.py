"""Models of what Katapult returns: frozen attrs classes, one for each kind of object.

The required fields are those that identify an object, nearly always ``id`` alone, and both parts of a pair such as
`DiskTask`. Every other field may be None, or an empty tuple, because responses omit documented fields. Undocumented
fields of responses are ignored. Where the values of a field are listed with "so far", Katapult documents or sends these
values, and may add others.

- `model`: the base of all models; `serialization`: its ``to_dict``; `lookups`: ``SubDomain``, ``FQDN`` and the like.
- `field_names`: fields that have another name in JSON; `secret_fields`: fields that no text may show.
- `typed_objects`: objects whose type varies; `unset_argument`: `UNSET`.

Importing a module of this package loads only the models that it needs. The first use of a name of the package itself,
such as ``models.Tag``, loads all models.
"""

import typing

from katapult_async.lazy_names import lazy_names

if typing.TYPE_CHECKING:
    from katapult_async.models._public import *  # noqa: F403 # it has the models and no other names
else:  # hidden from type checkers, which would take any name for one of ours
    __getattr__ = lazy_names(globals())
    del lazy_names
