"""Connections on which the head of an answer, and then its body, have a time limit as a whole.

The time limits of sockets begin anew with every byte: a head that drips, ``100 Continue`` without end, or the extension of a chunk
or trailers that drip, would be waited for as long as it pleases the other side.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from mnverify.errors import MissingExtra

try:
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except ImportError:
    raise MissingExtra("requests", "client") from None

if TYPE_CHECKING:
    from requests import Response
    from urllib3 import PoolManager, ProxyManager


class TimedAdapter(HTTPAdapter):
    """Gives the whole head of an answer the seconds that a request's read timeout is."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Have connections of ours made."""
        super().init_poolmanager(*args, **more)
        _use_ours(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **more: Any) -> ProxyManager:
        """The same through a proxy."""
        manager: ProxyManager = super().proxy_manager_for(*args, **more)
        _use_ours(manager)
        return manager


class _Plain(HTTPConnection):
    def getresponse(self) -> Any:  # urllib3 gives another type than the class below it
        return _timed(self.sock, self.timeout, super().getresponse)


class _Encrypted(HTTPSConnection):
    def getresponse(self) -> Any:  # urllib3 gives another type than the class below it
        return _timed(self.sock, self.timeout, super().getresponse)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


def _use_ours(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}


def _timed(connection: socket.socket, seconds: Any, read_head: Callable[[], Any]) -> Any:
    with ended_after(connection, seconds):
        return _carried(read_head(), connection)  # an answer that is late is held by nobody


def _carried(answer: Any, connection: socket.socket) -> Any:
    answer.carrier = connection  # which urllib3 may have let go of by now
    return answer


def carrier_of(response: Response) -> socket.socket | None:
    """The socket that an answer comes from; none has an answer that a caller's test made itself."""
    carrier: socket.socket | None = getattr(response.raw, "carrier", None)
    return carrier


@contextmanager
def ended_after(connection: socket.socket | None, seconds: Any) -> Iterator[None]:
    """End both directions of a connection after so many seconds: whoever reads from it then reads its end.

    Args:
        connection: the socket; without one there is nothing to end.
        seconds: from now on.

    Raises:
        TimeoutError: it was ended; what was read is not whole.
    """
    if connection is None:
        yield
        return
    late = threading.Event()

    def end() -> None:
        late.set()
        with suppress(OSError):  # it is closed already
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # of the connection itself, below TLS

    timer = threading.Timer(float(seconds), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError
