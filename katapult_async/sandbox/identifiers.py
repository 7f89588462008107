"""Identifiers in Katapult's form, drawn from a seeded source."""

import random
import string

_LETTERS = string.ascii_letters + string.digits


def identifier(prefix: str, *, rng: random.Random) -> str:
    """Return an id such as ``vm_`` and 16 letters or digits."""
    return f"{prefix}_{''.join(rng.choices(_LETTERS, k=16))}"
