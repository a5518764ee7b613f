"""The QR code of the back: every way it can lie, every way it can be wrong, and who may see it."""

from __future__ import annotations

import copy
import pickle
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from mnverify.errors import CodeNotFound, CodeRefused, MissingExtra, PictureError, RoleError, UnreadableFile, UsageError
from mnverify.printed.codes import FoundCode, joined
from mnverify.printed.qr import CardCode, decode_qr
from mnverify.printed.which_side import has_code

from .backs import back, code_image, file_of, number_of, on_desk, seen_from

OFFICE = "my-number-office"
NUMBER = number_of(1)


def read(image: Image.Image, kind: str = "PNG", **how: object) -> CardCode:
    return decode_qr(file_of(image, kind, **how), OFFICE)


def test_a_scan() -> None:
    code = decode_qr(file_of(back(NUMBER)), OFFICE, dpi=300)
    assert (code.my_number.reveal(), code.version) == (NUMBER, 1)
    assert code.size_mm == pytest.approx(8.89, abs=0.1)
    assert code.corners[0] == pytest.approx((860, 60), abs=2)
    assert code.corners[2] == pytest.approx((965, 165), abs=2)


def test_files_bytes_and_arrays(tmp_path: Path) -> None:
    path = tmp_path / "back.png"
    path.write_bytes(file_of(back(NUMBER)))
    grey = np.asarray(back(NUMBER))
    for source in (path, str(path), path.read_bytes(), grey, np.stack([grey] * 3, axis=2)):
        assert decode_qr(source, OFFICE).my_number.reveal() == NUMBER


@pytest.mark.parametrize("error", ["l", "m", "q", "h"])
@pytest.mark.parametrize("mask", range(8))
def test_every_level_and_mask(error: str, mask: int) -> None:
    """Which of them real cards have is not known."""
    picture = back(NUMBER, code=code_image(NUMBER, error=error, mask=mask))
    assert read(picture).my_number.reveal() == NUMBER


@pytest.mark.parametrize("angle", range(0, 360, 15))
def test_every_rotation(angle: int) -> None:
    number = number_of(angle)
    code = decode_qr(file_of(on_desk(back(number), angle)), OFFICE, dpi=300)
    assert code.my_number.reveal() == number
    assert code.size_mm == pytest.approx(8.89, abs=0.2)


@pytest.mark.parametrize("quality", [10, 40, 80])
def test_jpeg(quality: int) -> None:
    assert read(on_desk(back(NUMBER), 7), "JPEG", quality=quality).my_number.reveal() == NUMBER


def test_a_mirrored_picture_of_a_selfie_camera() -> None:
    mirrored = back(NUMBER).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert read(mirrored).my_number.reveal() == NUMBER


PERSPECTIVES = {
    "from below": [(300, 200), (1700, 200), (1850, 1150), (150, 1150)],
    "from the left": [(200, 150), (1800, 320), (1800, 1050), (200, 1250)],
    "from a corner": [(260, 300), (1750, 180), (1860, 1180), (140, 1020)],
    "turned and tilted": [(900, 60), (1850, 700), (1180, 1350), (150, 640)],
}


@pytest.mark.parametrize("corners", PERSPECTIVES.values(), ids=PERSPECTIVES)
@pytest.mark.parametrize("blur", [0, 2])
def test_perspectives(corners: list[tuple[float, float]], blur: int) -> None:
    picture = seen_from(back(NUMBER), corners, (2000, 1400)).filter(ImageFilter.GaussianBlur(blur))
    code = read(picture, "JPEG", quality=80)
    assert code.my_number.reveal() == NUMBER
    assert code.size_mm is None or code.size_mm == pytest.approx(8.89, abs=0.8)  # by the outline, where it is clear


@pytest.mark.parametrize("module", [4, 5, 6])
def test_the_size_by_the_outline_of_the_card(module: int) -> None:
    """A code of another size is refused in a photo too, which knows no scale but the card itself."""
    card = back(NUMBER, code=code_image(NUMBER, module=module), at=(780, 60))
    picture = seen_from(card, PERSPECTIVES["from below"], (2000, 1400))
    if module == 5:
        assert read(picture, "JPEG").size_mm == pytest.approx(8.89, abs=0.3)
    else:
        found = re.search(r"is ([\d.]+) mm wide", refused(picture))
        assert found and float(found[1]) == pytest.approx(8.89 * module / 5, abs=0.3)


def test_without_opencv_the_size_in_a_photo_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnverify.printed.code_size.find_spec", lambda name: None)
    picture = seen_from(back(NUMBER), PERSPECTIVES["from below"], (2000, 1400))
    assert read(picture).size_mm is None


def test_the_scale_of_a_picture_that_does_not_know_it_is_not_made_up() -> None:
    assert read(back(NUMBER)).size_mm is None
    assert read(back(NUMBER), dpi=(72, 72)).size_mm is None
    assert read(back(NUMBER), dpi=(300, 300)).size_mm == pytest.approx(8.89, abs=0.1)
    camera = back(NUMBER).resize((4000, 3000))  # 12 million pixels that are said to be 300 dpi
    assert read(camera, "JPEG", dpi=(300, 300)).size_mm is None


def refused(image: Image.Image | bytes, kind: type[PictureError] = CodeRefused, dpi: float | None = None) -> str:
    """What is said of it, in both languages; and nothing of a number shows anywhere."""
    data = image if isinstance(image, bytes) else file_of(image)
    with pytest.raises(kind) as caught:
        decode_qr(data, OFFICE, dpi=dpi)
    error = caught.value
    assert type(error) is kind and error.why.ja and error.advice.ja
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    for digits in (NUMBER, NUMBER[:11], NUMBER[:4] + " " + NUMBER[4:8]):
        assert digits not in shown.replace("test_qr", "")
    return error.why.en


@pytest.mark.parametrize("version", [2, 3, 7, 10])
def test_another_version(version: int) -> None:
    picture = back(NUMBER, code=code_image(NUMBER, module=4, version=version), at=(700, 60))
    assert f"version {version}," in refused(picture)


@pytest.mark.parametrize(("module", "millimetres"), [(4, 7.1), (6, 10.7), (10, 17.8)])
def test_another_size(module: int, millimetres: float) -> None:
    picture = back(NUMBER, code=code_image(NUMBER, module=module), at=(760, 60))
    for said in (refused(picture, dpi=300), refused(file_of(picture, dpi=(300, 300)))):
        found = re.search(r"is ([\d.]+) mm wide", said)
        assert found and float(found[1]) == pytest.approx(millimetres, abs=0.2)
    assert decode_qr(file_of(picture), OFFICE).size_mm is None  # nothing says how large it is


@pytest.mark.parametrize(
    "text", [NUMBER[:11], NUMBER + "0", "", "０１２３４５６７８９０１", NUMBER[:11] + "X", f" {NUMBER}"]
)
def test_what_is_not_twelve_digits(text: str) -> None:
    picture = back(NUMBER, code=code_image(text or " ", error="l", version=1 if len(text.encode()) < 18 else 3))
    assert "twelve digits" in refused(picture) or "version" in refused(picture)


@pytest.mark.parametrize("other", "123456789")
def test_a_wrong_check_digit(other: str) -> None:
    wrong = NUMBER[:11] + str((int(NUMBER[11]) + int(other)) % 10)
    assert "check digit" in refused(back(NUMBER, code=code_image(wrong)))


def test_two_codes() -> None:
    another, same = back(NUMBER), back(NUMBER)
    another.paste(code_image(number_of(2)), (300, 400))
    same.paste(code_image(NUMBER), (300, 400))
    assert "More than one" in refused(another)
    assert "More than one" in refused(same)


def test_two_codes_of_which_one_cannot_be_read() -> None:
    picture = back(NUMBER)
    broken = code_image(number_of(2), module=6)
    ImageDraw.Draw(broken).rectangle((50, 50, 80, 80), fill=255)
    picture.paste(broken, (300, 400))
    assert "More than one" in refused(picture)


def test_a_code_that_cannot_be_read() -> None:
    broken = code_image(NUMBER, error="l")
    ImageDraw.Draw(broken).rectangle((45, 45, 80, 80), fill=255)
    assert "cannot be read" in refused(back(NUMBER, code=broken), CodeNotFound)


def test_no_code() -> None:
    assert "No QR code" in refused(back(NUMBER, code=Image.new("L", (105, 105), 238)), CodeNotFound)
    assert "No QR code" in refused(Image.new("L", (300, 200), 255), CodeNotFound)


def test_a_micro_qr_code_is_none_of_a_card() -> None:
    import io

    import segno

    out = io.BytesIO()
    segno.make_micro("12345").save(out, kind="png", scale=8, border=4)
    picture = Image.new("L", (600, 400), 255)
    picture.paste(Image.open(out), (100, 100))
    assert "another kind" in refused(picture)


def test_other_bar_codes_beside_it_do_not_matter() -> None:
    import zxingcpp

    picture = back(NUMBER)
    for n, (text, kind) in enumerate((("4912345678904", "EAN13"), ("A123", "Code128"), ("beside", "DataMatrix"))):
        made = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(kind)).to_image(scale=2)
        picture.paste(Image.fromarray(np.asarray(made)), (60 + 300 * n, 420))
    assert read(picture).my_number.reveal() == NUMBER


@pytest.mark.parametrize("role", ["general", "", "MY-NUMBER-OFFICE", "anything"])
def test_the_role_is_refused_before_the_picture_is_opened(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object, **__: object) -> None:
        raise AssertionError("the picture was looked at")

    monkeypatch.setattr("mnverify.printed.qr.load_picture", touched)
    for source in ("/no/such/file.jpg", b"no picture", np.zeros((64, 64), np.uint8)):
        with pytest.raises(RoleError) as caught:
            decode_qr(source, role)
        assert "個人番号" in caught.value.text.ja


def test_what_is_no_picture() -> None:
    with pytest.raises(PictureError):
        decode_qr(b"nothing", OFFICE)
    with pytest.raises(UnreadableFile):
        decode_qr("/no/such/file.jpg", OFFICE)
    wrong: tuple[Any, ...] = (0, -300, 49.9, 1e9, float("nan"), "300", True)
    for dpi in wrong:
        with pytest.raises(UsageError):
            decode_qr(file_of(back(NUMBER)), OFFICE, dpi=dpi)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(MissingExtra) as caught:
        decode_qr(file_of(back(NUMBER)), OFFICE)
    assert (caught.value.package, caught.value.extra) == ("zxing-cpp", "qr")


def test_nothing_shows_the_number() -> None:
    code = read(back(NUMBER))
    assert NUMBER not in repr(code) + str(code) + f"{code}"
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(code)


def test_found_twice_and_read_differently_is_two_codes() -> None:
    def found(content: bytes | None, left: float) -> FoundCode:
        from mnverify.masked import MaskedBytes

        corners = ((left, 0.0), (left + 100, 0.0), (left + 100, 100.0), (left, 100.0))
        return FoundCode(None if content is None else MaskedBytes(content), 1, True, corners)

    assert [one.content for one in joined([found(b"1", 0)], [found(b"2", 10)])] == [b"1", b"2"]
    assert [one.content for one in joined([found(None, 0)], [found(b"2", 10)])] == [b"2"]
    assert [one.content for one in joined([found(b"1", 0)], [found(None, 10), found(b"1", 3)])] == [b"1"]
    assert len(joined([found(b"1", 0)], [found(None, 500)])) == 2


@pytest.mark.parametrize("seed", range(40))
def test_never_another_number(seed: int) -> None:
    """A code that was damaged at random is read as what it is, or not at all."""
    chosen = np.random.default_rng(seed)
    number = number_of(seed)
    code = np.array(code_image(number, error="lmqh"[seed % 4]))
    for _ in range(2 + seed % 6):
        x, y = chosen.integers(40, 100, 2)
        code[y : y + 10, x : x + 10] = 255 * chosen.integers(0, 2)
    try:
        assert read(back(number, code=Image.fromarray(code))).my_number.reveal() == number
    except (CodeNotFound, CodeRefused) as error:
        assert number not in str(error)


def test_a_picture_that_is_full_of_patterns_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of the decoder grows with the square of the patterns: what took it so long is not given to it again and again."""
    looks = 0

    def clock() -> float:
        nonlocal looks
        looks += 1
        return looks * 60.0

    monkeypatch.setattr("mnverify.printed.codes.thread_time", clock)
    with pytest.raises(PictureError, match="full of") as caught:
        decode_qr(file_of(back(NUMBER)), OFFICE)
    assert looks == 2 and caught.value.code == "unusable-picture"
    assert has_code(np.asarray(back(NUMBER).convert("RGB")))
    assert has_code(np.full((600, 952, 3), 255, np.uint8), decoded=True)
    assert looks == 6
