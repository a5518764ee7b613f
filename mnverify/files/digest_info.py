"""DigestInfo (RFC 8017 §9.2) with SHA-256, in the two forms of the card: over one digest, and over three in a row."""

from __future__ import annotations

import hashlib
from functools import lru_cache

MAX_OCTETS = 1024


def digest_info(octets: bytes) -> bytes:
    """DigestInfo with the SHA-256 algorithm (parameters NULL) and an OCTET STRING of ``octets`` as they stand.

    Args:
        octets: 32 bytes of one digest, or the 96 bytes of the card face's three.

    Raises:
        ValueError: more than 1024 bytes.
    """
    if len(octets) > MAX_OCTETS:
        raise ValueError("too many octets for a DigestInfo")
    return _prefix(len(octets)) + octets


def challenge_digest_info(challenge: bytes) -> bytes:
    """The 51 bytes that the card signs to answer a challenge: DigestInfo(SHA-256(challenge))."""
    return digest_info(hashlib.sha256(challenge).digest())


@lru_cache(maxsize=8)
def _prefix(length: int) -> bytes:
    from asn1crypto import algos, core  # type: ignore[import-untyped]

    algorithm = algos.DigestAlgorithm({"algorithm": "sha256", "parameters": core.Null()})
    der: bytes = algos.DigestInfo({"digest_algorithm": algorithm, "digest": bytes(length)}).dump()
    return der[: len(der) - length]
