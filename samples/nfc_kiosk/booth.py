"""The camera over the counter: what the kiosk asks of it. Frames live in memory, and only while somebody shows a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from mnverify import MyNumber
from mnverify.masked import not_copied
from mnverify.printed import Scan
from samples.nfc_kiosk.desk import Post
from samples.nfc_kiosk.words import Mode


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Seen:
    """What the camera saw in one visit: the face that was read, or the number of the QR code."""

    scan: Scan | None = None
    number: MyNumber | None = None


class Booth(Protocol):
    """A camera that looks at cards."""

    def start(self, post: Post) -> None:
        """Be ready; it does not look yet."""

    def close(self) -> None:
        """End."""

    def look(self, visit: int, mode: Mode) -> None:
        """Look for a card, for this visit."""

    def look_away(self) -> None:
        """Stop looking, and forget every frame."""

    def view(self) -> dict[str, Any]:
        """How it is, for the page."""

    def frame(self, jpeg: bytes) -> None:
        """A picture that the page took."""

    def preview(self) -> bytes | None:
        """What it sees now, as JPEG; ``None`` where it does not look."""

    def seen(self, visit: int) -> Seen | None:
        """What was seen in this visit; it is handed over once."""


class NoBooth:
    """No camera: what is printed is typed."""

    def start(self, post: Post) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""

    def look(self, visit: int, mode: Mode) -> None:
        """Nothing."""

    def look_away(self) -> None:
        """Nothing."""

    def view(self) -> dict[str, Any]:
        """There is none."""
        return {"kind": "none"}

    def frame(self, jpeg: bytes) -> None:
        """Nobody asked for it."""

    def preview(self) -> bytes | None:
        """Nothing."""
        return None

    def seen(self, visit: int) -> Seen | None:
        """Nothing."""
        return None
