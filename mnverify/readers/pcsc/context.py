"""Questions to the PC/SC service, each with a deadline: pcsc-lite's client waits for ever for a service that hangs."""

from __future__ import annotations

import contextlib
import time
import weakref
from collections.abc import Callable
from typing import TypeVar

from mnverify.errors import LinkError, NoReader, ReaderInUse
from mnverify.readers.pcsc import api
from mnverify.readers.pcsc.texts import SILENT, Doing, made
from mnverify.readers.pcsc.worker import Worker, WorkerStuck

T = TypeVar("T")

SILENT_SECONDS = 5.0
"""How long the service may take to answer what it knows without asking a card."""
NOTICED_SECONDS = 0.5
"""How long pcscd may take to notice a card that came or went: it looks all 0.4 s."""
_BACK_SECONDS = 0.6  # for a wait that was interrupted, which is no call that hangs
_THREAD = "mnverify PC/SC"

_silent: list[Worker] = []  # the last question that was given up; no other is asked before it has come back


def _nothing() -> None:
    """The clean-up of a question that cleans up after itself."""


def ask(question: Callable[[], T], doing: Doing, seconds: float = 0.0, abandon: Callable[[], None] = _nothing) -> T:
    """Ask the service, in a thread that ends with the answer.

    Args:
        question: the calls.
        doing: for the message.
        seconds: how long they may take by themselves.
        abandon: the clean-up when a question that was given up comes back.

    Raises:
        ServiceNotRunning: no answer came within five seconds more, or to an earlier question.
        LinkError: what the question raised.
    """
    if _silent and not _silent[-1].join(_BACK_SECONDS):
        raise made(SILENT, doing)
    worker = Worker(_THREAD)
    try:
        return worker.call(question, seconds + SILENT_SECONDS, abandon)
    except WorkerStuck:
        raise made(SILENT, doing) from None
    finally:
        if worker.usable:
            worker.close(_BACK_SECONDS)
        else:
            _silent[:] = [worker]


class Context:
    """A context of the service for waiting: it has the states of all readers and holds no card. A context manager.

    Raises:
        MissingExtra, ServiceNotRunning, NotAllowed: as they say.
    """

    def __init__(self) -> None:
        self._contexts: list[int] = []  # one at most; whoever takes it out releases it
        weakref.finalize(self, _give_back, self._contexts).atexit = False
        self._ask(lambda: self._contexts.append(api.establish()), Doing.CONNECT)

    def readers(self) -> list[str]:
        """The names of the readers there are."""
        return self._ask(lambda: api.readers(self._taken()), Doing.LIST)

    def states(self, known: dict[str, int], seconds: float) -> dict[str, api.State]:
        """See ``pcsc_api.states``."""
        milliseconds = int(seconds * 1000)
        return self._ask(lambda: api.states(self._taken(), known, milliseconds), Doing.WAIT, seconds)

    def look_for_card(self, reader: str) -> api.State:
        """See `look_for_card`."""
        return self._ask(lambda: look_for_card(self._taken(), reader), Doing.WAIT, NOTICED_SECONDS)

    def close(self) -> None:
        """Give it back; where the service hangs, when it comes back."""
        worker = _give_back(self._contexts)
        if worker is not None:
            worker.join(_BACK_SECONDS)

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, question: Callable[[], T], doing: Doing, seconds: float = 0.0) -> T:
        contexts = self._contexts
        return ask(question, doing, seconds, lambda: _release(contexts))

    def _taken(self) -> int:
        if not self._contexts:
            raise made(SILENT, Doing.WAIT)  # an earlier question was given up
        return self._contexts[0]


def _release(contexts: list[int]) -> None:
    with contextlib.suppress(IndexError, LinkError):
        api.release(contexts.pop())


def _give_back(contexts: list[int]) -> Worker | None:
    """Release without waiting for it; may be called while objects are collected."""
    if not contexts:
        return None
    worker = Worker(_THREAD)
    worker.post(lambda: _release(contexts))
    return worker


def look_for_card(context: int, reader: str) -> api.State:
    """Ask the driver for a card where none is told of (`absence`); the state of the reader after it.

    A card may have come this very moment, and pcscd not know it yet. Were it taken away again before pcscd looks, clients would
    be told of a card that is gone. So a card that was found is waited for to be counted, or asked for once more.

    Args:
        context: used by no other call.
        reader: the name.

    Raises:
        NoReader, ServiceNotRunning, NotAllowed: as they say.
    """
    state = _asked(context, reader)
    end = time.monotonic() + NOTICED_SECONDS
    counter = state.counter
    while state.present and not state.in_use and state.counter == counter:
        left = end - time.monotonic()
        if left <= 0:
            return _asked(context, reader)
        state = api.states(context, {reader: state.bits}, int(left * 1000))[reader]
    return state


def _asked(context: int, reader: str) -> api.State:
    with contextlib.suppress(ReaderInUse):  # by a program that knows better
        api.power_card(context, reader)
    return api.states(context, {reader: 0}, 0)[reader]


def look_once(reader: str) -> api.State:
    """The state of a reader as it is now.

    Raises:
        NoReader, ServiceNotRunning, NotAllowed: as they say.
    """
    return ask(lambda: _states_of([reader])[0][1], Doing.LIST)


def look_at_all() -> list[tuple[str, api.State]]:
    """All readers and their states as they are now, in the order of the service.

    Raises:
        ServiceNotRunning, NotAllowed: as they say.
    """
    return ask(lambda: _states_of(None), Doing.LIST)


def _states_of(readers: list[str] | None) -> list[tuple[str, api.State]]:
    """The states of these readers, or of those there are, leaving out one that is unplugged meanwhile."""
    context = api.establish()
    try:
        if readers is not None:
            return list(api.states(context, dict.fromkeys(readers, 0), 0).items())
        found: list[tuple[str, api.State]] = []
        for name in api.readers(context):
            with contextlib.suppress(NoReader):
                found += api.states(context, {name: 0}, 0).items()
        return found
    finally:
        api.release(context)
