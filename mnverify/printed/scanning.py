"""Read the face of a card from a picture: find the card, lay it straight, read it, and doubt what is not sure.

Nothing is kept or sent. A 個人番号 is never read from a front; in role ``general`` a picture of the back is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING

from mnverify.card.credentials import VerificationNumberB
from mnverify.errors import CredentialFormatError, DoubtfulPrint, RoleError
from mnverify.masked import not_copied
from mnverify.printed.around_text import LEVEL, on_the_rim, slope_of
from mnverify.printed.data import FIELDS, Place, PrintedData, Source
from mnverify.printed.engine import TextEngine, TextLine
from mnverify.printed.fields import SURE, Face, Reading, number_lines, read_fields
from mnverify.printed.outline import Outline, OutlineSearch, unlike
from mnverify.printed.pictures import Picture, PictureSource, load_picture
from mnverify.printed.second_look import look_again
from mnverify.printed.straight import StraightCard
from mnverify.printed.which_side import has_code, shows_a_back
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
_MOST_TRIES, _MOST_TRIES_OF_A_FACE = 4, 2  # outlines that are read; and where most of a face was legible
_MOST_AROUND = 2  # outlines that agree with text, at a time
_MARGIN = 0.3  # of a line's height, around what is painted out
_JAPAN = timezone(timedelta(hours=9))

_BACK = Text(
    "This is the back of the card, with the 個人番号, which role general may not collect. Nothing of it was kept. "
    "Take a picture of the front, or declare the role my-number-office where the business may.",
    "カードの裏面（個人番号の面）です。役割 general では収集できません。内容は一切保存していません。"
    "表面を撮るか、個人番号を扱える業務なら役割 my-number-office を宣言してください。",
)
_NO_FRONT = Text(
    "Neither an address, nor an expiry, nor a sex was read: this may be the back of the card, with the 個人番号, which role "
    "general may not collect. Nothing of it was kept. Take a picture of the front, from above, in good light.",
    "住所・有効期限・性別のどれも読み取れません。カードの裏面（個人番号の面）かもしれず、役割 general では収集できません。"
    "内容は一切保存していません。明るい場所で真上から、表面を撮ってください。",
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
    def is_surely_a_front(self) -> bool:
        """Whether something was read that stands on fronts alone, and nothing was seen of what backs have.

        That is a 個人番号, digits that may be one, the heading of it, and a QR code on the card.
        """
        face = self._face
        return face.is_front and not (face.seen_number or face.heading or has_code(self.card))

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

    In role ``general`` nothing of a 個人番号 comes out, in whatever way it was read: what may be a back is refused, and where a
    front has such digits on it, they are in no field and are painted out in ``Scan.card``.

    Args:
        picture: bytes of a file, its path, an array (RGB), or a picture that is decoded already.
        engine: reads the text; default rapidocr (extra ``ocr``).
        role: of the business. Only in ``my-number-office`` the back is read, with the 個人番号.
        today: by which an expiry is possible; default today in Japan.

    Raises:
        PictureError: not a picture, too dark, too small, blurred; its ``advice`` says how to take it better.
        CardNotFound: no whole card is in it.
        SeveralCards: more than one card is in it.
        RoleError: it is the back, or nothing was found that stands on fronts alone, and the role is ``general``.
        UnreadableFile: the path cannot be read.
        MissingExtra: the extra ``ocr`` is not installed.
    """
    declared = Role(role)
    reader = engine if engine is not None else _default_engine()
    given = picture if isinstance(picture, Picture) else load_picture(picture)
    day = today if today is not None else datetime.now(UTC).astimezone(_JAPAN).date()
    refuse_unusable(given.pixels)
    best, others = _find_and_read(given, reader, day)
    if declared is Role.GENERAL:
        _refuse_back(best, others)
    if best.face.landmarks < _LANDMARKS:
        refuse_unreadable(best.card.pixels)
    if declared is Role.GENERAL and not best.face.is_front:
        raise RoleError(_NO_FRONT)
    return _result(best, look_again(best.face, best.card, reader), declared)


def _refuse_back(best: _Try, others: Sequence[_Try]) -> None:
    """Refuse what shows something of a back; in another outline too, where this one does not surely hold a front."""
    if shows_a_back(best.face, best.lines, best.card.pixels):
        raise RoleError(_BACK)
    if not best.face.is_surely_front and any(one.face.seen_number and not one.face.is_front for one in others):
        raise RoleError(_BACK)


def _default_engine() -> TextEngine:
    from mnverify.printed.rapid import rapid_engine

    return rapid_engine()


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class _Try:
    """What was read in one outline."""

    card: StraightCard
    face: Face
    lines: tuple[TextLine, ...]

    @property
    def sure(self) -> int:
        """Fields of 照合番号B that are sure."""
        found = (self.face.one(name) for name in NUMBER_B_FIELDS)
        return sum(one is not None and one.confidence >= SURE for one in found)

    @property
    def enough(self) -> bool:
        """No other outline would give more; of a back nothing more is wanted."""
        is_back = self.face.number is not None and not self.face.is_front
        return is_back or (self.sure == len(NUMBER_B_FIELDS) and self.legible)

    @property
    def legible(self) -> bool:
        """So much of a face was read that the outline is nearly right."""
        return self.face.landmarks >= _ENOUGH

    @property
    def worth(self) -> tuple[int, int, int]:
        """By which the best is chosen."""
        return self.sure, self.face.landmarks, len(self.lines)

    @property
    def fits(self) -> bool:
        """The outline is that of the card, as far as text tells: it is level, and none of it is cut."""
        height, width = self.card.pixels.shape[:2]
        quads = [line.quad for line in self.lines]
        slope = slope_of(quads)
        return slope is not None and slope <= LEVEL and not on_the_rim(quads, width, height)


def _find_and_read(given: Picture, reader: TextEngine, today: date) -> tuple[_Try, list[_Try]]:
    """The outline in which most of a face is found, and all that were read; the likeliest one is nearly always it.

    Where something of 照合番号B is missing, or text lies aslant or on the rim, the next outlines are tried: those first that agree
    with the text that was read. Four at most, and two where most of a face was legible; the one with more sure fields counts.
    """
    search = OutlineSearch(given.pixels)
    waiting, tried = search.likeliest(), list[_Try]()
    refuse_narrow(waiting[0].width)
    used: list[Outline] = []
    while waiting:
        used.append(waiting.pop(0))
        width = round(min(MOST_WIDTH, max(LEAST_WIDTH, used[-1].width)))
        card = StraightCard.of(given, used[-1].corners, width)
        tried.append(_read_upright(card, reader, today, turn=not tried))
        if tried[-1].enough or len(tried) >= (_MOST_TRIES_OF_A_FACE if tried[-1].legible else _MOST_TRIES):
            break
        waiting = _next_outlines(search, tried, used, waiting)
    return max(tried, key=lambda one: one.worth), tried


def _next_outlines(
    search: OutlineSearch, tried: Sequence[_Try], used: Sequence[Outline], waiting: Sequence[Outline]
) -> list[Outline]:
    """What to try next, where the last try did not give all."""
    last = tried[-1]
    if last.fits:  # what is missing is not missing for its outline, unless that is a frame on the card
        return [one for one in waiting if not last.legible or one.width > used[-1].width]
    texts = [last.card.quad_in_picture(line.quad) for line in last.lines]
    around = search.around(texts) if texts else []
    return unlike([*used, *around[:_MOST_AROUND], *waiting])[len(used) :]


def _read_upright(card: StraightCard, reader: TextEngine, today: date, *, turn: bool) -> _Try:
    """The card the right way up, and what it says. Lines that stand on their heads say that it is not.

    Args:
        turn: where nothing makes sense, turn it and read again, for an engine that reads upright text only.
    """
    lines = tuple(reader.read(card.pixels))
    on_its_head = sum(len(line.text) * (1 if line.quad[0][0] > line.quad[1][0] else -1) for line in lines) > 0
    if on_its_head:
        turned = tuple(card.turned_line(line) for line in lines)
        return _Try(card.turned(), read_fields(turned, today=today), turned)
    found = _Try(card, read_fields(lines, today=today), lines)
    if found.face.landmarks >= _LANDMARKS or not turn:
        return found
    other = card.turned()
    lines = tuple(reader.read(other.pixels))
    return max(found, _Try(other, read_fields(lines, today=today), lines), key=lambda one: one.face.landmarks)


def _result(read: _Try, face: Face, role: Role) -> Scan:
    card = read.card
    readings = {name: face.readings[name] for name in FIELDS if name in face.readings}
    if role is not Role.MY_NUMBER_OFFICE or face.is_front:
        face = replace(face, number=None)
        card = _without_numbers(card, read.lines)
    if face.number is not None:
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


def _without_numbers(card: StraightCard, lines: Sequence[TextLine]) -> StraightCard:
    """The card with nothing to be seen where digits stand that are or may be a 個人番号."""
    found = number_lines(lines)
    if not found:
        return card
    pixels = card.pixels.copy()
    for line in found:
        margin = round(_MARGIN * line.height)
        top, left = max(0, round(line.top) - margin), max(0, round(line.left) - margin)
        pixels[top : round(line.bottom) + margin, left : round(line.right) + margin] = 0
    return replace(card, pixels=pixels)


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
