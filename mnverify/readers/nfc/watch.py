"""Events of one NFC reader, for as long as the program runs."""

from __future__ import annotations

import threading
import time
from collections import deque

from mnverify.errors import LinkError, ReaderUnsuitable, UsageError
from mnverify.readers.model import EXCHANGE_SECONDS, POWER_SECONDS, CardEvent, CardEventKind, CardLink, CardWatch
from mnverify.readers.nfc.field import Field
from mnverify.readers.nfc.link import NfcLink
from mnverify.readers.nfc.reader import connect_exclusively
from mnverify.text import Text

_POLL_SECONDS = 0.15
_FIRST_RETRY, _LAST_RETRY = 0.2, 2.0  # seconds between two tries to open the device
_MISSES = 2  # of a real card, that mean that it is gone


class NfcWatch(CardWatch):
    """Events of the reader on one path; it looks only while ``next`` is waited in, and has no thread.

    While the link of ``connect`` is open the field is the link's: there are no events, and the card is told as removed, if it
    was, after the link is closed. A device that cannot be opened is tried again for ever, every two seconds at least, whatever
    the cause; a path of ids (``usb:054c:06c3``) finds it on any port, one of a place (``usb:001:012``) only there.

    nfcpy's simulation over UDP takes a second to see that there is no card, and ``close`` as long to end a ``next``.

    Args:
        path: as nfcpy has it.

    Raises:
        UsageError: the path is malformed.
        MissingExtra: nfcpy is not installed.
    """

    def __init__(self, path: str) -> None:
        self._field = Field(path)
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._events: deque[CardEvent] = deque()
        self._link: NfcLink | None = None
        self._reader = ""  # its name, while it is there
        self._names: set[str] = set()  # that it had: one that is plugged in again has another place
        self._card = False
        self._misses = 0
        self._retry, self._retry_at = _FIRST_RETRY, 0.0

    def next(self, timeout: float | None = None) -> CardEvent | None:
        """The next event.

        Args:
            timeout: seconds; ``None`` for no limit.

        Returns:
            The event; ``None`` after the time, or when the watch was closed.

        Raises:
            ReaderUnsuitable: the reader cannot do Type B, or not over nfcpy; that will not change.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not self._closing.is_set():
            with self._lock:
                if not self._events and not self._closing.is_set():
                    self._look()
                if self._events:
                    return self._events.popleft()
            left = _POLL_SECONDS if end is None else min(_POLL_SECONDS, end - time.monotonic())
            if left <= 0:
                return None
            self._closing.wait(left)
        return None

    def connect(
        self, event: CardEvent, *, timeout: float = POWER_SECONDS, exchange_timeout: float = EXCHANGE_SECONDS
    ) -> CardLink:
        """Take the card of a ``CARD_INSERTED`` event. Arguments and errors are those of ``Reader.connect``.

        Raises:
            UsageError: the event is another's, or the watch was closed.
        """
        if event.kind is not CardEventKind.CARD_INSERTED or event.reader not in self._names:
            raise UsageError(
                Text(
                    "Only an inserted card of this watch can be connected. Nothing was sent.",
                    "この監視で検出したカードにだけ接続できます。何も送っていません。",
                )
            )
        with self._lock:
            if self._closing.is_set():
                raise UsageError(
                    Text("This watch was closed. Nothing was sent.", "この監視は閉じられています。何も送っていません。")
                )
            self._link = connect_exclusively(self._field, self._link, timeout, exchange_timeout)
            return self._link

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closing.is_set()

    def close(self) -> None:
        """End the watch, from any thread, and close its link and the device."""
        self._closing.set()
        with self._lock:
            if self._link is not None:
                self._link.close()
            self._field.close()

    def _look(self) -> None:
        """Add what has happened since the last look."""
        if self._link is not None and not self._link.closed:
            return
        if not self._reader:
            self._look_for_reader()
        if self._reader:
            self._look_for_card()

    def _look_for_reader(self) -> None:
        if time.monotonic() < self._retry_at:
            return
        try:
            self._field.open()
        except ReaderUnsuitable:
            raise
        except LinkError:
            self._retry_at = time.monotonic() + self._retry
            self._retry = min(self._retry * 2, _LAST_RETRY)
            return
        self._retry = _FIRST_RETRY
        self._reader = self._field.name
        self._names.add(self._reader)
        self._tell(CardEventKind.READER_ADDED)

    def _look_for_card(self) -> None:
        try:
            found = self._field.sense(reopen=False) is not None
        except ReaderUnsuitable:
            raise
        except LinkError:
            self._lose_reader()
            return
        self._field.mute()
        self._misses = 0 if found else self._misses + 1
        if found and not self._card:
            self._card = True
            self._tell(CardEventKind.CARD_INSERTED)
        elif self._card and not found and (self._misses >= _MISSES or self._field.simulated):
            self._card = False
            self._tell(CardEventKind.CARD_REMOVED)

    def _lose_reader(self) -> None:
        self._field.close()
        if self._card:
            self._card = False
            self._tell(CardEventKind.CARD_REMOVED)
        self._tell(CardEventKind.READER_REMOVED)
        self._reader = ""
        self._retry_at = time.monotonic() + self._retry

    def _tell(self, kind: CardEventKind) -> None:
        self._events.append(CardEvent(kind, self._reader))
