"""Read the face of a card from a picture: find the card, lay it straight, read it, and doubt what is not sure.

Nothing is kept or sent. A 個人番号 is never read from a front; in role ``general`` a picture of the back is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING

from mnverify.card.credentials import VerificationNumberB
from mnverify.errors import CredentialFormatError, DoubtfulPrint, RoleError
from mnverify.masked import not_copied
from mnverify.printed.data import FIELDS, Place, PrintedData, Source
from mnverify.printed.engine import TextEngine
from mnverify.printed.fields import SURE, Face, Reading, read_fields
from mnverify.printed.outline import find_outlines
from mnverify.printed.pictures import Picture, PictureSource, load_picture
from mnverify.printed.second_look import look_again
from mnverify.printed.straight import StraightCard
from mnverify.printed.why_not import refuse_narrow, refuse_unreadable, refuse_unusable
from mnverify.text import Text
from mnverify.values import Role

if TYPE_CHECKING:
    from mnverify.printed.pictures import Pixels

LEAST_WIDTH, MOST_WIDTH = 1016, 1600
"""Pixels of the card's long side when it is read: 300 dpi at least, and no more than the picture holds."""
NUMBER_B_FIELDS = ("birth_date", "expiry", "security_code")
"""What 照合番号B is made of."""
_LANDMARKS, _ENOUGH = 3, 6  # of what stands on every face: on fewer, it is no face, or not legible; on so many, it is
_JAPAN = timezone(timedelta(hours=9))

_BACK = Text(
    "This is the back of the card, with the 個人番号, which role general may not collect. Nothing of it was kept. "
    "Take a picture of the front, or declare the role my-number-office where the business may.",
    "カードの裏面（個人番号の面）です。役割 general では収集できません。内容は一切保存していません。"
    "表面を撮るか、個人番号を扱える業務なら役割 my-number-office を宣言してください。",
)


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Scan:
    """What was read from a picture of a card. Personal data: it shows none, and is neither pickled nor copied.

    Attributes:
        printed: the fields with confidence, places and doubts.
        corners: of the card in the picture as given, in pixels: from its upper left corner on, clockwise.
        card: the card laid straight, upright: RGB, eight bits, rows first.
        places_on_card: by field, where it is in ``card``.
        sure: names of the fields of 照合番号B that are sure enough to be used without asking a person.
    """

    printed: PrintedData
    corners: tuple[tuple[float, float], ...]
    card: Pixels
    places_on_card: Mapping[str, Place]
    sure: frozenset[str]
    _face: Face

    def number_b(self) -> VerificationNumberB:
        """照合番号B as printed: birth date, expiry year, security code.

        Raises:
            DoubtfulPrint: one of the three was not read, or is not sure; ``fields`` names which. A person types it.
        """
        missing = tuple(name for name in NUMBER_B_FIELDS if name not in self.sure)
        number = None if missing else _number_b(self._face)
        if number is None:
            raise DoubtfulPrint(missing or NUMBER_B_FIELDS)
        return number

    @property
    def readings(self) -> Mapping[str, list[Reading]]:
        """The fields as they were found, with the lines that they stand in (on ``card``)."""
        return self._face.readings

    def crop(self, name: str) -> Pixels | None:
        """The part of ``card`` that shows a field; None where it was not read."""
        place = self.places_on_card.get(name)
        if place is None:
            return None
        return self.card[place.y : place.y + place.height, place.x : place.x + place.width]

    def __repr__(self) -> str:
        return f"Scan({', '.join(self.printed.fields()) or 'nothing'})"


def scan(
    picture: PictureSource | Picture,
    *,
    engine: TextEngine | None = None,
    role: Role | str = Role.GENERAL,
    today: date | None = None,
) -> Scan:
    """Read the printed face of a card from a picture.

    Args:
        picture: bytes of a file, its path, an array (RGB), or a picture that is decoded already.
        engine: reads the text; default rapidocr (extra ``ocr``).
        role: of the business. Only in ``my-number-office`` the back is read, with the 個人番号.
        today: by which an expiry is possible; default today in Japan.

    Raises:
        PictureError: not a picture, too dark, too small, blurred; its ``advice`` says how to take it better.
        CardNotFound: no whole card is in it.
        SeveralCards: more than one card is in it.
        RoleError: it is the back, and the role is ``general``.
        UnreadableFile: the path cannot be read.
        MissingExtra: the extra ``ocr`` is not installed.
    """
    declared = Role(role)
    reader = engine if engine is not None else _default_engine()
    given = picture if isinstance(picture, Picture) else load_picture(picture)
    day = today if today is not None else datetime.now(UTC).astimezone(_JAPAN).date()
    refuse_unusable(given.pixels)
    card, face = _find_and_read(given, reader, day)
    if face.number is not None and not face.is_front and declared is Role.GENERAL:
        raise RoleError(_BACK)
    if face.landmarks < _LANDMARKS:
        refuse_unreadable(card.pixels)
    return _result(card, look_again(face, card, reader), declared)


def _default_engine() -> TextEngine:
    from mnverify.printed.rapid import rapid_engine

    return rapid_engine()


def _find_and_read(given: Picture, reader: TextEngine, today: date) -> tuple[StraightCard, Face]:
    """The outline in which most of a face is found; the likeliest one is nearly always it."""
    tried: list[tuple[StraightCard, Face]] = []
    for outline in find_outlines(given.pixels):
        if not tried:
            refuse_narrow(outline.width)
        width = round(min(MOST_WIDTH, max(LEAST_WIDTH, outline.width)))
        tried.append(_read_upright(StraightCard.of(given, outline.corners, width), reader, today))
        if tried[-1][1].landmarks >= _ENOUGH:
            break
    return max(tried, key=lambda one: one[1].landmarks)


def _read_upright(card: StraightCard, reader: TextEngine, today: date) -> tuple[StraightCard, Face]:
    """The card the right way up, and what it says. Lines that stand on their heads say that it is not."""
    lines = list(reader.read(card.pixels))
    on_its_head = sum(len(line.text) * (1 if line.quad[0][0] > line.quad[1][0] else -1) for line in lines) > 0
    if on_its_head:
        return card.turned(), read_fields([card.turned_line(line) for line in lines], today=today)
    face = read_fields(lines, today=today)
    if face.landmarks >= _LANDMARKS:
        return card, face
    other = card.turned()  # an engine that reads upright text only saw nothing that makes sense
    other_face = read_fields(list(reader.read(other.pixels)), today=today)
    return (other, other_face) if other_face.landmarks > face.landmarks else (card, face)


def _result(card: StraightCard, face: Face, role: Role) -> Scan:
    readings = {name: face.readings[name] for name in FIELDS if name in face.readings}
    if role is Role.MY_NUMBER_OFFICE and face.number is not None and not face.is_front:
        readings["my_number"] = [face.number]
    entries = readings.pop("additional_entry", [])
    shown = {**readings, **({"additional_entry": entries} if entries else {})}
    lines = {name: tuple(line for one in found for line in one.lines) for name, found in shown.items()}
    printed = PrintedData(
        {name: found[0].text for name, found in readings.items()},
        additional_entry=tuple(entry.text for entry in entries),
        sources=dict.fromkeys(shown, Source.PICTURE),
        confidence={name: min(one.confidence for one in found) for name, found in shown.items()},
        places={name: card.place_in_picture(where) for name, where in lines.items()},
        doubts=face.doubts,
        role=role,
    )
    sure = {name for name in NUMBER_B_FIELDS if name in readings and readings[name][0].confidence >= SURE}
    on_card = MappingProxyType({name: card.place_on_card(where) for name, where in lines.items()})
    return Scan(printed, card.corners_in_picture(), card.pixels, on_card, frozenset(sure), face)


def _number_b(face: Face) -> VerificationNumberB | None:
    birth, expiry, code = (face.one(name) for name in NUMBER_B_FIELDS)
    if not _dated(birth) or not _dated(expiry) or birth is None or expiry is None or code is None:
        return None
    assert birth.day is not None and expiry.day is not None  # noqa: S101  # as _dated said
    try:
        return VerificationNumberB.from_printed(
            birth.day, expiry.day.year, code.text, printed="era" if birth.era else "gregorian"
        )
    except CredentialFormatError:
        return None


def _dated(reading: Reading | None) -> bool:
    return reading is not None and reading.day is not None
