"""How the token is held, so that nobody who merely looks around sees it."""

from typing import NoReturn


class Secret(str):
    """A string that shows itself to nobody who merely looks: not in a repr, a log of locals, a pickle."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
