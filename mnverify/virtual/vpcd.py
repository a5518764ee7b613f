"""A plug that puts a card on a virtual PC/SC reader: vpcd, the driver of vsmartcard, in pcscd.

vpcd listens, the card connects. Each message is a length of two bytes and that many bytes; a message of one byte is a
control (off, on, reset, ATR), a longer one a command. Only the ATR and commands are answered.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

from mnverify.errors import CardLost, LinkTimeout, ReaderInUse, ServiceNotRunning, UsageError
from mnverify.text import Text
from mnverify.virtual.strangers import CONTACTLESS_ATR, AnyCard

VPCD_PORT = 35963
"""Where vpcd listens for the card of its first reader; that of the second is the next."""

_OFF, _RESET, _ATR = 0, 2, 4  # 1, on, wants nothing
_AGAIN_SECONDS = 0.05
_NOTICED_SECONDS = 0.5
_CONNECT_SECONDS = 5.0
_CHUNK = 65_537
_MOST = 0xFFFF
_TOO_LONG = b"\x6f\x00"
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux has it


class VpcdPlug:
    """Holds a card, and puts it on the reader (`insert`) or takes it off (`remove`). A context manager, which inserts.

    While it is inserted, a service that was stopped and started again finds the card again.

    Args:
        card: the card.
        port: where vpcd listens.
        host: where it runs.
        atr: the card's answer to reset; default its own attribute ``atr``, else `CONTACTLESS_ATR`.
        watchdog: seconds after which a command that the card does not answer ends with the card's power cut: the
            connection is dropped, which frees pcscd, and made again half a second later. An answer without bytes counts
            as none.
        back_after: seconds after which a card that left the field by itself (`Limits.lost_at`) comes back; default never,
            until `insert`.

    pcscd looks for the card every 0.4 seconds. One that comes back sooner was never away for it, and its state is confused:
    leave half a second between `remove` and `insert`.
    """

    def __init__(
        self,
        card: AnyCard,
        port: int = VPCD_PORT,
        host: str = "localhost",
        *,
        atr: bytes | None = None,
        watchdog: float = 10.0,
        back_after: float | None = None,
    ) -> None:
        self.card = card
        self._address = (host, port)
        self._atr: bytes = getattr(card, "atr", CONTACTLESS_ATR) if atr is None else atr
        self._watchdog = watchdog
        self._back_after = back_after
        self._changed = threading.Condition()
        self._asked = threading.Event()  # the reader has said anything to this card
        self._socket: socket.socket | None = None  # None once it is to be ended
        self._talking: socket.socket | None = None  # the thread's own, which it closes
        self._inserted = self._closed = False
        self._back_at: float | None = None
        self._busy_since: float | None = None
        self._threads: list[threading.Thread] = []

    @property
    def inserted(self) -> bool:
        """Whether the card is on the reader."""
        return self._inserted

    def insert(self) -> None:
        """Put the card on the reader. Where it is already, nothing happens.

        Raises:
            ServiceNotRunning: vpcd does not listen there.
            UsageError: the plug was closed.
        """
        with self._changed:
            if self._closed:
                raise UsageError(Text("The plug was closed.", "このプラグはもう閉じられています。"))
            if self._inserted:
                return
            self._socket = self._connect()
            self._inserted, self._back_at = True, None
            if not self._threads:
                self._threads = [
                    threading.Thread(target=target, name=f"vpcd {self._address[1]}", daemon=True)
                    for target in (self._serve, self._watch)
                ]
                for thread in self._threads:
                    thread.start()
            self._changed.notify_all()

    def require_noticed(self, timeout: float = 3.0) -> None:
        """Wait until the reader has noticed the card. It asks all 0.4 seconds, unless another card is on it, which it keeps.

        Args:
            timeout: seconds.

        Raises:
            ReaderInUse: it has not.
        """
        if not self._asked.wait(timeout):
            host, port = self._address
            raise ReaderInUse(_OCCUPIED.fill(host=host, port=port))

    def remove(self) -> None:
        """Take the card off the reader, in mid-command too; it loses its power. Where it is not there, nothing happens."""
        with self._changed:
            self._inserted, self._back_at = False, None
            dropped = self._drop()
        if dropped:
            self.card.reset()

    def close(self) -> None:
        """Take the card off, and end the threads. Closing again does nothing."""
        with self._changed:
            self._closed = True
        self.remove()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        try:
            self.insert()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"VpcdPlug({self.card!r}, port {self._address[1]}, {'in' if self._inserted else 'out'})"

    # -- the connection; _changed is held where it is touched

    def _connect(self) -> socket.socket:
        try:
            connection = socket.create_connection(self._address, timeout=_CONNECT_SECONDS)
        except OSError:
            host, port = self._address
            raise ServiceNotRunning(_NO_VPCD.fill(host=host, port=port)) from None
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _drop(self) -> bool:
        """End the connection there is."""
        connection, self._socket, self._busy_since = self._socket, None, None
        if connection is None:
            return False
        with contextlib.suppress(OSError):  # the other side may have ended it
            connection.shutdown(socket.SHUT_RDWR)  # wakes the thread, which a close does not
        if connection is not self._talking:
            connection.close()
        self._changed.notify_all()
        return True

    # -- the thread that talks

    def _serve(self) -> None:
        while (connection := self._next_connection()) is not None:
            with connection, contextlib.suppress(OSError):
                self._talk(connection)
            with self._changed:
                self._talking = None
                if self._socket is connection:
                    self._socket, self._busy_since = None, None
            self.card.reset()

    def _next_connection(self) -> socket.socket | None:
        """The connection to talk over, as soon as there is one; None when the plug was closed."""
        with self._changed:
            while not self._closed:
                if self._socket is not None:
                    self._talking, self._busy_since = self._socket, None
                    return self._socket
                self._changed.wait(self._pause())
                if self._pause_is_over():
                    with contextlib.suppress(ServiceNotRunning):
                        self._socket = self._connect()
            return None

    def _pause(self) -> float | None:
        if self._inserted:
            return _AGAIN_SECONDS
        return None if self._back_at is None else max(0.0, self._back_at - time.monotonic())

    def _pause_is_over(self) -> bool:
        """Whether the card is to be on the reader and is not: the other side ended, or it comes back by itself."""
        if self._back_at is not None and self._back_at <= time.monotonic():
            self._inserted, self._back_at = True, None
        return self._inserted and self._socket is None and not self._closed

    def _talk(self, connection: socket.socket) -> None:
        buffer = bytearray()
        while True:
            while len(buffer) >= 2 and len(buffer) >= (end := 2 + int.from_bytes(buffer[:2])):
                message = bytes(buffer[2:end])
                del buffer[:end]
                self._take(connection, message)
            if _QUICKACK is not None:  # else 40 ms a command; the system forgets it after each receipt
                connection.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            received = connection.recv(_CHUNK)
            if not received:
                return
            buffer += received

    def _take(self, connection: socket.socket, message: bytes) -> None:
        self._asked.set()
        if len(message) > 1:
            self._command(connection, message)
        elif message == bytes([_OFF]):
            self.card.reset()
        elif message == bytes([_RESET]):
            getattr(self.card, "warm_reset", self.card.reset)()
        elif message == bytes([_ATR]):
            _send(connection, self._atr)

    def _command(self, connection: socket.socket, command: bytes) -> None:
        self._busy_since = time.monotonic()
        try:
            answer = self.card.transmit(command)
        except LinkTimeout:
            return  # and busy, until the watchdog comes
        except CardLost:
            self._left(connection)
            return
        if not answer:
            return  # vpcd takes no message without bytes: it would wait for ever
        self._busy_since = None
        _send(connection, answer if len(answer) <= _MOST else _TOO_LONG)

    def _left(self, connection: socket.socket) -> None:
        """The card left the field by itself, if it is not that its power was cut."""
        with self._changed:
            if self._socket is connection:
                self._inserted = False
                self._back_at = None if self._back_after is None else time.monotonic() + self._back_after
                self._drop()

    # -- the thread that frees pcscd

    def _watch(self) -> None:
        while not self._closed:
            if self._overdue():
                self.card.reset()

    def _overdue(self) -> bool:
        with self._changed:
            busy_since = self._busy_since
            if busy_since is not None and busy_since + self._watchdog <= time.monotonic():
                self._inserted, self._back_at = False, time.monotonic() + _NOTICED_SECONDS
                return self._drop()
            if not self._closed:
                left = self._watchdog if busy_since is None else busy_since + self._watchdog - time.monotonic()
                self._changed.wait(max(left, 0.001))
            return False


def _send(connection: socket.socket, message: bytes) -> None:
    connection.sendall(len(message).to_bytes(2) + message)


_OCCUPIED = Text(
    "The virtual reader at {host}:{port} does not notice the card: another one is on it. Nothing was served; end the program "
    "that put it there, or take the next port.",
    "{host}:{port} の仮想読み取り機には、すでに別のカードが載っています。カードは読み取られていません。"
    "載せているプログラムを終了するか、次のポートを指定してください。",
)
_NO_VPCD = Text(
    "No virtual reader listens at {host}:{port}. The card was not plugged in; install pcscd and vsmartcard-vpcd, and start "
    "pcscd.",
    "{host}:{port} で仮想読み取り機が待ち受けていません。カードは差し込まれていません。pcscd と vsmartcard-vpcd を入れ、"
    "pcscd を起動してください。",
)
