"""Forgeries: each differs from the genuine print exactly where it says."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from mnverify.errors import MissingFont, UsageError
from mnverify.values import MyNumber
from mnverify.virtual import Persona, persona, personas
from mnverify.virtual.print import Place, Print, PrintFlaw, Side, fonts, layouts, print_back, print_front
from mnverify.virtual.print.forgery import another_number, can_swap_variant, forged

FRONT = [flaw for flaw in PrintFlaw if flaw.side is Side.FRONT]
FIELD = {
    PrintFlaw.ALTERED_BIRTH: "birth_date",
    PrintFlaw.ALTERED_EXPIRY: "expiry",
    PrintFlaw.ALTERED_CODE: "security_code",
    PrintFlaw.ALTERED_NAME: "name",
}


def draw(holder: Persona, flaw: PrintFlaw, layout: str = "standard", seed: int = 0) -> tuple[Print, Print]:
    """The genuine side and the forged one."""
    side = print_front if flaw.side is Side.FRONT else print_back
    return side(holder, layout=layout), side(holder, layout=layout, flaws=[flaw], seed=seed)


def differs_only_in(genuine: Print, forged: Print, allowed: list[Place]) -> bool:
    """Whether every changed pixel is in one of the places, and there are some."""
    changed = (genuine.pixels != forged.pixels).any(axis=2)
    some = bool(changed.any())
    for place in allowed:
        changed[max(0, place.y - 2) : place.bottom + 2, max(0, place.x - 2) : place.right + 2] = False
    return some and not changed.any()


@pytest.mark.parametrize("flaw", FRONT)
@pytest.mark.parametrize("layout", layouts())
def test_a_forged_front_differs_where_it_says(flaw: PrintFlaw, layout: str) -> None:
    for number, holder in enumerate(personas()[layouts().index(layout) :: 4]):
        if flaw is PrintFlaw.SWAPPED_VARIANT and not can_swap_variant(holder):
            continue
        genuine, forged = draw(holder, flaw, layout, seed=number)
        altered = forged.altered
        assert genuine.altered == frozenset()
        if flaw is PrintFlaw.OTHER_FACE:
            assert not altered and differs_only_in(genuine, forged, [genuine.boxes["photo"]])
            continue
        assert len(altered) == 1
        (field,) = altered
        assert field == FIELD.get(flaw, field) and field in {*FIELD.values(), "address", "additional_entry"}
        assert differs_only_in(genuine, forged, [genuine.boxes[field]])
        if flaw is not PrintFlaw.ALTERED_EXPIRY and flaw is not PrintFlaw.ALTERED_BIRTH:
            pairs = zip(genuine.printed[field], forged.printed[field], strict=True)
            assert sum(one != other for one, other in pairs) == 1


def test_altered_dates_are_dates_of_the_same_form() -> None:
    for holder in personas():
        for seed in range(20):
            made = forged(holder, [PrintFlaw.ALTERED_BIRTH, PrintFlaw.ALTERED_EXPIRY], seed)
            assert made.birth != holder.birth and isinstance(made.expiry, date) and made.expiry != holder.expiry
            assert made.birth_printed[:2] == holder.birth_printed[:2] and type(made.birth) is type(holder.birth)
            assert made.name == holder.name and made.security_code == holder.security_code


def test_who_moved_is_forged_in_the_additional_entry() -> None:
    """The main print of who moved speaks for an address that the chip does not hold any more."""
    front = print_front(persona("hikkoshi-ichiro"), flaws=[PrintFlaw.ALTERED_ADDRESS])
    assert front.altered == {"additional_entry"}


def test_forged_codes() -> None:
    holder = persona()
    digits = holder.my_number.reveal()
    genuine, other = draw(holder, PrintFlaw.ANOTHER_CODE)
    assert other.code_content != digits and MyNumber(other.code_content).reveal() and other.printed == genuine.printed
    assert differs_only_in(genuine, other, [genuine.places["qr"]])
    _, large = draw(holder, PrintFlaw.CODE_WRONG_SIZE)
    assert large.places["qr"].width == 147 and large.code_content == digits
    _, two = draw(holder, PrintFlaw.TWO_CODES)
    assert two.places["second_qr"].width == two.places["qr"].width == 105
    genuine, none = draw(holder, PrintFlaw.NO_CODE)
    assert "qr" not in none.places and none.code_content == ""
    place = genuine.places["qr"]
    assert none.pixels[place.y : place.bottom, place.x : place.right].min() > 120
    genuine, altered = draw(holder, PrintFlaw.ALTERED_NUMBER)
    assert altered.altered == {"my_number"} and altered.code_content == digits
    assert differs_only_in(genuine, altered, [genuine.boxes["my_number"]])
    genuine, bare = draw(holder, PrintFlaw.MISSING_CHIP)
    assert "chip" not in bare.places and differs_only_in(genuine, bare, [genuine.places["chip"]])


@pytest.mark.parametrize("layout", layouts())
def test_two_codes_lie_apart_from_everything(layout: str) -> None:
    back = print_back(persona(), layout=layout, flaws=[PrintFlaw.TWO_CODES])
    second = back.places["second_qr"]
    for field, place in back.places.items():
        if field != "second_qr":
            assert (
                second.right <= place.x
                or place.right <= second.x
                or second.bottom <= place.y
                or place.bottom <= second.y
            ), field


def test_another_number_is_a_number() -> None:
    numbers = {another_number(persona().my_number, seed).reveal() for seed in range(50)}
    assert len(numbers) == 50 and persona().my_number.reveal() not in numbers
    assert all(number.startswith("98765") for number in numbers)


def test_flaws_of_the_other_side_are_refused() -> None:
    with pytest.raises(UsageError, match="two-codes"):
        print_front(persona(), flaws=[PrintFlaw.TWO_CODES])
    with pytest.raises(UsageError, match="other-face"):
        print_back(persona(), flaws=[PrintFlaw.OTHER_FACE])


def test_a_machine_without_the_typeface_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.font_files.cache_clear()
    monkeypatch.setattr(fonts, "FOLDERS", ("/nonexistent",))
    try:
        with pytest.raises(MissingFont, match="fonts-noto-cjk") as caught:
            print_front(persona(), layout="open")
        assert "fonts-noto-cjk" in caught.value.text.ja and caught.value.details() == {"package": "fonts-noto-cjk"}
    finally:
        fonts.font_files.cache_clear()


def test_a_character_of_no_font_is_refused() -> None:
    from dataclasses import replace

    with pytest.raises(UsageError, match=r"U\+E000"):
        print_front(replace(persona(), name="佐藤\ue000"))
    with pytest.raises(UsageError, match="too long"):
        print_front(replace(persona(), address="見" * 400))


def test_pictures_are_of_eight_bit_colour() -> None:
    assert print_front(persona()).pixels.dtype == np.uint8
