"""The drawn sides: their size, where their ink is, what stands on them and what does not."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from mnverify.errors import MissingExtra, UsageError
from mnverify.virtual import persona, personas
from mnverify.virtual.print import HELD_OUT, Place, Print, Side, layouts, packages, print_back, print_front
from mnverify.virtual.print.background import background
from mnverify.virtual.print.layouts import layout_named

LAYOUTS = layouts()


def dark(side: Print, place: Place) -> float:
    """Share of dark pixels in a place."""
    part = side.pixels[place.y : place.bottom, place.x : place.right].min(axis=2)
    return float((part < 120).mean())


@pytest.mark.parametrize(("dpi", "size", "code"), [(300, (1011, 638), 105), (600, (2022, 1275), 210)])
def test_the_proportions_are_those_of_the_card(dpi: int, size: tuple[int, int], code: int) -> None:
    front, back = print_front(persona(), dpi=dpi), print_back(persona(), dpi=dpi)
    assert front.size == back.size == size
    assert front.size[0] / front.size[1] == pytest.approx(85.60 / 53.98, rel=1e-3)
    place = back.places["qr"]
    assert (place.width, place.height) == (code, code) and code / dpi * 25.4 == pytest.approx(8.89)
    saved = Image.open(io.BytesIO(back.to_png()))
    assert saved.size == size and saved.info["dpi"][0] == pytest.approx(dpi, abs=0.1)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("holder", personas(), ids=lambda one: one.id)
def test_everybody_fits_into_every_layout(layout: str, holder: object) -> None:
    for side in (print_front(holder, layout=layout), print_back(holder, layout=layout)):  # type: ignore[arg-type]
        whole = Place(0, 0, *side.size)
        fields = list(side.printed)
        assert len(fields) >= 3
        for field in fields:
            place = side.places[field]
            # Ink may stand out of its cell by a hair: the room is of cells.
            room = side.boxes[field]
            assert Place(room.x - 2, room.y - 2, room.width + 4, room.height + 4).holds(place), field
            assert whole.holds(room) and dark(side, place) > 0.04, field
        boxes = [side.boxes[name] for name in (*fields, *({"photo", "chip"} & set(side.boxes)))] + [side.mark]
        if "qr" in side.places:
            boxes.append(side.places["qr"])
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                apart = one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y
                assert apart, (layout, side.side, one, other)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_outside_of_what_is_placed_there_is_no_black(layout: str) -> None:
    """Labels are paler than print: whatever is black belongs to a place."""
    for draw in (print_front, print_back):
        side = draw(persona("hikkoshi-ichiro"), layout=layout)
        rest = side.pixels.copy()
        for place in side.places.values():
            rest[place.y : place.bottom, place.x : place.right] = 255
        assert (side.pixels.max(axis=2) < 80).mean() > 0.01 and (rest.max(axis=2) < 80).sum() == 0


def test_the_number_is_on_the_back_alone() -> None:
    for holder in personas():
        digits = holder.my_number.reveal()
        front, back = print_front(holder), print_back(holder)
        assert "my_number" not in front.printed and "qr" not in front.places and not front.code_content
        assert not any(digits[at : at + 4] in value for value in front.printed.values() for at in (0, 4))
        assert back.printed["my_number"].replace(" ", "") == back.code_content == digits
        assert digits not in repr(back) + repr(front)


def test_what_stands_there_is_what_the_chip_was_given() -> None:
    for holder in personas():
        printed = print_front(holder).printed
        assert printed["security_code"] == holder.verification_number_b[-4:] == holder.security_code
        assert printed["expiry"].startswith(f"{holder.expiry.year}年") and "まで有効" in printed["expiry"]
        assert printed["birth_date"].startswith(holder.birth_printed)
        assert printed["address"] == holder.main_address and printed["name"] == holder.name
        assert printed.get("additional_entry", "") == holder.additional_entry


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_side_is_marked_as_a_sample(layout: str) -> None:
    for draw in (print_front, print_back):
        side = draw(persona(), layout=layout)
        mark = side.pixels[side.mark.y : side.mark.bottom, side.mark.x : side.mark.right].astype(int)
        red = (mark[:, :, 0] > 150) & (mark[:, :, 1] < 110)
        assert red.mean() > 0.15
        empty = background(layout_named(layout), side.side, 300).astype(int)
        veiled = (np.abs(side.pixels.astype(int) - empty).max(axis=2) > 8).mean()
        assert veiled > 0.06  # the large pale 見本


def test_no_photo_no_face() -> None:
    with_face, without = print_front(persona()), print_front(persona("reiwa-baby"))
    assert dark(with_face, with_face.places["photo"]) > 0.1 > dark(without, without.places["photo"])


def test_drawing_is_the_same_each_time_and_the_picture_is_fixed() -> None:
    first, second = print_front(persona(), layout="open"), print_front(persona(), layout="open")
    assert (first.pixels == second.pixels).all() and first.places == second.places
    with pytest.raises(ValueError, match="read-only"):
        first.pixels[0, 0] = 0


def test_layouts_differ_and_two_are_held_out() -> None:
    assert len(LAYOUTS) >= 4 and len(HELD_OUT) == 2 and set(LAYOUTS) > HELD_OUT
    typefaces = {layout_named(name).typeface for name in LAYOUTS}
    assert len(typefaces) == len(LAYOUTS)
    for draw in (print_front, print_back):
        for field in ("name", "birth_date"):
            assert len({draw(persona(), layout=name).boxes[field] for name in LAYOUTS}) == len(LAYOUTS)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UsageError, match="there are: standard"):
        print_front(persona(), layout="other")
    for dpi in (0, 149, 1201, 10**9):
        with pytest.raises(UsageError, match="dots per inch"):
            print_back(persona(), dpi=dpi)
    assert print_back(persona(), dpi=150).side is Side.BACK


def test_nobody_who_does_not_print_loads_what_printing_needs() -> None:
    code = (
        "import sys, mnverify, mnverify.virtual, mnverify.cli.parser, mnverify.cli.commands.demo;"
        "print(sorted({'cv2', 'numpy', 'segno', 'mnverify.virtual.print'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name == "segno" else known(name))
    with pytest.raises(MissingExtra, match=r"segno.*\[print\]"):
        packages.require_packages()
