"""The signature layer: the one place that turns a scheme's name into a verification.

RSA PKCS#1 v1.5 (RFC 8017 §8.2.2): whole padding, exact DigestInfo, modulus of 2048 bits, e = 65537. Two DigestInfo forms occur:
the usual one over SHA-256(message), and one whose OCTET STRING is three digests in a row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm

from mnverify.files.digest_info import digest_info
from mnverify.profile import SignatureScheme

PublicKey = rsa.RSAPublicKey
_Verifier = Callable[[PublicKey, bytes, bytes], None]

_PADDING = padding.PKCS1v15()
_SHA256 = SHA256()
_DIGEST_OF = {"sha256": hashlib.sha256}
_NO_DIGEST_INFO = cast("HashAlgorithm", utils.NoDigestInfo())  # the stub of verify() does not name it yet


def acceptable(scheme: SignatureScheme, modulus: bytes, exponent: int) -> bool:
    """Whether the scheme accepts such a key: full size, top bit set, odd modulus, the one exponent."""
    number = int.from_bytes(modulus)
    return number.bit_length() >= scheme.key_bits and bool(number & 1) and exponent == scheme.exponent


def holders_key(modulus: bytes, exponent: int) -> PublicKey:
    """The key of one card, from its numbers (big-endian modulus). The caller has asked ``acceptable`` before.

    It tells its holder apart from everybody else, so it is made anew each time and kept nowhere.
    """
    return rsa.RSAPublicNumbers(exponent, int.from_bytes(modulus)).public_key()


@lru_cache(maxsize=512)
def issuers_key(modulus: bytes, exponent: int) -> PublicKey:
    """The key of an authority or a municipality, alike for all its cards. The caller has asked ``acceptable`` before."""
    return holders_key(bytes(modulus), exponent)


def signature_holds(scheme: SignatureScheme, key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is the key's over the message (one DigestInfo of the message's digest)."""
    return _holds(_MESSAGE[scheme.name], scheme, key, signature, message)


def digests_signature_holds(scheme: SignatureScheme, key: PublicKey, signature: bytes, digests: bytes) -> bool:
    """Whether ``signature`` is the key's over one DigestInfo whose OCTET STRING is ``digests`` as it stands."""
    return _holds(_DIGESTS[scheme.name], scheme, key, signature, digests)


def digest_of(scheme: SignatureScheme, content: bytes) -> bytes:
    """The digest of a record, a segment or a file, as this card generation makes it."""
    return _DIGEST_OF[scheme.hash_name](content).digest()


def _holds(verifier: _Verifier, scheme: SignatureScheme, key: PublicKey, signature: bytes, data: bytes) -> bool:
    if len(signature) != scheme.signature_length:
        return False
    try:
        verifier(key, signature, data)
    except InvalidSignature:
        return False
    return True


def _rsa_message(key: PublicKey, signature: bytes, message: bytes) -> None:
    key.verify(signature, message, _PADDING, _SHA256)


def _rsa_digests(key: PublicKey, signature: bytes, digests: bytes) -> None:
    key.verify(signature, digest_info(digests), _PADDING, _NO_DIGEST_INFO)


_MESSAGE: dict[str, _Verifier] = {"rsa-pkcs1v15-sha256": _rsa_message}
_DIGESTS: dict[str, _Verifier] = {"rsa-pkcs1v15-sha256": _rsa_digests}
