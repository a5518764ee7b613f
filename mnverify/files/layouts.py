"""From the layout names of a card profile to the readers that know the bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files.certificate import Certificate, parse_certificate
from mnverify.files.face_check import (
    AgeRecord,
    FaceApplicationInformation,
    FaceRecord,
    NumberRecord,
    parse_age_record,
    parse_face_application_information,
    parse_face_record,
    parse_number_record,
)
from mnverify.files.input_assist import (
    AttributesRecord,
    CardKeyRecord,
    InputApplicationInformation,
    IntegrityRecord,
    NumberFile,
    TransportKey,
    parse_attributes,
    parse_card_key_record,
    parse_input_application_information,
    parse_integrity_record,
    parse_number_file,
    parse_transport_key,
)

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

_READERS: dict[str, Callable[[bytes, str], Record]] = {
    "age-record": parse_age_record,
    "face-application-information": parse_face_application_information,
    "certificate": parse_certificate,
    "number-record": parse_number_record,
    "my-number": parse_number_file,
    "attributes": parse_attributes,
    "integrity-record": parse_integrity_record,
    "input-application-information": parse_input_application_information,
    "transport-key": parse_transport_key,
    "card-key-record": parse_card_key_record,
}


def read_layout(layout: str, file_id: str, data: bytes, dropped: frozenset[int] = frozenset()) -> Record:
    """Read a file by the layout name that the card profile gives it.

    Args:
        layout: ``FileRule.layout``.
        file_id: four hex digits, for errors.
        data: the file, with or without filler.
        dropped: segments that were left out (layout ``face-record`` only).

    Raises:
        EvidenceError: the bytes are not such a file; names file, tag and offset.
        UnsupportedCard: a file of a card generation that this version does not know, or an unknown layout.
    """
    if layout == FACE_RECORD:
        return parse_face_record(data, dropped, file_id)
    if dropped:
        raise EvidenceError(f"files.{file_id}", "only the card face has segments that can be dropped")
    reader = _READERS.get(layout)
    if reader is None:
        raise UnsupportedCard(f"files.{file_id}", "there is no reader for its layout")
    return reader(data, file_id)
