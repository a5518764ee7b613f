"""Frame by frame: tell the person at the camera what to do, and let several frames vote on what they show.

``look`` is cheap (no text is read) and meant for every frame; where it says ``READY``, ``read`` reads the frame. Two frames that
agree are worth more than one: what a reflection or a shake made of one frame, it seldom makes of the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mnverify.errors import CardNotFound, PictureError, RoleError, SeveralCards
from mnverify.masked import not_copied
from mnverify.printed.engine import TextEngine
from mnverify.printed.outline import Outline, is_another_card, look_for_outlines, rectify
from mnverify.printed.pictures import Picture, PictureSource, load_picture
from mnverify.printed.scanning import NUMBER_B_FIELDS, Scan, scan
from mnverify.printed.voting import vote
from mnverify.printed.why_not import Quality
from mnverify.text import Text
from mnverify.values import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mnverify.printed.pictures import Pixels

LOOK_SIDE = 480
"""Pixels of a frame's longer side on which ``look`` works."""
LEAST_FILL, MOST_FILL = 0.45, 0.97
"""Of the frame's longer side: how long a card has to be, and may be."""
MOST_FRAMES = 8
"""Readings that are kept; the oldest goes."""
_CARD_WIDTH = 420  # pixels on which light and sharpness are measured
_TOO_DARK, _BRIGHT = 105.0, 0.35
_GLARE = 0.04
_BLURRED = 0.14
_MOVED = 0.02  # of the card's width, from one frame to the next
_SAME_CORNER = 0.03  # of a frame's longer side
_MARGIN = 0.1  # of a frame, put around it to see what is cut off


class Advice(StrEnum):
    """What the person at the camera should do."""

    SHOW_CARD = "show-card"
    ONE_CARD = "one-card"
    CLOSER = "closer"
    FURTHER = "further"
    BRIGHTER = "brighter"
    DARKER = "darker"
    LESS_GLARE = "less-glare"
    HOLD_STILL = "hold-still"
    TURN_OVER = "turn-over"
    READY = "ready"
    DONE = "done"


SENTENCES: Mapping[Advice, Text] = MappingProxyType(
    {
        Advice.SHOW_CARD: Text("Show the whole front of the card.", "カードの表面全体を写してください。"),
        Advice.ONE_CARD: Text("One card only, please.", "カードは1枚だけにしてください。"),
        Advice.CLOSER: Text("Closer, please.", "もう少し近づけてください。"),
        Advice.FURTHER: Text("A little further away, please.", "少し離してください。"),
        Advice.BRIGHTER: Text("More light, please.", "もう少し明るくしてください。"),
        Advice.DARKER: Text("Less light, please.", "明るすぎます。少し暗くしてください。"),
        Advice.LESS_GLARE: Text(
            "A light is reflected: tilt the card a little.", "光が反射しています。カードを少し傾けてください。"
        ),
        Advice.HOLD_STILL: Text("Hold still, please.", "そのまま動かさないでください。"),
        Advice.TURN_OVER: Text(
            "Turn the card over: the side with the photo, please.", "裏返して、顔写真のある面を写してください。"
        ),
        Advice.READY: Text("Good. Hold still.", "そのままお待ちください。"),
        Advice.DONE: Text("Done. You can take the card away.", "読み取りました。カードを離してください。"),
    }
)
"""What to show or say, for each."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What one frame is good for.

    Attributes:
        advice: what to do; ``READY`` where the frame is worth reading.
        corners: of the card in the frame, in pixels, for a drawing over the live picture; None where none was found.
    """

    advice: Advice
    corners: tuple[tuple[float, float], ...] | None = None

    @property
    def text(self) -> Text:
        """The sentence to show."""
        return SENTENCES[self.advice]


@not_copied
class CameraGuide:
    """Guides a person until enough frames agree. For one card and one camera; not for several threads at once.

    Args:
        engine: reads the text; default rapidocr (extra ``ocr``).
        role: of the business. The guide reads fronts only, in any role.
        agreeing: frames that have to agree on what 照合番号B is made of.
        today: by which an expiry is possible; default today in Japan.
    """

    def __init__(
        self,
        *,
        engine: TextEngine | None = None,
        role: Role | str = Role.GENERAL,
        agreeing: int = 2,
        today: date | None = None,
    ) -> None:
        self._engine, self._role, self._agreeing, self._today = engine, Role(role), agreeing, today
        self._before: NDArray[Any] | None = None
        self._scans: list[Scan] = []

    def look(self, frame: PictureSource | Picture) -> Hint:
        """Judge a frame without reading it.

        Args:
            frame: an array (RGB), or the bytes of a picture.

        Raises:
            PictureError: it is no picture.
            MissingExtra: the extra ``ocr`` is not installed.
        """
        pixels = _small(_picture(frame).pixels)
        found = look_for_outlines(pixels, thorough=False, side=LOOK_SIDE)
        scale = _picture(frame).width / pixels.shape[1]
        before, self._before = self._before, None
        if not found:
            return Hint(Advice.FURTHER if _is_cut_off(pixels) else Advice.SHOW_CARD)
        if any(is_another_card(one, found[0]) for one in found[1:]):
            return Hint(Advice.ONE_CARD)
        card = found[0]
        self._before = card.corners
        corners = tuple((float(x) * scale, float(y) * scale) for x, y in card.corners)
        return Hint(_advice(pixels, card, before), corners)

    def read(self, frame: PictureSource | Picture) -> Hint:
        """Read a frame, and let it vote. ``DONE`` where enough frames agree; then ``result`` has them.

        Raises:
            PictureError: it is no picture.
            MissingExtra: the extra ``ocr`` is not installed.
        """
        picture = _picture(frame)
        try:
            found = scan(picture, engine=self._engine, today=self._today)
        except RoleError:
            return Hint(Advice.TURN_OVER)
        except SeveralCards:
            return Hint(Advice.ONE_CARD)
        except CardNotFound:
            return Hint(Advice.SHOW_CARD)
        except PictureError:
            return Hint(Advice.HOLD_STILL)
        self._scans = [*self._scans, found][-MOST_FRAMES:]
        return Hint(Advice.DONE if self.is_done else Advice.HOLD_STILL, found.corners)

    @property
    def is_done(self) -> bool:
        """Whether enough frames agree on what 照合番号B is made of."""
        found = self.result()
        return found is not None and found.sure.issuperset(NUMBER_B_FIELDS)

    def result(self) -> Scan | None:
        """What the frames agree on: fields on which fewer than ``agreeing`` do are doubtful. None before the first reading."""
        return vote(self._scans, self._agreeing) if self._scans else None

    def forget(self) -> None:
        """Drop every reading: another person, another card."""
        self._scans, self._before = [], None

    def __repr__(self) -> str:
        return f"CameraGuide({len(self._scans)} readings)"


def _advice(pixels: Pixels, card: Outline, before: NDArray[Any] | None) -> Advice:
    """What is the matter with a card that was found; the gravest first."""
    import numpy as np

    fill = card.width / max(pixels.shape[:2])
    if not LEAST_FILL <= fill <= MOST_FILL:
        return Advice.CLOSER if fill < LEAST_FILL else Advice.FURTHER
    quality = Quality.of(rectify(pixels, card.corners, _CARD_WIDTH))
    if quality.brightness < _TOO_DARK:
        return Advice.BRIGHTER
    if quality.burnt_out > _BRIGHT:
        return Advice.DARKER
    if quality.burnt_out > _GLARE:
        return Advice.LESS_GLARE
    if before is None or np.abs(card.corners - before).max() > _MOVED * card.width or quality.sharpness < _BLURRED:
        return Advice.HOLD_STILL
    return Advice.READY


def _is_cut_off(pixels: Pixels) -> bool:
    """Whether a card seems to go on beyond the frame: with some ground around the frame it would be a whole one."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    margin = round(_MARGIN * max(height, width))
    ground = [
        float(value)
        for value in np.median(pixels[:: max(1, height // 60), :: max(1, width // 80)].reshape(-1, 3), axis=0)
    ]
    darker = tuple(0.35 * value if sum(ground) > 380 else 255 - 0.35 * value for value in ground)
    padded = cv2.copyMakeBorder(pixels, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=darker)
    found = look_for_outlines(padded, thorough=False, side=LOOK_SIDE)
    return any(not _is_frame(one.corners - margin, width, height) for one in found)


def _is_frame(corners: NDArray[Any], width: int, height: int) -> bool:
    """Whether an outline is the frame itself: every corner of it is one of the frame's."""
    import numpy as np

    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    nearest = np.abs(corners[:, None] - frame[None]).max(axis=2).min(axis=1)
    return bool(nearest.max() <= _SAME_CORNER * max(width, height))


def _picture(frame: PictureSource | Picture) -> Picture:
    return frame if isinstance(frame, Picture) else load_picture(frame)


def _small(pixels: Pixels) -> Pixels:
    """A frame of the size that is looked at."""
    import cv2

    scale = LOOK_SIDE / max(pixels.shape[:2])
    return pixels if scale >= 1 else cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
