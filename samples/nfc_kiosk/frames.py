"""Where frames come from: a camera of this machine, or the page's. They are arrays in memory, one at a time, and never files."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Protocol

from mnverify.errors import PictureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger("nfc_kiosk")
_WIDTH, _HEIGHT = 1920, 1080


class Frames(Protocol):
    """A source of frames. ``open``, ``read`` and ``close`` are called from one thread, and in this order."""

    kind: str

    def open(self) -> bool:
        """Begin; whether there is a camera."""

    def read(self, seconds: float) -> NDArray[Any] | None:
        """The next frame, RGB; ``None`` where none came in time."""

    def close(self) -> None:
        """End, and keep no frame."""

    def put(self, jpeg: bytes) -> None:
        """A frame of the page's camera; empty where it has none."""


class CameraFrames:
    """A camera of this machine, taken by OpenCV.

    Args:
        index: which.
    """

    kind = "service"

    def __init__(self, index: int) -> None:
        self._index = index
        self._camera: Any = None

    def open(self) -> bool:
        """See ``Frames``."""
        import cv2

        self._camera = cv2.VideoCapture(self._index)
        if not self._camera.isOpened():
            self.close()
            return False
        self._camera.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
        self._camera.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
        self._camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # what is there now, not what was
        return True

    def read(self, seconds: float) -> NDArray[Any] | None:
        """See ``Frames``; the driver knows no time-out, and a camera that is unplugged gives nothing at once."""
        import cv2

        there, frame = self._camera.read()
        return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) if there else None

    def close(self) -> None:
        """See ``Frames``."""
        if self._camera is not None:
            self._camera.release()
        self._camera = None

    def put(self, jpeg: bytes) -> None:
        """Nobody asked the page."""


class PageFrames:
    """The camera of the page: it sends what it sees. Of several that came meanwhile the last counts."""

    kind = "browser"

    def __init__(self) -> None:
        self._came = threading.Condition()
        self._jpeg: bytes | None = None
        self._missing = False

    def open(self) -> bool:
        """The page has it, until it says otherwise."""
        with self._came:
            self._jpeg, self._missing = None, False
        return True

    def read(self, seconds: float) -> NDArray[Any] | None:
        """See ``Frames``."""
        from mnverify.printed.pictures import load_picture

        with self._came:
            self._came.wait_for(lambda: self._jpeg is not None, seconds)
            jpeg, self._jpeg = self._jpeg, None
        if not jpeg:
            return None
        try:
            return load_picture(jpeg).pixels
        except PictureError as error:
            log.warning("camera: %s", error.code)
            return None

    def close(self) -> None:
        """See ``Frames``."""
        with self._came:
            self._jpeg = None

    def put(self, jpeg: bytes) -> None:
        """See ``Frames``."""
        with self._came:
            self._missing = not jpeg
            self._jpeg = jpeg or None
            self._came.notify_all()
