"""Identifiers, hardware addresses and reverse names, the random ones drawn from a seeded source."""

import random
import string

_LETTERS = string.ascii_letters + string.digits


def identifier(prefix: str, *, rng: random.Random) -> str:
    """Return an id such as ``vm_`` and 16 letters or digits."""
    return f"{prefix}_{''.join(rng.choices(_LETTERS, k=16))}"


def mac_address(*, rng: random.Random) -> str:
    """Return a hardware address that no vendor owns."""
    octets = (0x02, *rng.randbytes(5))
    return ":".join(f"{octet:02x}" for octet in octets)


def reverse_name(address: str) -> str:
    """Return the name that an address has until somebody gives it another."""
    return f"{address.replace('.', '-').replace(':', '-')}.reverse.example"
