"""The camera over the counter: what the kiosk asks of it. Frames live in memory, and only while somebody shows a card."""

from __future__ import annotations

from typing import Any, Protocol

from samples.nfc_kiosk.desk import Post
from samples.nfc_kiosk.words import Mode


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
