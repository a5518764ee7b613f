"""What the card said, beside the print: everything that the verdict screen shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from mnverify import Image, MyNumber, Sex, Text, VerificationResult
from mnverify.client import Verification
from mnverify.masked import MaskedText, masked, not_copied
from mnverify.values import BirthDay, PartialDate, age_on, in_japanese_calendar
from samples.nfc_kiosk.compared import Compared, compare_print, read_chip
from samples.nfc_kiosk.visit import Visit
from samples.nfc_kiosk.words import Outcome

ROWS = ("name", "address", "birth_date", "sex", "expiry", "security_code", "my_number")
_PICTURE_OF = {
    "name": "name_image",
    "address": "address_image",
    "security_code": "security_code_image",
    "my_number": "my_number_image",
}
_SEXES = {
    Sex.MALE: Text("male", "男"),
    Sex.FEMALE: Text("female", "女"),
    Sex.UNKNOWN: Text("unknown", "不明"),
    Sex.NOT_APPLICABLE: Text("not applicable", "適用不能"),
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@not_copied
@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One field of the card.

    Attributes:
        name: of the field.
        chip: what the chip holds, as text.
        chip_picture: the name of its picture in the visit, where the chip holds one.
        printed: what is printed, as text.
        print_picture: the name of the picture that the camera took of it.
        outcome: ``match``, ``mismatch``, ``uncertain`` or ``not-compared``.
        code: the comparison's stable code.
        detail: a sentence of it.
        assurance: how well the chip's value is vouched for.
    """

    name: str
    chip: Text | None
    chip_picture: str | None
    printed: Text | None
    print_picture: str | None
    outcome: str
    code: str
    detail: Text | None
    assurance: str


@not_copied
@dataclass(frozen=True, slots=True, repr=False)
class Findings:
    """The verdict.

    Attributes:
        outcome: one word for all.
        rows: field by field; none where the card was rejected.
        failed: id and sentence of the checks that failed.
        limits: what cannot be known, in sentences.
        age: full years on the day of the reading; ``None`` where the birth date is not complete.
        expiry_year: for the history.
        photo: whether the chip holds one.
        environment: of the anchors, where it is not the real one.
    """

    outcome: Outcome
    rows: tuple[Row, ...] = ()
    failed: tuple[tuple[str, str, Text], ...] = ()
    limits: tuple[Text, ...] = ()
    age: int | None = None
    expiry_year: int | None = None
    photo: bool = False
    environment: str = "production"
    endpoint: str | None = field(default=None)


def judge(visit: Visit, result: VerificationResult, told: Verification | None) -> Findings:
    """Put together what the verdict screen shows. The pictures go into the visit.

    Args:
        visit: with the print.
        result: the verification of the reading.
        told: the answer of the endpoint that judges in place of the kiosk, where there is one.
    """
    limits = tuple(result.limits.values())
    judged_by = told.id if told is not None else None
    if not result.verified or (told is not None and not told):
        failed = [(check.id, check.code, check.detail) for check in result.checks if check.outcome == "fail"]
        failed += [(c.id, c.code, Text.of(c.detail)) for c in (told.checks if told else ()) if c.outcome == "fail"]
        return Findings(
            Outcome.REJECTED,
            failed=tuple({one[:2]: one for one in reversed(failed)}.values()),
            limits=limits,
            environment=result.environment,
            endpoint=judged_by,
        )
    compared = compare_print(visit, result, read_chip(visit, result))
    _keep_pictures(visit, result)
    rows = tuple(_row(name, visit, result, compared) for name in ROWS if _is_there(name, result))
    born, day = result.birth_date, result.at.date()
    return Findings(
        compared.outcome,
        rows,
        limits=limits,
        age=age_on(born, day) if isinstance(born, date) else None,
        expiry_year=result.expiry.year if result.expiry else None,
        photo=result.photo is not None,
        environment=result.environment,
        endpoint=judged_by,
    )


def _is_there(name: str, result: VerificationResult) -> bool:
    return name in result.fields or _PICTURE_OF.get(name) in result.fields


def _keep_pictures(visit: Visit, result: VerificationResult) -> None:
    """As PNG: no browser shows JPEG 2000."""
    for name, one in result.fields.items():
        if isinstance(one.value, Image):
            visit.pictures[name] = masked(one.value.to_png())


def _row(name: str, visit: Visit, result: VerificationResult, compared: Compared) -> Row:
    picture = _PICTURE_OF.get(name)
    held = result.fields.get(name) or result.fields[picture or name]
    verdict = compared.fields.get(name)
    return Row(
        name=name,
        chip=_text(name, held.value) if name in result.fields else None,
        chip_picture=picture if picture in visit.pictures else None,
        printed=compared.printed.get(name),
        print_picture=f"print-{name}" if f"print-{name}" in visit.pictures else None,
        outcome=verdict.outcome if verdict else "not-compared",
        code=verdict.code if verdict else "not-compared",
        detail=verdict.detail if verdict else None,
        assurance=held.assurance.value,
    )


def _text(name: str, value: object) -> Text | None:
    match value:
        case Sex():
            return _SEXES[value]
        case MyNumber() | Image():
            return None  # a picture, or shown only while it is asked for
        case date() | PartialDate():
            return day_in_words(value, era=name == "birth_date")
        case _:
            return Text.of(MaskedText(str(value)))


def day_in_words(day: BirthDay, *, era: bool) -> Text:
    """A day as people write it in both languages; in Japanese a birth date with its era, as it is printed."""
    if isinstance(day, PartialDate):
        en = day.isoformat()
        ja = f"{day.year}年{day.month}月（日は不詳）" if day.month else f"{day.year}年（月日は不詳）"
    else:
        en = f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        ja = f"{day.year}年{day.month}月{day.day}日"
    japanese = in_japanese_calendar(day) if era else None
    return Text(MaskedText(en), MaskedText(f"{japanese}（{ja}）" if japanese else ja))
