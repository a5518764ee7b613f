"""Draw the personas' faces and write them as JPEG 2000. Usage: python tools/make_photos.py

Every face is a cartoon, of nobody. JPEG 2000 encoders differ from release to release, so the files are shipped
(``mnverify/virtual/data/photos``) and this is only run to change them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

TARGET = Path(__file__).parent.parent / "mnverify" / "virtual" / "data" / "photos"
WIDTH, HEIGHT = 378, 472
SCALE = 2
MOST_BYTES = 5600


@dataclass(frozen=True)
class Look:
    """How a face is drawn; greys are 0 (black) to 255, lengths in pixels of the finished picture."""

    hair: str  # bob, long, short, side, bald, bun, curly, child
    hair_grey: int = 40
    skin: int = 214
    face_width: int = 150
    face_height: int = 190
    glasses: bool = False
    beard: bool = False
    wrinkles: bool = False
    clothes: int = 90
    collar: bool = True
    brow: int = 0
    smile: int = 12
    background: int = 238


LOOKS = {
    "sato-hanako": Look("bob", clothes=70),
    "ri-mirei": Look("long", hair_grey=30, face_width=142, clothes=180, brow=3),
    "nagai-jusho": Look("side", hair_grey=90, glasses=True, clothes=60, face_width=158, smile=6),
    "yoshida-takatsugu": Look("short", hair_grey=55, beard=True, face_width=162, clothes=110, smile=8),
    "showa-64": Look("bun", hair_grey=50, clothes=150, face_width=146, smile=14),
    "heisei-gannen": Look("short", hair_grey=35, face_width=148, face_height=198, clothes=50, brow=-3),
    "reiwa-child": Look("child", hair_grey=45, face_width=152, face_height=160, clothes=200, collar=False, smile=18),
    "taisho-centenarian": Look("bun", hair_grey=205, wrinkles=True, glasses=True, clothes=120, collar=False, smile=9),
    "garcia-maria": Look("curly", hair_grey=60, skin=186, face_width=146, clothes=215, collar=False, smile=16),
    "hikkoshi-ichiro": Look("side", hair_grey=30, clothes=80, face_width=150, face_height=200, smile=10),
    "kigen-setsuo": Look("bald", hair_grey=170, glasses=True, wrinkles=True, face_width=164, clothes=75, smile=5),
    "kokugai-tomoko": Look("long", hair_grey=70, face_width=148, clothes=95, brow=1, smile=13),
    "hi-fusho": Look("bun", hair_grey=170, wrinkles=True, face_width=150, clothes=165, collar=False, smile=11),
    "tsukihi-fusho": Look("side", hair_grey=150, skin=192, wrinkles=True, face_width=156, clothes=55, brow=-2, smile=9),
    "kyuji-sachiko": Look("bob", hair_grey=85, glasses=True, face_width=146, face_height=182, clothes=205, smile=15),
    "aoi-makoto": Look("curly", hair_grey=110, glasses=True, face_width=144, face_height=184, clothes=140, brow=2),
}


class Canvas:
    """A drawing at twice the size, in coordinates relative to the middle of the face."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.image = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE), look.background)
        self._draw = ImageDraw.Draw(self.image)
        self._x, self._y = WIDTH // 2, 215

    def _box(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        left, top = (self._x + x - width / 2) * SCALE, (self._y + y - height / 2) * SCALE
        return left, top, left + width * SCALE, top + height * SCALE

    def oval(self, x: float, y: float, width: float, height: float, grey: int) -> None:
        """A filled ellipse around a point."""
        self._draw.ellipse(self._box(x, y, width, height), grey)

    def box(self, x: float, y: float, width: float, height: float, grey: int, radius: float = 0) -> None:
        """A filled rectangle around a point, its corners rounded."""
        self._draw.rounded_rectangle(self._box(x, y, width, height), radius * SCALE, grey)

    def shape(self, points: list[tuple[float, float]], grey: int) -> None:
        """A filled polygon."""
        self._draw.polygon([((self._x + x) * SCALE, (self._y + y) * SCALE) for x, y in points], grey)

    def arc(self, x: float, y: float, size: tuple[float, float], part: tuple[int, int], grey: int, pen: float) -> None:
        """Part of an ellipse as a line, in degrees clockwise from three o'clock."""
        self._draw.arc(self._box(x, y, *size), *part, grey, round(pen * SCALE))


def draw(look: Look) -> Image.Image:
    """One face."""
    canvas = Canvas(look)
    _hair_behind(canvas)
    _body(canvas)
    _head(canvas)
    _hair_in_front(canvas)
    _features(canvas)
    return canvas.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.6))


def _body(canvas: Canvas) -> None:
    look = canvas.look
    canvas.oval(0, 257, 364, 262, look.clothes)
    canvas.box(0, 96, 64, 110, look.skin - 22, 20)
    if look.collar:
        for side in (-1, 1):
            canvas.shape([(0, 187), (side * 34, 114), (side * 64, 140), (side * 18, 208)], 245)
    else:
        canvas.oval(0, 136, 96, 46, look.skin - 22)


def _head(canvas: Canvas) -> None:
    look = canvas.look
    for side in (-1, 1):
        canvas.oval(side * look.face_width / 2, 8, 26, 46, look.skin - 16)
    canvas.oval(0, 0, look.face_width, look.face_height, look.skin)
    if look.beard:
        canvas.oval(0, look.face_height * 0.33, look.face_width * 0.74, look.face_height * 0.36, look.hair_grey + 30)
        canvas.oval(0, look.face_height * 0.27, look.face_width * 0.56, look.face_height * 0.28, look.skin)


def _hair_behind(canvas: Canvas) -> None:
    look, wide = canvas.look, canvas.look.face_width
    if look.hair == "bob":
        canvas.box(0, 0, wide + 50, look.face_height + 30, look.hair_grey, 85)
    elif look.hair == "long":
        canvas.box(0, 60, wide + 54, look.face_height + 150, look.hair_grey, 90)
    elif look.hair == "curly":
        for x, y in ((-82, -40), (-92, 5), (-84, 48), (82, -40), (92, 5), (84, 48), (-52, -84), (52, -84), (0, -102)):
            canvas.oval(x, y, 78, 78, look.hair_grey)
    elif look.hair == "bun":
        canvas.oval(0, -look.face_height / 2 - 26, 74, 66, look.hair_grey)
        canvas.oval(0, -14, wide + 26, look.face_height + 16, look.hair_grey)
    elif look.hair == "bald":
        canvas.oval(0, -8, wide + 20, look.face_height * 0.62, look.hair_grey)
    else:
        canvas.oval(0, -18, wide + 22, look.face_height + 8, look.hair_grey)


def _hair_in_front(canvas: Canvas) -> None:
    look, wide, top = canvas.look, canvas.look.face_width, -canvas.look.face_height / 2
    if look.hair == "bald":
        return
    if look.hair in ("bob", "child"):
        canvas.shape(
            [
                (-wide / 2, top + 66),
                (-wide / 2 + 6, top + 16),
                (0, top - 14),
                (wide / 2 - 6, top + 16),
                (wide / 2, top + 66),
                (wide / 4, top + 52),
                (0, top + 56),
                (-wide / 4, top + 52),
            ],
            look.hair_grey,
        )
    elif look.hair in ("side", "long"):
        canvas.shape(
            [
                (-wide / 2 - 6, top + 84),
                (-wide / 2 + 4, top + 14),
                (0, top - 12),
                (wide / 2 - 4, top + 14),
                (wide / 2 + 6, top + 84),
                (wide / 2 - 24, top + 48),
                (-22, top + 26),
            ],
            look.hair_grey,
        )
    else:
        canvas.shape([(-wide / 2 - 4, top + 74), (-wide / 2 + 4, top + 14), (0, top - 12), (wide / 2 - 4, top + 14),
                      (wide / 2 + 4, top + 74), (wide / 2 - 18, top + 40), (0, top + 28), (-wide / 2 + 18, top + 40)],
                     look.hair_grey)  # fmt: skip


def _features(canvas: Canvas) -> None:
    look, dark = canvas.look, 45
    for side in (-1, 1):
        x = side * look.face_width * 0.22
        canvas.oval(x, 4, 28, 15, 246)
        canvas.oval(x, 4, 14, 14, dark)
        canvas.oval(x + 3, 1, 4, 4, 250)
        canvas.arc(x, -14 - look.brow, (40, 20), (200, 340), min(look.hair_grey + 20, 150), 5)
        if look.glasses:
            canvas.arc(x, 5, (52, 42), (0, 360), 60, 4)
        if look.wrinkles:
            canvas.arc(x, 16, (34, 22), (30, 150), look.skin - 45, 2)
            canvas.arc(side * look.face_width * 0.2, 46, (26, 54), (270, 60) if side > 0 else (120, 270),
                       look.skin - 45, 2)  # fmt: skip
    if look.glasses:
        canvas.arc(0, 4, (16, 10), (190, 350), 60, 4)
    if look.wrinkles:
        for y in (-48, -38):
            canvas.arc(0, y, (70, 12), (200, 340), look.skin - 35, 2)
    canvas.arc(2, 26, (22, 24), (20, 130), look.skin - 60, 3)
    canvas.arc(0, 56 - look.smile, (52, 10 + 2 * look.smile), (20, 160), 95, 4)


def encode(image: Image.Image) -> bytes:
    """As JP2 of at most 5600 bytes, and as good as that allows."""
    for rate in range(28, 120):
        out = io.BytesIO()
        image.save(out, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise SystemExit("the face does not compress")


def main() -> None:
    """Draw and write all faces."""
    TARGET.mkdir(exist_ok=True)
    for name, look in LOOKS.items():
        data = encode(draw(look))
        (TARGET / f"{name}.jp2").write_bytes(data)
        print(name, len(data), "bytes")


if __name__ == "__main__":
    main()
