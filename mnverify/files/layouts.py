"""From the layout names of a card profile to the readers that know the bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files import reasons
from mnverify.files.application import (
    FaceApplicationInformation,
    InputApplicationInformation,
    parse_face_application_information,
    parse_input_application_information,
)
from mnverify.files.certificate import Certificate, parse_certificate
from mnverify.files.face_check import (
    AgeRecord,
    FaceRecord,
    NumberRecord,
    parse_age_record,
    parse_face_record,
    parse_number_record,
)
from mnverify.files.input_assist import (
    AttributesRecord,
    CardKeyRecord,
    IntegrityRecord,
    NumberFile,
    TransportKey,
    parse_attributes,
    parse_card_key_record,
    parse_integrity_record,
    parse_number_file,
    parse_transport_key,
)
from mnverify.masked import masked
from mnverify.profile import PRESENT_CARD, SignatureScheme

Record: TypeAlias = (
    AgeRecord
    | FaceRecord
    | FaceApplicationInformation
    | Certificate
    | NumberRecord
    | NumberFile
    | AttributesRecord
    | IntegrityRecord
    | InputApplicationInformation
    | TransportKey
    | CardKeyRecord
)
"""What the readers of this package yield. Each knows which of its bytes are signed; none was verified."""

FACE_RECORD = "face-record"

_SIGNED: dict[str, Callable[[bytes, str, SignatureScheme], Record]] = {
    "age-record": parse_age_record,
    "certificate": parse_certificate,
    "number-record": parse_number_record,
    "integrity-record": parse_integrity_record,
    "card-key-record": parse_card_key_record,
}
_UNSIGNED: dict[str, Callable[[bytes, str], Record]] = {
    "face-application-information": parse_face_application_information,
    "my-number": parse_number_file,
    "attributes": parse_attributes,
    "input-application-information": parse_input_application_information,
    "transport-key": parse_transport_key,
}


def read_layout(
    layout: str,
    file_id: str,
    data: bytes,
    dropped: frozenset[int] = frozenset(),
    scheme: SignatureScheme = PRESENT_CARD.scheme,
) -> Record:
    """Read a file by the layout name that the card profile gives it.

    Args:
        layout: ``FileRule.layout``.
        file_id: four hex digits, for errors.
        data: the file, with or without filler.
        dropped: segments that were left out (layout ``face-record`` only).
        scheme: how this card generation signs.

    Raises:
        EvidenceError: malformed bytes; names file, tag and offset.
        UnsupportedCard: a file of a card generation that this version does not know, or an unknown layout.
    """
    data = masked(data)
    if layout == FACE_RECORD:
        return parse_face_record(data, dropped, file_id, scheme)
    if dropped:
        raise EvidenceError(f"files.{file_id}", reasons.NO_SEGMENTS)
    if layout in _SIGNED:
        return _SIGNED[layout](data, file_id, scheme)
    if layout in _UNSIGNED:
        return _UNSIGNED[layout](data, file_id)
    raise UnsupportedCard(f"files.{file_id}", reasons.UNKNOWN_LAYOUT)
