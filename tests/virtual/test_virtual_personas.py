"""The invented people, their keys and their pictures."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import subprocess
import sys
from datetime import date

import pytest
from PIL import Image

from mnverify.errors import UsageError
from mnverify.values import MyNumber, PartialDate, Sex
from mnverify.virtual import Persona, VirtualAuthority, persona, personas, pictures
from mnverify.virtual.keys import LABORATORY_SEED, counter_stream, find_primes, laboratory_keys

from .plain import children, laboratory_card, value


def test_there_are_all_kinds_of_people() -> None:
    everybody = {one.id: one for one in personas()}
    assert len(everybody) == len(personas()) >= 10
    assert personas()[0] is persona() and persona().id == "sato-hanako"
    assert any(one.alias and one.alias in one.name for one in personas())
    assert any("［" in one.name and not one.alias for one in personas())  # 旧氏
    assert any(len(one.address) > 60 for one in personas())
    assert any(one.birth_printed.startswith("昭和64年") for one in personas())
    assert any(one.birth_printed.startswith("平成元年") for one in personas())
    assert any(one.birth_printed.startswith("大正") for one in personas())
    whole = [one.birth for one in personas() if isinstance(one.birth, date)]
    assert any(birth >= date(2019, 5, 1) for birth in whole)
    partial = [one.birth for one in personas() if isinstance(one.birth, PartialDate)]
    assert {birth.month is None for birth in partial} == {True, False}
    assert any(not one.photo for one in personas())
    assert any("国外転出" in one.address == one.additional_entry for one in personas())
    assert all(one.note.en and one.note.ja and one.note.en != one.note.ja for one in personas())
    assert any(one.birth_style == "gregorian" and not one.alias for one in personas())
    assert any(one.sex is Sex.NOT_APPLICABLE for one in personas())
    assert any(one.expiry < date(2026, 1, 1) for one in personas())
    moved = [one for one in personas() if one.additional_entry]
    assert moved and all(one.additional_entry == one.address != one.main_address for one in moved)
    outside = [c for one in personas() for c in one.name if not _in_jis(c)]
    assert set(outside) == {"𠮷", "髙"}


def test_numbers_are_valid_distinct_and_masked() -> None:
    assert len({one.my_number for one in personas()}) == len(personas())
    for one in personas():
        assert MyNumber(one.my_number.reveal()) == one.my_number
        assert one.my_number.reveal() not in repr(one)


@pytest.mark.parametrize(
    ("name", "number_b", "printed"),
    [
        ("sato-hanako", "60070320334102", "昭和60年7月3日"),
        ("showa-64", "64010520306401", "昭和64年1月5日"),
        ("heisei-gannen", "01010820300108", "平成元年1月8日"),
        ("reiwa-child", "01050120293825", "令和元年5月1日"),
        ("taisho-centenarian", "14031520311014", "大正14年3月15日"),
        ("garcia-maria", "90123120282290", "1990年12月31日"),
        ("hi-fusho", "13030020310300", "昭和13年3月日不詳"),
        ("tsukihi-fusho", "52000020291952", "1952年月日不詳"),
    ],
)
def test_number_b_follows_the_print(name: str, number_b: str, printed: str) -> None:
    assert persona(name).verification_number_b == number_b
    assert persona(name).birth_printed == printed


def test_an_unknown_persona_says_who_there_is() -> None:
    with pytest.raises(UsageError, match="sato-hanako"):
        persona("nobody")


@pytest.mark.parametrize("change", [{"security_code": "12345"}, {"pin": "12a4"}, {"municipality_code": "１２３４５"}])
def test_a_persona_is_checked(change: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        dataclasses.replace(persona(), **change)  # type: ignore[arg-type]


def test_one_s_own_persona_gets_a_card() -> None:
    own = dataclasses.replace(persona(), id="own", name="試験　太郎")
    card = VirtualAuthority().issue(own)
    assert value(children(card.files("input-assist")["0002"], "FF20")["DF22"]).decode() == "試験　太郎"


@pytest.mark.parametrize("one", personas(), ids=lambda one: one.id)
def test_pictures_have_the_sizes_of_the_card(one: Persona) -> None:
    files = laboratory_card(one.id).files("face-check")
    face = {tag: value(whole) for tag, whole in children(files["0002"], "FF20").items()}
    number = value(children(files["0005"], "FF40")["DF41"])
    assert (_look(number), _look(face["DF2A"])) == (("PNG", "1", (72, 12)), ("PNG", "1", (24, 12)))
    assert _look(face["DF25"]) == ("PNG", "1", (216, 12))
    lines = -(-len(one.address) // 24)
    assert _look(face["DF26"]) == ("PNG", "1", (288, 12 * lines))
    if not one.photo:
        assert face["DF27"] == b""
        return
    assert _look(face["DF27"]) == ("JPEG2000", "L", (378, 472))
    assert 4500 <= len(face["DF27"]) <= 7000


def test_faces_differ() -> None:
    assert len({pictures.photo(one.photo) for one in personas()}) == len(personas())


def test_text_is_black_on_white_left_aligned_and_padded() -> None:
    image = Image.open(io.BytesIO(pictures.text_image("一", 18))).convert("L")
    assert image.crop((12, 0, 216, 12)).getextrema() == (255, 255), "the other cells are blank"
    assert image.crop((0, 0, 12, 12)).getextrema() == (0, 255)
    dark = sum(pixel == 0 for pixel in image.crop((0, 0, 12, 12)).tobytes())
    assert 8 <= dark <= 20, "one horizontal stroke"


def test_half_width_digits_take_half_a_cell() -> None:
    assert _pixels(pictures.digits_image("40"))[:, :6] == _pixels(pictures.digits_image("4"))[:, :6]
    assert _pixels(pictures.text_image("4一", 18))[:, 6:18] == _pixels(pictures.text_image("一", 18))[:, :12]


def test_characters_outside_the_font() -> None:
    assert pictures.text_image("𠮷", 18) != pictures.text_image("吉", 18)
    with pytest.raises(UsageError, match=r"U\+3402"):
        pictures.text_image("㐂", 18)
    with pytest.raises(UsageError):
        pictures.photo("nobody")


def test_both_forms_of_a_dash_are_drawn() -> None:
    assert pictures.text_image("－", 1) == pictures.text_image("\u2212", 1)
    assert pictures.text_image("～", 1) == pictures.text_image("〜", 1)


# -- keys


def test_the_shipped_primes_are_those_of_the_seed() -> None:
    label = "card/sato-hanako/0/face-check"
    assert laboratory_keys().primes(label) == find_primes(LABORATORY_SEED, label)


def test_keys_are_rsa_2048_with_65537() -> None:
    for label in ("ca/face-check", "card/aoi-makoto/0/transport"):
        numbers = laboratory_keys().key(label).private_numbers()
        assert numbers.public_numbers.e == 65537 and numbers.public_numbers.n.bit_length() == 2048
        assert numbers.p * numbers.q == numbers.public_numbers.n
        assert laboratory_keys().key(label) is laboratory_keys().key(label)


def test_the_counter_stream_is_fixed() -> None:
    first = hashlib.sha256(b"\0\0\0\x04seedlabel\0" + bytes(4)).digest()
    assert counter_stream(b"seed", "label", 32) == first
    assert counter_stream(b"seed", "label", 100)[:64] == counter_stream(b"seed", "label", 64)
    assert counter_stream(b"seedl", "abel", 32) != counter_stream(b"seed", "label", 32)


def test_pillow_is_loaded_only_when_a_card_is_drawn() -> None:
    code = "import sys, mnverify.virtual; print('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def _in_jis(character: str) -> bool:
    try:
        return len(character.encode("iso2022_jp")) > 0
    except UnicodeEncodeError:
        return False


def _look(data: bytes) -> tuple[str | None, str, tuple[int, int]]:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.format, image.mode, image.size


class _Pixels:
    def __init__(self, image: Image.Image) -> None:
        self._image = image

    def __getitem__(self, part: tuple[slice, slice]) -> bytes:
        columns = part[1]
        box = (columns.start or 0, 0, columns.stop or self._image.width, self._image.height)
        return self._image.crop(box).tobytes()


def _pixels(data: bytes) -> _Pixels:
    return _Pixels(Image.open(io.BytesIO(data)).convert("L"))
