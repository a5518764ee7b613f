"""TLS by the service itself: its files are judged before anything is started, and a client has a time for the handshake."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn

from mnverify.server.config import ServerConfig, unusable


def check_certificate(config: ServerConfig) -> None:
    """Load certificate and key as the service will, where it does TLS.

    Raises:
        UsageError: one of them cannot be read, is not PEM, or needs a password; or they do not belong together.
    """
    if config.tls_certificate is None or config.tls_key is None:
        return
    for key, path in (("tls_certificate", config.tls_certificate), ("tls_key", config.tls_key)):
        try:
            with open(path, "rb") as file:
                file.read(1)
        except OSError as error:
            raise unusable(f"{key}: {path}: {error.strerror or 'it cannot be read'}") from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(config.tls_certificate, config.tls_key, password="")
    except (OSError, ValueError):  # asks nobody for a password
        raise unusable(
            "tls_certificate and tls_key: they are not a certificate and its key in PEM, without password"
        ) from None


class TlsSettings(uvicorn.Config):
    """uvicorn's configuration, with what it leaves at asyncio's minute: the time for the handshake.

    Args:
        handshake_seconds: for the handshake, and for the farewell.
    """

    def __init__(self, *arguments: Any, handshake_seconds: float, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.handshake_seconds = handshake_seconds

    def get_loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop]:
        """Makes the event loop, whose servers have that time."""
        return partial(_loop, super().get_loop_factory() or asyncio.new_event_loop, self.handshake_seconds)


def _loop(make: Callable[[], asyncio.AbstractEventLoop], seconds: float) -> asyncio.AbstractEventLoop:
    loop = make()
    create_server = loop.create_server

    def bounded(*arguments: Any, **more: Any) -> Any:
        if more.get("ssl") is not None:
            more |= {"ssl_handshake_timeout": seconds, "ssl_shutdown_timeout": seconds}
        return create_server(*arguments, **more)

    loop.create_server = bounded  # type: ignore[method-assign]
    return loop
