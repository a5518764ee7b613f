"""The reader: one thread watches it, one reads the card. What happens is told as events; the machine decides.

Both threads live as long as the kiosk. A reader that is unplugged, a service that restarts and a card that is pulled are
events like any other; nothing here ends because of them.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from mnverify import CheckedCard, Text, list_readers, open_reader, watch_cards
from mnverify.errors import (
    Cancelled,
    CredentialError,
    DifferentCard,
    LinkError,
    MnverifyError,
    NoCard,
    NoReader,
    NotAllowed,
    ServiceNotRunning,
)
from mnverify.readers import CardEvent, CardEventKind, CardLink, CardWatch, Reader
from samples.nfc_kiosk import events as ev
from samples.nfc_kiosk.problems import problem_of
from samples.nfc_kiosk.task import Task
from samples.nfc_kiosk.words import Desk, Problem

log = logging.getLogger("nfc_kiosk")
Post = Callable[[ev.Event], None]
_LOOK_SECONDS = 0.5
_PUT_BACK_SECONDS = 45.0
_ASK_SECONDS = 2.0  # between two questions why there is no reader


class Readers(Protocol):
    """Where readers come from: the real ones, or those of the demonstration."""

    def watch(self) -> CardWatch:
        """Events of all readers."""

    def open(self, name: str) -> Reader:
        """One of them."""

    def why_none(self) -> Desk:
        """Why there is no reader."""


class RealReaders:
    """The PC/SC readers of this machine."""

    def watch(self) -> CardWatch:
        """Events of all of them."""
        return watch_cards()

    def open(self, name: str) -> Reader:
        """One of them."""
        return open_reader(name)

    def why_none(self) -> Desk:
        """Why there is none, as the service says it."""
        try:
            list_readers()
        except ServiceNotRunning:
            return Desk.SERVICE_DOWN
        except NotAllowed:
            return Desk.NOT_ALLOWED
        except MnverifyError:
            return Desk.NO_READER
        return Desk.NO_READER


class Stopped(Exception):
    """The visit is over; the reading ends here."""


@dataclass(slots=True, eq=False)
class Job:
    """One reading.

    Attributes:
        attempt: its number at the machine.
        task: what is read, and what becomes of it.
        stop: set when the visit is over.
        reader: the one that it reads from.
    """

    attempt: int
    task: Task
    stop: threading.Event
    reader: Reader | None = None


class CardDesk:
    """The reader of the kiosk.

    Args:
        post: takes events, from any thread.
        readers: where they come from.
        name: a part of the reader's name; empty for whichever there is.
    """

    def __init__(self, post: Post, readers: Readers, name: str = "") -> None:
        self._post, self._readers, self._name = post, readers, name.casefold()
        self._there: set[str] = set()
        self._with_card: set[str] = set()
        self._told: tuple[Desk, int] | None = None
        self._ask_at = time.monotonic() + _ASK_SECONDS  # the watch tells first what is there
        self._end = threading.Event()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._job: Job | None = None
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._watch, name="kiosk reader watch", daemon=True),
            threading.Thread(target=self._work, name="kiosk reading", daemon=True),
        ]

    def start(self) -> None:
        """Begin to watch."""
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether both threads live; the watchdog asks."""
        return all(thread.is_alive() for thread in self._threads)

    def read(self, attempt: int, task: Task) -> None:
        """Read the card that lies there; what became of it is an event of this attempt."""
        job = Job(attempt, task, threading.Event())
        with self._lock:
            self._job = job
        self._jobs.put(job)

    def stop_reading(self) -> None:
        """End the reading that runs: at its next exchange, or at once where it waits for a card."""
        with self._lock:
            job, self._job = self._job, None
        if job is not None:
            job.stop.set()
            if job.reader is not None:
                job.reader.cancel()

    def close(self) -> None:
        """End both threads."""
        self._end.set()
        self.stop_reading()
        self._jobs.put(None)
        for thread in self._threads:
            thread.join(10)

    # -- the thread that watches

    def _watch(self) -> None:
        while not self._end.is_set():
            try:
                with self._readers.watch() as watch:
                    self._follow(watch)
            except MnverifyError as error:
                log.warning("watch: %s", error.code)
                self._end.wait(_LOOK_SECONDS)

    def _follow(self, watch: CardWatch) -> None:
        while not self._end.is_set():
            event = watch.next(_LOOK_SECONDS)
            if event is not None:
                self._take(event)
            self._tell()

    def _take(self, event: CardEvent) -> None:
        if self._name not in event.reader.casefold():
            return
        match event.kind:
            case CardEventKind.READER_ADDED:
                self._there.add(event.reader)
            case CardEventKind.READER_REMOVED:
                self._there.discard(event.reader)
                self._with_card.discard(event.reader)
            case CardEventKind.CARD_INSERTED:
                self._with_card.add(event.reader)
            case CardEventKind.CARD_REMOVED:
                self._with_card.discard(event.reader)
            case CardEventKind.SERVICE_LOST:
                self._there.clear()
                self._with_card.clear()
            case CardEventKind.SERVICE_BACK:
                pass  # readers are told by themselves
        if not self._there:
            self._ask_at = 0.0

    def _tell(self) -> None:
        """How it is, where that has changed."""
        desk = Desk.READY
        if not self._there:
            if time.monotonic() < self._ask_at:
                return
            self._ask_at = time.monotonic() + _ASK_SECONDS
            desk = self._readers.why_none()
        now = (desk, len(self._with_card))
        if now != self._told:
            self._told = now
            self._post(ev.DeskChanged(*now))

    # -- the thread that reads

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not job.stop.is_set():
                self._do(job)
            with self._lock:
                self._job = None if self._job is job else self._job
            del job  # and with it whatever was read

    def _do(self, job: Job) -> None:
        """One reading: whatever comes of it, exactly one event says so, unless it was stopped."""
        try:
            outcome = job.task.judge(self._read(job))
        except Stopped:
            return
        except MnverifyError as error:
            self._failed(job, error)
        except Exception:  # noqa: BLE001 - a fault of ours must not leave the person waiting; its text may hold content
            log.error("a reading ended with a fault of the kiosk")
            self._post(ev.Failed(job.attempt, Problem.FAULT))
        else:
            if not job.stop.is_set():
                self._post(ev.Read(job.attempt, outcome))

    def _failed(self, job: Job, error: MnverifyError) -> None:
        if job.stop.is_set():
            return
        log.warning("reading: %s", error.code)
        left = error.tries_left if isinstance(error, CredentialError) else None
        self._post(ev.Failed(job.attempt, problem_of(error), left))

    def _read(self, job: Job) -> CheckedCard:
        names = sorted(self._with_card)
        if not names:
            raise NoCard(_GONE)
        with self._readers.open(names[0]) as reader:
            job.reader = reader
            try:
                links = _Links(reader, job, self._post)
                return job.task.read(links.connect(), progress=links.progress, on_torn=links.put_back)
            finally:
                job.reader = None


class _Links:
    """The links of one reading: the first, and one more for each time that the card was put back."""

    def __init__(self, reader: Reader, job: Job, post: Post) -> None:
        self._reader, self._job, self._post = reader, job, post
        self._link: CardLink | None = None
        self._percent = -1

    def connect(self) -> CardLink:
        """Take the card."""
        self._link = self._reader.connect()
        return self._link

    def progress(self, done: int, expected: int) -> None:
        """Tell how far it is, each percent once."""
        if self._job.stop.is_set():
            raise Stopped
        percent = min(99, done * 100 // max(expected, 1))
        if percent > self._percent:
            self._percent = percent
            self._post(ev.Progress(self._job.attempt, percent))

    def put_back(self, error: LinkError) -> CardLink | None:
        """Ask for the card, and wait for it. Another card has to be taken off first."""
        if self._link is not None:
            self._link.close()
        other = isinstance(error, DifferentCard)
        self._post(ev.WasTorn(self._job.attempt, other_card=other))
        end = time.monotonic() + _PUT_BACK_SECONDS
        with suppress(Cancelled):
            if other and not self._reader.wait_for_removal(_PUT_BACK_SECONDS):
                return None
            while not self._job.stop.is_set() and (left := end - time.monotonic()) > 0:
                link = self._try(left)
                if link is not None:
                    return link
        if self._job.stop.is_set():
            raise Stopped
        return None

    def _try(self, seconds: float) -> CardLink | None:
        """A link to the card that comes back; ``None`` where it was gone again."""
        try:
            return self.connect() if self._reader.wait_for_card(seconds) else None
        except (NoReader, ServiceNotRunning, NotAllowed, Cancelled):
            raise
        except LinkError:
            self._job.stop.wait(0.1)  # the service has not noticed yet that it left
            return None


_GONE = Text("The card is not on the reader any more.", "カードが読み取り機から外れました。")
