"""Figures of the README that no other test checks."""

import inspect
import re
import tomllib
from typing import Any

import attrs

from katapult_async import Task
from katapult_async.config import RetryPolicy
from katapult_async.core.circuit_breaker import CircuitBreaker
from katapult_async.sandbox.operations import OPERATIONS
from tests.core.test_retry import UNAVAILABLE, wait_after
from tests.openapi.library import RESOURCES
from tests.tied_methods import endpoint_of

from .sentences import ROOT

README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def test_lowest_python_version_of_the_readme_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [lowest] = re.findall(r"needs Python (3\.\d+) or later", README)
    assert project["requires-python"] == f">={lowest}"


def test_tested_python_versions_of_the_readme_are_those_of_the_classifiers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    classified = [
        classifier.rpartition(" ")[2] for classifier in project["classifiers"] if ":: Python :: 3." in classifier
    ]
    [in_ci] = re.findall(r"CI runs on Linux with CPython (3\.\d+),", README)
    [by_hand] = re.findall(r"pass on CPython (3\.\d+ and 3\.\d+), where they are run by hand", README)
    assert classified == [in_ci, *by_hand.split(" and ")]


def test_sandbox_serves_as_many_operations_as_the_readme_says() -> None:
    assert re.findall(r"The sandbox serves all (\d+) operations", README) == [str(len(OPERATIONS))]


def starts_a_task(method: Any) -> bool:
    """Return whether the method of a resource sends a request that starts a task."""
    endpoint = endpoint_of(method)
    if endpoint is None or endpoint.method == "GET":
        return False
    has_a_task = attrs.has(endpoint.type) and "task" in attrs.fields_dict(endpoint.type)
    return endpoint.type is Task or has_a_task


def test_every_method_that_starts_a_task_can_wait() -> None:
    starting = {
        f"{resource.__name__}.{name}": inspect.signature(method)
        for resource in RESOURCES
        if not hasattr(resource, "wait")  # as `virtual_machine_builds` has
        for name, method in vars(resource).items()
        if inspect.isfunction(method) and starts_a_task(method)
    }
    assert len(starting) > 5
    assert [name for name, signature in starting.items() if "wait" not in signature.parameters] == []


def test_circuit_breaker_of_an_endpoint_opens_after_20_failures() -> None:
    breaker = CircuitBreaker(RetryPolicy().failure_budget)
    opened = []
    for _ in range(20):
        breaker.failed(0.0, probe=False, draw=1.0)
        opened.append(breaker.is_open)
    assert opened == [False] * 19 + [True]


async def test_waits_of_a_call_of_five_attempts_are_at_most_7_5_seconds_together() -> None:
    longest = [
        await wait_after(UNAVAILABLE, failures=failures, policy=RetryPolicy(), draw=1.0) for failures in range(1, 6)
    ]
    assert longest == [0.5, 1.0, 2.0, 4.0, None]
    assert sum(filter(None, longest)) == 7.5
