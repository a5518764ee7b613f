"""Events of all PC/SC readers, through restarts of the service and sleep of the machine; nothing runs between the calls."""

from __future__ import annotations

import threading
import time
from collections import deque

from mnverify.errors import LinkError, NoReader, UsageError
from mnverify.readers.model import EXCHANGE_SECONDS, POWER_SECONDS, CardEvent, CardEventKind, CardWatch
from mnverify.readers.pcsc import api
from mnverify.readers.pcsc.absence import Absence
from mnverify.readers.pcsc.context import Context
from mnverify.readers.pcsc.link import PcscLink
from mnverify.readers.pcsc.reader import PcscReader
from mnverify.text import Text

SLICE_SECONDS = 0.5
"""The longest single wait: how long ``close`` may take to be noticed."""

_LIST_SECONDS = 2.0  # readers are listed anew at least so often, should a notification be lost
_FIRST_PAUSE, _LAST_PAUSE = 0.2, 2.0  # between tries to find the service again
_SLEPT_SECONDS = 5.0  # a jump of the wall clock against the monotonic one: the machine slept


class PcscWatch(CardWatch):
    """All PC/SC readers. It holds one context, and no card; a program may connect while it watches.

    ``next`` belongs to one thread, ``close`` to any, also to a signal handler.

    Raises:
        MissingExtra: pyscard is not installed.
    """

    def __init__(self) -> None:
        api.load()
        self._context: Context | None = None
        self._known: dict[str, api.State] = {}
        self._absence = Absence()
        self._readers_bits = 0  # the state of the list of readers
        self._listed_at = 0.0
        self._clocks = _clock_difference()
        self._events: deque[CardEvent] = deque()
        self._notified = True  # whether the platform tells of readers that come and go
        self._lost = False
        self._pause, self._try_at = _FIRST_PAUSE, 0.0
        self._end = threading.Event()
        self._turn = threading.Lock()
        self._turn_of: int | None = None

    def next(self, timeout: float | None = None) -> CardEvent | None:
        """See ``CardWatch``."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._turn:
            self._turn_of = threading.get_ident()
            try:
                return self._next(deadline)
            finally:
                self._turn_of = None
                if self._end.is_set():
                    self._release()

    def connect(
        self, event: CardEvent, *, timeout: float = POWER_SECONDS, exchange_timeout: float = EXCHANGE_SECONDS
    ) -> PcscLink:
        """See ``CardWatch``. The link closes the reader with it.

        Raises:
            UsageError: the event is not the insertion of a card.
        """
        if event.kind is not CardEventKind.CARD_INSERTED or not event.reader:
            raise UsageError(
                Text(
                    "Only the insertion of a card can be connected to. Nothing was read.",
                    "接続できるのはカードが置かれたイベントだけです。何も読んでいません。",
                )
            )
        reader = PcscReader(event.reader)
        link = reader.connect(timeout=timeout, exchange_timeout=exchange_timeout)
        link.at_close(reader.close)
        return link

    @property
    def closed(self) -> bool:
        """See ``CardWatch``."""
        return self._end.is_set()

    def close(self) -> None:
        """See ``CardWatch``."""
        self._end.set()
        if self._turn_of == threading.get_ident():
            return  # a signal handler in the midst of next, which releases the context
        if self._turn.acquire(timeout=2 * SLICE_SECONDS):
            try:
                self._release()
            finally:
                self._turn.release()

    def _next(self, deadline: float | None) -> CardEvent | None:
        first = True
        while not self._end.is_set():
            if self._events:
                return self._events.popleft()
            left = SLICE_SECONDS if deadline is None else deadline - time.monotonic()
            if left <= 0 and not first:
                return None
            self._step(max(min(left, SLICE_SECONDS), 0.0))
            first = False
        return None

    def _step(self, seconds: float) -> None:
        """Look, or try to find the service again; at most ``seconds``."""
        if self._slept():
            self._release()
        try:
            if self._context is None:
                if self._lost and self._rest(seconds):
                    return
                self._context = Context()
                self._list()
                self._found_service()
            elif time.monotonic() - self._listed_at > (_LIST_SECONDS if self._notified else SLICE_SECONDS):
                self._list()
            self._look(0.0 if self._events else seconds)
        except LinkError as error:
            if not (isinstance(error, NoReader) and self._listed_again()):
                self._lose()

    def _rest(self, seconds: float) -> bool:
        """Wait for the next try to find the service, at most ``seconds``; whether it is not yet time."""
        self._end.wait(max(min(self._try_at - time.monotonic(), seconds), 0.0))
        return self._end.is_set() or time.monotonic() < self._try_at

    def _look(self, seconds: float) -> None:
        """Wait for a change, and tell what changed."""
        context = self._context
        if context is None:
            return
        asked = {name: state.bits for name, state in self._known.items()}
        if self._notified:
            asked[api.NOTIFICATION] = self._readers_bits
        elif not asked:
            self._end.wait(seconds)
        found = context.states(asked, seconds)
        readers = found.pop(api.NOTIFICATION, api.State(self._readers_bits)).bits
        for name, state in found.items():
            self._tell(name, self._known[name], state)
            self._known[name] = state
            if self._absence.is_to_be_asked(name, state):
                self._known[name] = context.look_for_card(name)
                self._tell(name, state, self._known[name])
        if readers != self._readers_bits or any(not state.known for state in found.values()):
            self._readers_bits = readers
            self._list()

    def _list(self) -> None:
        """Ask which readers there are, and tell which are new and which gone."""
        if self._context is None:
            return
        names = self._context.readers()
        self._listed_at = time.monotonic()
        for name in [name for name in self._known if name not in names]:
            self._forget(name)
        for name in names:
            if name not in self._known:
                self._known[name] = api.State()
                self._events.append(CardEvent(CardEventKind.READER_ADDED, name))

    def _listed_again(self) -> bool:
        """One of the names is not known any more: a reader was unplugged, or, if all are there, this platform does not tell
        of readers that come and go, and they are listed more often."""
        before = set(self._known)
        try:
            self._list()
        except LinkError:
            return False
        if before == set(self._known):
            if not self._notified:
                return False
            self._notified = False
        return True

    def _tell(self, name: str, before: api.State, now: api.State) -> None:
        """The events between two looks; the counter tells of a card that was away in between."""
        swapped = before.present and now.present and before.counter != now.counter
        if before.present and (swapped or not now.present):
            self._events.append(CardEvent(CardEventKind.CARD_REMOVED, name))
        if now.present and (swapped or not before.present):
            self._events.append(CardEvent(CardEventKind.CARD_INSERTED, name))

    def _forget(self, name: str) -> None:
        self._absence.forget(name)
        if self._known.pop(name).present:
            self._events.append(CardEvent(CardEventKind.CARD_REMOVED, name))
        self._events.append(CardEvent(CardEventKind.READER_REMOVED, name))

    def _found_service(self) -> None:
        """The service is back: tell it before the readers."""
        self._pause = _FIRST_PAUSE
        if self._lost:
            self._lost = False
            self._events.appendleft(CardEvent(CardEventKind.SERVICE_BACK))

    def _lose(self) -> None:
        """The service does not answer: tell it once, and that everything is gone; try again after a growing pause."""
        self._release()
        if not self._lost:
            self._lost = True
            self._events.append(CardEvent(CardEventKind.SERVICE_LOST))
        for name in tuple(self._known):
            self._forget(name)
        self._try_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LAST_PAUSE)

    def _release(self) -> None:
        context, self._context, self._readers_bits = self._context, None, 0
        if context is not None:
            context.close()

    def _slept(self) -> bool:
        before, self._clocks = self._clocks, _clock_difference()
        return abs(self._clocks - before) > _SLEPT_SECONDS


def _clock_difference() -> float:
    return time.time() - time.monotonic()
