"""Images: size from the header without decoding, bounds before decoding."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import pickle
import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from mnverify.errors import ImageError
from mnverify.images import Image


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def png(width: int, height: int, rows: bytes | None = None) -> bytes:
    """A 1-bit grey PNG; its rows are white unless given."""
    head = width.to_bytes(4) + height.to_bytes(4) + b"\x01\x00\x00\x00\x00"
    rows = (b"\x00" + b"\xff" * ((width + 7) // 8)) * height if rows is None else rows
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def jp2(width: int, height: int) -> bytes:
    """The boxes before the code stream, and no code stream."""
    ihdr = b"\x00\x00\x00\x16ihdr" + height.to_bytes(4) + width.to_bytes(4) + b"\x00\x01\x07\x07\x00\x00"
    boxes = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\x00\x00\x00\x14ftypjp2 \x00\x00\x00\x00jp2 "
    return boxes + (8 + len(ihdr)).to_bytes(4) + b"jp2h" + ihdr


@given(st.integers(1, 2048), st.integers(1, 512))
def test_size_from_the_header(width: int, height: int) -> None:
    assert Image("image/png", png(width, height, b"")).size == (width, height)
    assert Image("image/jp2", jp2(width, height)).size == (width, height)


@pytest.mark.parametrize(
    ("width", "height"),
    [(100000, 100000), (0, 12), (12, 0), (2049, 1), (1, 2049), (2048, 513), (0xFFFFFFFF, 0xFFFFFFFF)],
)
def test_a_size_beyond_the_bounds_is_refused_before_decoding(width: int, height: int) -> None:
    for image in (Image("image/png", png(width, height, b"")), Image("image/jp2", jp2(width, height))):
        with pytest.raises(ImageError):
            _ = image.size
        with pytest.raises(ImageError):
            image.open()


@pytest.mark.parametrize("media_type", ["image/png", "image/jp2"])
@pytest.mark.parametrize(
    "data", [b"", b"GIF89a" + bytes(40), png(216, 12)[:20], jp2(320, 400)[:40], b"\x89PNG\r\n\x1a\n" + bytes(40)]
)
def test_bytes_that_are_no_image(media_type: str, data: bytes) -> None:
    image = Image(media_type, data)
    with pytest.raises(ImageError):
        _ = image.size
    with pytest.raises(ImageError):
        image.open()


def test_one_type_does_not_pass_for_the_other() -> None:
    with pytest.raises(ImageError):
        Image("image/jp2", png(216, 12)).open()
    with pytest.raises(ImageError):
        Image("image/png", jp2(320, 400)).open()


@given(st.binary(max_size=120))
def test_any_bytes_have_a_size_or_are_refused(data: bytes) -> None:
    for media_type in ("image/png", "image/jp2"):
        try:
            width, height = Image(media_type, data).size
        except ImageError:
            continue
        assert 0 < width <= 2048 and 0 < height <= 2048


def test_decoding() -> None:
    pytest.importorskip("PIL")
    picture = Image("image/png", png(216, 12)).open()
    assert (picture.size, picture.mode) == ((216, 12), "1")


def test_decoding_a_photo() -> None:
    pillow = pytest.importorskip("PIL.Image")
    out = io.BytesIO()
    pillow.new("L", (378, 472), 128).save(out, "JPEG2000")
    image = Image("image/jp2", out.getvalue())
    assert image.size == (378, 472)
    assert image.open().mode == "L"


def photo(width: int = 378, height: int = 472, **options: Any) -> bytes:
    out = io.BytesIO()
    pytest.importorskip("PIL.Image").new("L", (width, height), 128).save(out, "JPEG2000", **options)
    return out.getvalue()


def with_siz(data: bytes, offset: int, form: str, *values: int) -> bytes:
    """A code stream whose SIZ says something else from ``offset`` (counted from SOC) on."""
    at = data.index(b"\xff\x4f\xff\x51") + offset
    return data[:at] + struct.pack(form, *values) + data[at + struct.calcsize(form) :]


def with_cod(data: bytes, offset: int, form: str, *values: int) -> bytes:
    at = data.index(b"\xff\x52") + offset
    return data[:at] + struct.pack(form, *values) + data[at + struct.calcsize(form) :]


def with_box(data: bytes, box: bytes) -> bytes:
    """A box more inside ``jp2h``."""
    at = data.index(b"jp2h") - 4
    length = int.from_bytes(data[at : at + 4])
    return data[:at] + (length + len(box)).to_bytes(4) + data[at + 4 : at + length] + box + data[at + length :]


def with_marker(data: bytes, marker: bytes, body: bytes) -> bytes:
    """A marker segment more, the last of the tile part's header."""
    at = data.index(b"\xff\x93")
    return data[:at] + marker + (2 + len(body)).to_bytes(2) + body + data[at:]


BOMBS: dict[str, Callable[[], bytes]] = {
    "tiles": lambda: with_siz(photo(), 24, ">II", 2, 2),  # 226 bytes; the decoder would take 600 MB
    "tiles of nothing": lambda: with_siz(photo(), 24, ">II", 0, 0),
    "another size than the boxes": lambda: with_siz(photo(), 8, ">II", 60000, 60000),
    "one wide tile": lambda: with_siz(photo(), 8, ">IIIIII", 60000, 60000, 0, 0, 60000, 60000),
    "an offset": lambda: with_siz(photo(), 16, ">I", 1),
    "components": lambda: with_siz(photo(), 40, ">H", 16384),
    "38 bits": lambda: with_siz(photo(), 42, ">B", 37),
    "subsampling": lambda: with_siz(photo(), 43, ">B", 255),
    "layers": lambda: with_cod(photo(), 6, ">H", 65535),
    "levels": lambda: with_cod(photo(), 9, ">B", 32),
    "code blocks": lambda: with_cod(photo(), 10, ">BB", 8, 8),
    "precincts": lambda: with_cod(photo(precinct_size=(64, 64)), 14, ">6B", *[0x11] * 6),
    "palette": lambda: with_box(photo(), b"\x00\x00\x00\x0epclr\x00\x01\xff\x07\x07\x07"),
    "coding of a tile's own": lambda: with_marker(photo(), b"\xff\x52", bytes(10)),
    "two code streams": lambda: photo() + photo()[photo().index(b"jp2c") - 4 :],
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_photo_that_asks_for_too_much_is_refused_from_its_header(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = BOMBS[name]()
    monkeypatch.setattr("PIL.Image.open", lambda *_, **__: pytest.fail("it was given to the decoder"))
    for ask in (Image("image/jp2", bomb).open, Image("image/jp2", bomb).to_png):
        with pytest.raises(ImageError, match="not decoded"):
            ask()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"irreversible": True},
        {"quality_mode": "rates", "quality_layers": [80, 40, 20]},
        {"num_resolutions": 1},
        {"precinct_size": (64, 64)},
        {"precinct_size": (256, 256), "codeblock_size": (32, 32)},
        {"tile_size": (128, 128), "progression": "RPCL"},
        {"comment": "made by hand"},
    ],
    ids=str,
)
def test_photos_of_every_make_are_decoded(options: dict[str, Any]) -> None:
    image = Image("image/jp2", photo(**options))
    assert image.open().size == (378, 472)
    made = Image("image/png", image.to_png())
    assert made.size == (378, 472) and made.open().getpixel((5, 5)) in range(120, 136)


def with_ihdr(depth: int, colour: int, interlace: int) -> bytes:
    head = (216).to_bytes(4) + (12).to_bytes(4) + bytes([depth, colour, 0, 0, interlace])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + png(216, 12)[33:]


@pytest.mark.parametrize(
    "data",
    [
        with_ihdr(1, 0, 1),
        with_ihdr(16, 0, 0),
        with_ihdr(16, 6, 0),
        with_ihdr(3, 0, 0),
        with_ihdr(1, 5, 0),
        png(216, 12)[:33] + chunk(b"zTXt", b"x\x00\x00" + zlib.compress(bytes(9000))) + png(216, 12)[33:],
        png(216, 12)[:33] + chunk(b"iCCP", b"x\x00\x00" + zlib.compress(bytes(9000))) + png(216, 12)[33:],
        png(216, 12)[:33] + chunk(b"acTL", bytes(8)) + png(216, 12)[33:],
        png(216, 12)[:-12],
    ],
    ids=["interlaced", "16 bits", "16 bits of colour", "3 bits", "colour 5", "zTXt", "iCCP", "animated", "no end"],
)
def test_a_png_that_asks_for_more_than_rows_is_refused_from_its_header(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.Image.open", lambda *_, **__: pytest.fail("it was given to the decoder"))
    with pytest.raises(ImageError, match="not decoded"):
        Image("image/png", data).open()
    with pytest.raises(ImageError, match="not decoded"):
        Image("image/png", data).to_png()


def test_more_rows_than_the_header_says_are_not_inflated() -> None:
    pytest.importorskip("PIL")
    rows = (b"\x00" + b"\xff" * 27) * 400_000  # 11 MB in 11 KB
    image = Image("image/png", png(216, 12, rows))
    tracemalloc.start()
    try:
        assert image.open().size == (216, 12)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_png_is_given_as_it_is_and_without_pillow() -> None:
    data = png(216, 12)
    assert Image("image/png", data).to_png() == data


@given(st.binary(max_size=60), st.integers(0, 200))
def test_altered_photos_are_decoded_or_refused(noise: bytes, at: int) -> None:
    data = photo(64, 64)
    image = Image("image/jp2", data[:at] + noise + data[at + len(noise) :])
    with contextlib.suppress(ImageError):
        assert image.open().size == image.size


def test_an_image_is_masked_and_neither_pickled_nor_copied() -> None:
    image = Image("image/png", png(216, 12))
    assert repr(image.data) == f"MaskedBytes({len(image.data)} bytes)"
    for way in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="not pickled or copied"):
            way(image)


def test_a_broken_image_leaves_no_frames_of_the_decoder_behind() -> None:
    pytest.importorskip("PIL")
    with pytest.raises(ImageError) as caught:
        Image("image/png", png(216, 12, b"")).open()
    assert caught.value.__context__ is None and caught.value.__cause__ is None


def test_broken_content_behind_a_good_header() -> None:
    pytest.importorskip("PIL")
    for image in (Image("image/png", png(216, 12)[:45]), Image("image/jp2", jp2(378, 472))):
        with pytest.raises(ImageError):
            image.open()


def test_repr_and_digest() -> None:
    data = png(216, 12)
    image = Image("image/png", data)
    assert repr(image) == f"Image(image/png, {len(data)} bytes)"
    assert image.sha256 == hashlib.sha256(data).hexdigest()


def test_size_needs_no_pillow() -> None:
    program = (
        "import sys; from mnverify.images import Image; "
        f"assert Image('image/png', bytes.fromhex('{png(216, 12).hex()}')).size == (216, 12); "
        "assert not any(name.split('.')[0] == 'PIL' for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_to_png_shows_the_same_picture() -> None:
    for media_type in ("PNG", "JPEG2000"):
        drawn = io.BytesIO()
        Pillow.linear_gradient("L").resize((48, 36)).save(drawn, media_type)
        image = Image({"PNG": "image/png", "JPEG2000": "image/jp2"}[media_type], drawn.getvalue())
        shown = Image("image/png", image.to_png())
        assert shown.size == image.size
        assert shown.open().convert("L").tobytes() == image.open().convert("L").tobytes()
