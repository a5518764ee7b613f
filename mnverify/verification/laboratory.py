"""The public laboratory keys of the virtual card, known by their fingerprints: nobody may call them a real card's."""

from __future__ import annotations

import hashlib
from functools import cache

_FILE = "laboratory-keys.txt"


def fingerprint(modulus: bytes) -> str:
    """Hex SHA-256 of a modulus, big-endian without leading zeros."""
    return hashlib.sha256(modulus.lstrip(b"\0")).hexdigest()


def is_laboratory_key(modulus: bytes) -> bool:
    """Whether the private half of this RSA key ships with the package, so that anybody can sign with it."""
    return fingerprint(modulus) in _fingerprints()


@cache
def _fingerprints() -> frozenset[str]:
    from importlib import resources

    data = (resources.files("mnverify.verification") / "data" / _FILE).read_text("ascii")
    return frozenset(line for line in data.splitlines() if not line.startswith("#"))
