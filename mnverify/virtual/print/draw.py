"""Front and back of a virtual card, drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values import MyNumber, PartialDate
from mnverify.virtual.personas import Persona
from mnverify.virtual.print.background import background, draw_chip
from mnverify.virtual.print.canvas import Canvas
from mnverify.virtual.print.code import draw_code
from mnverify.virtual.print.flaws import PrintFlaw
from mnverify.virtual.print.forgery import another_face, another_number, forged
from mnverify.virtual.print.layouts import Face, Layout, layout_named
from mnverify.virtual.print.model import CODE_SIZE, Pixels, Place, Print, Side

LEAST_DPI, MOST_DPI = 150, 1200
WRONG_CODE_SIZE = 12.446
"""Millimetres: 147 dots at 300 dpi."""
_LABEL = (110, 84, 100)


def print_front(
    holder: Persona, *, layout: str = "standard", dpi: int = 300, flaws: Iterable[PrintFlaw] = (), seed: int = 0
) -> Print:
    """Draw the front: 氏名, 住所, 生年月日, 性別, 有効期限, 照合番号 (four digits), 追記欄, photo. No 個人番号.

    Args:
        holder: whose card it is.
        layout: one of ``layouts()``.
        dpi: dots per inch, 150 to 1200.
        flaws: what a forger changed.
        seed: chooses what is altered, and how.

    Raises:
        UsageError: no such layout, resolution or flaw of this side; a text that does not fit; a character in no font.
        MissingFont: the layout's typeface is not on this machine.
    """
    wrong = _checked(flaws, Side.FRONT, dpi)
    chosen = layout_named(layout)
    shown = forged(holder, wrong, seed)
    printed, genuine = (_front_values(one, chosen) for one in (shown, holder))
    canvas = _begun(chosen, Side.FRONT, dpi)
    face = chosen.front
    places, boxes = _fields(canvas, face, printed)
    if face.photo is not None:
        photo_of = another_face(holder, seed) if PrintFlaw.OTHER_FACE in wrong else holder.photo
        places["photo"] = boxes["photo"] = canvas.face(photo_of, *face.photo)
    mark = canvas.mark(face.mark)
    return Print(
        side=Side.FRONT, layout=layout, dpi=dpi, persona_id=holder.id, pixels=_fixed(canvas.pixels()),
        printed=printed, genuine=genuine, places=places, boxes=boxes, mark=mark,
    )  # fmt: skip


def print_back(
    holder: Persona, *, layout: str = "standard", dpi: int = 300, flaws: Iterable[PrintFlaw] = (), seed: int = 0
) -> Print:
    """Draw the back: 個人番号 in groups of four, its QR code of 8.89 mm, 氏名, 生年月日, the contacts of the chip.

    Args:
        holder: whose card it is.
        layout: one of ``layouts()``.
        dpi: dots per inch, 150 to 1200.
        flaws: what a forger changed.
        seed: chooses what is altered, and how.

    Raises:
        UsageError: no such layout, resolution or flaw of this side; a text that does not fit; a character in no font.
        MissingFont: the layout's typeface is not on this machine.
    """
    wrong = _checked(flaws, Side.BACK, dpi)
    chosen = layout_named(layout)
    number = another_number(holder.my_number, seed) if PrintFlaw.ALTERED_NUMBER in wrong else holder.my_number
    printed, genuine = (_back_values(holder, one, chosen) for one in (number, holder.my_number))
    canvas = _begun(chosen, Side.BACK, dpi)
    places, boxes = _fields(canvas, chosen.back, printed)
    mark = canvas.mark(chosen.back.mark)
    page = canvas.pixels()
    if chosen.back.chip is not None and PrintFlaw.MISSING_CHIP not in wrong:
        places["chip"] = boxes["chip"] = Place(*draw_chip(page, *chosen.back.chip, dpi))
    content = _codes(page, chosen.back, holder.my_number, wrong, seed, dpi, places)
    return Print(
        side=Side.BACK, layout=layout, dpi=dpi, persona_id=holder.id, pixels=_fixed(page),
        printed=printed, genuine=genuine, places=places, boxes=boxes, mark=mark, code_content=content,
    )  # fmt: skip


def _codes(
    page: Pixels,
    face: Face,
    number: MyNumber,
    wrong: Collection[PrintFlaw],
    seed: int,
    dpi: int,
    places: dict[str, Place],
) -> str:
    """Draw the code or codes; returns what the one in its place holds."""
    if face.code is None or PrintFlaw.NO_CODE in wrong:
        return ""
    other = another_number(number, seed + 1).reveal()
    content = other if PrintFlaw.ANOTHER_CODE in wrong else number.reveal()
    size = WRONG_CODE_SIZE if PrintFlaw.CODE_WRONG_SIZE in wrong else CODE_SIZE
    places["qr"] = draw_code(page, content, *face.code, dpi, size)
    if PrintFlaw.TWO_CODES in wrong and face.spare_code is not None:
        places["second_qr"] = draw_code(page, other, *face.spare_code, dpi)
    return content


def _checked(flaws: Iterable[PrintFlaw], side: Side, dpi: int) -> frozenset[PrintFlaw]:
    wrong = frozenset(PrintFlaw(flaw) for flaw in flaws)
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise UsageError(
            Text(
                f"A card is drawn at {LEAST_DPI} to {MOST_DPI} dots per inch. Nothing was drawn.",
                f"券面の解像度は {LEAST_DPI} から {MOST_DPI} dpi です。何も描いていません。",
            )
        )
    elsewhere = sorted(flaw.value for flaw in wrong if flaw.side is not side)
    if elsewhere:
        names = ", ".join(elsewhere)
        raise UsageError(
            Text(
                f"The {side} does not show {names}. Nothing was drawn; draw the other side.",
                f"{names} は、この面には現れません。何も描いていません。もう一方の面を描いてください。",
            )
        )
    return wrong


def _begun(layout: Layout, side: Side, dpi: int) -> Canvas:
    """Background, labels and frames."""
    canvas = Canvas(background(layout, side, dpi), layout.typeface, dpi)
    canvas.watermark("見本", 26.0)
    face = layout.front if side is Side.FRONT else layout.back
    for rule in face.rules:
        canvas.rule(rule)
    for label in face.labels:
        canvas.label(label.text, label.x, label.y, label.size, label.spacing, _LABEL)
    return canvas


def _fields(canvas: Canvas, face: Face, printed: dict[str, str]) -> tuple[dict[str, Place], dict[str, Place]]:
    """Draw every field in its slot: where its ink is, and where its room is."""
    places: dict[str, Place] = {}
    boxes: dict[str, Place] = {}
    for field, text in printed.items():
        slot = face.slots[field]
        boxes[field] = canvas.box(slot.x, slot.y, slot.width, slot.height)
        places[field] = canvas.text(text, slot)
    return places, boxes


def _front_values(holder: Persona, layout: Layout) -> dict[str, str]:
    values = {
        "name": holder.name,
        "address": holder.main_address,
        "birth_date": _birth(holder, layout),
        "sex": holder.sex.japanese,
        "expiry": f"{holder.expiry.year}年{holder.expiry.month}月{holder.expiry.day}日まで有効",
        "security_code": holder.security_code,
        "additional_entry": holder.additional_entry,
    }
    return {field: text for field, text in values.items() if text}


def _back_values(holder: Persona, number: MyNumber, layout: Layout) -> dict[str, str]:
    digits = number.reveal()
    return {
        "my_number": " ".join((digits[:4], digits[4:8], digits[8:])),
        "name": holder.name,
        "birth_date": _birth(holder, layout),
    }


def _birth(holder: Persona, layout: Layout) -> str:
    born = layout.born_word and not isinstance(holder.birth, PartialDate)
    return holder.birth_printed + ("生" if born else "")


def _fixed(page: Pixels) -> Pixels:
    page.setflags(write=False)
    return page
