"""The connection: a time limit and a size limit for the head of a request, and a bound on connections.

uvicorn bounds neither; a client that sends its head a byte at a time, or ten thousand that send nothing, would hold their places.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 32 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 over one connection, bounded. Made per server by `bounded_protocol`."""

    head_seconds: ClassVar[float] = 10.0
    most: ClassVar[int] = 2000

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or close it at once where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self.connections.discard(self)
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more to wait for."""
        self._head_is_here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes before there is a request."""
        super().data_received(data)
        if self.transport.is_closing() or (self.cycle is not None and not self.cycle.response_complete):
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.abort()
        elif self._deadline is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """The head is whole: its time is over."""
        self._head_is_here()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """The next request, if there is one, has its own time."""
        self._head_is_here()
        super().on_response_complete()

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._too_slow)

    def _head_is_here(self) -> None:
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


@cache
def bounded_protocol(head_seconds: float, most: int) -> type[BoundedProtocol]:
    """The protocol with these bounds."""
    bounds: dict[str, Any] = {"head_seconds": head_seconds, "most": most}
    return type("BoundedProtocol", (BoundedProtocol,), bounds)
