"""The fields of a verified result, each with its assurance."""

from __future__ import annotations

from collections.abc import Mapping

from mnverify.files.face_check import AgeRecord, FaceRecord, NumberRecord
from mnverify.files.input_assist import AttributesRecord, NumberFile
from mnverify.files.layouts import Record
from mnverify.masked import refuse_copy
from mnverify.verification.result import Assurance, Field, FieldValue

_WITH_FIELDS = (AgeRecord, FaceRecord, NumberRecord, AttributesRecord, NumberFile)


class Content:
    """The content of a verified result, made when it is asked for. Nothing shows, pickles or copies it.

    Only records with fields are held on to: the signed digests of input-assist lead back to the 個人番号 and must not outlive
    the verification ("The trap" in the docs).

    Args:
        records: by file id; every signed one was verified.
        corroborated: presence passed, and the chip accepted 照合番号B from this process.
    """

    __slots__ = ("_corroborated", "_records")

    def __init__(self, records: Mapping[str, Record], corroborated: bool) -> None:
        self._records = {name: record for name, record in records.items() if isinstance(record, _WITH_FIELDS)}
        self._corroborated = corroborated

    def __call__(self) -> dict[str, Field]:
        """The fields, made anew."""
        return collect_fields(self._records, self._corroborated)

    __reduce_ex__ = refuse_copy


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
            fields["security_code_image"] = Field(record.security_code_image, Assurance.UNSIGNED)  # compared by nobody
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
