"""Pictures of cards from anywhere: decoded within bounds, as a viewer shows them, or refused with advice."""

from __future__ import annotations

import io
import logging
import pickle
import struct
import time
import traceback
import tracemalloc
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from mnverify.errors import PictureError, UnreadableFile
from mnverify.printed import pictures
from mnverify.printed.pictures import MAX_BYTES, Picture, load_picture


def corner_marked(width: int = 120, height: int = 80) -> Pillow.Image:
    """White, with a red top left corner and a blue top right one."""
    image = Pillow.new("RGB", (width, height), "white")
    image.paste((255, 0, 0), (0, 0, width // 4, height // 4))
    image.paste((0, 0, 255), (3 * width // 4, 0, width, height // 4))
    return image


def saved(image: Pillow.Image, kind: str, **named: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **named)
    return out.getvalue()


def png_header(width: int, height: int, tail: bytes = b"") -> bytes:
    """A PNG that says a size, with nothing (or little) behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", tail) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_the_usual_kinds_are_read(kind: str, tmp_path: Path) -> None:
    data = saved(corner_marked(), kind)
    path = tmp_path / "front"
    path.write_bytes(data)
    for source in (data, bytearray(data), memoryview(data), path, str(path)):
        picture = load_picture(source)
        assert (picture.width, picture.height, picture.scale) == (120, 80, 1)
        assert picture.pixels.shape == (80, 120, 3) and picture.pixels.dtype == np.uint8
        assert picture.pixels[10, 10, 0] > 200 > 60 > picture.pixels[10, 10, 2]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    """Whatever way the camera was held, the picture comes out as a viewer shows it."""
    upright = corner_marked()
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = upright if back is None else upright.transpose(Pillow.Transpose(back))
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    picture = load_picture(saved(stored, "PNG", exif=exif))
    assert (picture.width, picture.height) == (120, 80)
    assert np.array_equal(picture.pixels, np.array(upright))


def test_arrays_are_pictures() -> None:
    grey = np.full((50, 70), 9, np.uint8)
    for array in (grey, grey[:, :, None], np.dstack([grey] * 3), np.dstack([grey] * 4)):
        picture = load_picture(array)
        assert picture.pixels.shape == (50, 70, 3) and (picture.width, picture.height) == (70, 50)


@pytest.mark.parametrize(
    "array", [np.zeros((50, 70), np.float32), np.zeros((50, 70, 2), np.uint8), np.zeros(50, np.uint8), None, 7, []]
)
def test_other_arrays_are_refused(array: Any) -> None:
    with pytest.raises(PictureError, match="eight bits"):
        load_picture(array)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    kind = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    image = (
        Pillow.fromarray(np.full((60, 90), 40_000, np.uint16))
        if mode == "I;16"
        else corner_marked(90, 60).convert(mode)
    )
    picture = load_picture(saved(image, kind))
    assert picture.pixels.shape == (60, 90, 3)
    assert picture.pixels[-5, 45].min() > (150 if mode == "I;16" else 250)


def test_what_is_transparent_is_white() -> None:
    picture = load_picture(saved(Pillow.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG"))
    assert picture.pixels.min() == 255


def test_a_very_large_picture_is_halved_and_keeps_its_size() -> None:
    for kind in ("JPEG", "PNG"):
        picture = load_picture(saved(corner_marked(6800, 4800), kind))
        assert (picture.width, picture.height) == (6800, 4800)
        assert picture.pixels.shape == (2400, 3400, 3) and picture.scale == 2


def test_resolution_is_taken_from_scanners_only() -> None:
    assert load_picture(saved(corner_marked(), "PNG", dpi=(300, 300))).dpi == pytest.approx(300, abs=0.1)
    assert load_picture(saved(corner_marked(), "JPEG", dpi=(72, 72))).dpi is None
    assert load_picture(saved(corner_marked(), "JPEG", dpi=(300, 600))).dpi is None
    assert load_picture(saved(corner_marked(), "JPEG")).dpi is None
    exif = Pillow.Exif()
    exif.get_ifd(0x8769)[0x829A] = 0.02  # ExposureTime: a camera took it
    assert load_picture(saved(corner_marked(), "JPEG", dpi=(300, 300), exif=exif)).dpi is None


@pytest.mark.parametrize(
    "size", [(20_000, 20_000), (20_000, 40), (40, 20_000), (11_000, 11_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    """Nothing is decoded and nothing is reserved, and Pillow's own warning does not come up."""
    data = png_header(*size, tail=zlib.compress(bytes(1 << 20), 9))
    tracemalloc.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(PictureError) as caught:
                load_picture(data)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert "large" in caught.value.why.en and "大きすぎ" in caught.value.text.ja
    assert "300" in caught.value.advice.en


def test_a_file_that_is_too_long_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "long.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(MAX_BYTES + 10)
    with pytest.raises(PictureError, match="larger than 40 MB"):
        load_picture(path)


def test_too_small() -> None:
    with pytest.raises(PictureError, match="too small"):
        load_picture(saved(Pillow.new("L", (31, 500)), "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_cut_off_and_garbled(kind: str) -> None:
    data = saved(corner_marked(300, 200), kind)
    for cut in (len(data) // 2, len(data) // 10 + 4, 13):
        with pytest.raises(PictureError):
            load_picture(data[:cut])
    rng = np.random.default_rng(5)
    for _ in range(60):  # what is garbled is a picture still, or refused; nothing else comes out
        garbled = bytearray(data)
        for at in rng.integers(0, len(data), 12):
            garbled[at] = int(rng.integers(0, 256))
        try:
            picture = load_picture(garbled)
        except PictureError:
            continue
        assert picture.pixels.ndim == 3


@pytest.mark.parametrize("data", [b"", b"\x00", b"%PDF-1.7 no picture", b"<svg xmlns=''/>", b"\xff\xd8", bytes(5000)])
def test_not_a_picture(data: bytes) -> None:
    with pytest.raises(PictureError, match="no picture"):
        load_picture(data)


def test_moving_and_several_pages() -> None:
    frames = [Pillow.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "PNG", "WEBP", "TIFF"):
        with pytest.raises(PictureError, match="several pages"):
            load_picture(saved(frames[0], kind, save_all=True, append_images=frames[1:]))


def tiff_chain(pages: int) -> bytes:
    """A TIFF of so many pages, each of them the same 64 by 64 pixels."""
    tags = [
        (256, 64),
        (257, 64),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8 + 114 * pages),
        (277, 1),
        (278, 64),
        (279, 4096),
    ]
    body = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    chain = b"".join(body + struct.pack("<I", 8 + 114 * (page + 1) if page + 1 < pages else 0) for page in range(pages))
    return b"II*\0" + struct.pack("<I", 8) + chain + bytes(4096)


def test_pages_are_not_counted() -> None:
    """To count them, a decoder walks through all of them, and looks back at each: a minute for a file of some megabytes."""
    assert load_picture(tiff_chain(1)).width == 64
    start = time.process_time()
    with pytest.raises(PictureError, match="several pages"):
        load_picture(tiff_chain(30_000))
    assert time.process_time() - start < 2


def test_a_chain_of_pages_that_comes_back_to_the_first() -> None:
    """Such a file has one page, however long one walks."""
    data = bytearray(tiff_chain(1))
    data[8 + 110 : 8 + 114] = struct.pack("<I", 8)
    assert load_picture(bytes(data)).width == 64


def test_the_first_picture_of_a_phones_jpeg_is_taken() -> None:
    """Phones append a second picture (MPO): it is no second page."""
    frames = [Pillow.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    picture = load_picture(saved(frames[0], "MPO", save_all=True, append_images=frames[1:]))
    assert picture.pixels[30, 30, 0] > 200


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_heic_without_a_decoder(brand: bytes) -> None:
    with pytest.raises(PictureError, match="HEIC") as caught:
        load_picture(b"\x00\x00\x00\x18ftyp" + brand + bytes(40))
    assert "iPhone" in caught.value.advice.ja


def test_a_registered_decoder_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a program registers with Pillow for HEIF decodes it, within the same bounds."""
    made = corner_marked()

    def opened(file: io.BytesIO, name: str) -> Pillow.Image:
        return made

    monkeypatch.setitem(Pillow.OPEN, "HEIF", (opened, None))
    assert load_picture(b"\x00\x00\x00\x18ftypheic" + bytes(40)).width == 120


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        load_picture(tmp_path / "none.jpg")


def test_a_picture_shows_nothing_and_is_not_copied(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        picture = load_picture(saved(corner_marked(), "PNG"))
    assert repr(picture) == "Picture(120x80)" and not [r for r in caplog.records if r.name.startswith("mnverify")]
    with pytest.raises(TypeError):
        pickle.dumps(picture)


def test_an_error_holds_no_frame_of_the_decoder() -> None:
    data = saved(corner_marked(300, 200), "PNG")
    with pytest.raises(PictureError) as caught:
        load_picture(data[: len(data) // 2])
    names = []
    for frame, _ in traceback.walk_tb(caught.tb):
        names.append(frame.f_code.co_filename)
        assert not [v for v in frame.f_locals.values() if type(v) is bytes and len(v) > 100 and v is not data]
    assert not [name for name in names if "PIL" in name] and caught.value.__context__ is None


def test_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from mnverify.errors import MissingExtra

    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra) as caught:
        load_picture(b"anything", extra="qr")
    assert caught.value.package == "Pillow" and caught.value.extra == "qr"


def test_the_module_says_what_it_keeps() -> None:
    assert isinstance(load_picture(np.zeros((40, 40), np.uint8)), Picture) and pictures.MAX_PIXELS < 89_000_000
