"""A camera that is not there: rendered prints of virtual cards, seen under the conditions of the panel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mnverify.virtual import Persona, persona
from mnverify.virtual.print import PrintFlaw, photograph, print_back, print_front
from samples.nfc_kiosk.demo.choices import NO_CARD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from samples.nfc_kiosk.demo.stage import Choice

FRAME_SIDE = 1920
_PAUSE = 0.25  # seconds between two frames


class DemoFrames:
    """Frames of the chosen card, under the chosen condition.

    Args:
        choice: gives what the panel chose.
        back: gives whether the back of the card is shown.
    """

    kind = "service"

    def __init__(self, choice: Callable[[], Choice], back: Callable[[], bool]) -> None:
        self._choice, self._back = choice, back
        self._made: tuple[tuple[Choice, bool], NDArray[Any]] | None = None
        self._turn = threading.Lock()

    def open(self) -> bool:
        """See ``Frames``."""
        return True

    def read(self, seconds: float) -> NDArray[Any] | None:
        """See ``Frames``."""
        time.sleep(_PAUSE)
        wanted = (self._choice(), self._back())
        with self._turn:
            if self._made is None or self._made[0] != wanted:
                self._made = (wanted, _frame(*wanted))
            return self._made[1]

    def close(self) -> None:
        """See ``Frames``."""
        with self._turn:
            self._made = None

    def put(self, jpeg: bytes) -> None:
        """Nobody asked the page."""


def _frame(choice: Choice, back: bool) -> NDArray[Any]:
    import cv2

    if choice.condition == NO_CARD:
        import numpy as np

        return np.full((FRAME_SIDE * 9 // 16, FRAME_SIDE, 3), 176, np.uint8)
    pixels = photograph(_print(persona(choice.persona), choice, back), choice.condition, seed=7).pixels()
    scale = FRAME_SIDE / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    return _on_a_desk(small)


def _print(holder: Persona, choice: Choice, back: bool) -> Any:
    if back:
        return print_back(holder, dpi=600)
    flaws = [] if choice.print_flaw == "none" else [PrintFlaw(choice.print_flaw)]
    return print_front(holder, dpi=600, flaws=flaws)


def _on_a_desk(pixels: NDArray[Any]) -> NDArray[Any]:
    """A scan is the card alone: lay it on something, as a camera over a counter sees it."""
    import cv2

    height, width = pixels.shape[:2]
    if abs(width / height - 85.6 / 53.98) > 0.05:
        return pixels
    side = round(width * 0.12)
    return cv2.copyMakeBorder(pixels, side, side, side, side, cv2.BORDER_CONSTANT, value=(92, 100, 112))
