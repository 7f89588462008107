"""The store: the objects that the sandbox has, and how to find and change them."""

import hashlib
import random
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from .identifiers import identifier
from .kinds import MODELS, Kind, Object, Value, reference, references
from .models import (
    AddressList,
    Completion,
    Created,
    Disk,
    DiskBackupPolicy,
    FileStorageVolume,
    IPAddress,
    LoadBalancer,
    ObjectStorageAccessKey,
    ObjectStorageBucket,
    Organization,
    SecurityGroup,
    SecurityGroupRule,
    Tag,
    Task,
    TrashObject,
    VirtualMachine,
    VirtualMachineGroup,
    VirtualMachineNetworkInterface,
)
from .serializers import serialize
from .setting_checks import check

Changes = Mapping[str, object]

T = TypeVar("T", bound=Object)

_STEPS: Sequence[tuple[float, Changes]] = (
    (0.1, {"status": "running", "progress": 5}),
    (0.4, {"progress": 41}),
    (0.7, {"progress": 77}),
)
"""The steps of every task before its end: the share of its duration, and the new fields. The live API shows a progress
of 5 to 77 while a task runs."""

_TIMES = {"running": "started_at", "failed": "finished_at", "completed": "finished_at"}
"""For each status after ``pending``: the field of a task that has its time."""

_KEPT_IN_TRASH = 48 * 3600  # seconds: recorded in 2026

_ALL = (Object,)  # key of the group with all objects

_LISTED_IN: Mapping[type[Object], tuple[type[Object], ...]] = {
    AddressList: (SecurityGroupRule,),
    VirtualMachine: (SecurityGroup, SecurityGroupRule, FileStorageVolume, LoadBalancer),
    VirtualMachineGroup: (SecurityGroup, SecurityGroupRule, LoadBalancer),
    Tag: (SecurityGroup, SecurityGroupRule, LoadBalancer, VirtualMachine),
    ObjectStorageAccessKey: (ObjectStorageBucket,),
}
"""For each class whose ids are in lists of other objects: the classes of those objects."""


def _removed_with(whole: type[Object]) -> list[tuple[type[Object], str]]:
    """Return the classes whose objects are removed with an object of a class, and the fields that have its id."""
    field = reference(whole)
    parts = [model for model in MODELS if (model.kind.part_of or Organization) is whole and field in model.fields]
    return [*((part, field) for part in parts), (TrashObject, "object_id"), (DiskBackupPolicy, "target_id")]


def _without_id(value: Any, object_id: str) -> Any:
    """Return a value without an id, and without the weight of a machine with this id, in its lists at any depth."""
    if isinstance(value, tuple):
        return tuple(item for item in value if object_id not in (item, getattr(item, "virtual_machine_id", None)))
    if isinstance(value, Value):
        return value.changed(**{name: _without_id(content, object_id) for name, content in vars(value).items()})
    return value


def _kind(model: type[Object]) -> Kind:
    check("the class", "of katapult_async.sandbox.models", model, holds=hasattr(model, "kind"))
    return model.kind


def _group_keys(obj: Object) -> list[tuple[Any, ...]]:
    """Return the keys of the groups that an object is in. There is no group for the value None."""
    model: type[Object] = type(obj)
    values = ((field, getattr(obj, field)) for field in model.kind.indexed)
    return [_ALL, (model,), *((model, field, value) for field, value in values if value is not None)]


class Store:
    """All objects of a sandbox, which begins with those that `seed_data` generates."""

    def __init__(self, *, rng: random.Random) -> None:
        self.large_sets = False
        """Whether lists omit their totals."""
        self.permitted = 1000
        """Requests that each token may send in one window."""
        self.now: float = 0.0
        """Server time of the latest request, in seconds since the Unix epoch."""
        self.task_duration: float = 1.0
        """Seconds that a task takes."""
        self.failing_tasks: int = 0
        """Number of tasks that will fail, counted from the next."""
        self._steps: list[tuple[float, str, Changes]] = []
        """Future steps of tasks, by time and then in the order of their tasks: time, id of the task, its new fields."""
        self.rng = rng
        """Generator of the ids of new objects."""
        self.annotations: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """The values of annotations by their keys, for each id of an object."""
        self._groups: defaultdict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
        """Objects by their ids, in groups: all, those of each class, and those with each value of an indexed field. A
        group has the order in which its objects joined it. A search with ``get`` makes no group."""

    def copy(self, *, rng: random.Random) -> "Store":
        """Return another store with the same objects."""
        other = Store(rng=rng)
        other._groups.update((key, group.copy()) for key, group in self._groups.items())
        return other

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """All organizations."""
        return self.all(Organization)

    @property
    def machines(self) -> tuple[VirtualMachine, ...]:
        """All virtual machines that are not in the trash."""
        return self.all(VirtualMachine)

    @property
    def interfaces(self) -> tuple[VirtualMachineNetworkInterface, ...]:
        """All network interfaces of virtual machines that are not in the trash."""
        return self.all(VirtualMachineNetworkInterface)

    def all(self, model: type[T], /, *related: Object, **where: object) -> tuple[T, ...]:
        """Return the objects of a class, without those in the trash.

        Args:
            model: class of the objects in `katapult_async.sandbox.models`, such as ``VirtualMachine``.
            related: objects that the returned objects refer to, such as the organization of their ``organization_id``.
            where: other fields and their values, such as ``state="started"``.

        Raises:
            ValueError: the class is not one of the sandbox, for example the client's class of the same name.
        """
        objects = self.with_trash(model, *related, **where)
        if not self._groups[TrashObject,]:  # the trash is empty: no object needs a check
            return objects
        return tuple(obj for obj in objects if self.trash_entry(obj) is None)

    def with_trash(self, model: type[T], /, *related: Object, **where: object) -> tuple[T, ...]:
        """Return the objects of a class, including those in the trash. The arguments are those of `all`."""
        where |= references(related)
        field = next((name for name in _kind(model).indexed if where.get(name) is not None), None)
        key = (model,) if field is None else (model, field, where.pop(field))
        objects: Iterable[T] = self._groups.get(key, {}).values()
        for name, value in where.items():
            objects = [obj for obj in objects if getattr(obj, name) == value]
        return tuple(objects)

    def find(self, model: type[T], value: str, *, by: str = "id") -> T | None:
        """Return the object of a class with this id or other key, or None.

        An object in the trash is found, but its parts are found only if their kind is ``found_in_trash``.

        Raises:
            ValueError: the class is not one of the sandbox, or ``by`` is neither ``id`` nor a key of the class.
        """
        check("by", f"a key of {model.__name__}", by, holds=by in ("id", *_kind(model).keys))
        obj: T | None = self._groups[model,].get(value)
        if by != "id":
            obj = next(iter(self._groups.get((model, by, value), {}).values()), None)
        if obj is None or obj.kind.found_in_trash:
            return obj
        entry = self.trash_entry(obj)
        whole_is_in_trash = entry is not None and entry.object_id != obj.id
        return None if whole_is_in_trash else obj

    def get(self, object_id: str | None) -> Any:
        """Return the object with this id, whatever its class; None if there is none, or the id is None."""
        return None if object_id is None else self._groups[_ALL].get(object_id)

    def owner_id(self, obj: Any) -> str | None:
        """Return the id of the organization of an object: the object itself, its owner, or the owner of its whole.

        None for an object without owner, which nobody can change; an empty string if the class has no owner.
        """
        whole = obj.kind.part_of
        owned = obj if whole is None else self.get(getattr(obj, reference(whole)))
        owner_id: str | None = getattr(owned, "organization_id", "")
        return obj.id if isinstance(obj, Organization) else owner_id

    def trash_entry(self, obj: Object) -> TrashObject | None:
        """Return the trash entry of an object, or of the whole that it is a part of, or None."""
        whole = obj.kind.part_of
        ids = (obj.id,) if whole is None else (obj.id, getattr(obj, reference(whole)))
        return next((entry for object_id in ids for entry in self.with_trash(TrashObject, object_id=object_id)), None)

    def new_id(self, model: type[Object]) -> str:
        """Return an id for a new object of a class."""
        return identifier(_kind(model).prefix, rng=self.rng)

    def add(self, model: type[T], /, *related: Object, **values: Any) -> T:
        """Add a new object of a class and return it. Its id and ``created_at`` are new unless they are given.

        Args:
            model: class of the object.
            related: objects that the new object refers to, such as the organization of its ``organization_id``.
            values: other fields.
        """
        new = {"id": values["id"] if "id" in values else self.new_id(model), **references(related)}
        if issubclass(model, Created):
            new["created_at"] = int(self.now)
        obj = model(**{**new, **values})
        self.put(obj)
        return obj

    def change(self, obj: T, **changes: Any) -> T:
        """Change fields of an object and return the changed object."""
        changed = obj.changed(**changes)
        self.put(changed)
        return changed

    def put(self, obj: Object) -> None:
        """Add an object, or replace the one with its id."""
        keys = _group_keys(obj)
        if (before := self.get(obj.id)) is not None:
            for key in {*_group_keys(before)}.difference(keys):
                del self._groups[key][obj.id]
        for key in keys:
            self._groups[key][obj.id] = obj

    def remove(self, obj: Object) -> None:
        """Remove an object, its parts, its backup policies and its trash entry, and its id from the lists that have it.

        Its addresses become free. A disk that a virtual machine boots from is removed with it, its other disks are
        unassigned. All objects of an organization are removed with it.

        Raises:
            KeyError: the store does not have it.
        """
        current = self._groups[_ALL][obj.id]  # the caller can have an older value
        for key in _group_keys(current):
            del self._groups[key][obj.id]
        self.annotations.pop(obj.id, None)
        for model, field in _removed_with(type(obj)):
            for part in self.with_trash(model, **{field: obj.id}):
                self.remove(part)
        for model in _LISTED_IN.get(type(obj), ()):
            for other in self.with_trash(model):
                self.put(_without_id(other, obj.id))
        for field in ("interface_id", "load_balancer_id"):
            for address in self.with_trash(IPAddress, **{field: obj.id}):
                self.change(address, **{field: None})
        for disk in self.with_trash(Disk, virtual_machine_id=obj.id):
            if disk.virtual_machine_disk is not None and disk.virtual_machine_disk.boot:
                self.remove(disk)  # Katapult's Terraform provider expects this: it deletes no system disk itself
            else:
                self.change(disk, virtual_machine_disk=None)

    def set_state_of_parts(self, machine: VirtualMachine) -> None:
        """Attach or detach the network interfaces and the disks of a virtual machine that has started or stopped.

        A start does not attach disks without ``attach_on_boot``. A stop detaches all, as recorded.
        """
        state = "attached" if machine.runs else "detached"
        for interface in self.all(VirtualMachineNetworkInterface, virtual_machine_id=machine.id):
            self.change(interface, state=state)
        for disk in self.all(Disk, virtual_machine_id=machine.id):
            if disk.virtual_machine_disk is not None and (disk.virtual_machine_disk.attach_on_boot or not machine.runs):
                self.set_disk_state(disk, state=state)

    def set_disk_state(self, disk: Disk, *, state: str) -> None:
        """Change the state of the assignment of a disk, if the disk is built and still assigned."""
        if disk.virtual_machine_disk is not None and disk.state == "built":
            self.change(disk, virtual_machine_disk=disk.virtual_machine_disk.changed(state=state))

    def trash(self, obj: Any) -> TrashObject:
        """Put an object of an organization in the trash and return its entry.

        Requests for the object get 406, and its parts are hidden. A virtual machine is stopped, and its tasks fail. The
        sandbox never purges an object by itself.
        """
        if isinstance(obj, VirtualMachine):
            for task in self.running_tasks(obj):
                self._enter_status(task.changed(status="failed"))
            self.set_state_of_parts(self.change(obj, state="stopped"))
        entry = {"organization_id": obj.organization_id, "object_id": obj.id, "object_type": type(obj).__name__}
        return self.add(TrashObject, keep_until=int(self.now) + _KEPT_IN_TRASH, **entry)

    def begin_task(
        self,
        obj: Object,
        name: str,
        *,
        states: Sequence[str] = (),
        field: str = "state",
        on_completion: Completion = None,
        **completed: Any,
    ) -> Task:
        """Begin a task and return it. `advance` executes its steps when they are due.

        Args:
            obj: the object that the task changes.
            name: name of the task.
            states: the state of the object while the task is running, after it has failed and after it has completed;
                empty for no change.
            field: the field that has the state.
            on_completion: called with the store and the object when the task completes, unless the object is removed.
            completed: other fields of the object and their values after the task has completed.
        """
        changes = {status: {field: state} for status, state in zip(_TIMES, states, strict=False)}
        changes["completed"] = changes.get("completed", {}) | completed
        of_object = {"organization_id": self.owner_id(obj), "object_id": obj.id}
        task = self.add(Task, name=name, changes=changes, on_completion=on_completion, **of_object)
        end = {"status": "failed"} if self.failing_tasks > 0 else {"status": "completed", "progress": 100}
        self.failing_tasks = max(0, self.failing_tasks - 1)
        for share, fields in (*_STEPS, (1.0, end)):
            insort(self._steps, (self.now + share * self.task_duration, task.id, fields), key=itemgetter(0))
        return task

    def running_tasks(self, obj: Object) -> list[Task]:
        """Return the tasks of an object that have not ended."""
        return [task for task in self.all(Task, object_id=obj.id) if task.finished_at is None]

    def advance(self, now: float) -> None:
        """Execute all steps of tasks that are due, and put the backup policies that are due into the trash.

        Args:
            now: server time in seconds since the Unix epoch.
        """
        for policy in self.all(DiskBackupPolicy):
            if (at := policy.auto_move_to_trash_at) is not None and at <= now:
                self.now = at
                self.trash(self.change(policy, auto_move_to_trash_at=None))
        while self._steps and self._steps[0][0] <= now:
            self.now, task_id, fields = self._steps.pop(0)  # what a step begins, begins when it is due
            task: Task | None = self.get(task_id)
            if task is None or task.finished_at is not None:
                continue
            task = self.change(task, **fields)
            if "status" in fields:
                self._enter_status(task)
        self.now = now

    def _enter_status(self, task: Task) -> None:
        """Set the time of the new status of a task, and make its changes of the object."""
        self.change(task, **{_TIMES[task.status]: int(self.now)})
        if (obj := self.get(task.object_id)) is None:
            return
        obj = self.change(obj, **task.changes.get(task.status, {}))
        if task.status == "completed" and task.on_completion is not None:
            task.on_completion(self, obj)

    def free_addresses(self, interface_id: str, version: str) -> list[IPAddress]:
        """Return the addresses that can be allocated to an interface.

        These are the free addresses of its organization in its network. Interfaces of one network have the same
        addresses, each in its own order, so that a test notices a client that mixes up responses. An address that is
        allocated and released returns to its place.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            version: ``ipv4`` or ``ipv6``.

        Raises:
            KeyError: there is no such interface.
            ValueError: the version is unknown.
        """
        check("version", "one of ipv4, ipv6", version, holds=version in {"ipv4", "ipv6"})
        interface = self._groups[_ALL][interface_id]
        pool = (self.get(interface.virtual_machine_id).organization_id, interface.network_id, version)
        free = self.all(IPAddress, pool=pool)
        return sorted(free, key=lambda obj: hashlib.sha256(f"{interface_id} {obj.id}".encode()).digest())

    def available_ips(self, interface_id: str, version: str) -> list[dict[str, Any]]:
        """Return the ``ip_addresses`` that the server lists as available for an interface.

        Args:
            interface_id: id of the interface, ``vmnet_...``.
            version: ``ipv4`` or ``ipv6``.

        Raises:
            KeyError: there is no such interface.
            ValueError: the version is unknown.
        """
        return [serialize(self, address) for address in self.free_addresses(interface_id, version)]
