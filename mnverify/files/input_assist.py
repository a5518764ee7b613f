"""Files of the input-assist domain 券面事項入力補助AP."""

from __future__ import annotations

import re
from typing import NamedTuple

from mnverify.errors import EvidenceError
from mnverify.files import reasons
from mnverify.files.card_key import CardKey, card_key, parse_card_key
from mnverify.files.fields import (
    birth_day,
    check_tags,
    digest,
    offsets_true,
    sex,
    signature,
    sized,
    sized_repr,
    text,
)
from mnverify.files.tags import TRANSPORT_KEY
from mnverify.files.tlv import read_file_object, read_outer
from mnverify.masked import MaskedBytes, MaskedText, masked, not_copied
from mnverify.profile import PRESENT_CARD, SignatureScheme
from mnverify.values.dates import BirthDay
from mnverify.values.my_number import MyNumber
from mnverify.values.sex import Sex

NUMBER_FILLER = 2  # bytes after the number's object: the signed digest covers both
MAX_TEXT_BYTES = 2048

_NUMBER, _ATTRIBUTES, _INTEGRITY, _CARD_KEY = 0xFF10, 0xFF20, 0xFF30, 0xFF50
_ATTRIBUTES_TAGS = (0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25)
_INTEGRITY_TAGS = (0xDF31, 0xDF32, 0xDF33)
_CARD_KEY_TAGS = (0xDF51, 0xDF52)
_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")  # controls, separators, direction overrides


@not_copied
class NumberFile(NamedTuple):
    """EF ``0001``: the 個人番号. Role ``my-number-office`` only.

    Attributes:
        number: masked; ``number.reveal()``.
        digest_input: what the signed digest covers: the whole file, its two bytes of filler too.
    """

    number: MyNumber
    digest_input: MaskedBytes

    def __repr__(self) -> str:
        return sized_repr(self)


@not_copied
class AttributesRecord(NamedTuple):
    """EF ``0002``: the four attributes (基本4情報) as text.

    Attributes:
        name: family and given name are parted by U+3000.
        address: house numbers are full-width digits; it may be empty.
        birth_date: Gregorian; partial where a day, or month and day, is not known.
        sex: JIS X 0303.
        digest_input: what the signed digest covers: the TLVs after the offset table.
        offsets_true: whether the offset table says where the objects begin.
    """

    name: MaskedText
    address: MaskedText
    birth_date: BirthDay
    sex: Sex
    digest_input: MaskedBytes
    offsets_true: bool

    def __repr__(self) -> str:
        return sized_repr(self)


@not_copied
class IntegrityRecord(NamedTuple):
    """EF ``0003``: 署名券面情報. It leads back to the 個人番号 (docs/explanation/trap.md): it is never written in role ``general``.

    Attributes:
        number_digest: SHA-256 of EF ``0001``, filler included.
        attributes_digest: SHA-256 of the attributes' TLVs.
        signature: 256 bytes.
        signed: the signed bytes, the TLVs of both digests.
    """

    number_digest: MaskedBytes
    attributes_digest: MaskedBytes
    signature: MaskedBytes
    signed: MaskedBytes

    def __repr__(self) -> str:
        return sized_repr(self)


@not_copied
class TransportKey(NamedTuple):
    """EF ``0006``: the key that a session key is encrypted to. Not signed.

    Attributes:
        key: RSA.
    """

    key: CardKey

    def __repr__(self) -> str:
        return sized_repr(self)


@not_copied
class CardKeyRecord(NamedTuple):
    """EF ``0007``: the key that answers this domain's challenges. Nothing ties it to EF ``0003``.

    Attributes:
        card_key: the card's public key.
        signature: 256 bytes.
        signed: the signed bytes, the TLV of the key.
    """

    card_key: CardKey
    signature: MaskedBytes
    signed: MaskedBytes

    def __repr__(self) -> str:
        return sized_repr(self)


def parse_number_file(data: bytes, file_id: str = "0001") -> NumberFile:
    """Read ``FF10 0C <12 ASCII digits>`` and exactly two ``FF``: 17 bytes where the length is written in one.

    Raises:
        EvidenceError: other filler, or no such number (a wrong check digit). The message holds no digit.
        UnsupportedCard: another outer tag or length.
    """
    data, where = masked(data), f"files.{file_id}"
    outer = read_outer(data, where, _NUMBER)
    digits = sized(outer, 12, where)
    if len(data) != outer.end + NUMBER_FILLER:
        right = outer.end + NUMBER_FILLER
        raise EvidenceError(where, reasons.NUMBER_FILLER.fill(right=right, found=len(data)))
    number = _my_number(digits)
    if number is None:
        raise EvidenceError(outer.place(where), reasons.NO_NUMBER)
    return NumberFile(number, data)


def parse_attributes(data: bytes, file_id: str = "0002") -> AttributesRecord:
    """Read ``FF20 { DF21 offset table, DF22 name, DF23 address, DF24 birth date, DF25 sex }``.

    An untrue offset table is not an error but ``offsets_true=False``.

    Raises:
        EvidenceError: malformed objects or values; names tag and offset.
        UnsupportedCard: another layout.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, _ATTRIBUTES)
    check_tags(children, _ATTRIBUTES_TAGS, where, len(data))
    table, name, address, born, of_sex = children
    return AttributesRecord(
        name=text(name, where, 1, MAX_TEXT_BYTES, _NOT_TEXT.search),
        address=text(address, where, 0, MAX_TEXT_BYTES, _NOT_TEXT.search),
        birth_date=birth_day(born, where),
        sex=sex(of_sex, where),
        digest_input=data[name.start : of_sex.end],
        offsets_true=offsets_true(table, [child.start for child in children[1:]], where),
    )


def parse_integrity_record(
    data: bytes, file_id: str = "0003", scheme: SignatureScheme = PRESENT_CARD.scheme
) -> IntegrityRecord:
    """Read ``FF30 { DF31 digest, DF32 digest, DF33 signature }``.

    Raises:
        EvidenceError: malformed objects; names tag and offset.
        UnsupportedCard: another layout, digest or signature size.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, _INTEGRITY)
    check_tags(children, _INTEGRITY_TAGS, where, len(data))
    number, attributes, signed_by = children
    return IntegrityRecord(
        digest(number, where, scheme.digest_length),
        digest(attributes, where, scheme.digest_length),
        signature(signed_by, where, scheme.signature_length),
        data[number.start : attributes.end],
    )


def parse_transport_key(data: bytes, file_id: str = "0006") -> TransportKey:
    """Read ``A1 { 90 exponent, 91 modulus }``.

    Raises:
        EvidenceError: malformed TLVs.
        UnsupportedCard: another outer tag or key structure.
    """
    data, where = masked(data), f"files.{file_id}"
    outer = read_outer(data, where, TRANSPORT_KEY)
    return TransportKey(parse_card_key(data, outer.value_start, outer.end, where, outer.place(where)))


def parse_card_key_record(
    data: bytes, file_id: str = "0007", scheme: SignatureScheme = PRESENT_CARD.scheme
) -> CardKeyRecord:
    """Read ``FF50 { DF51 key, DF52 signature }``.

    Raises:
        EvidenceError: malformed objects; names tag and offset.
        UnsupportedCard: another layout, key structure or signature size.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, _CARD_KEY)
    check_tags(children, _CARD_KEY_TAGS, where, len(data))
    key, signed_by = children
    return CardKeyRecord(card_key(key, where), signature(signed_by, where, scheme.signature_length), key.whole)


def _my_number(digits: MaskedBytes) -> MyNumber | None:
    """The number, or None; so that no error carries the frames that have its digits."""
    try:
        return MyNumber(MaskedText(digits.decode("ascii")))
    except ValueError:
        return None
