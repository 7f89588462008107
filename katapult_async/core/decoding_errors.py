"""The errors of decoding: what is wrong with a body, and where. They quote no value of it."""

import re
import traceback
from typing import Any, ClassVar, Final

import msgspec

from katapult_async.core.msgspec_types import type_name
from katapult_async.errors import BadResponseReason


class DecodingError(Exception):
    """A body that cannot be decoded. The text names places and types, and quotes no value."""

    reason: ClassVar[BadResponseReason]
    summary: ClassVar[str]

    def inside(self, place: str) -> "DecodingError":  # noqa: ARG002 # this error has no place
        """Return the error of an outer value, in which the decoded value is at ``place``."""
        return self


class UnreadableError(DecodingError):
    """The body is not JSON: cut, not UTF-8, NaN, or nested too deeply."""

    reason = BadResponseReason.UNREADABLE
    summary = "the body is not JSON"


class WrongShapeError(DecodingError):
    """The body is JSON, but not of the endpoint's type."""

    reason = BadResponseReason.WRONG_SHAPE
    summary = "the body is JSON that is not of the endpoint's type"

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem, place)
        self.problem = problem
        """The expected type and the actual one: ``Expected `bool`, got `int```."""
        self.place = place
        """Where, below the whole body: ``.ip_addresses[3].vip``; empty for the body itself."""

    def __str__(self) -> str:
        return f"{self.problem} - at `${self.place}`" if self.place else self.problem

    def inside(self, place: str) -> "WrongShapeError":
        """Return the error of an outer value, in which the decoded value is at ``place``."""
        return WrongShapeError(self.problem, place + self.place)


class TooManyValuesError(DecodingError):
    """The body has more values than are decoded without a stall of the event loop."""

    reason = BadResponseReason.TOO_LARGE
    summary = "the body is too large"


def first_mistake(error: Exception) -> DecodingError:
    """Return the first mistake in a body, with its place, in the words of msgspec."""
    place = ""
    kind: Any = None
    # Errors of cattrs are recognized by a method: importing their class here could fail if no file descriptor is free.
    while isinstance(error, ExceptionGroup) and (exceptions := getattr(error, "group_exceptions", None)):
        placed, unplaced = exceptions()
        if not placed:
            # The text of an exception that a class raised about itself may quote values: it is left out.
            raised = type(unplaced[0]).__name__
            error = WrongShapeError(f"{type_name(getattr(error, 'cl', None))} raised `{raised}`")
            break
        inner, note = placed[0]
        if not hasattr(note, "name"):
            place += f"[{note.index}]"
        elif isinstance(inner, KeyError) and inner.args == (note.name,):
            error = WrongShapeError(f"Object missing required field `{note.name}`")
            break
        else:
            place += f".{note.name}"
        kind, error = note.type, inner
    return _mistake(error, kind).inside(place)


def clear_frames(error: Exception) -> None:
    """Clear the frames of an error's traceback. The frames of cattrs refer to the error, which is a reference cycle."""
    errors = [error]
    while errors:
        error = errors.pop()
        traceback.clear_frames(error.__traceback__)
        if isinstance(error, ExceptionGroup):
            errors += error.exceptions


def _mistake(error: Exception, kind: Any) -> DecodingError:
    """Return what is wrong with one value of a type."""
    match error:
        case DecodingError() if not _is_foreign(error):
            return error
        case msgspec.ValidationError():
            return _msgspec_mistake(error)
        case msgspec.DecodeError() if not _is_foreign(error):
            return UnreadableError(str(error) or "not JSON")
        case UnicodeDecodeError():
            return UnreadableError("not UTF-8")
        case RecursionError():
            return UnreadableError("nested too deeply")
    return WrongShapeError(f"Invalid {'value' if kind is None else type_name(kind)}: `{type(error).__name__}`")


def _is_foreign(error: BaseException) -> bool:
    """Return whether code of a user's class raised an error, whose text may then quote anything."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and not frames[-1].f_globals.get("__name__", "").startswith(__name__.partition(".")[0])


_PLACE: Final = re.compile(r" - at (?P<key>`key` in )?`\$(?P<place>[^`]*)`")
_QUOTING: Final = re.compile(r"(Invalid (?:enum )?value|Object contains unknown field) .*", re.DOTALL)


def _msgspec_mistake(error: msgspec.ValidationError) -> WrongShapeError:
    """Return an error of msgspec without the value that it may quote."""
    text = str(error)
    end = _PLACE.fullmatch(text, max(text.rfind(" - at "), 0))
    problem = _QUOTING.sub(r"\1", text if end is None else text[: end.start()])
    if error.__cause__ is not None or _is_foreign(error):  # of a struct that checks itself
        problem = f"The class raised `{type(error.__cause__ or error).__name__}`"
    if end is None:
        return WrongShapeError(problem)
    return WrongShapeError(problem + (" as a key" if end["key"] else ""), end["place"])
