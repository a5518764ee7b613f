"""A reader of TLVs and a terminal for the tests: written apart from both sides of the SDK."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from mnverify.virtual import Flaw, Limits, VirtualAuthority, VirtualCard, persona

FACE = bytes.fromhex("D3921000310001010402")
ASSIST = bytes.fromhex("D3921000310001010408")


def laboratory_card(
    persona_id: str = "sato-hanako", *flaws: Flaw, limits: Limits | None = None, seed: int = 0
) -> VirtualCard:
    return VirtualAuthority.laboratory().issue(persona(persona_id), flaws=flaws, limits=limits, seed=seed)


def say(card: VirtualCard, command: str) -> str:
    """Hex in, hex out."""
    return card.transmit(bytes.fromhex(command)).hex().upper()


def select(card: VirtualCard, aid: bytes) -> None:
    assert card.transmit(b"\x00\xa4\x04\x0c" + bytes([len(aid)]) + aid) == b"\x90\x00"


def present(card: VirtualCard, short_id: int, digits: str) -> str:
    data = digits.encode()
    return card.transmit(bytes([0, 0x20, 0, 0x80 | short_id, len(data)]) + data).hex().upper()


def children(data: bytes, tag: str) -> dict[str, bytes]:
    """The whole TLVs inside the one object of a file, by tag in hex."""
    found, start, end = _take(data, 0)
    assert found == tag, found
    out = {}
    while start < end:
        name, _, stop = _take(data, start)
        out[name] = data[start:stop]
        start = stop
    return out


def value(whole: bytes) -> bytes:
    _, start, end = _take(whole, 0)
    assert end == len(whole)
    return whole[start:]


def object_end(data: bytes) -> int:
    return _take(data, 0)[2]


def public_key(card_key: bytes) -> rsa.RSAPublicKey:
    assert card_key[:9].hex() == "90030100019182" + "0100" and len(card_key) == 265
    return rsa.RSAPublicNumbers(65537, int.from_bytes(card_key[9:])).public_key()


def signed(key: rsa.RSAPublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.verify(signature, data, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def signed_info(key: rsa.RSAPublicKey, signature: bytes, digest_info: bytes) -> bool:
    try:
        key.verify(signature, digest_info, padding.PKCS1v15(), utils.NoDigestInfo())  # type: ignore[arg-type]
    except InvalidSignature:
        return False
    return True


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _take(data: bytes, at: int) -> tuple[str, int, int]:
    """Tag in hex, start of the value, end."""
    start = at
    at += 1
    if data[start] & 0x1F == 0x1F:
        while data[at] & 0x80:
            at += 1
        at += 1
    tag = data[start:at].hex().upper()
    length = data[at]
    at += 1
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[at : at + count])
        assert 1 <= count <= 2, "indefinite, or more than two length bytes"
        at += count
    assert at + length <= len(data)
    return tag, at, at + length
