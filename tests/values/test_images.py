"""Images: size from the header without decoding, bounds before decoding."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
