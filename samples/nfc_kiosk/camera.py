"""The camera booth: while somebody shows a card, one thread looks at frames, says what to do, and reads what is printed."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from mnverify import Role, Text
from mnverify.errors import MnverifyError
from mnverify.masked import MaskedBytes, masked
from mnverify.printed import CameraGuide, TextEngine, decode_qr
from samples.nfc_kiosk import events as ev
from samples.nfc_kiosk.booth import Seen
from samples.nfc_kiosk.desk import Post
from samples.nfc_kiosk.frames import Frames
from samples.nfc_kiosk.words import Mode

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger("nfc_kiosk")
PREVIEW_SIDE = 640
_FRAME_SECONDS = 0.3
_MISSING_SECONDS = 2.0
_SHOW_BACK = Text("Show the back of the card, with its QR code.", "カードの裏面（QRコードのある面）を写してください。")


class CameraBooth:
    """A camera over the counter.

    Args:
        frames: where they come from.
        engine: reads text; default rapidocr.
    """

    def __init__(self, frames: Frames, engine: TextEngine | None = None) -> None:
        self._frames, self._engine = frames, engine
        self._wanted = threading.Condition()
        self._visit: int | None = None
        self._mode = Mode.FACE
        self._seen: Seen | None = None
        self._preview: MaskedBytes | None = None
        self._status, self._count = "looking", 0
        self._advice: Text | None = None
        self._ended = False
        self._post: Post = lambda _: None
        self._thread = threading.Thread(target=self._run, name="kiosk camera", daemon=True)

    def start(self, post: Post) -> None:
        """See ``Booth``."""
        self._post = post
        self._thread.start()

    def close(self) -> None:
        """See ``Booth``."""
        self.look_away()
        with self._wanted:
            self._ended = True
            self._wanted.notify_all()
        self._thread.join(10)

    def look(self, visit: int, mode: Mode) -> None:
        """See ``Booth``."""
        with self._wanted:
            self._visit, self._mode = visit, mode
            self._seen, self._preview, self._status, self._advice = None, None, "looking", None
            self._wanted.notify_all()

    def look_away(self) -> None:
        """See ``Booth``."""
        with self._wanted:
            self._visit = self._seen = self._preview = self._advice = None

    def view(self) -> dict[str, Any]:
        """See ``Booth``."""
        advice: Text | None = self._advice
        said = {"en": advice.en, "ja": advice.ja} if advice else None
        return {"kind": self._frames.kind, "status": self._status, "advice": said, "frame": self._count}

    def frame(self, jpeg: bytes) -> None:
        """See ``Booth``."""
        self._frames.put(jpeg)

    def preview(self) -> MaskedBytes | None:
        """See ``Booth``."""
        return self._preview

    def seen(self, visit: int) -> Seen | None:
        """What was seen in this visit; it is handed over once."""
        with self._wanted:
            found, self._seen = (self._seen, None) if visit == self._visit else (None, self._seen)
        return found

    # -- the thread

    def _run(self) -> None:
        while True:
            with self._wanted:
                self._wanted.wait_for(lambda: self._ended or (self._visit is not None and self._seen is None))
                if self._ended:
                    return
                visit = self._visit
            if visit is not None:
                self._watch(visit)

    def _watch(self, visit: int) -> None:
        """Look until something was read, or nobody wants it any more."""
        if not self._frames.open():
            self._tell(visit, "missing", None)
            with self._wanted:
                self._wanted.wait_for(lambda: self._visit != visit or self._ended, _MISSING_SECONDS)
            return
        guide = CameraGuide(engine=self._engine)
        try:
            while self._visit == visit and self._seen is None and not self._ended:
                frame = self._frames.read(_FRAME_SECONDS)
                if frame is not None:
                    self._look_at(frame, guide, visit)
                del frame
        except MnverifyError as error:
            log.warning("camera: %s", error.code)
            self._tell(visit, "missing", None)
        finally:
            guide.forget()
            self._frames.close()

    def _look_at(self, frame: NDArray[Any], guide: CameraGuide, visit: int) -> None:
        self._show(frame, visit)
        if self._mode is Mode.NUMBER:
            self._look_for_code(frame, visit)
            return
        hint = guide.look(frame)
        self._tell(visit, "looking", hint.text)
        if hint.advice != "ready":
            return
        self._tell(visit, "reading", hint.text)
        hint = guide.read(frame)
        self._tell(visit, "looking", hint.text)
        if hint.advice == "done":
            self._found(visit, Seen(scan=guide.result()))

    def _look_for_code(self, frame: NDArray[Any], visit: int) -> None:
        try:
            code = decode_qr(frame, Role.MY_NUMBER_OFFICE)
        except MnverifyError:
            self._tell(visit, "looking", _SHOW_BACK)
        else:
            self._found(visit, Seen(number=code.my_number))

    def _show(self, frame: NDArray[Any], visit: int) -> None:
        """What the page shows of a camera that is not its own."""
        if self._frames.kind != "service":
            return
        import cv2

        scale = PREVIEW_SIDE / max(frame.shape[:2])
        small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        done, jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 75])
        with self._wanted:
            if done and self._visit == visit:
                self._preview, self._count = masked(jpeg.tobytes()), self._count + 1

    def _tell(self, visit: int, status: str, advice: Text | None) -> None:
        with self._wanted:
            if self._visit != visit:
                return
            self._status, self._advice = status, advice
        self._post(ev.CameraNews())

    def _found(self, visit: int, seen: Seen) -> None:
        with self._wanted:
            if self._visit != visit:
                return
            self._seen = seen
        self._post(ev.WasSeen(visit))
