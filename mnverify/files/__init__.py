"""From the bytes of card files to typed records that know which of their bytes are signed. Nothing is verified here."""

from mnverify.files.application import (
    FaceApplicationInformation,
    InputApplicationInformation,
    parse_face_application_information,
    parse_input_application_information,
)
from mnverify.files.card_key import CardKey
from mnverify.files.certificate import Certificate, parse_certificate
from mnverify.files.digest_info import challenge_digest_info, digest_info
from mnverify.files.face_check import (
    AgeRecord,
    FaceRecord,
    NumberRecord,
    drop_segments,
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
from mnverify.files.layouts import Record, read_layout
from mnverify.files.structure import FileStructure, ObjectStructure, file_structure
from mnverify.files.tlv import Tlv, object_length, read_file_object, read_tlv

__all__ = [
    "AgeRecord",
    "AttributesRecord",
    "CardKey",
    "CardKeyRecord",
    "Certificate",
    "FaceApplicationInformation",
    "FaceRecord",
    "FileStructure",
    "InputApplicationInformation",
    "IntegrityRecord",
    "NumberFile",
    "NumberRecord",
    "ObjectStructure",
    "Record",
    "Tlv",
    "TransportKey",
    "challenge_digest_info",
    "digest_info",
    "drop_segments",
    "file_structure",
    "object_length",
    "parse_age_record",
    "parse_attributes",
    "parse_card_key_record",
    "parse_certificate",
    "parse_face_application_information",
    "parse_face_record",
    "parse_input_application_information",
    "parse_integrity_record",
    "parse_number_file",
    "parse_number_record",
    "parse_transport_key",
    "read_file_object",
    "read_layout",
    "read_tlv",
]
