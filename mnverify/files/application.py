"""Application information of both domains: free, unsigned, and for support only.

Its bytes may be any, its sizes only those of the cards seen, though nothing is verified by it: EF ``0003`` of the input-assist
domain, which leads back to the 個人番号, begins like EF ``0003`` of the face-check domain, and a more lenient reader would let it
into evidence that may be kept. No purpose reads these files, so a card that differs here is not refused for it.
"""

from __future__ import annotations

from typing import NamedTuple

from mnverify.errors import UnsupportedCard
from mnverify.files import reasons
from mnverify.files.fields import check_tags, sized, sized_repr
from mnverify.files.tlv import read_file_object
from mnverify.masked import MaskedBytes, masked, not_copied
from mnverify.values.key_id import KEY_ID_LENGTH, KeyId

_FACE, _INPUT = 0xFF30, 0xFF40
_FACE_TAGS = (0xDF31, 0xDF32, 0xDF33, 0xDF34, 0xDF35)
_INPUT_TAGS = (0xDF41, 0xDF42, 0xDF43)
_CODES, _MUNICIPALITY_DIGITS = 4, 5
_FACE_OPAQUE, _INPUT_OPAQUE = 16 + 256, 128


@not_copied
class FaceApplicationInformation(NamedTuple):
    """EF ``0003`` of the face-check domain.

    Attributes:
        specification_version: ``06`` on the cards seen.
        extended_length: code of the support for extended Lc and Le, ``03`` on the cards seen.
        vendor: code.
        vendor_own: the vendor's own byte.
        key_id: sixteen bytes.
        version: one byte.
        municipality: five digits of the municipality code.
        opaque: 272 bytes of unknown meaning.
    """

    specification_version: int
    extended_length: int
    vendor: int
    vendor_own: int
    key_id: KeyId
    version: int
    municipality: str
    opaque: MaskedBytes

    def __repr__(self) -> str:
        return sized_repr(self)


@not_copied
class InputApplicationInformation(NamedTuple):
    """EF ``0005`` of the input-assist domain.

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
    opaque: MaskedBytes

    def __repr__(self) -> str:
        return sized_repr(self)


def parse_face_application_information(data: bytes, file_id: str = "0003") -> FaceApplicationInformation:
    """Read ``FF30 { DF31 codes, DF32 key id, DF33 version, DF34 municipality, DF35 opaque }``.

    Raises:
        EvidenceError: malformed objects; names tag and offset.
        UnsupportedCard: another layout.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, _FACE)
    check_tags(children, _FACE_TAGS, where, len(data))
    codes, key_id, version, municipality, opaque = children
    digits = sized(municipality, _MUNICIPALITY_DIGITS, where)
    if not digits.isdigit():
        raise UnsupportedCard(municipality.place(where), reasons.NO_MUNICIPALITY)
    specification_version, extended_length, vendor, vendor_own = sized(codes, _CODES, where)
    return FaceApplicationInformation(
        specification_version=specification_version,
        extended_length=extended_length,
        vendor=vendor,
        vendor_own=vendor_own,
        key_id=KeyId(sized(key_id, KEY_ID_LENGTH, where)),
        version=sized(version, 1, where)[0],
        municipality=digits.decode(),
        opaque=sized(opaque, _FACE_OPAQUE, where),
    )


def parse_input_application_information(data: bytes, file_id: str = "0005") -> InputApplicationInformation:
    """Read ``FF40 { DF41 codes, DF42 key id, DF43 opaque }``.

    Raises:
        EvidenceError: malformed objects; names tag and offset.
        UnsupportedCard: another layout.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, _INPUT)
    check_tags(children, _INPUT_TAGS, where, len(data))
    codes, key_id, opaque = children
    specification_version, extended_length, vendor, vendor_own = sized(codes, _CODES, where)
    return InputApplicationInformation(
        specification_version=specification_version,
        extended_length=extended_length,
        vendor=vendor,
        vendor_own=vendor_own,
        key_id=KeyId(sized(key_id, KEY_ID_LENGTH, where)),
        opaque=sized(opaque, _INPUT_OPAQUE, where),
    )
