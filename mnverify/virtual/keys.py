"""RSA-2048 keys of the virtual hierarchy: fresh from the OS, or the same ones every time.

The repeatable keys come from a prime search over a SHA-256 counter stream, so that vectors made from a seed
are the same on every machine. They are laboratory keys: whoever knows the seed knows them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from math import gcd
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import rsa

KEY_BITS = 2048
EXPONENT = 65537
LABORATORY_SEED = b"mnverify laboratory"
LABORATORY_FILE = "laboratory-keys.json"
_ROUNDS = 24


class KeySource(Protocol):
    """Where an authority gets its keys: the same label gives the same key for the life of the source."""

    def key(self, label: str) -> rsa.RSAPrivateKey:
        """The private key of a label, as ``ca/face-check``."""
        ...

    def octets(self, label: str, length: int) -> bytes:
        """Bytes without meaning, for the opaque fields of a card."""
        ...


class FreshKeys:
    """New keys from the operating system's random numbers. Nothing of them is kept outside the process."""

    def __init__(self) -> None:
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self._seed = os.urandom(32)

    def key(self, label: str) -> rsa.RSAPrivateKey:
        """The key of a label, made when it is first asked for."""
        if label not in self._keys:
            self._keys[label] = rsa.generate_private_key(EXPONENT, KEY_BITS)
        return self._keys[label]

    def octets(self, label: str, length: int) -> bytes:
        """Random bytes, the same for one label of this source."""
        return counter_stream(self._seed, label, length)


class SeededKeys:
    """Keys that follow from a seed alone.

    Args:
        seed: any bytes.
        shelf: primes already found for this seed, by label; a label that is not there takes about a second.
    """

    def __init__(self, seed: bytes, shelf: Mapping[str, tuple[int, int]] | None = None) -> None:
        self._seed = seed
        self._shelf = dict(shelf or {})
        self._keys: dict[str, rsa.RSAPrivateKey] = {}

    def primes(self, label: str) -> tuple[int, int]:
        """The two primes of a label's key, the greater one first."""
        if label not in self._shelf:
            self._shelf[label] = find_primes(self._seed, label)
        return self._shelf[label]

    def key(self, label: str) -> rsa.RSAPrivateKey:
        """The key that seed and label give."""
        if label not in self._keys:
            self._keys[label] = key_from_primes(*self.primes(label))
        return self._keys[label]

    def octets(self, label: str, length: int) -> bytes:
        """The bytes that seed and label give."""
        return counter_stream(self._seed, label, length)


@cache
def laboratory_keys() -> SeededKeys:
    """The laboratory's keys: those of its seed, most of them shipped ready with the package.

    They are public. Nothing that they sign proves anything outside a test.
    """
    text = (files("mnverify.virtual") / "data" / LABORATORY_FILE).read_text("ascii")
    shelf = {label: (int(p, 16), int(q, 16)) for label, (p, q) in json.loads(text)["primes"].items()}
    return SeededKeys(LABORATORY_SEED, shelf)


def public_key_bytes(key: rsa.RSAPrivateKey) -> bytes:
    """A public key as the card holds it: ``90 03 010001 ‖ 91 82 0100 <modulus>``, 265 bytes."""
    numbers = key.public_key().public_numbers()
    return b"\x90\x03" + numbers.e.to_bytes(3) + b"\x91\x82\x01\x00" + numbers.n.to_bytes(256)


def key_from_primes(p: int, q: int) -> rsa.RSAPrivateKey:
    """The RSA key with exponent 65537 of two primes."""
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def find_primes(seed: bytes, label: str) -> tuple[int, int]:
    """Search the two 1024-bit primes that seed and label give, the greater one first."""
    first, second = (_find_prime(seed, f"{label}/{name}") for name in "pq")
    return max(first, second), min(first, second)


def counter_stream(seed: bytes, label: str, length: int) -> bytes:
    """``length`` bytes of SHA-256(seed length ‖ seed ‖ label ‖ 00 ‖ counter), counter 0, 1, 2 …"""
    head = len(seed).to_bytes(4) + seed + label.encode() + b"\0"
    blocks = (hashlib.sha256(head + count.to_bytes(4)).digest() for count in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def _find_prime(seed: bytes, label: str) -> int:
    half = KEY_BITS // 2
    start = int.from_bytes(counter_stream(seed, label, half // 8)) | 3 << (half - 2) | 1
    for candidate in _without_small_factors(start):
        if gcd(candidate - 1, EXPONENT) == 1 and _is_prime(candidate):
            return candidate
    raise AssertionError("there are always more numbers")


def _without_small_factors(start: int) -> Iterator[int]:
    remainders = [(prime, start % prime) for prime in _small_primes()]
    step = 0
    while True:
        if all((remainder + step) % prime for prime, remainder in remainders):
            yield start + step
        step += 2


@cache
def _small_primes() -> tuple[int, ...]:
    return tuple(n for n in range(3, 4000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))


def _is_prime(candidate: int) -> bool:
    """Miller-Rabin with the first small primes as bases (the candidates are not chosen by an enemy)."""
    odd, twos = candidate - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, *_small_primes()[:_ROUNDS]):
        x = pow(base, odd, candidate)
        if x in (1, candidate - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % candidate
            if x == candidate - 1:
                break
        else:
            return False
    return True
