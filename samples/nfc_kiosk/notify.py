"""Signs of life: to systemd's watchdog for the service, and as a file's time for the unit of the browser."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

_SECONDS = 5.0  # between two; the units wait for thirty


def notify(message: str) -> None:
    """Tell systemd, where it started us (sd_notify)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        to_systemd.sendto(message.encode(), address)


class Pulse:
    """Beats of the service and of the page.

    Args:
        runtime: the folder for the page's beat, a file without content; ``None`` for none.
    """

    def __init__(self, runtime: Path | None) -> None:
        self._page = runtime / "page-alive" if runtime else None
        self._next = 0.0

    def beat(self) -> None:
        """The service lives: loop and threads."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _SECONDS
            notify("WATCHDOG=1")

    def page_beat(self) -> None:
        """The page lives: its script asked for this."""
        if self._page is not None:
            with suppress(OSError):
                self._page.touch(mode=0o644)
