"""The API reference that pdoc makes of the docstrings: without a warning, and with every public name in it."""

import re
import warnings
from pathlib import Path

import pdoc
import pytest

import katapult_async
from tests.test_public_names import PUBLIC, RESOURCES, own_members

MODULES = ("katapult_async", "katapult_async.sandbox", "katapult_async.testing", "katapult_async.pytest_plugin")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The anchors of each page, by the name of its module."""
    folder = tmp_path_factory.mktemp("reference")
    resources = [f"katapult_async.resources.{module}" for module, _ in RESOURCES]
    pdoc.render.configure(docformat="google", show_source=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pdoc.pdoc(*MODULES, *resources, output_directory=folder)
    return {
        str(page.relative_to(folder).with_suffix("")).replace("/", "."): anchors(page)
        for page in folder.rglob("*.html")
    }


def test_readme_command_makes_the_pages_of_every_public_module() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    command = readme.partition("/pdoc --docformat google ")[2].partition("```")[0].replace("\\\n", "")
    assert set(command.split()) == {*MODULES, "katapult_async.resources"}


def anchors(page: Path) -> set[str]:
    return set(re.findall(r'id="([\w.]+)"', page.read_text()))


@pytest.mark.slow
def test_reference_has_every_public_name(pages: dict[str, set[str]]) -> None:
    assert set(PUBLIC) <= pages["katapult_async"]
    assert {"Sandbox", "Faults"} <= pages["katapult_async.sandbox"]


@pytest.mark.slow
def test_reference_has_every_method_of_every_resource(pages: dict[str, set[str]]) -> None:
    methods = {
        (f"katapult_async.resources.{module}", f"{resource.__name__}.{name}")
        for module, resource in RESOURCES
        for name, _ in own_members(resource)
    }
    assert len(methods) > 100
    assert {(module, name) for module, name in methods if name not in pages[module]} == set()


@pytest.mark.slow
def test_reference_has_every_attribute_of_every_model(pages: dict[str, set[str]]) -> None:
    public = {name: getattr(katapult_async, name) for name in PUBLIC}
    attributes = {
        f"{name}.{attribute}"
        for name, kind in public.items()
        if isinstance(kind, type)
        for attribute in vars(kind).get("__annotations__", {})
        if not attribute.startswith("_")
    }
    assert len(attributes) > 300
    assert attributes - pages["katapult_async"] == set()
