"""The connection: bounds on its time and size, on how many there are, and what is answered to what is not HTTP.

uvicorn bounds none of it; a client that sends its head a byte at a time, trailers without end, or requests whose answers it never
takes would hold memory and places, and ten thousand that send nothing theirs.
"""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mnverify.server.door import Door
from mnverify.server.envelopes import MAX_BYTES
from mnverify.server.log import CONNECTIONS
from mnverify.server.problems import NotHttp

MAX_HEAD_BYTES = 32 * 1024
MAX_HEADERS = 100
MAX_WAITING = 1000
"""Requests of one connection that wait for the one before: no more are read, but one read may bring many."""

MAX_REQUEST_BYTES = 12 * MAX_BYTES
"""What may follow a head while its request is under way, as it stands on the wire: bodies, chunks, trailers, and what comes after.
The largest body in chunks of a byte each is six times as long as in one; one read may hold a quarter of a MiB besides."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 over one connection, bounded. Made per server by `bounded_protocol`."""

    head_seconds: ClassVar[float] = 10.0
    answer_seconds: ClassVar[float] = 20.0
    most: ClassVar[int] = 2000

    _deadline: asyncio.TimerHandle | None = None
    _patience: asyncio.TimerHandle | None = None
    _running: Any = None  # the request that is served; `cycle` is the last whose head is here
    _bytes = 0  # since the last head or answer
    _read = 0  # in one go
    _broken = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or close it at once where there are too many."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)
        self.logger = _LOGGER
        if len(self.connections) > self.most:
            self.connections.discard(self)
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more to wait for."""
        self._head_is_here()
        self._answer_is_taken()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes: little before there is a request, and never without end."""
        if self._broken:
            return
        self._read = len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        self._bytes += len(data)
        if self.cycle is not None and not self.cycle.response_complete:
            if self._bytes > MAX_REQUEST_BYTES:
                self.transport.abort()
        elif self._bytes > MAX_HEAD_BYTES:
            if (
                self.cycle is not None and self.cycle.more_body
            ):  # the rest of a body, of a request that was refused without it
                self.transport.abort()
            else:
                self.send_400_response("")
        elif self._deadline is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """The head is whole: its time is over. What comes of trailers is dropped."""
        may_be_large = self._bytes + self._read > MAX_HEAD_BYTES
        self._head_is_here()
        if (
            len(self.headers) > MAX_HEADERS
            or len(self.pipeline) >= MAX_WAITING
            or (may_be_large and self._head_size() > MAX_HEAD_BYTES)
        ):
            raise ValueError
        super().on_headers_complete()
        self.headers = _NOWHERE

    def on_response_complete(self) -> None:
        """The next request, if there is one, has its own time."""
        self._head_is_here()
        super().on_response_complete()
        self._let_go()

    def pause_writing(self) -> None:
        """The client does not take its answers: it has some time to, and nothing more is begun for it until then."""
        super().pause_writing()
        self._await_taking()

    def resume_writing(self) -> None:
        """The client took what there was: what it asked for after that is begun."""
        super().resume_writing()
        if self.transport.is_closing():
            return
        self._answer_is_taken()
        if self.pipeline and self._running.response_complete:
            self._start_asgi_task(*self.pipeline.pop())

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came for long."""
        super().timeout_keep_alive_handler()
        self._let_go()

    def shutdown(self) -> None:
        """The service ends."""
        super().shutdown()
        self._let_go()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP. Requests before it are answered first, since answers come in the order of requests."""
        self._broken = True
        self._head_is_here()
        last, unfinished = self.cycle, self.cycle is not None and self.cycle.more_body
        status, headers, body = cast("Door", self.app).turn_away(
            NotHttp(), headers=self.scope["headers"] if self.scope else (), method=self._method if unfinished else ""
        )
        if unfinished and self.pipeline and self.pipeline[0][0] is last:  # it was not begun, and never is
            self.pipeline.popleft()
            last, unfinished = self.pipeline[0][0] if self.pipeline else self._running, False
        if last is not None and not last.response_complete:
            if last.response_started or not unfinished:
                last.keep_alive = False
                FlowControl.resume_reading(
                    self.flow
                )  # what is still to come is dropped: left unread, it would reset the answers
                return
            last.disconnected = True  # who reads the body is told that no more comes
            last.message_event.set()
        if (
            last is None or not last.response_complete or not unfinished
        ):  # else it was answered before its body was here
            lines = [STATUS_LINE[status]]
            for name, value in [*self.server_state.default_headers, *headers, (b"connection", b"close")]:
                lines += [name, b": ", value, b"\r\n"]
            self.transport.write(b"".join([*lines, b"\r\n", body]))
        self.transport.close()
        self._let_go()

    def _unsupported_upgrade_warning(self) -> None:
        """Another protocol is asked for: this one is spoken, and the parser takes nothing more after that."""
        self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        if self.flow.write_paused:  # who does not take its answers takes nobody's place
            self.pipeline.append((cycle, app))
            return
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    @property
    def _method(self) -> str:
        return str(self.scope.get("method", ""))

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._too_slow)

    def _head_is_here(self) -> None:
        self._bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()

    def _await_taking(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(self.answer_seconds, self.transport.abort)

    def _answer_is_taken(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _let_go(self) -> None:
        """A connection that is closed stays until the client took what was written; not for ever."""
        if self.transport.is_closing():
            self._await_taking()


class _Flow(FlowControl):
    """Reads on only where no request waits for the one before."""

    def __init__(self, transport: asyncio.Transport, waiting: Any) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class _Nowhere(list[tuple[bytes, bytes]]):
    """Where trailers go: none belongs to this service."""

    def append(self, item: tuple[bytes, bytes], /) -> None:
        """Drop it."""


_NOWHERE = _Nowhere()
_LOGGER = logging.getLogger(CONNECTIONS)


@cache
def bounded_protocol(head_seconds: float, answer_seconds: float, most: int) -> type[BoundedProtocol]:
    """The protocol with these bounds."""
    bounds: dict[str, Any] = {"head_seconds": head_seconds, "answer_seconds": answer_seconds, "most": most}
    return type("BoundedProtocol", (BoundedProtocol,), bounds)
