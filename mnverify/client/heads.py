"""Connections on which the head of an answer has a time limit as a whole.

The time limits of sockets begin anew with every byte: a head that drips, or ``100 Continue`` without end, would be waited for as
long as it pleases the other side.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
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
        with _ended_after(self.sock, self.timeout):
            return super().getresponse()


class _Encrypted(HTTPSConnection):
    def getresponse(self) -> Any:  # urllib3 gives another type than the class below it
        with _ended_after(self.sock, self.timeout):
            return super().getresponse()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


def _use_ours(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}


@contextmanager
def _ended_after(connection: socket.socket, seconds: Any) -> Iterator[None]:
    """End both directions of a connection after so many seconds: whoever reads from it then reads its end.

    Raises:
        TimeoutError: it was ended; what was read is no whole head.
    """
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
