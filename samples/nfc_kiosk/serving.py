"""Running the service: the socket on loopback, the signals, the one line that says where the page is."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from samples.nfc_kiosk.kiosk import Kiosk
from samples.nfc_kiosk.notify import Pulse, notify
from samples.nfc_kiosk.security import Keys
from samples.nfc_kiosk.web import create_app

_HOST = "127.0.0.1"
_END_SECONDS = 5


class _Server(uvicorn.Server):
    """Ends the event streams with the first signal: an open one would hold the end up."""

    def __init__(self, config: uvicorn.Config, kiosk: Kiosk, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._kiosk, self._ready = kiosk, ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came."""
        self._kiosk.hub.close()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def serve(
    kiosk: Kiosk,
    *,
    extra: Callable[[FastAPI], None] | None = None,
    head: str = "",
    tell: Callable[[str], None] = lambda line: print(line, flush=True),
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        kiosk: the one to serve.
        extra: adds routes; for the demonstration.
        head: more of the page's head; for the demonstration.
        tell: takes one line of JSON, ``{"url"}``, when the page can be opened.
    """
    keys = Keys()
    runtime = kiosk.settings.runtime
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, kiosk.settings.port))
        url = f"http://{_HOST}:{listener.getsockname()[1]}/open?token={keys.token}"
        app = create_app(kiosk, keys, pulse=Pulse(runtime), extra=extra, head=head)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_END_SECONDS,
            limit_concurrency=64,
        )
        _Server(config, kiosk, lambda: _ready(url, runtime, tell)).run(sockets=[listener])
        notify("STOPPING=1")


def _ready(url: str, runtime: Path | None, tell: Callable[[str], None]) -> None:
    if runtime is not None:
        address = runtime / "address"
        address.write_text(url + "\n", "utf-8")
        address.chmod(0o640)
    tell(json.dumps({"url": url}))
    notify("READY=1")
