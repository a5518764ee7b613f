"""The one place that decodes pictures of cards: from a camera, a scanner or a file, within bounds.

A picture of a card is larger than any image of a chip, and comes from anywhere. Its size is read from the header, and whatever is
beyond the bounds is refused before a pixel is decoded. What comes out is the picture as a viewer shows it (EXIF orientation
applied), in RGB; a very large one is halved. Everything else of the file (EXIF, thumbnails, other pages) is left behind.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mnverify.errors import MissingExtra, PictureError
from mnverify.masked import MaskedBytes, masked, not_copied
from mnverify.strict_json import read_file
from mnverify.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile

    Pixels: TypeAlias = NDArray[Any]

PictureSource: TypeAlias = "bytes | bytearray | memoryview | str | os.PathLike[str] | Pixels"
"""What a picture is given as: the bytes of a file, its path, or an array of pixels (grey, RGB or RGBA, eight bits)."""

MAX_BYTES = 40 * 1024 * 1024
"""Bytes of a file."""
MAX_SIDE = 12_000
"""Pixels of a side."""
MAX_PIXELS = 64_000_000
"""Pixels of a picture: a phone's camera has 12 million, some have 50."""
MIN_SIDE = 32
"""Pixels of a side; on less nothing can be seen."""
LARGE_PIXELS = 26_000_000
"""A picture of more pixels is halved when it is decoded."""

_ORIENTATION, _UPRIGHT, _LAST_ORIENTATION = 0x0112, 1, 8
_EXIF_IFD, _EXPOSURE_TIME = 0x8769, 0x829A
_LEAST_DPI, _MOST_DPI = 100, 10_000  # 72 and 96 are what files state that know nothing
_BROKEN_FILE = (
    OSError, ValueError, SyntaxError, EOFError, OverflowError, IndexError, KeyError, TypeError, struct.error, zlib.error,
    Warning,  # Pillow's, of broken metadata, where the program turns warnings into errors
)  # fmt: skip
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_SEVERAL = frozenset({"TIFF", "WEBP", "PNG", "GIF"})  # formats in which more than one frame is more than one picture

_SAVE_AS_JPEG = Text("Send it as JPEG or PNG.", "JPEG か PNG で送ってください。")
_TAKE_AGAIN = Text("Take the picture again, and send it whole.", "撮り直して、ファイル全体を送ってください。")
_SMALLER = Text(
    "Take it with a phone at 12 million pixels, or scan it at 300 to 600 dpi.",
    "スマートフォンの1200万画素程度で撮るか、300〜600 dpi でスキャンしてください。",
)


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Picture:
    """A decoded picture. It shows its size only; neither pickled nor copied.

    Attributes:
        pixels: RGB, eight bits, rows first, as a viewer shows it.
        width: of the picture as given, in pixels, after EXIF orientation.
        height: the same.
        dpi: dots per inch that the file states; None where it states none, two different ones, or comes from a camera (whose
            files state what no camera knows).
    """

    pixels: Pixels
    width: int
    height: int
    dpi: float | None = None

    @property
    def scale(self) -> float:
        """Pixels of the picture as given for one of ``pixels``: 1, or 2 where a very large one was halved."""
        return self.width / int(self.pixels.shape[1])

    def __repr__(self) -> str:
        return f"Picture({self.width}x{self.height})"


def load_picture(source: PictureSource, *, extra: str = "ocr") -> Picture:
    """Decode a picture within bounds.

    JPEG, PNG, WebP, TIFF and BMP are taken; HEIC where the program has registered a decoder of it with Pillow. Of a JPEG that
    carries further pictures (as some phones make) the first is taken; whatever else has several pages or moves is refused.

    Args:
        source: bytes of a file, its path, or an array of pixels: grey, RGB or RGBA, ``uint8``. A frame of OpenCV is BGR: turn
            its last axis round.
        extra: the extra of mnverify that is named where Pillow or NumPy is missing.

    Raises:
        PictureError: not a picture, broken, too large or too small, several pages, no decoder for it; with advice.
        UnreadableFile: the path cannot be opened or read.
        MissingExtra: Pillow or NumPy is not installed.
    """
    _need(extra)
    if isinstance(source, str | os.PathLike):
        return _decode(read_file(source, MAX_BYTES))
    if isinstance(source, bytes | bytearray | memoryview):
        data = masked(source)
        del source
        return _decode(data)
    return _from_array(source)


def _need(extra: str) -> None:
    for module, package in (("numpy", "numpy"), ("PIL", "Pillow")):
        try:
            __import__(module)
        except ImportError:
            raise MissingExtra(package, extra) from None


def _from_array(source: Any) -> Picture:
    import numpy as np

    sides: tuple[int, ...] = getattr(source, "shape", ())
    if not isinstance(source, np.ndarray) or source.dtype != np.uint8 or len(sides) not in (2, 3):
        raise _no_array()
    if len(sides) == 3 and sides[2] not in (1, 3, 4):
        raise _no_array()
    height, width = int(sides[0]), int(sides[1])
    _check_size(width, height)
    grey = source if source.ndim == 2 else source[:, :, 0] if sides[2] == 1 else None
    pixels = source[:, :, :3] if grey is None else np.repeat(grey[:, :, None], 3, axis=2)
    if width * height > LARGE_PIXELS:
        pixels = pixels[: height - height % 2 : 2, : width - width % 2 : 2]
    return Picture(np.ascontiguousarray(pixels), width, height)


def _decode(data: MaskedBytes) -> Picture:
    if len(data) > MAX_BYTES:
        raise PictureError(
            Text(
                f"The file is larger than {MAX_BYTES // 1024 // 1024} MB; it was not decoded.",
                f"ファイルが {MAX_BYTES // 1024 // 1024} MB を超えているため、復号しませんでした。",
            ),
            _SMALLER,
        )
    found = _format(data)
    picture: Picture | PictureError
    try:
        picture = _decode_as(found, data)
    except PictureError as error:
        picture = error
    except (MemoryError, *_BROKEN_FILE):
        picture = _broken()
    if isinstance(picture, PictureError):
        raise picture.with_traceback(None)  # outside the except block: the decoder's frames would show content
    return picture


def _decode_as(name: str, data: MaskedBytes) -> Picture:
    import numpy as np
    from PIL import Image as Pillow

    Pillow.init()
    if name not in Pillow.OPEN:
        raise _no_decoder()
    # The format's own reader: Image.open would warn of large pictures, and our bounds are lower than that warning's.
    image = Pillow.OPEN[name][0](io.BytesIO(data), "")
    if name in _SEVERAL and getattr(
        image, "is_animated", False
    ):  # counting frames may walk through a chain of millions
        raise _several_pages()
    width, height = image.size
    _check_size(width, height)
    turned, from_camera = _exif(image)
    dpi = None if from_camera else _plausible(image.info.get("dpi"))
    large = width * height > LARGE_PIXELS
    if large:
        image.draft("RGB", (width // 2, height // 2))
    image.load()
    plain = _on_white(image)
    if large and plain.width > width // 2 + 1:
        plain = plain.reduce(2)
    if turned != _UPRIGHT:
        plain = plain.transpose(_TRANSPOSE[turned])
        width, height = (height, width) if turned > 4 else (width, height)
    return Picture(np.array(plain), width, height, dpi)


_TRANSPOSE: dict[int, Any] = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""EXIF orientation to Pillow's ``Transpose``."""


def _format(data: MaskedBytes) -> str:
    """The name that Pillow has for what the first bytes say."""
    head = bytes(data[:12])
    for start, name in (
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"II*\x00", "TIFF"),
        (b"MM\x00*", "TIFF"),
        (b"BM", "BMP"),
        (b"GIF8", "GIF"),
    ):
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:] in _HEIF_BRANDS:
        return "HEIF"
    raise PictureError(
        Text("This is no picture, or of a kind that is not read here.", "画像ではないか、対応していない形式です。"),
        _SAVE_AS_JPEG,
    )


def _check_size(width: int, height: int) -> None:
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise PictureError(
            Text(
                f"The picture is {width} by {height} pixels, which is too large; it was not decoded.",
                f"画像が {width}×{height} 画素と大きすぎるため、復号しませんでした。",
            ),
            _SMALLER,
        )
    if min(width, height) < MIN_SIDE:
        raise PictureError(
            Text(
                f"The picture is {width} by {height} pixels, which is too small.",
                f"画像が {width}×{height} 画素と小さすぎます。",
            ),
            Text(
                "Go closer, so that the card fills the picture.",
                "カードが画面いっぱいになるまで近づいて撮ってください。",
            ),
        )


def _exif(image: ImageFile) -> tuple[int, bool]:
    """The EXIF orientation, 1 to 8 (1 where there is none that makes sense), and whether a camera took the picture."""
    try:
        exif = image.getexif()
        found = exif.get(_ORIENTATION, _UPRIGHT)
        from_camera = _EXPOSURE_TIME in exif.get_ifd(_EXIF_IFD)
    except _BROKEN_FILE:
        return _UPRIGHT, True
    return (found if type(found) is int and _UPRIGHT <= found <= _LAST_ORIENTATION else _UPRIGHT), from_camera


def _on_white(image: Any) -> Any:
    """The picture in RGB; what is transparent is white, and sixteen bits are eight."""
    from PIL import Image as Pillow

    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        import numpy as np

        return Pillow.fromarray((np.array(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Pillow.new("RGB", image.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return image.convert("RGB")


def _plausible(dpi: object) -> float | None:
    """The stated resolution where it is one number, of a scanner or printer."""
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return None
    try:
        across, down = float(dpi[0]), float(dpi[1])
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    plausible = _LEAST_DPI <= across <= _MOST_DPI and abs(across - down) < 1
    return across if plausible else None


def _broken() -> PictureError:
    return PictureError(
        Text("The picture is broken or cut off.", "画像が壊れているか、途中で切れています。"), _TAKE_AGAIN
    )


def _no_decoder() -> PictureError:
    return PictureError(
        Text(
            "The picture is HEIC (or AVIF), and no decoder of it is installed.",
            "HEIC（または AVIF）の画像で、復号する部品がありません。",
        ),
        Text(
            "Send it as JPEG: on an iPhone choose Settings, Camera, Formats, Most Compatible.",
            "JPEG で送ってください。iPhone では「設定」→「カメラ」→「フォーマット」→「互換性優先」で撮れます。",
        ),
    )


def _several_pages() -> PictureError:
    return PictureError(
        Text(
            "The file has several pages, or it moves; which one is meant is not guessed.",
            "複数ページまたは動く画像です。どれを読むかは推測しません。",
        ),
        Text("Send one picture, as JPEG or PNG.", "1枚の画像を JPEG か PNG で送ってください。"),
    )


def _no_array() -> PictureError:
    return PictureError(
        Text(
            "The array is no picture: eight bits, rows by columns, grey, RGB or RGBA.",
            "配列が画像の形（8ビット、行×列、グレーか RGB か RGBA）ではありません。",
        ),
        Text("Give the frame as a NumPy array of uint8.", "フレームを uint8 の NumPy 配列で渡してください。"),
    )
