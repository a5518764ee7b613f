"""A plug that puts a card into the field of nfcpy's simulated reader: ``udp:HOST:PORT``.

The wire is text, a datagram a frame: ``106B 050010``; ``RFOFF`` when the reader's field goes off.
"""

from __future__ import annotations

import binascii
import ipaddress
import socket
import threading
import time
from types import TracebackType
from typing import Self

from mnverify.errors import CardLost, ReaderInUse, UsageError
from mnverify.text import Text
from mnverify.virtual.performers import Worker
from mnverify.virtual.picc import FWT_UNIT, Extensions, Picc, PiccState
from mnverify.virtual.strangers import AnyCard

_TYPE_B = b"106B "
_FIELD_OFF = b"RFOFF"
_LONGEST = 0xFFFF
_JOIN_SECONDS = 0.05
_Address = tuple[str, int]


class UdpPlug:
    """Holds a card, and puts it into the field (`insert`) or takes it out (`remove`). A context manager, which inserts.

    Args:
        card: the card.
        host: an address of this machine's loopback.
        port: where nfcpy looks for it.
        frame_size: longest frame that the card takes, in bytes.
        fwi: its frame waiting time: 77 ms at 8.
        wtx: when it asks for more time though it needs none.
        watchdog: seconds after which a command that the card does not answer is not waited for any more.
        back_after: seconds after which a card that left the field by itself (`Limits.lost_at`) comes back; default never,
            until `insert`.
        twin: a second card in the same field.

    Raises:
        UsageError: the host is not the loopback; no such frame size or FWI.
        ReaderInUse: the port is taken.
    """

    def __init__(
        self,
        card: AnyCard,
        host: str,
        port: int,
        *,
        frame_size: int = 256,
        fwi: int = 8,
        wtx: Extensions | None = None,
        watchdog: float = 10.0,
        back_after: float | None = None,
        twin: AnyCard | None = None,
    ) -> None:
        self.card = card
        asked = wtx or Extensions()
        self._cards = [card] if twin is None else [card, twin]
        self._workers = [Worker(one, FWT_UNIT * 2**fwi, asked.multiplier, watchdog) for one in self._cards]
        self._piccs = [
            Picc(one, frame_size=frame_size, fwi=fwi, wtx=asked, performer=worker)
            for one, worker in zip(self._cards, self._workers, strict=True)
        ]
        self._back_after = back_after
        self._back_at: float | None = None
        self._inserted = self._closed = False
        self._reader: _Address | None = None
        self._lock = threading.Lock()
        self._socket = _bound(host, port)
        self._name = f"udp:{host}:{port}"
        self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
        self._thread.start()

    @property
    def inserted(self) -> bool:
        """Whether the card is in the field."""
        return self._inserted

    def insert(self) -> None:
        """Put the card into the field. Where it is already, nothing happens.

        Raises:
            UsageError: the plug was closed.
        """
        with self._lock:
            if self._closed:
                raise UsageError(Text("The plug was closed.", "このプラグはもう閉じられています。"))
            self._inserted, self._back_at = True, None

    def require_noticed(self, timeout: float = 0.0) -> None:
        """Nothing: the card is its port, which nobody else has."""

    def remove(self) -> None:
        """Take the card out of the field, in mid-command too; it loses its power."""
        self._inserted = False
        for card in self._cards:
            card.reset()  # ends a command that takes its time, for which the lock is held
        with self._lock:
            self._inserted, self._back_at = False, None
            self._power_off()

    def close(self) -> None:
        """Take the card out, free the port, end the threads. Closing again does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.remove()
        with self._socket, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            while self._thread.is_alive():
                waker.sendto(b"", self._socket.getsockname())
                self._thread.join(_JOIN_SECONDS)
        for worker in self._workers:
            worker.close()

    def __enter__(self) -> Self:
        self.insert()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"UdpPlug({self.card!r}, {self._name}, {'in' if self._inserted else 'out'})"

    # -- the thread that talks

    def _serve(self) -> None:
        while not self._closed:
            try:
                datagram, reader = self._socket.recvfrom(_LONGEST)
            except OSError:  # an answer went to a port that was closed: some systems tell it here
                continue
            for answer in self._answers(datagram, reader):
                self._send(answer, reader)

    def _send(self, frame: bytes, reader: _Address) -> None:
        try:
            self._socket.sendto(_TYPE_B + binascii.hexlify(frame), reader)
        except OSError:  # the reader has gone
            return

    def _answers(self, datagram: bytes, reader: _Address) -> list[bytes]:
        with self._lock:
            if not self._is_there():
                return []
            if datagram.startswith(_FIELD_OFF):
                self._power_off()
                return []
            frame = _frame_of(datagram)
            if frame is None:
                return []
            self._notice_new_session(frame, reader)
            try:
                answers = [picc.receive(frame) for picc in self._piccs]
            except CardLost:
                self._left()
                return []
            return [answer for answer in answers if answer is not None]

    def _is_there(self) -> bool:
        if self._back_at is not None and self._back_at <= time.monotonic():
            self._inserted, self._back_at = True, None
        return self._inserted

    def _left(self) -> None:
        if self._inserted:  # else its power was cut by `remove`
            self._inserted = False
            self._back_at = None if self._back_after is None else time.monotonic() + self._back_after
        self._power_off()

    def _notice_new_session(self, frame: bytes, reader: _Address) -> None:
        """A reader that ended without a word left the field on: a request of another one, or in mid-session, begins anew."""
        if frame[:1] != b"\x05" or len(frame) != 3:
            return
        busy = any(picc.state in (PiccState.ACTIVE, PiccState.MUTE) for picc in self._piccs)
        if reader != self._reader or busy:
            self._power_off()
        self._reader = reader

    def _power_off(self) -> None:
        for picc in self._piccs:
            picc.field_off()


def _frame_of(datagram: bytes) -> bytes | None:
    """The frame in a datagram; None where it is another modulation, or nothing one can read."""
    text = datagram.strip()
    if not text.startswith(_TYPE_B):
        return None
    try:
        return binascii.unhexlify(text[len(_TYPE_B) :])
    except ValueError:
        return None


def _bound(host: str, port: int) -> socket.socket:
    """A socket on the loopback: nobody else's business."""
    try:
        address = socket.gethostbyname(host)
        loopback = ipaddress.ip_address(address).is_loopback
    except (OSError, ValueError):
        loopback = False
    if not loopback:
        raise UsageError(
            Text(
                "A virtual card is only plugged in on this machine. Give its loopback, as localhost or 127.0.0.1.",
                "仮想カードを置けるのはこの機械の中だけです。localhost または 127.0.0.1 を指定してください。",
            )
        )
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.bind((address, port))
    except (OSError, OverflowError):
        opened.close()
        raise ReaderInUse(_PORT_TAKEN.fill(port=port)) from None
    return opened


_PORT_TAKEN = Text(
    "UDP port {port} of this machine cannot be used: it is taken, or out of range. The card was not plugged in; choose "
    "another port.",
    "この機械の UDP ポート {port} は使えません（使用中か範囲外です）。カードは差し込まれていません。別の番号を選んでください。",
)
