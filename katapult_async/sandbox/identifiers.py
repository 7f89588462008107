"""Random ids, UUIDs, hexadecimal digits and MAC addresses from a seeded generator."""

import random
import string
import uuid


def identifier(prefix: str, *, rng: random.Random, length: int = 16) -> str:
    """Return an id: the prefix, an underscore and random letters and digits, such as ``vm_Jh0j5cwOMnZl3SrG``."""
    return f"{prefix}_{''.join(rng.choices(string.ascii_letters + string.digits, k=length))}"


def new_uuid(*, rng: random.Random) -> str:
    """Return a random UUID."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def hexadecimal(bits: int, *, rng: random.Random) -> str:
    """Return a random number as hexadecimal digits, four bits each."""
    return f"{rng.getrandbits(bits):0{bits // 4}x}"


def mac_address(*, rng: random.Random) -> str:
    """Return a locally administered MAC address."""
    return bytes((0x02, *rng.randbytes(5))).hex(":")
