"""Why a picture can not be read, and how to take it better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Never

from mnverify.errors import CardNotFound, PictureError
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.printed.pictures import Pixels

TOO_DARK = 52.0
"""Of 255: brightness of the brightest twentieth of a picture, below which nothing is read."""
TOO_NARROW = 380.0
"""Pixels of a card's long side, below which its print can not be read."""
BLURRED = 0.055
"""Sharpness (see ``Quality``) below which print runs together."""
GLARE = 0.10
"""Part of the card that is burnt out."""
_BURNT_OUT = 252
_SHARPNESS_WIDTH = 800

DARK = Text("The picture is too dark.", "画像が暗すぎます。")
MORE_LIGHT = Text("Put on a light, or go to a window.", "照明をつけるか、窓の近くで撮ってください。")
SMALL = Text("The card is too small in the picture.", "カードが小さく写りすぎています。")
CLOSER = Text(
    "Go closer, so that the card fills most of the picture.", "カードが画面の大部分を占めるまで近づいて撮ってください。"
)
BLUR = Text("The picture is blurred.", "画像がぼけています。")
HOLD_STILL = Text(
    "Hold the camera still, tap on the card to focus, and take it again.",
    "カメラを動かさず、カードに触れてピントを合わせてから撮り直してください。",
)
GLARING = Text("A light is reflected on the card.", "カードに光が反射しています。")
TILT_AWAY = Text(
    "Tilt the card or move it away from the lamp.", "カードを少し傾けるか、照明から離して撮り直してください。"
)
NO_FACE = Text(
    "What is in the picture could not be read as the face of a My Number Card.",
    "マイナンバーカードの表面として読み取れませんでした。",
)
FRONT = Text(
    "Take the front, the side with the photo, whole and level; or type what is printed.",
    "顔写真のある面を、全体が入るように正面から撮ってください。印字を入力することもできます。",
)


@dataclass(frozen=True, slots=True)
class Quality:
    """What can be measured of a picture without reading it.

    Attributes:
        brightness: of the brightest twentieth, 0 to 255.
        sharpness: how steep its steepest edges are, as a part of its contrast: 0.05 blurred, 0.3 sharp.
        burnt_out: part of it that is white beyond all detail.
    """

    brightness: float
    sharpness: float
    burnt_out: float

    @classmethod
    def of(cls, pixels: Pixels) -> Quality:
        """Measure an RGB picture."""
        import cv2
        import numpy as np

        height, width = pixels.shape[:2]
        scale = min(1.0, _SHARPNESS_WIDTH / max(height, width))
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        low, bright = np.percentile(grey, (2, 95))
        smooth = cv2.GaussianBlur(grey, (0, 0), 0.7).astype(np.float32)
        steep = np.maximum(np.abs(np.diff(smooth, axis=0))[:, 1:], np.abs(np.diff(smooth, axis=1))[1:])
        sharpness = float(np.percentile(steep, 99)) / max(12.0, float(bright - low))
        return cls(float(bright), sharpness, float((small.min(axis=2) >= _BURNT_OUT).mean()))


def refuse_unusable(pixels: Pixels) -> None:
    """Refuse what nothing can be found in.

    Raises:
        PictureError: it is too dark.
    """
    if Quality.of(pixels).brightness < TOO_DARK:
        raise PictureError(DARK, MORE_LIGHT)


def refuse_narrow(width: float) -> None:
    """Refuse a card that is too small to be read.

    Args:
        width: of its long side, in pixels.

    Raises:
        PictureError: it is.
    """
    if width < TOO_NARROW:
        raise PictureError(SMALL, CLOSER)


def refuse_unreadable(card: Pixels) -> Never:
    """Say why a card that was found could not be read.

    Args:
        card: laid straight.

    Raises:
        PictureError: it is blurred, dark, or has a reflection on it.
        CardNotFound: none of these: it is no card's face.
    """
    quality = Quality.of(card)
    if quality.brightness < 2 * TOO_DARK:
        raise PictureError(DARK, MORE_LIGHT)
    if quality.sharpness < BLURRED:
        raise PictureError(BLUR, HOLD_STILL)
    if quality.burnt_out > GLARE:
        raise PictureError(GLARING, TILT_AWAY)
    raise CardNotFound(NO_FACE, FRONT)
