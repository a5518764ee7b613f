"""From lines of text to the fields of a card's face, by labels and forms, whatever the layout.

What has a form of its own (dates, four digits) is found by it, what has none (name, address, 追記) by its label. What is found in
two ways, or by a guess, is doubtful and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from mnverify.masked import MaskedText
from mnverify.printed import forms
from mnverify.printed.digits import DIGITS, digit_lines, longest_run
from mnverify.printed.engine import TextLine
from mnverify.printed.regions import Piece, all_below, in_one_row, value_of
from mnverify.printed.unlabelled import MOST_SURE, NO_LABEL, name_without_label
from mnverify.text import Text
from mnverify.values.dates import BirthDay, PartialDate

SURE = 0.80
"""Confidence from which on a field of 照合番号B is taken without asking a person."""
_DOUBTFUL = 0.5  # what a guess is worth at most

_NO_SUCH_DAY = {
    "birth_date": Text(
        "The birth date is no day of the calendar, or not a possible one.", "生年月日が暦にない日か、ありえない日です。"
    ),
    "expiry": Text(
        "The expiry is no day of the calendar, or not a possible one.", "有効期限が暦にない日か、ありえない日です。"
    ),
}
_GUESSED = {
    "birth_date": Text("Which date is the birth date was guessed.", "どの日付が生年月日かは推測です。"),
    "expiry": Text("Which date is the expiry was guessed.", "どの日付が有効期限かは推測です。"),
}
_ON_FRONTS_ALONE = frozenset({"address", "expiry", "sex"})
_SURELY = 2  # of these
_NOT_SHOWN = "〓"
_LETTERS = Text("A letter was taken for a digit in a date.", "日付で、文字を数字とみなしました。")
_TWO_CODES = Text(
    "More than one group of four digits may be the security code.",
    "セキュリティコードと思われる4桁の数字が複数あります。",
)


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """One field as it was read.

    Attributes:
        name: of the field, as in ``printed.data.FIELDS``.
        text: as printed.
        confidence: 0 to 1.
        lines: where it stands.
        day: what a date says, None where it is no date or none that can be.
        era: a date that is printed in the Japanese calendar.
    """

    name: str
    text: MaskedText
    confidence: float
    lines: tuple[TextLine, ...]
    day: BirthDay | None = None
    era: bool = False

    def doubted(self, most: float = _DOUBTFUL) -> Reading:
        """The same with less confidence."""
        return replace(self, confidence=min(self.confidence, most))

    def __repr__(self) -> str:
        return f"Reading({self.name}, {self.confidence:.2f})"


@dataclass(frozen=True, slots=True)
class Face:
    """What the lines of a face say.

    Attributes:
        readings: by field name; ``additional_entry`` may have several, in their order.
        doubts: what stayed unclear, without content.
        landmarks: how many things were found that stand on every face.
        number: a 個人番号 that stands in the picture.
        seen_number: there are digits that are a 個人番号, or may be one that was misread; they are in no reading.
        heading: 個人番号 stands there as a heading, and not as a part of the card's title.
    """

    readings: dict[str, list[Reading]]
    doubts: tuple[Text, ...]
    landmarks: int
    number: Reading | None = None
    seen_number: bool = False
    heading: bool = False

    @property
    def is_front(self) -> bool:
        """Whether something was read that stands on the front only. Four digits do not: they may be a part of the 個人番号."""
        return not _ON_FRONTS_ALONE.isdisjoint(self.readings)

    @property
    def is_surely_front(self) -> bool:
        """Whether so much of that was read that it cannot be a mistake."""
        return len(_ON_FRONTS_ALONE & set(self.readings)) >= _SURELY

    def one(self, name: str) -> Reading | None:
        """The reading of a field."""
        found = self.readings.get(name)
        return found[0] if found else None


def read_fields(lines: Sequence[TextLine], *, today: date) -> Face:
    """Find the fields among lines of an upright, rectified card.

    Args:
        lines: as the engine gave them.
        today: what is possible depends on it.
    """
    return _Finder(lines, today).face()


def number_lines(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines that hold a 個人番号, and those that hold hardly anything but digits that may be one, or parts of one.

    Args:
        lines: of an upright, rectified card.
    """
    alone = digit_lines(lines)
    return [line for line in lines if forms.find_my_number(line.text) is not None or any(line is one for one in alone)]


class _Finder:
    """Takes lines apart, field by field: what is taken is not free any more."""

    def __init__(self, lines: Sequence[TextLine], today: date) -> None:
        self._today = today
        self._doubts: list[Text] = []
        self._found: dict[str, list[Reading]] = {}
        self._number: Reading | None = None
        self._free = [Piece(line, forms.fold(line.text)) for line in lines]
        self._labels: dict[str, TextLine] = {}
        self._taken: list[TextLine] = []
        self._landmarks = 0
        self._heading = False
        self._aside: list[Piece] = []

    def face(self) -> Face:
        """Everything, in the order in which one thing depends on another."""
        self._take_number()
        self._leave_out_other_print()
        self._take_labels()
        self._take_dates()
        self._take_sex()
        self._take_security_code()
        self._take_name()
        self._take_text("address", "", self._free)
        self._take_additional_entry()
        self._take_name_without_label()
        return Face(
            self._found,
            tuple(dict.fromkeys(self._doubts)),
            self._landmarks + len(self._labels),
            self._number,
            bool(self._aside),
            self._heading,
        )

    def _take_number(self) -> None:
        """A 個人番号, or what may be one, is set aside before anything else, and never becomes a part of another field."""
        aside = number_lines([piece.line for piece in self._free])
        self._aside = [one for one in self._free if any(one.line is line for line in aside)]
        for piece in self._aside:
            number = forms.find_my_number(piece.line.text)
            if number is not None:
                self._number = Reading("my_number", number, _sureness([piece.line]), (piece.line,))
            self._remove(piece)

    def _leave_out_other_print(self) -> None:
        kept = []
        for piece in self._free:
            if forms.is_other_print(piece.folded) and not forms.LABELS["name"].match(piece.folded):
                self._landmarks += "個人番号" in piece.folded.replace(" ", "")
                self._taken.append(piece.line)
            else:
                kept.append(piece)
        self._free = kept

    def _take_labels(self) -> None:
        """Labels, alone in a line or before their value, which then is a piece of its own."""
        kept = []
        for piece in self._free:
            name, end = _label_at(piece.folded)
            if name is None or name in self._labels:
                kept.append(piece)
                continue
            whole = end >= len(piece.folded)
            self._heading = self._heading or (name == "my_number" and not self._begins_the_title(piece))
            self._labels[name] = piece.line if whole else piece.cut(0, end).line
            if not whole:
                kept.append(piece.cut(end))
        self._free = kept

    def _begins_the_title(self, piece: Piece) -> bool:
        """Whether カード stands behind it: the title of the front, read as two."""
        behind = (one for one in self._free if one.folded.strip().startswith(("カ", "力")))
        return any(one.line.left > piece.line.left and in_one_row(piece.line, one.line) for one in behind)

    def _take_dates(self) -> None:
        found: list[tuple[Piece, forms.FoundDate]] = []
        for piece in self._free:
            found += [(piece, one) for one in forms.find_dates(piece.folded)]
        undecided = []
        for piece, one in found:
            name = self._meaning(piece, one)
            if name is None:
                undecided.append((piece, one))
            elif name not in self._found:
                self._add_date(name, piece, one)
        self._guess_dates(undecided)
        for piece, one in found:
            self._put_back_rest(piece, one)

    def _meaning(self, piece: Piece, one: forms.FoundDate) -> str | None:
        """Which date it is, by the words around it or by its label."""
        after = piece.folded[one.end :].lstrip()
        if after.startswith("生") or isinstance(one.day, PartialDate):
            return "birth_date"
        if after.startswith(("まで", "迄", "有効")):
            return "expiry"
        for name in ("birth_date", "expiry"):
            label = self._labels.get(name)
            if label is not None and any(found is piece for found in value_of(label, self._free)):
                return name
        return None

    def _guess_dates(self, undecided: list[tuple[Piece, forms.FoundDate]]) -> None:
        """Dates without words and label: an era is a birth date's, what lies ahead is an expiry."""
        for piece, one in undecided:
            if one.day is None or in_additional_entry(self._labels, piece.line):
                continue
            name = (
                "birth_date"
                if one.era
                else "expiry"
                if forms.is_plausible_expiry(one.day, self._today)
                else "birth_date"
            )
            if name not in self._found:
                self._add_date(name, piece, one)
                self._doubt(name, _GUESSED[name])

    def _add_date(self, name: str, piece: Piece, one: forms.FoundDate) -> None:
        value = piece.cut(one.start, one.end)
        text = MaskedText("".join(value.folded.split()))
        reading = Reading(name, text, _sureness([value.line]), (value.line,), one.day, one.era)
        self._found[name] = [reading]
        self._landmarks += 1
        possible = forms.is_plausible_birth if name == "birth_date" else forms.is_plausible_expiry
        if one.day is None or not possible(one.day, self._today):
            self._doubt(name, _NO_SUCH_DAY[name])
        if one.mended:
            self._doubt(name, _LETTERS)

    def _put_back_rest(self, piece: Piece, one: forms.FoundDate) -> None:
        """What stands before and behind a date in its line can be another field."""
        if not any(piece is other for other in self._free):
            return
        if not any(value.quad == piece.cut(one.start, one.end).line.quad for value in self._values()):
            return
        self._remove(piece)
        behind = one.end + forms.words_after_date(piece.folded[one.end :])
        self._free += [part for part in (piece.cut(0, one.start), piece.cut(behind)) if part.folded.strip()]

    def _take_sex(self) -> None:
        label = self._labels.get("sex")
        candidates = value_of(label, self._free)[:1] if label is not None else []
        candidates += [
            piece for piece in self._free if piece.folded.replace(" ", "") in ("男", "女", "性別男", "性別女")
        ]
        for piece in candidates:
            at = forms.find_sex(piece.folded)
            if at is None or len(piece.folded.strip()) > 4:
                continue
            value = piece.cut(at, at + 1)
            self._add("sex", value.folded, [value], label is not None or "性" in piece.folded)
            self._remove(piece)
            return

    def _take_security_code(self) -> None:
        label = self._labels.get("security_code")
        alone = [piece for piece in self._free if forms.four_digits(piece.folded) is not None]
        beside = [] if label is None else [piece for piece in value_of(label, self._free) if piece in alone]
        candidates = beside[:1] or alone
        if not candidates:
            return
        piece = candidates[0]
        self._add("security_code", forms.four_digits(piece.folded) or "", [piece], True)
        if len(candidates) > 1:
            self._doubt("security_code", _TWO_CODES)
        self._remove(piece)

    def _take_name(self) -> None:
        """No name has a digit in it: what has one is an address or a date, whatever label is near."""
        self._take_text("name", " ", [one for one in self._free if not any(map(str.isdigit, one.folded))])

    def _take_text(self, name: str, joint: str, free: Sequence[Piece]) -> None:
        label = self._labels.get(name)
        if label is None:
            return
        pieces = value_of(label, free, [one for one in self._labels.values() if one is not label])
        if not pieces:
            return
        self._add(name, joint.join(piece.line.text.strip() for piece in pieces), pieces, True)
        for piece in pieces:
            self._remove(piece)

    def _take_additional_entry(self) -> None:
        label = self._labels.get("additional_entry")
        if label is None:
            return
        others = [*self._labels.values(), *self._values(), *self._taken]
        below = all_below(label, [*self._free, *self._aside], [one for one in others if one is not label])
        entries = [Reading("additional_entry", self._entry(one), _sureness([one.line]), (one.line,)) for one in below]
        if entries:
            self._found["additional_entry"] = entries

    def _entry(self, piece: Piece) -> MaskedText:
        """What an entry says. A number in it is told as digits that nobody could read: they may be those of a newer address."""
        text = forms.in_japanese_forms(piece.line.text.strip())
        if not any(piece is one for one in self._aside) and longest_run(text) < DIGITS:
            return text
        return MaskedText(_without_digits(text).replace(_NOT_SHOWN, "0", 1))

    def _take_name_without_label(self) -> None:
        """Of a front whose address was found. It tells nothing of how much of a face was legible: it is no landmark."""
        label, address = self._labels.get("address"), self._found.get("address")
        if {"name"} & {*self._found, *self._labels} or self._aside or label is None or address is None:
            return
        labels = [line for name, line in self._labels.items() if name != "my_number"]
        piece = name_without_label(self._free, address[0].lines, label, [*labels, *self._values()])
        if piece is None:
            return
        text, sure = forms.in_japanese_forms(piece.line.text.strip()), _sureness([piece.line])
        self._found["name"] = [Reading("name", text, sure, (piece.line,)).doubted(MOST_SURE)]
        self._doubts.append(NO_LABEL)

    def _add(self, name: str, text: str, pieces: Sequence[Piece], sure: bool) -> None:
        lines = tuple(piece.line for piece in pieces)
        reading = Reading(name, _without_number(forms.in_japanese_forms(text)), _sureness(lines), lines)
        self._found[name] = [reading if sure else reading.doubted(SURE)]
        self._landmarks += 1

    def _doubt(self, name: str, why: Text) -> None:
        self._found[name] = [reading.doubted() for reading in self._found[name]]
        self._doubts.append(why)

    def _remove(self, piece: Piece) -> None:
        self._free = [one for one in self._free if one is not piece]

    def _values(self) -> list[TextLine]:
        return [line for readings in self._found.values() for reading in readings for line in reading.lines]


def in_additional_entry(labels: dict[str, TextLine], line: TextLine) -> bool:
    """Whether a line lies in the column below the label of the 追記欄, where dates are those of entries."""
    label = labels.get("additional_entry")
    if label is None:
        return False
    below = 0 <= line.top - label.top <= 9 * label.height and line.left >= label.left - label.height
    return below or in_one_row(label, line)


def _without_number(text: MaskedText) -> MaskedText:
    """The text; where it holds as many digits as a 個人番号, none of its digits, so that it never equals another."""
    return text if longest_run(text) < DIGITS else _without_digits(text)


def _without_digits(text: MaskedText) -> MaskedText:
    return MaskedText("".join(_NOT_SHOWN if one.isdigit() else one for one in text))


def _label_at(folded: str) -> tuple[str | None, int]:
    """The label that a line begins with, and where it ends."""
    for name, pattern in forms.LABELS.items():
        match = pattern.match(folded)
        if match is not None:
            return name, match.end()
    return None, 0


def _sureness(lines: Sequence[TextLine]) -> float:
    """Of a field: no surer than the mean of its lines' confidence and their weakest character, and unsure of a character that is
    also the Chinese form of another."""
    sure = min((line.confidence + line.weakest) / 2 for line in lines)
    return min(sure, _DOUBTFUL) if any(forms.has_two_meanings(line.text) for line in lines) else sure
