"""A reader that is not there, with cards that are not either: for the demonstration alone."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from mnverify import Text
from mnverify.errors import Cancelled, CardLost, LinkTimeout, NoCard, NoReader, TooManyCards
from mnverify.link import LinkCapabilities
from mnverify.readers import CardEvent, CardEventKind, CardLink, CardWatch, Reader, ReaderInfo, ReaderKind
from mnverify.virtual import AnyCard
from samples.nfc_kiosk.words import Desk

NAME = "Demonstration reader"
_SLICE = 0.05


def _text(en: str, ja: str) -> Text:
    return Text(en, ja)


class DemoReaders:
    """One reader, its cards, and what goes wrong with them. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self.cards: list[AnyCard] = []
        self.desk = Desk.READY
        self.changed = threading.Condition()
        self._watches: list[DemoWatch] = []

    def watch(self) -> CardWatch:
        """Events of the reader."""
        watch = DemoWatch()
        with self.changed:
            self._watches.append(watch)
            if self.desk is Desk.READY:
                watch.tell(CardEventKind.READER_ADDED)
                if self.cards:
                    watch.tell(CardEventKind.CARD_INSERTED)
        return watch

    def open(self, name: str) -> Reader:
        """The reader."""
        return DemoReader(self)

    def why_none(self) -> Desk:
        """What the panel says."""
        return Desk.NO_READER if self.desk is Desk.READY else self.desk

    def put(self, *cards: AnyCard) -> None:
        """Put these on the reader, in place of what lies there."""
        self.take()
        with self.changed:
            self.cards = list(cards)
            self._tell(CardEventKind.CARD_INSERTED)

    def take(self) -> None:
        """Take everything off."""
        with self.changed:
            gone, self.cards = self.cards, []
            if gone:
                self._tell(CardEventKind.CARD_REMOVED)
        for card in gone:
            card.reset()

    def turn(self, desk: Desk) -> None:
        """The reader is unplugged, its service ends, or all is well again."""
        self.take()
        with self.changed:
            self.desk = desk
            kinds = {
                Desk.READY: CardEventKind.READER_ADDED,
                Desk.SERVICE_DOWN: CardEventKind.SERVICE_LOST,
            }
            self._tell(kinds.get(desk, CardEventKind.READER_REMOVED))

    def _tell(self, kind: CardEventKind) -> None:
        self._watches = [one for one in self._watches if not one.closed]
        for watch in self._watches:
            watch.tell(kind)
        self.changed.notify_all()


class DemoWatch(CardWatch):
    """Events of the demonstration's reader."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[CardEvent | None] = queue.SimpleQueue()
        self._closed = False

    def tell(self, kind: CardEventKind) -> None:
        """Something happened."""
        self._events.put(CardEvent(kind, "" if kind is CardEventKind.SERVICE_LOST else NAME))

    def next(self, timeout: float | None = None) -> CardEvent | None:
        """See ``CardWatch``."""
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None

    def connect(self, event: CardEvent, *, timeout: float = 5.0, exchange_timeout: float = 10.0) -> CardLink:
        """The kiosk connects by the reader."""
        raise NoCard(_text("Nothing to connect to.", "接続するカードがありません。"))

    @property
    def closed(self) -> bool:
        """See ``CardWatch``."""
        return self._closed

    def close(self) -> None:
        """See ``CardWatch``."""
        self._closed = True
        self._events.put(None)


class DemoReader(Reader):
    """The reader, as a reading uses it."""

    def __init__(self, readers: DemoReaders) -> None:
        self._readers = readers
        self._cancelled = False

    @property
    def info(self) -> ReaderInfo:
        """Its description."""
        return ReaderInfo(name=NAME, kind=ReaderKind.PCSC, selector=NAME, card_present=bool(self._readers.cards))

    def connect(self, *, timeout: float = 5.0, exchange_timeout: float = 10.0) -> CardLink:
        """The card that lies there."""
        with self._readers.changed:
            if self._readers.desk is not Desk.READY:
                raise NoReader(_text("The reader is gone.", "読み取り機がありません。"))
            if not self._readers.cards:
                raise NoCard(_text("There is no card.", "カードがありません。"))
            if len(self._readers.cards) > 1:
                raise TooManyCards(_text("There are two cards.", "カードが2枚あります。"))
            return DemoLink(self._readers, self._readers.cards[0])

    def wait_for_card(self, timeout: float | None = None) -> bool:
        """See ``Reader``."""
        return self._wait(timeout, lambda: bool(self._readers.cards))

    def wait_for_removal(self, timeout: float | None = None) -> bool:
        """See ``Reader``."""
        return self._wait(timeout, lambda: not self._readers.cards)

    def cancel(self) -> None:
        """See ``Reader``."""
        self._cancelled = True

    def close(self) -> None:
        """Nothing is held."""

    def _wait(self, timeout: float | None, there: Callable[[], bool]) -> bool:
        end = None if timeout is None else time.monotonic() + timeout
        with self._readers.changed:
            while not there():
                if self._cancelled:
                    raise Cancelled(_text("Cancelled.", "取り消されました。"))
                if end is not None and time.monotonic() >= end:
                    return False
                self._readers.changed.wait(_SLICE)
        return True


class DemoLink(CardLink):
    """A link to a card that lies there, until it does not."""

    def __init__(self, readers: DemoReaders, card: AnyCard) -> None:
        self.capabilities = LinkCapabilities()
        self.reader_name = NAME
        self._readers, self._card = readers, card

    def transmit(self, command: bytes) -> bytes:
        """One exchange; a card that was pulled answers nothing."""
        if not self.is_present():
            raise _lost()
        try:
            answer = self._card.transmit(command)
        except CardLost:
            self._readers.take()  # it left by itself
            raise
        except LinkTimeout:
            raise
        if not self.is_present():
            raise _lost()
        return answer

    def reset(self) -> None:
        """Switch it off and on."""
        self._card.reset()

    def is_present(self) -> bool:
        """Whether it is still there."""
        return self._card in self._readers.cards

    def close(self) -> None:
        """Take its power."""
        self._card.reset()


def _lost() -> CardLost:
    return CardLost(_text("The card is gone.", "カードが離れました。"))
