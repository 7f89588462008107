"""What a command needs to know about its method: parameters, result, and what the method does."""

from typing import Final, Literal

from katapult_async.cli.declarations import Declaration, Fields, MethodDeclaration, methods_of
from katapult_async.cli.groups import Group
from katapult_async.cli.parameters import Parameter

_NOT_DERIVED: Final = ("max_wait", "timeout", "wait")
"""Parameters for which no option is derived from the method. The commands add ``--timeout`` and ``--wait`` themselves;
no option of a command sets ``max_wait``."""

_TEXT: Final = Declaration(types=("str",))


class Method:
    """A method of a resource, and the name of its command.

    Args:
        group: the group of the command.
        name: of the method.
    """

    def __init__(self, group: Group, name: str) -> None:
        self.group = group
        self.name = name
        self.command: str = group.command_of(name)
        """Name of the command."""

        self.declaration: MethodDeclaration = methods_of(group.attribute)[name]
        """What the method declares."""

        http_method = self.declaration.http_method
        self.only_waits: bool = name == "wait"
        """Whether it waits for something that was started before."""

        self.mutates: bool = http_method != "GET" and not self.only_waits
        """Whether it changes something at Katapult."""

        self.destroys: bool = http_method == "DELETE" or name.startswith(("delete", "purge", "trash"))
        """Whether it deletes something, or moves it to the trash."""

        self.detaches: bool = name.startswith(("detach", "unallocate", "unassign"))
        """Whether it detaches something from an object, such as an address, that can be attached again."""

        declared = self.declaration.parameters.items()
        self.parameters: tuple[Parameter, ...] = tuple(
            Parameter(name, declaration) for name, declaration in declared if name not in _NOT_DERIVED
        )
        """The parameters, without those in `_NOT_DERIVED`."""

        self.arguments: tuple[Parameter, ...] = tuple(
            parameter for parameter in self.parameters if parameter.declaration.is_positional
        )
        """The parameters that are arguments on the command line. They name the object that the method is about."""

        self.changes: tuple[Parameter, ...] = tuple(
            parameter for parameter in self.parameters if parameter.declaration.is_omittable
        )
        """The parameters of an update. At least one must be given; the fields of the others stay as they are."""

        returns = self.declaration.returns
        fields = returns.fields or {"text": _TEXT}
        if not returns.types:  # the command writes the ids of what was changed, and a status
            fields = dict.fromkeys([*(argument.name for argument in self.arguments), "status"], _TEXT)
        has_only_lists = all(field.container for field in fields.values())  # such as `AvailableNetworks`

        self.is_list: bool = returns.container == "list" or has_only_lists
        """Whether the command writes a list of records."""

        self.fields: Fields = next(iter(fields.values())).fields if has_only_lists else fields
        """The fields of the records that the command writes. The records of several lists have those of the first."""

    @property
    def starts(self) -> Literal["task", "object"] | None:
        """What the method starts and does not wait for: a task, or an object that the resource's ``wait`` waits for."""
        if not self.mutates or self.is_list:
            return None
        wait, returns = methods_of(self.group.attribute).get("wait"), self.declaration.returns
        if self.name.startswith("create") and wait is not None and wait.returns == returns:
            return "object"
        starts_task = "Task" in returns.types or ("task" in self.fields and "Task" in self.fields["task"].types)
        return "task" if starts_task else None

    @property
    def has_getter(self) -> bool:
        """Whether the resource's ``get`` takes the same parameters, and so returns the object that is changed."""
        getter = methods_of(self.group.attribute).get("get")
        return getter is not None and [*getter.parameters] == [parameter.name for parameter in self.parameters]
