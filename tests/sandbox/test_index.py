import attrs
import pytest

from katapult_async.sandbox.index import Index


@attrs.frozen
class Book:
    id: str
    title: str
    author: str


ONE, TWO, THREE = Book("1", "a", "x"), Book("2", "b", "y"), Book("3", "c", "x")


def shelf() -> Index[Book]:
    return Index([ONE, TWO, THREE], keys=("id", "title"), group=lambda it: it.author)


def test_things_stand_in_order_and_are_found_by_every_key_and_group() -> None:
    books = shelf()
    assert list(books) == [ONE, TWO, THREE]
    assert books.get("2") == books.find(by="id", value="2") == books.find(by="title", value="b") == TWO
    assert books.find(by="author", value="x") is None
    assert (books.of("x"), books.of("y"), books.of("z")) == ([ONE, THREE], [TWO], [])


def test_a_thing_that_replaces_another_takes_its_place_and_its_keys() -> None:
    books = shelf()
    books.put(renamed := attrs.evolve(ONE, title="d"))
    assert list(books) == [renamed, TWO, THREE]
    assert books.of("x") == [renamed, THREE]
    assert (books.find(by="title", value="a"), books.find(by="title", value="d")) == (None, renamed)


def test_a_thing_that_changes_its_group_comes_last_there() -> None:
    books = shelf()
    books.put(moved := attrs.evolve(TWO, author="x"))
    assert (books.of("x"), books.of("y")) == ([ONE, THREE, moved], [])
    assert list(books) == [ONE, moved, THREE]


def test_a_thing_that_was_taken_is_found_no_longer() -> None:
    books = shelf()
    assert books.take("1") == ONE
    assert list(books) == [TWO, THREE]
    assert (books.find(by="title", value="a"), books.of("x")) == (None, [THREE])
    for send in (books.take, books.get):
        with pytest.raises(KeyError):
            send("1")


def test_a_shelf_without_groups_works_as_well() -> None:
    books = Index([ONE])
    books.put(attrs.evolve(ONE, author="z"))
    assert books.take("1").author == "z"
    assert list(books) == []
