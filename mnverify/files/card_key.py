"""RSA public keys as the card holds them."""

from __future__ import annotations

from typing import NamedTuple

from mnverify.errors import UnsupportedCard
from mnverify.files import reasons
from mnverify.files.tags import EXPONENT, MODULUS
from mnverify.files.tlv import Tlv, read_tlv
from mnverify.masked import MaskedBytes, masked, not_copied

KEY_LENGTH = 265
MODULUS_LENGTH = 256
MAX_EXPONENT_BYTES = 4

_HEAD = b"\x90\x03"
_MIDDLE = b"\x91\x82\x01\x00"


@not_copied
class CardKey(NamedTuple):
    """An RSA public key of a card or certificate. Whether it is strong enough is for the verification to say.

    Attributes:
        exponent: the public exponent.
        modulus: 256 bytes, big-endian.
        raw: the structure as it stands in the file, usually ``90 03 010001 ‖ 91 82 0100 <modulus>`` (265 bytes). Two keys are
            one key if exponent and modulus are the same, however their lengths are written.
    """

    exponent: int
    modulus: MaskedBytes
    raw: MaskedBytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CardKey) and (self.exponent, self.modulus) == (other.exponent, other.modulus)

    def __hash__(self) -> int:
        return hash((self.exponent, self.modulus))

    def __repr__(self) -> str:
        return f"CardKey({8 * len(self.modulus)} bits)"


def parse_card_key(data: bytes, start: int, end: int, where: str, at: str) -> CardKey:
    """The key that fills ``data[start:end]``.

    Args:
        data: the file.
        start: offset of the key's first byte.
        end: offset after its last byte.
        where: the file, ``files.0002``, for errors inside the key.
        at: the object that holds the key, for errors about the key as a whole.

    Raises:
        EvidenceError: malformed TLVs.
        UnsupportedCard: another key structure, another size of modulus: another card generation.
    """
    data = masked(data)
    if end - start == KEY_LENGTH and data.startswith(_HEAD, start) and data.startswith(_MIDDLE, start + 5):
        return CardKey(int.from_bytes(data[start + 2 : start + 5]), data[start + 9 : end], data[start:end])
    raw = data[start:end]
    parts: list[Tlv] = []
    while start < end and len(parts) < 3:
        parts.append(read_tlv(data, start, end, where))
        start = parts[-1].end
    if [part.tag for part in parts] != [EXPONENT, MODULUS]:
        raise UnsupportedCard(at, reasons.OTHER_KEY)
    exponent, modulus = parts
    if modulus.length != MODULUS_LENGTH:
        raise UnsupportedCard(modulus.place(where), reasons.MODULUS_SIZE.fill(found=modulus.length))
    if not 1 <= exponent.length <= MAX_EXPONENT_BYTES:
        raise UnsupportedCard(exponent.place(where), reasons.EXPONENT_SIZE.fill(found=exponent.length))
    return CardKey(int.from_bytes(exponent.value), modulus.value, raw)


def card_key(tlv: Tlv, where: str) -> CardKey:
    """The key that is an object's value.

    Raises:
        EvidenceError: malformed TLVs.
        UnsupportedCard: another key structure.
    """
    return parse_card_key(tlv.source, tlv.value_start, tlv.end, where, tlv.place(where))
