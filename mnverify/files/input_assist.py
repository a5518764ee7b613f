"""Files of the input-assist domain 券面事項入力補助AP (``card.md`` §4)."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from mnverify.errors import EvidenceError
from mnverify.files.card_key import CardKey, card_key, parse_card_key
from mnverify.files.fields import (
    DIGEST_LENGTH,
    check_tags,
    compact_date,
    offsets_true,
    sex,
    signature,
    sized,
    sized_repr,
)
from mnverify.files.tlv import Tlv, read_file_object, read_outer
from mnverify.values.key_id import KEY_ID_LENGTH, KeyId
from mnverify.values.my_number import MyNumber
from mnverify.values.sex import Sex

NUMBER_FILLER = 2  # bytes after the number's object: the signed digest covers both
MAX_TEXT_BYTES = 2048

_NUMBER, _ATTRIBUTES, _INTEGRITY, _APPLICATION, _CARD_KEY, _TRANSPORT = 0xFF10, 0xFF20, 0xFF30, 0xFF40, 0xFF50, 0xA1
_ATTRIBUTES_TAGS = (0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25)
_INTEGRITY_TAGS = (0xDF31, 0xDF32, 0xDF33)
_APPLICATION_TAGS = (0xDF41, 0xDF42, 0xDF43)
_CARD_KEY_TAGS = (0xDF51, 0xDF52)
_OPAQUE_LENGTH = 128
_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")  # controls, separators, direction overrides


class NumberFile(NamedTuple):
    """EF ``0001``: the 個人番号. Role ``my-number-office`` only.

    Attributes:
        number: masked; ``number.reveal()``.
        digest_input: what the signed digest covers: the whole file, its two bytes of filler too.
    """

    number: MyNumber
    digest_input: bytes

    def __repr__(self) -> str:
        return sized_repr(self)


class AttributesRecord(NamedTuple):
    """EF ``0002``: the four attributes (基本4情報) as text.

    Attributes:
        name: family and given name are parted by U+3000.
        address: house numbers are full-width digits.
        birth_date: Gregorian.
        sex: JIS X 0303.
        digest_input: what the signed digest covers: the TLVs after the offset table.
        offsets_true: whether the offset table says where the objects begin.
    """

    name: str
    address: str
    birth_date: date
    sex: Sex
    digest_input: bytes
    offsets_true: bool

    def __repr__(self) -> str:
        return sized_repr(self)


class IntegrityRecord(NamedTuple):
    """EF ``0003``: 署名券面情報. It leads back to the 個人番号 (``rules.md``, the trap): it is never written in role ``general``.

    Attributes:
        number_digest: SHA-256 of EF ``0001``, filler included.
        attributes_digest: SHA-256 of the attributes' TLVs.
        signature: 256 bytes.
        signed: the signed bytes, the TLVs of both digests.
    """

    number_digest: bytes
    attributes_digest: bytes
    signature: bytes
    signed: bytes

    def __repr__(self) -> str:
        return sized_repr(self)


class InputApplicationInformation(NamedTuple):
    """EF ``0005``: application information, free and unsigned.

    Attributes:
        specification_version: ``01`` on the cards seen.
        extended_length: code of the support for extended Lc and Le, ``03`` on the cards seen.
        vendor: code.
        vendor_own: the vendor's own byte.
        key_id: sixteen bytes.
        opaque: 128 bytes of unknown meaning.
    """

    specification_version: int
    extended_length: int
    vendor: int
    vendor_own: int
    key_id: KeyId
    opaque: bytes

    def __repr__(self) -> str:
        return sized_repr(self)


class TransportKey(NamedTuple):
    """EF ``0006``: the key that a session key is encrypted to (``card.md`` §6). Not signed.

    Attributes:
        key: RSA.
    """

    key: CardKey

    def __repr__(self) -> str:
        return sized_repr(self)


class CardKeyRecord(NamedTuple):
    """EF ``0007``: the key that answers this domain's challenges. Nothing ties it to EF ``0003``.

    Attributes:
        card_key: the card's public key.
        signature: 256 bytes.
        signed: the signed bytes, the TLV of the key.
    """

    card_key: CardKey
    signature: bytes
    signed: bytes

    def __repr__(self) -> str:
        return sized_repr(self)


def parse_number_file(data: bytes, file_id: str = "0001") -> NumberFile:
    """Read ``FF10 0C <12 ASCII digits>`` and exactly two ``FF``: 17 bytes where the length is written in one.

    Raises:
        EvidenceError: not such a file, or the check digit is wrong. The message holds no digit.
        UnsupportedCard: another outer tag.
    """
    where = f"files.{file_id}"
    outer = read_outer(data, where, _NUMBER)
    digits = sized(outer, 12, where)
    if len(data) != outer.end + NUMBER_FILLER:
        raise EvidenceError(where, f"it has {outer.end + NUMBER_FILLER} bytes with its filler, not {len(data)}")
    try:
        return NumberFile(MyNumber(digits.decode("ascii")), data)
    except ValueError:
        raise EvidenceError(
            outer.place(where), "it is not a 個人番号 of twelve digits with a right check digit"
        ) from None


def parse_attributes(data: bytes, file_id: str = "0002") -> AttributesRecord:
    """Read ``FF20 { DF21 offset table, DF22 name, DF23 address, DF24 birth date, DF25 sex }``.

    An untrue offset table is not an error but ``offsets_true=False``.

    Raises:
        EvidenceError: not such a file; names tag and offset.
        UnsupportedCard: another outer tag.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _ATTRIBUTES)
    check_tags(children, _ATTRIBUTES_TAGS, where, len(data))
    table, name, address, born, of_sex = children
    return AttributesRecord(
        name=_text(name, where, 1),
        address=_text(address, where, 0),
        birth_date=compact_date(born, where),
        sex=sex(of_sex, where),
        digest_input=data[name.start : of_sex.end],
        offsets_true=offsets_true(table, [child.start for child in children[1:]], where),
    )


def parse_integrity_record(data: bytes, file_id: str = "0003") -> IntegrityRecord:
    """Read ``FF30 { DF31 digest, DF32 digest, DF33 signature }``.

    Raises:
        EvidenceError: not such a file; names tag and offset.
        UnsupportedCard: another outer tag or signature size.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _INTEGRITY)
    check_tags(children, _INTEGRITY_TAGS, where, len(data))
    number, attributes, signed_by = children
    return IntegrityRecord(
        sized(number, DIGEST_LENGTH, where),
        sized(attributes, DIGEST_LENGTH, where),
        signature(signed_by, where),
        data[number.start : attributes.end],
    )


def parse_input_application_information(data: bytes, file_id: str = "0005") -> InputApplicationInformation:
    """Read ``FF40 { DF41 versions, DF42 key id, DF43 opaque }``.

    Raises:
        EvidenceError: not such a file; names tag and offset.
        UnsupportedCard: another outer tag.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _APPLICATION)
    check_tags(children, _APPLICATION_TAGS, where, len(data))
    versions, key_id, opaque = children
    specification_version, extended_length, vendor, vendor_own = sized(versions, 4, where)
    return InputApplicationInformation(
        specification_version=specification_version,
        extended_length=extended_length,
        vendor=vendor,
        vendor_own=vendor_own,
        key_id=KeyId(sized(key_id, KEY_ID_LENGTH, where)),
        opaque=sized(opaque, _OPAQUE_LENGTH, where),
    )


def parse_transport_key(data: bytes, file_id: str = "0006") -> TransportKey:
    """Read ``A1 { 90 exponent, 91 modulus }``.

    Raises:
        EvidenceError: malformed TLVs.
        UnsupportedCard: another outer tag or key structure.
    """
    where = f"files.{file_id}"
    outer = read_outer(data, where, _TRANSPORT)
    return TransportKey(parse_card_key(data, outer.value_start, outer.end, where, outer.place(where)))


def parse_card_key_record(data: bytes, file_id: str = "0007") -> CardKeyRecord:
    """Read ``FF50 { DF51 key, DF52 signature }``.

    Raises:
        EvidenceError: not such a file; names tag and offset.
        UnsupportedCard: another outer tag, key structure or signature size.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _CARD_KEY)
    check_tags(children, _CARD_KEY_TAGS, where, len(data))
    key, signed_by = children
    return CardKeyRecord(card_key(key, where), signature(signed_by, where), key.whole)


def _text(tlv: Tlv, where: str, at_least: int) -> str:
    if not at_least <= tlv.length <= MAX_TEXT_BYTES:
        raise EvidenceError(tlv.place(where), f"a text of {tlv.length} bytes, outside {at_least} to {MAX_TEXT_BYTES}")
    try:
        text = tlv.value.decode()
    except UnicodeDecodeError:
        raise EvidenceError(tlv.place(where), "it is not UTF-8 text") from None
    if _NOT_TEXT.search(text):
        raise EvidenceError(tlv.place(where), "a text with control characters")
    return text
