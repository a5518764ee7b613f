"""Text images of the chip drawn in the terminal: two dots a character, so that a clerk reads the name itself."""

from __future__ import annotations

from mnverify.images import Image

_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_MAX_HEIGHT = 120  # dots: ten lines of text


def draw(image: Image, columns: int) -> list[str]:
    """The image in half blocks, blank margins cut, folded at whole 12-dot cells; nothing where it is blank or no text.

    Args:
        image: a 1-bit text image.
        columns: width of the terminal in characters.

    Raises:
        ImageError: it cannot be decoded.
        MissingExtra: Pillow is not installed.
    """
    picture = image.open().convert("L")
    box = picture.point(lambda level: 255 if level < 128 else 0).getbbox()
    if box is None or picture.height > _MAX_HEIGHT:
        return []
    rows = [[level < 128 for level in picture.crop((0, y, box[2], y + 1)).tobytes()] for y in range(picture.height)]
    if len(rows) % 2:
        rows.append([False] * box[2])
    fold = max(12, (columns - 8) // 12 * 12)
    lines = [
        "".join(_BLOCKS[pair] for pair in zip(upper[x : x + fold], lower[x : x + fold], strict=True)).rstrip()
        for x in range(0, box[2], fold)
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
    while not lines[-1]:
        lines.pop()
    return lines
