"""What every reader has in common, whatever stack drives it: its description, its link, its waits, its events."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from mnverify.link import LinkCapabilities
from mnverify.text import Text

POWER_SECONDS = 5.0
"""How long a card may take to be powered and activated."""
EXCHANGE_SECONDS = 10.0
"""How long one exchange may take: a signature of a slow card over a slow reader takes about one second."""
_FORGET_SECONDS = 600.0  # after that a "no" of a reader is asked again: the card may have been the cause


class ReaderKind(StrEnum):
    """The stack that drives a reader."""

    PCSC = "pcsc"
    NFC = "nfc"


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """One reader, as far as it is known without touching a card.

    Attributes:
        name: as its stack names it; it goes into evidence.
        kind: the stack.
        selector: what ``open_reader`` takes to open this one and no other.
        index: its place in ``list_readers``; ``None`` where it was not listed.
        contactless: whether it speaks over the air; ``None`` where nobody can tell.
        card_present: whether a card lies on it; ``None`` where asking would touch the card or the field.
        extended: whether it carries extended-length APDUs; ``None`` until a reading or the driver has told.
        max_short: most bytes that one short answer was found to carry.
        usable: whether a My Number Card can be read with it over this stack.
        note: why not, and what to do; or a hint.
    """

    name: str
    kind: ReaderKind
    selector: str
    index: int | None = None
    contactless: bool | None = None
    card_present: bool | None = None
    extended: bool | None = None
    max_short: int = 256
    usable: bool = True
    note: Text | None = None


class CardLink(ABC):
    """A link to the card on one reader, held exclusively until ``close``. A context manager.

    Attributes:
        capabilities: what the reader was found to carry; shared by all links of the reader.
        reader_name: for the evidence.
    """

    capabilities: LinkCapabilities
    reader_name: str

    @abstractmethod
    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU that a gate has let through; response data and the two status bytes come back.

        Raises:
            GateError: the command did not come through a gate.
            UsageError: the link was closed.
            LinkCorrupt: this exchange went wrong; same card, not reset: a read may be tried again.
            LinkError: any other class: the link is dead until ``reset``.
        """

    @abstractmethod
    def reset(self) -> None:
        """Reset the card. Selection and verified credentials are gone; a dead link lives again.

        Raises:
            LinkError: it did not happen, or nobody knows.
        """

    @abstractmethod
    def is_present(self) -> bool:
        """Whether the card of this link is still there and was not reset by others. It spends no try, and never raises
        a ``LinkError``."""

    @abstractmethod
    def close(self) -> None:
        """Reset the card and let go of the reader. Closing again does nothing. Errors of the reader are swallowed:
        the card has lost power then, or another program has to reset it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.reader_name})"


class Reader(ABC):
    """One reader. A context manager; ``close`` releases it on every path.

    All methods may be called from one thread, ``cancel`` from any.
    """

    @property
    @abstractmethod
    def info(self) -> ReaderInfo:
        """Its description, as of now."""

    @abstractmethod
    def connect(self, *, timeout: float = POWER_SECONDS, exchange_timeout: float = EXCHANGE_SECONDS) -> CardLink:
        """Take the card that lies on the reader, exclusively.

        Args:
            timeout: seconds to power and activate it.
            exchange_timeout: deadline of each exchange of the link, in seconds.

        Raises:
            NoCard: there is none.
            TooManyCards: there is more than one.
            ReaderInUse: another program holds it.
            NoReader: the reader is gone.
            ServiceNotRunning, NotAllowed, ReaderUnsuitable: as they say.
            LinkTimeout: it was not powered in time.
        """

    @abstractmethod
    def wait_for_card(self, timeout: float | None = None) -> bool:
        """Wait until a card lies on the reader.

        Args:
            timeout: seconds; ``None`` for no limit, 0 to look once.

        Returns:
            Whether one does; ``False`` after the time.

        Raises:
            Cancelled: ``cancel`` was called.
            NoReader, ServiceNotRunning, NotAllowed: as they say.
        """

    @abstractmethod
    def wait_for_removal(self, timeout: float | None = None) -> bool:
        """Wait until no card lies on the reader. Same arguments and errors; a reader that is gone has no card."""

    @abstractmethod
    def cancel(self) -> None:
        """End a wait that another thread is in, within half a second; without one, the next wait."""

    @abstractmethod
    def close(self) -> None:
        """Close every link of this reader, and the reader. Closing again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.info.name})"


class CardEventKind(StrEnum):
    """What happened."""

    CARD_INSERTED = "card-inserted"
    CARD_REMOVED = "card-removed"
    READER_ADDED = "reader-added"
    READER_REMOVED = "reader-removed"
    SERVICE_LOST = "service-lost"
    SERVICE_BACK = "service-back"


@dataclass(frozen=True, slots=True)
class CardEvent:
    """One event of a watch.

    Attributes:
        kind: what happened.
        reader: the reader's name; empty for events of the service.
    """

    kind: CardEventKind
    reader: str = ""


class CardWatch(ABC):
    """Events of cards and readers, for programs that run for weeks. A context manager and an iterator.

    It lives through readers that are unplugged, a computer that sleeps, and a service that is restarted: it tries again for
    ever, and tells what it lost and found. What is there when it begins is told first, as added and inserted.
    """

    @abstractmethod
    def next(self, timeout: float | None = None) -> CardEvent | None:
        """The next event.

        Args:
            timeout: seconds; ``None`` for no limit.

        Returns:
            The event; ``None`` after the time, or when the watch was closed.
        """

    @abstractmethod
    def connect(
        self, event: CardEvent, *, timeout: float = POWER_SECONDS, exchange_timeout: float = EXCHANGE_SECONDS
    ) -> CardLink:
        """Take the card of a ``CARD_INSERTED`` event. Arguments and errors are those of ``Reader.connect``."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether it was closed."""

    @abstractmethod
    def close(self) -> None:
        """End the watch, from any thread; a ``next`` that waits returns ``None`` within half a second."""

    def __iter__(self) -> Iterator[CardEvent]:
        while not self.closed:
            event = self.next()
            if event is not None:
                yield event

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class _Memory:
    """What each reader was found to carry, by its name, for as long as the process lives."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[LinkCapabilities, float]] = {}

    def of(self, name: str) -> LinkCapabilities:
        """The capabilities of a reader. A "no" older than ten minutes is forgotten, and so is a smaller answer."""
        now = time.monotonic()
        with self._lock:
            known = self._known.get(name)
            if known is not None:
                capabilities, since = known
                weakened = capabilities.extended is False or capabilities.max_short < 256
                if not weakened or now - since < _FORGET_SECONDS:
                    return capabilities
            fresh = LinkCapabilities()
            self._known[name] = (fresh, now)
            return fresh


_memory = _Memory()


def remembered(name: str) -> LinkCapabilities:
    """What the reader of this name was found to carry by earlier links of this process; its links share the object."""
    return _memory.of(name)
