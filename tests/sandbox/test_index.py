import pytest

from katapult_async.sandbox.index import Index
from katapult_async.sandbox.kinds import Object


class Book(Object):
    title: str
    author: str | None
    pages: int = 10


ONE, TWO = Book(id="1", title="a", author="x"), Book(id="2", title="b", author="y")
THREE = Book(id="3", title="c", author="x", pages=30)


@pytest.fixture
def books() -> Index[Book]:
    index: Index[Book] = Index("id", "title", "author")
    for book in (ONE, TWO, THREE):
        index.put(book)
    return index


def test_objects_are_ordered_and_found_by_keys_and_fields(books: Index[Book]) -> None:
    assert (list(books), len(books)) == ([ONE, TWO, THREE], 3)
    assert books.find("id", "2") == books.find("title", "b") == TWO
    assert (books.find("author", "x"), books.find("author", "z")) == (ONE, None)
    assert (books.where("author", "x"), books.where("author", "y"), books.where("author", "z")) == (
        [ONE, THREE],
        [TWO],
        [],
    )


def test_field_that_is_not_indexed_is_compared(books: Index[Book]) -> None:
    assert (books.where("pages", 30), books.where("pages", 31)) == ([THREE], [])


def test_replaced_object_keeps_its_place_and_changes_its_keys(books: Index[Book]) -> None:
    books.put(renamed := ONE.changed(title="d"))
    assert list(books) == [renamed, TWO, THREE]
    assert books.where("author", "x") == [renamed, THREE]
    assert (books.find("title", "a"), books.find("title", "d")) == (None, renamed)


def test_object_with_new_field_value_is_last_there(books: Index[Book]) -> None:
    books.put(moved := TWO.changed(author="x"))
    assert (books.where("author", "x"), books.where("author", "y")) == ([ONE, THREE, moved], [])
    assert list(books) == [ONE, moved, THREE]


def test_none_is_not_indexed(books: Index[Book]) -> None:
    books.put(anonymous := ONE.changed(author=None))
    assert (books.where("author", "x"), books.where("author", None)) == ([THREE], [])
    books.put(ONE)
    books.remove(ONE)
    assert anonymous.id not in [book.id for book in books]


def test_removed_object_is_not_found(books: Index[Book]) -> None:
    books.remove(ONE)
    assert list(books) == [TWO, THREE]
    assert (books.find("title", "a"), books.where("author", "x")) == (None, [THREE])
    with pytest.raises(KeyError):
        books.remove(ONE)
