"""The fields of a verified result, each with its assurance."""

from __future__ import annotations

from collections.abc import Mapping

from mnverify.files.face_check import AgeRecord, FaceRecord, NumberRecord
from mnverify.files.input_assist import AttributesRecord, NumberFile
from mnverify.files.layouts import Record
from mnverify.verification.result import Assurance, Field, FieldValue

_WITH_FIELDS = (AgeRecord, FaceRecord, NumberRecord, AttributesRecord, NumberFile)


def with_fields(records: Mapping[str, Record]) -> dict[str, Record]:
    """The records that a result may hold on to: those with fields.

    The signed digests of input-assist lead back to the 個人番号 and must not outlive the verification
    (``rules.md``, "The trap in the input-assist domain").
    """
    return {name: record for name, record in records.items() if isinstance(record, _WITH_FIELDS)}


def collect_fields(records: Mapping[str, Record], corroborated: bool) -> dict[str, Field]:
    """The fields of records that were verified.

    Args:
        records: by file id; every signed one was verified.
        corroborated: presence passed, and the chip accepted 照合番号B from this process.
    """
    fields: dict[str, Field] = {}
    for record in records.values():
        for name, value in _signed(record):
            if value is not None:
                fields[name] = Field(value, Assurance.SIGNED)
        if isinstance(record, FaceRecord):
            assurance = Assurance.CORROBORATED if corroborated else Assurance.UNSIGNED
            fields["expiry"] = Field(record.expiry, assurance, "year" if corroborated else None)
            fields["security_code_image"] = Field(record.security_code_image, assurance)
    return fields


def _signed(record: Record) -> tuple[tuple[str, FieldValue | None], ...]:
    match record:
        case AgeRecord():
            return (("birth_date", record.birth_date),)
        case FaceRecord():
            return (
                ("birth_date", record.birth_date),
                ("sex", record.sex),
                ("name_image", record.name_image),
                ("address_image", record.address_image),
                ("photo", record.photo),
            )
        case NumberRecord():
            return (("my_number_image", record.number_image),)
        case AttributesRecord():
            return (
                ("name", record.name),
                ("address", record.address),
                ("birth_date", record.birth_date),
                ("sex", record.sex),
            )
        case NumberFile():
            return (("my_number", record.number),)
        case _:
            return ()
