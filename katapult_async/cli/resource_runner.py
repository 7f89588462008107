"""The run of a derived command: calls the method with the options that were given, and writes its result."""

import contextlib
import functools
from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from typing import Any

import attrs
import click

from katapult_async.call_limits import CallLimits, SharedLimits
from katapult_async.cli.confirmation import confirm, is_interactive
from katapult_async.cli.given_options import Options
from katapult_async.cli.messages import show
from katapult_async.cli.methods import Method
from katapult_async.cli.name_search import NameSearch, objects_in, text_of
from katapult_async.cli.runner import run_list, run_single, run_with_client
from katapult_async.cli.usage_errors import usage_error
from katapult_async.client import KatapultClient
from katapult_async.core.polling import DEFAULT_TIMEOUT
from katapult_async.environment import ORGANIZATION_VARIABLE
from katapult_async.errors import NotAcceptableError, UsageError
from katapult_async.resources.tasks import completed


@attrs.frozen(kw_only=True)
class ResourceRunner:
    """Runs the command of one method."""

    method: Method
    """The method."""

    options: Options
    """The shared options."""

    given: Mapping[str, Any]
    """The values of the command's own options."""

    def run(self) -> None:
        """Run the command."""
        arguments = self._arguments()
        if self.method.starts and self.given["timeout"] is not None and not self.given["wait"]:
            raise click.UsageError("--timeout limits the wait: add --wait")
        if (self.method.destroys or self.method.detaches) and not self.given["yes"] and not self.options.dry_run:
            if is_interactive():
                arguments = self._confirmed(arguments)
            elif self.method.destroys:
                raise click.UsageError("standard input is not a terminal, so no confirmation is possible: use --yes")
        fetch = functools.partial(self._records, arguments=arguments)
        if self.method.is_list:
            run_list(self.options, fetch=fetch, noun=self.method.declaration.noun)
        else:
            run_single(self.options, fetch=fetch)

    async def _records(self, katapult: KatapultClient, arguments: Mapping[str, Any]) -> AsyncGenerator[object]:
        """Yield the items of the list that the method returns, or the one record of what it returns."""
        async with self._resolved(katapult, arguments) as resolved:
            result = self._resource_method(katapult, self.method.name)(**resolved)
            if isinstance(result, AsyncIterable):
                async for item in result:
                    yield item
                return
            returned = await result
        items = objects_in(returned) if self.method.is_list else await self._outcome(katapult, returned, resolved)
        for item in items:
            yield {"text": item} if isinstance(item, str) else item

    def _arguments(self) -> dict[str, Any]:
        """Return the arguments of the method, from the values of the command's parameters."""
        arguments: dict[str, Any] = {}
        for parameter in self.method.parameters:
            arguments |= parameter.arguments(self.given)
        if self.method.changes and not any(parameter.name in arguments for parameter in self.method.changes):
            raise click.UsageError("there is nothing to change: give at least one option that names a change")
        return arguments | ({} if self.method.starts else {"timeout": self.given["timeout"]})

    def _resource_method(self, katapult: KatapultClient, name: str) -> Any:
        """Return a method of the resource of a client."""
        return getattr(getattr(katapult, self.method.group.attribute), name)

    @contextlib.asynccontextmanager
    async def _resolved(self, katapult: KatapultClient, arguments: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any]]:
        """Yield the arguments with ids in place of names that Katapult does not look up, and with the organization.

        If Katapult does not find a name while the block runs, the error gets suggestions. An error about arguments gets
        the names of options.
        """
        default_organization = self.options.connection.default_organization
        given = dict(arguments)
        has_default = any(parameter.has_default_organization for parameter in self.method.parameters)
        if has_default and "organization" not in given:
            given["organization"] = default_organization() or await self._only_organization(katapult)
        names = NameSearch(katapult, organization=lambda: given.get("organization") or default_organization())
        resolved = {name: await names.id_of(value) for name, value in given.items()}
        try:
            async with names.suggestions(resolved):
                yield resolved
        except UsageError as error:
            raise usage_error(error) from error

    async def _only_organization(self, katapult: KatapultClient) -> str:
        """Return the id of the only organization that the token can see.

        Raises:
            click.UsageError: it can see none or several.
        """
        visible = await katapult.organizations.list()
        if not visible:
            raise click.UsageError("the token sees no organization")
        if len(visible) > 1:
            names = ", ".join(organization.sub_domain or organization.id for organization in visible)
            variable = "" if self.options.connection.use_sandbox else f" or {ORGANIZATION_VARIABLE}"
            choose = f"choose one with --organization{variable}"
            raise click.UsageError(f"the token sees {len(visible)} organizations: {choose}: {names}")
        return visible[0].id

    async def _outcome(
        self, katapult: KatapultClient, result: object, arguments: Mapping[str, Any]
    ) -> Sequence[object]:
        """Return the record of what a method has done; none if the object to delete does not exist.

        With ``--wait``, the record shows the state after the work.
        """
        if result is not None and self.given.get("wait"):
            wait = self._wait_for_object if self.method.starts == "object" else self._wait_for_task
            return [await wait(katapult, result, arguments)]
        if result is not None:
            return [result]
        if self.method.declaration.returns.types:
            show("there is no such object: nothing is left to do")
            return []
        command = self.method.command
        return [{**self._subjects(arguments), "status": f"{command}d" if command.endswith("e") else "done"}]

    async def _wait_for_object(self, katapult: KatapultClient, started: Any, arguments: Mapping[str, Any]) -> object:
        """Wait for an object that the method started, and return its last state."""
        name = getattr(started, "id", None) or getattr(started, "name", "")
        show(f"waiting for {name or self.method.group.summary.lower()}")
        identity = {  # `wait` takes the name of the object, and otherwise parameters that the method has too
            parameter.name: name if parameter.declaration.is_positional else arguments[parameter.name]
            for parameter in Method(self.method.group, "wait").parameters
        }
        return await self._resource_method(katapult, "wait")(**identity, timeout=self.given["timeout"])

    async def _wait_for_task(self, katapult: KatapultClient, started: Any, arguments: Mapping[str, Any]) -> object:
        """Wait for the task that the method started. Return it, and the object that it changed, as they are then."""
        task = getattr(started, "task", started)
        show(f"waiting for {task.id}")  # after an interruption, `tasks wait` can wait for it
        with SharedLimits(CallLimits(timeout=self.given["timeout"] or DEFAULT_TIMEOUT)):
            method = self._resource_method(katapult, self.method.name)
            ended = await completed(started, tasks=katapult.tasks, resource=method.__self__)
            if (state := getattr(method, "state_after", None)) is not None:
                await self._resource_method(katapult, "wait")(**arguments, state=state)
            return ended

    def _confirmed(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Ask for confirmation, and return the arguments with ids in place of names."""
        from katapult_async.cli.object_description import describe  # noqa: PLC0415 # models, which only this needs

        async def fetch_subject(katapult: KatapultClient) -> tuple[dict[str, Any], object]:
            """Return the arguments, and the object that the method is about; None if no request shows it."""
            subject = None
            async with self._resolved(katapult, arguments) as resolved:
                if self.method.has_getter:
                    with contextlib.suppress(NotAcceptableError):  # `get` does not return what is in the trash
                        subject = await self._resource_method(katapult, "get")(**resolved)
                return resolved, subject

        resolved, subject = run_with_client(self.options, fetch_subject)
        words = self.method.command.replace("-", " ")
        if subject is not None:
            confirm(f"{words.capitalize()} {describe(subject)}?")
        else:  # a method without a positional argument deletes something of an organization
            subjects = self._subjects(resolved).values() or ["in organization", text_of(resolved["organization"])]
            confirm(f"{self.method.group.name}: {words} {' '.join(subjects)}?")
        return resolved

    def _subjects(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        """Return the positional arguments of the method as texts, by the names of its parameters."""
        return {argument.name: text_of(arguments[argument.name]) for argument in self.method.arguments}
