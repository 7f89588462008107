"""The pictures: what each of them shows, read from the text of the SVG files."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.benchmarks.pictures import SCENARIOS, Draw, Library, makespans, ratios, requests_over_time, save
from tests.benchmarks.ratios import Ratio

pytestmark = pytest.mark.slow  # each draws for a third of a second


def words_of(draw: Draw, folder: Path) -> list[set[str]]:
    """Draw the picture and return the words of the light and of the dark file."""
    files = save(draw, folder / "picture", size=(8, 5))
    assert [file.name for file in files] == ["picture-light.svg", "picture-dark.svg"]
    return [
        {(element.text or "").strip() for element in ET.parse(file).iter("{http://www.w3.org/2000/svg}text")}
        for file in files
    ]


def ratio(name: str, value: float, *, goal: float | None) -> Ratio:
    return Ratio(name=name, goal=goal, cpu=(value,), wall=(value,), seconds=(value, 1.0))


def test_makespans_are_grouped_bars_with_a_legend_and_their_numbers(tmp_path: Path) -> None:
    draw = makespans([Library(name="ours", times=(1.0, 1.01, 1.02)), Library(name="theirs", times=(1.5, 1.6, 1.7))])
    for words in words_of(draw, tmp_path):
        assert words >= {"ours", "theirs", *SCENARIOS, "1.02", "1.60"}


def test_requests_over_time_name_each_library_with_its_seconds(tmp_path: Path) -> None:
    runs = {"ours": [(0.5, 200), (61.0, 429)], "theirs": [(0.5, 200), (99.0, 200)]}
    for words in words_of(requests_over_time(runs, window=60.0, first_reset=30.0), tmp_path):
        assert words >= {"ours: 61 s", "theirs: 99 s", "accepted", "refused (429)", "requests in a second"}


def test_ratios_show_the_goal_and_the_number_of_a_broken_bar(tmp_path: Path) -> None:
    measured = [ratio("call", 1.25, goal=1.3), ratio("httpx: call", 17.5, goal=None)]
    for words in words_of(ratios(measured), tmp_path):
        assert words >= {"call", "httpx", "1.25", "17.50", "goal", "katapult_async", "others"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_same_picture_has_the_same_bytes(theme: str, tmp_path: Path) -> None:
    draw = ratios([ratio("call", 1.25, goal=1.3)])
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        save(draw, folder / "ratios", size=(8, 5))
    file = f"ratios-{theme}.svg"
    assert (first / file).read_bytes() == (second / file).read_bytes()
