"""Where things stand on a card, in millimetres: four layouts in the spirit of the real one, in four typefaces.

What reads a card must depend on none of them. ``HELD_OUT`` names those that nobody looks at while tuning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.virtual.print.fonts import Typeface


@dataclass(frozen=True, slots=True)
class Slot:
    """The room of a field.

    Attributes:
        x: left edge.
        y: upper edge.
        width: of the room.
        height: of the room.
        size: of the type, where the text fits in it; it shrinks down to six tenths.
        spacing: between characters, as a part of the type's size.
        leading: from line to line, as a part of the type's size.
    """

    x: float
    y: float
    width: float
    height: float
    size: float
    spacing: float = 0.0
    leading: float = 1.18


@dataclass(frozen=True, slots=True)
class Label:
    """Words that stand on every card of a layout: upper left corner, size of type."""

    text: str
    x: float
    y: float
    size: float = 1.9
    spacing: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin frame, or a filled strip."""

    x: float
    y: float
    width: float
    height: float
    fill: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """One side of a layout.

    Attributes:
        slots: room of each printed field.
        labels: words beside them.
        rules: frames and strips, in the order of drawing.
        mark: where 見本 stands.
        photo: left, upper edge, width, height of the photo (front).
        chip: left and upper edge of the contacts (back).
        code: left and upper edge of the QR code (back).
        spare_code: where a forger puts a second one (back).
    """

    slots: Mapping[str, Slot]
    labels: tuple[Label, ...]
    mark: Slot
    rules: tuple[Rule, ...] = ()
    photo: tuple[float, float, float, float] | None = None
    chip: tuple[float, float] | None = None
    code: tuple[float, float] | None = None
    spare_code: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout of both sides.

    Attributes:
        name: its name.
        typeface: of everything on it.
        front: 表面.
        back: 裏面.
        born_word: 生 stands behind the date of birth, as on the real card.
        tints: the colours of the background, from left to right.
    """

    name: str
    typeface: Typeface
    front: Face
    back: Face
    born_word: bool = True
    tints: tuple[tuple[int, int, int], tuple[int, int, int]] = ((250, 228, 226), (222, 236, 246))


LayoutName = Literal["standard", "mirrored", "compact", "open"]
HELD_OUT = frozenset({"compact", "open"})
"""Layouts that are never used while tuning what reads a card."""

_TITLE = "個人番号カード"
_STRIP = (247, 240, 236)
_NOTE = "これは見本です。実在の人物・団体とは関係ありません。"

_STANDARD = Layout(
    "standard",
    Typeface.IPA_GOTHIC,
    Face(
        slots={
            "name": Slot(11.5, 2.9, 56.0, 5.0, 3.5),
            "address": Slot(11.5, 9.4, 70.5, 8.6, 2.75),
            "birth_date": Slot(29.5, 20.0, 32.0, 3.6, 2.75),
            "sex": Slot(71.0, 20.0, 11.5, 3.6, 2.75),
            "expiry": Slot(29.5, 25.0, 32.0, 3.6, 2.6),
            "security_code": Slot(8.0, 46.6, 16.0, 4.2, 3.3, 0.08),
            "additional_entry": Slot(31.0, 35.6, 50.5, 8.8, 2.35),
        },
        labels=(
            Label("氏名", 4.0, 3.6),
            Label("住所", 4.0, 9.9),
            Label(_TITLE, 69.3, 3.8, 1.9),
            Label("性別", 64.5, 20.7),
            Label("電子証明書の有効期限", 29.5, 29.9, 1.6),
            Label("年　　月　　日", 48.0, 29.9, 1.6),
            Label("追記欄", 31.0, 33.2, 1.6),
            Label("見本県架空市長", 60.0, 47.2, 2.3),
            Label(_NOTE, 29.5, 50.9, 1.25),
        ),
        rules=(Rule(2.6, 2.3, 65.6, 6.0, _STRIP), Rule(46.0, 29.3, 15.5, 2.8), Rule(29.5, 32.8, 53.0, 12.0)),
        mark=Slot(28.0, 46.0, 9.0, 4.2, 3.4),
        photo=(4.0, 19.6, 20.8, 26.0),
    ),
    Face(
        slots={
            "my_number": Slot(28.0, 12.0, 46.0, 5.4, 4.3, 0.04),
            "name": Slot(28.0, 20.6, 53.0, 4.2, 3.0),
            "birth_date": Slot(28.0, 27.6, 40.0, 3.8, 2.75),
        },
        labels=(
            Label("個人番号", 28.0, 9.2, 1.9),
            Label("氏名", 28.0, 18.3, 1.6),
            Label("生年月日", 28.0, 25.4, 1.6),
            Label("個人番号は、法律で定められた場合を除き、他人に提供できません。", 5.0, 43.6, 1.6),
            Label(_NOTE, 5.0, 46.6, 1.5),
        ),
        rules=(),
        mark=Slot(4.6, 3.4, 9.0, 4.2, 3.4),
        chip=(9.0, 17.8),
        code=(70.6, 36.8),
        spare_code=(55.0, 36.8),
    ),
)

_MIRRORED = Layout(
    "mirrored",
    Typeface.IPA_MINCHO,
    Face(
        slots={
            "name": Slot(12.5, 6.6, 46.0, 4.8, 3.3),
            "address": Slot(12.5, 12.8, 46.5, 11.2, 2.55),
            "birth_date": Slot(17.0, 26.6, 28.0, 3.4, 2.6),
            "sex": Slot(51.5, 26.6, 10.2, 3.4, 2.5),
            "expiry": Slot(17.0, 31.4, 32.0, 3.4, 2.6),
            "security_code": Slot(64.5, 44.6, 16.0, 4.4, 3.5, 0.10),
            "additional_entry": Slot(5.0, 39.2, 54.0, 8.4, 2.3),
        },
        labels=(
            Label(_TITLE, 4.0, 2.6, 2.2, 0.3),
            Label("氏名", 4.0, 7.6, 1.9),
            Label("住所", 4.0, 13.2, 1.9),
            Label("生年月日", 4.0, 27.2, 1.9),
            Label("性別", 46.0, 27.2, 1.9),
            Label("有効期限", 4.0, 32.0, 1.9),
            Label("追記欄", 4.6, 36.9, 1.6),
            Label("照合番号", 64.5, 42.6, 1.5),
            Label(_NOTE, 4.0, 50.6, 1.4),
        ),
        rules=(Rule(3.4, 36.3, 57.0, 12.2), Rule(0, 0, 85.6, 1.6, (214, 190, 205))),
        mark=Slot(46.0, 2.2, 9.0, 4.0, 3.2),
        photo=(62.0, 12.6, 21.2, 26.5),
    ),
    Face(
        slots={
            "my_number": Slot(6.0, 39.4, 46.0, 5.2, 4.0, 0.02),
            "name": Slot(26.0, 10.0, 56.0, 4.2, 3.0),
            "birth_date": Slot(26.0, 17.4, 40.0, 3.6, 2.6),
        },
        labels=(
            Label("個人番号", 6.0, 36.8, 1.8),
            Label("氏名", 26.0, 7.6, 1.6),
            Label("生年月日", 26.0, 15.2, 1.6),
            Label(_NOTE, 6.0, 48.8, 1.4),
        ),
        mark=Slot(70.0, 44.0, 9.0, 4.2, 3.4),
        chip=(9.0, 17.8),
        code=(70.0, 22.0),
        spare_code=(52.0, 22.0),
    ),
)

_COMPACT = Layout(
    "compact",
    Typeface.NOTO_GOTHIC,
    Face(
        slots={
            "name": Slot(30.0, 8.2, 52.5, 4.2, 2.8),
            "address": Slot(30.0, 14.4, 52.5, 9.4, 2.3),
            "birth_date": Slot(30.0, 26.0, 26.0, 3.0, 2.2),
            "sex": Slot(66.0, 26.0, 16.0, 3.0, 2.2),
            "expiry": Slot(30.0, 31.0, 30.0, 3.0, 2.2),
            "security_code": Slot(66.0, 31.0, 14.0, 3.4, 2.6),
            "additional_entry": Slot(5.0, 41.0, 76.0, 6.4, 2.2),
        },
        labels=(
            Label(_TITLE, 30.0, 3.4, 2.0),
            Label("氏名", 30.0, 6.4, 1.5),
            Label("住所", 30.0, 12.7, 1.5),
            Label("生年月日", 30.0, 24.3, 1.5),
            Label("性別", 66.0, 24.3, 1.5),
            Label("有効期限", 30.0, 29.3, 1.5),
            Label("照合番号", 66.0, 29.3, 1.5),
            Label("追記欄", 5.0, 39.2, 1.5),
            Label(_NOTE, 5.0, 50.4, 1.4),
        ),
        rules=(Rule(4.4, 38.8, 77.0, 9.2),),
        mark=Slot(72.0, 2.6, 9.0, 4.0, 3.2),
        photo=(5.0, 5.4, 22.4, 28.0),
    ),
    Face(
        slots={
            "my_number": Slot(26.0, 33.0, 40.0, 4.4, 3.4, 0.06),
            "name": Slot(26.0, 40.6, 42.0, 3.4, 2.4),
            "birth_date": Slot(26.0, 46.4, 36.0, 3.2, 2.2),
        },
        labels=(
            Label("個人番号", 26.0, 31.0, 1.5),
            Label("氏名", 26.0, 38.9, 1.5),
            Label("生年月日", 26.0, 44.7, 1.5),
            Label(_NOTE, 26.0, 50.6, 1.3),
        ),
        mark=Slot(4.6, 45.0, 9.0, 4.2, 3.2),
        chip=(9.0, 17.8),
        code=(71.0, 9.0),
        spare_code=(52.0, 9.0),
    ),
    born_word=False,
    tints=((226, 240, 232), (246, 236, 220)),
)

_OPEN = Layout(
    "open",
    Typeface.NOTO_MINCHO,
    Face(
        slots={
            "name": Slot(6.0, 5.8, 54.0, 5.6, 3.9),
            "address": Slot(6.0, 38.4, 73.5, 8.6, 2.6),
            "birth_date": Slot(6.0, 14.6, 34.0, 4.0, 3.0),
            "sex": Slot(49.0, 14.6, 13.0, 4.0, 3.0),
            "expiry": Slot(6.0, 21.0, 38.0, 4.0, 3.0),
            "security_code": Slot(48.0, 21.0, 14.0, 4.4, 3.4),
            "additional_entry": Slot(6.6, 28.0, 54.0, 7.4, 2.3),
        },
        labels=(
            Label(_TITLE, 6.0, 3.2, 1.9, 0.15),
            Label("生年月日", 6.0, 12.9, 1.5),
            Label("性別", 49.0, 12.9, 1.5),
            Label("有効期限", 6.0, 19.3, 1.5),
            Label("追記欄", 6.6, 26.6, 1.3),
            Label("住所", 6.0, 36.8, 1.5),
            Label(_NOTE, 6.0, 49.6, 1.5),
        ),
        rules=(Rule(6.0, 26.2, 55.4, 9.8),),
        mark=Slot(68.3, 31.4, 9.0, 4.2, 3.4),
        photo=(63.6, 6.4, 18.4, 23.0),
    ),
    Face(
        slots={
            "my_number": Slot(16.0, 39.0, 62.0, 6.4, 4.8, 0.06),
            "name": Slot(27.0, 19.4, 36.0, 4.2, 3.0),
            "birth_date": Slot(27.0, 26.0, 36.0, 3.8, 2.8),
        },
        labels=(
            Label("個人番号", 6.0, 41.4, 1.8),
            Label(_NOTE, 6.0, 49.4, 1.5),
        ),
        rules=(Rule(0, 4.0, 85.6, 9.6, (92, 84, 88)),),
        mark=Slot(27.0, 31.6, 9.0, 4.2, 3.4),
        chip=(9.0, 17.8),
        code=(69.6, 20.4),
        spare_code=(50.0, 27.4),
    ),
    tints=((232, 230, 246), (250, 240, 214)),
)

_LAYOUTS = {one.name: one for one in (_STANDARD, _MIRRORED, _COMPACT, _OPEN)}


def layouts() -> tuple[str, ...]:
    """The names of all layouts, the plain one first."""
    return tuple(_LAYOUTS)


def layout_named(name: str) -> Layout:
    """A layout.

    Raises:
        UsageError: there is none of that name.
    """
    if name in _LAYOUTS:
        return _LAYOUTS[name]
    known = ", ".join(_LAYOUTS)
    raise UsageError(
        Text(
            f"There is no layout {name!r}. Nothing was drawn; there are: {known}.",
            f"レイアウト {name!r} はありません。何も描いていません。選べるもの: {known}",
        )
    )
