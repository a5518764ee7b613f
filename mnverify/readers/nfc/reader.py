"""NFC readers without a driver of the system, over nfcpy: RC-S380, RC-S330/360/370, PN532, PN533, ACR122U."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from mnverify.errors import Cancelled, LinkError, NoReader, ReaderInUse, UsageError
from mnverify.readers.model import EXCHANGE_SECONDS, POWER_SECONDS, CardLink, Reader, ReaderInfo, ReaderKind
from mnverify.readers.nfc.field import Field
from mnverify.readers.nfc.link import NfcLink
from mnverify.readers.nfc.usb import nfc_readers
from mnverify.text import Text

__all__ = ["NfcLink", "NfcReader", "connect_exclusively", "nfc_readers"]

_POLL_SECONDS = 0.15
_CLOSED = Text(
    "This reader was closed. Nothing was sent; open it again.",
    "この読み取り機は閉じられています。何も送っていません。開き直してください。",
)


class NfcReader(Reader):
    """One reader of NFC cards. The device is opened by the first call that needs it, and kept until ``close``.

    A wait looks for a card about six times a second; on a reader over USB, a look takes 50 ms. nfcpy's simulation over UDP takes
    a second to see that there is no card, so that ``cancel`` and a timeout take as long.

    Args:
        path: as nfcpy has it: ``usb``, ``usb:054c:06c3``, ``usb:001:012``, ``tty:USB0:pn532``, ``udp:localhost:54321``.

    Raises:
        UsageError: the path is malformed.
        MissingExtra: nfcpy is not installed.
    """

    def __init__(self, path: str) -> None:
        self._field = Field(path)
        self._lock = threading.RLock()
        self._cancelled = threading.Event()
        self._link: NfcLink | None = None
        self._closed = False

    @property
    def info(self) -> ReaderInfo:
        """Its description. The name is the device's once it was open, and the path before."""
        return ReaderInfo(name=self._field.name, kind=ReaderKind.NFC, selector=self._field.path, contactless=True)

    def connect(self, *, timeout: float = POWER_SECONDS, exchange_timeout: float = EXCHANGE_SECONDS) -> CardLink:
        """Take the card that lies on the reader, exclusively. Arguments and errors are those of ``Reader.connect``.

        Raises:
            NotMyNumberCard: the card cannot be one (it does not take commands by ISO/IEC 14443-4).
            CardLost: its answers are garbled.
        """
        with self._lock:
            self._require_open()
            self._link = connect_exclusively(self._field, self._link, timeout, exchange_timeout)
            return self._link

    def wait_for_card(self, timeout: float | None = None) -> bool:
        """Wait until a card of Type B lies on the reader. Arguments and errors are those of ``Reader.wait_for_card``."""
        return self._wait(self._sees_card, timeout)

    def wait_for_removal(self, timeout: float | None = None) -> bool:
        """Wait until no card of Type B lies on the reader. Arguments and errors are those of ``Reader.wait_for_removal``.

        With a link open, its card is asked; the link is dead when the card is gone.
        """
        return self._wait(lambda: not self._still_sees_card(), timeout)

    def cancel(self) -> None:
        """End a wait that another thread is in; without one, the next wait."""
        self._cancelled.set()

    def close(self) -> None:
        """Close the link and the device. Closing again does nothing."""
        with self._lock:
            self._closed = True
            if self._link is not None:
                self._link.close()
            self._field.close()

    def _wait(self, reached: Callable[[], bool], timeout: float | None) -> bool:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            self._honour_cancel()
            with self._lock:
                self._require_open()
                if reached():
                    return True
            left = _POLL_SECONDS if end is None else min(_POLL_SECONDS, end - time.monotonic())
            if left <= 0:
                return False
            self._cancelled.wait(left)

    def _honour_cancel(self) -> None:
        if self._cancelled.is_set():
            self._cancelled.clear()
            raise Cancelled(Text("The wait was cancelled.", "待機を中止しました。"))

    def _sees_card(self) -> bool:
        if self._link is not None and not self._link.closed:
            return self._link.is_present()
        found = self._field.sense() is not None
        self._field.mute()
        return found

    def _still_sees_card(self) -> bool:
        """A real card is missed now and then: only two misses are none."""
        try:
            return self._sees_card() or (self._link_is_closed() and not self._field.simulated and self._sees_card())
        except NoReader:
            return False

    def _link_is_closed(self) -> bool:
        return self._link is None or self._link.closed

    def _require_open(self) -> None:
        if self._closed:
            raise UsageError(_CLOSED)


def connect_exclusively(place: Field, held: NfcLink | None, timeout: float, exchange_timeout: float) -> NfcLink:
    """A link to the card in a field, unless another is open there.

    Args:
        place: the reader.
        held: its last link.
        timeout: seconds to activate the card.
        exchange_timeout: deadline of each exchange.

    Raises:
        ReaderInUse: the last link is open.
        LinkError: as `NfcLink` has it; the field is off then.
    """
    if held is not None and not held.closed:
        raise ReaderInUse(
            Text(
                "This reader has an open link. Nothing was sent; close that link first.",
                "この読み取り機には開いている接続があります。何も送っていません。先に閉じてください。",
            )
        )
    try:
        return NfcLink(place, power_timeout=timeout, exchange_timeout=exchange_timeout)
    except LinkError:
        place.mute()
        raise
