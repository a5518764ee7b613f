"""Who carries out the commands of a contactless card: the card at once, or a thread, so that the card can ask for time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from mnverify.errors import LinkTimeout, MnverifyError
from mnverify.text import Text
from mnverify.virtual.strangers import AnyCard

_JOIN_SECONDS = 0.05
_LONGEST_WAIT = 4.949  # FWT of FWI 14 in seconds; no extension goes beyond it (ISO/IEC 14443-4 §7.4)


class Performer(Protocol):
    """Carries out commands for a `Picc`, which cannot wait."""

    def begin(self, command: bytes) -> None:
        """Begin with a command."""
        ...

    def answer(self) -> bytes | None:
        """The answer; None while it needs more time.

        Raises:
            CardLost: the card left the field.
            LinkTimeout: it does not answer.
        """
        ...

    def forget(self) -> None:
        """Nobody waits for an answer any more, and the card is about to be reset."""
        ...


class AtOnce:
    """Takes the time it takes.

    Args:
        card: the card.
    """

    def __init__(self, card: AnyCard) -> None:
        self._card = card
        self._command = b""

    def begin(self, command: bytes) -> None:
        """Keep the command."""
        self._command = command

    def answer(self) -> bytes:
        """The answer of the card."""
        return self._card.transmit(self._command)

    def forget(self) -> None:
        """Drop the command."""
        self._command = b""


class Worker:
    """Carries out the commands of one card in a thread of its own, which begins with the first command.

    Args:
        card: the card.
        waiting_time: FWT in seconds.
        multiplier: how many times that a request gives.
        watchdog: seconds in all for one command.
    """

    def __init__(self, card: AnyCard, waiting_time: float, multiplier: int, watchdog: float) -> None:
        self._card = card
        self._patience = waiting_time / 2
        self._longer_patience = min(waiting_time * multiplier, _LONGEST_WAIT) / 2
        self._watchdog = watchdog
        self._commands: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes | MnverifyError] = queue.SimpleQueue()
        self._until = self._next_patience = 0.0
        self._thread: threading.Thread | None = None

    def begin(self, command: bytes) -> None:
        """Begin with a command."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="virtual card", daemon=True)
            self._thread.start()
        answers = self._answers = queue.SimpleQueue()
        self._until = time.monotonic() + self._watchdog
        self._next_patience = self._patience

        def job() -> None:
            if answers is self._answers:
                answers.put(self._outcome(command))

        self._commands.put(job)

    def answer(self) -> bytes | None:
        """The answer, if it comes before the reader loses patience."""
        try:
            outcome = self._answers.get(timeout=self._next_patience)
        except queue.Empty:
            if time.monotonic() < self._until:
                self._next_patience = self._longer_patience
                return None
            raise LinkTimeout(Text("The card took too long.", "カードの処理に時間がかかりすぎました。")) from None
        if isinstance(outcome, MnverifyError):
            raise outcome
        return outcome

    def forget(self) -> None:
        """What still runs answers to nobody; what has not begun does not."""
        self._answers = queue.SimpleQueue()

    def close(self) -> None:
        """End the thread, and the command that it may be in."""
        self.forget()
        self._commands.put(None)
        while self._thread is not None and self._thread.is_alive():
            self._card.reset()
            self._thread.join(_JOIN_SECONDS)

    def _outcome(self, command: bytes) -> bytes | MnverifyError:
        try:
            return self._card.transmit(command)
        except MnverifyError as error:
            return error

    def _work(self) -> None:
        while (job := self._commands.get()) is not None:
            job()
