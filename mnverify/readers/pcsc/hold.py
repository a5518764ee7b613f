"""What a link over PC/SC holds of the service, and the worker that every call of it runs in, under a deadline.

A hold that ran into its deadline is given up; it is released when the call comes back, and the next connection to that
reader waits for it.
"""

from __future__ import annotations

import atexit
import contextlib
import time
import weakref
from collections.abc import Callable
from typing import TypeVar

from mnverify.errors import LinkError, LinkTimeout, ReaderInUse
from mnverify.readers.pcsc import api
from mnverify.readers.pcsc.context import look_once
from mnverify.readers.pcsc.features import carries_extended
from mnverify.readers.pcsc.texts import IN_USE, LOST, TIMED_OUT, Doing, made
from mnverify.readers.pcsc.worker import Worker, WorkerStuck
from mnverify.text import Text

T = TypeVar("T")

SETTLE_SECONDS = 0.5
"""How long a card has to be seen after a broken exchange to be called the same. pcscd looks for the card every 0.4 s, so that
one that was pulled in mid-exchange still counts as present for up to 0.4 s, under the same event counter."""
CLOSE_SECONDS = 2.0
"""How long ``close`` waits for the reader."""

_held: dict[str, Worker] = {}  # by reader: calls that were given up, or are made without waiting
_grips: weakref.WeakSet[Grip] = weakref.WeakSet()


class Hold:
    """What a link holds of the service: a context and the card. Its methods run in the link's worker.

    Args:
        reader: the name.
    """

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._context: int | None = None
        self._card: int | None = None
        self._protocol = 0
        self._mode = api.EXCLUSIVE
        self._used = False
        self.counter = 0

    def connect(self) -> None:
        """Take the card exclusively, at once or not at all. Where that fails, nothing is held."""
        self._take(api.EXCLUSIVE)

    def share(self) -> None:
        """Take a card that is not to be had exclusively: another program is connected to it, or the driver knows no such
        mode (others found that of the RC-S300 to be so). Within a transaction, nobody's command gets between ours. The card
        begins without power, so that what another program has verified counts for nothing here.

        It waits, without limit, for a transaction of others to end.
        """
        self._take(api.SHARED)
        try:
            api.begin_transaction(self._require_card())
            self._reconnect()
        except BaseException:
            self.let_go()
            raise

    def extended(self) -> bool | None:
        """What the driver says of extended length."""
        card = self._require_card()
        return carries_extended(api.feature_request(), lambda code: api.control(card, code))

    def exchange(self, command: bytes) -> tuple[int, bytes]:
        """One exchange: the result code and the answer."""
        card = self._require_card()
        self._used = True
        return api.transmit(card, self._protocol, command)

    def is_same_card(self) -> bool:
        """Whether the card is still there, was never away, and stays for as long as an absence needs to be noticed.

        Raises:
            LinkError: the service or the reader is gone.
        """
        end = time.monotonic() + SETTLE_SECONDS
        state = self._look(0, 0)
        while state.present and not state.mute and state.counter == self.counter:
            left = end - time.monotonic()
            if left <= 0:
                return True
            state = self._look(state.bits, left)
        return False

    def reset(self) -> None:
        """Reset the card: by the handle there is, or by connecting anew, which also a restarted service allows."""
        if self._card is not None:
            with contextlib.suppress(LinkError):
                self._reconnect()
                return
        mode = self._mode
        self.let_go()
        if mode == api.SHARED:
            self.share()  # which resets it
        else:
            self.connect()
            self._reconnect()  # whoever powered the card before

    def let_go(self) -> None:
        """Release everything; a card that was talked to is reset. No ``LinkError`` comes out of it."""
        card, context, self._card, self._context = self._card, self._context, None, None
        with contextlib.suppress(LinkError):
            if card is not None:
                after = api.UNPOWER if self._used else api.LEAVE
                if self._mode == api.SHARED:
                    api.end_transaction(card, after)  # with the power gone before others come
                api.disconnect(card, after)
        with contextlib.suppress(LinkError):
            if context is not None:
                api.release(context)
        self._used = False

    def _take(self, mode: int) -> None:
        try:
            self._context = api.establish()
            self._card, self._protocol = api.connect(self._context, self._reader, mode)
            self._mode = mode
            self.counter = self._look(0, 0).counter
        except BaseException:
            self.let_go()
            raise

    def _reconnect(self) -> None:
        self._protocol = api.reconnect(self._require_card(), self._mode)
        self._used = False
        self.counter = self._look(0, 0).counter

    def _look(self, known: int, seconds: float) -> api.State:
        if self._context is None:
            raise made(LOST, Doing.EXCHANGE)
        return api.states(self._context, {self._reader: known}, int(seconds * 1000))[self._reader]

    def _require_card(self) -> int:
        if self._card is None:
            raise made(LOST, Doing.EXCHANGE)
        return self._card


class Grip:
    """A hold and its worker, from the caller's side. One caller at a time.

    Args:
        reader: the name.
    """

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._hold: Hold | None = None
        self._worker: Worker | None = None
        _grips.add(self)

    @property
    def counter(self) -> int:
        """The event counter when the card was taken or reset."""
        return -1 if self._hold is None else self._hold.counter

    def connect(self, timeout: float) -> None:
        """Take the card, after waiting for what an earlier link may still hold.

        Raises:
            ReaderInUse: by that, or by another program.
            LinkError: any other way it can fail; nothing is held then.
        """
        end = time.monotonic() + timeout
        _wait_for_held(self._reader, timeout)
        self._hold, self._worker = Hold(self._reader), Worker(f"mnverify {self._reader}")
        try:
            try:
                self.call(Hold.connect, end - time.monotonic(), Doing.CONNECT)
            except ReaderInUse:
                self.call(Hold.share, end - time.monotonic(), Doing.CONNECT)
        except BaseException as error:
            if self._worker.usable:
                self._worker.close(CLOSE_SECONDS)
            elif isinstance(error, LinkTimeout) and _in_use(self._reader):  # somebody's transaction does not end
                raise made(IN_USE, Doing.CONNECT) from None
            raise

    def call(self, function: Callable[[Hold], T], timeout: float, doing: Doing) -> T:
        """Have the worker do something with what is held.

        Raises:
            LinkTimeout: it did not come back; it is given up, and releases everything when it does.
        """
        hold, worker = self._hold, self._worker
        if hold is None or worker is None:
            raise made(LOST, doing)
        try:
            return worker.call(lambda: function(hold), timeout, hold.let_go)
        except WorkerStuck:
            raise made(TIMED_OUT, doing) from None
        finally:
            if not worker.usable:
                _held[self._reader] = worker

    def reset(self, timeout: float) -> None:
        """Reset the card, or take it anew where it was given up."""
        end = time.monotonic() + timeout
        if self._worker is None or not self._worker.usable:
            self.connect(timeout)
        self.call(Hold.reset, end - time.monotonic(), Doing.RESET)

    def close(self) -> None:
        """Release everything, within two seconds or when the reader allows it."""
        worker = self._worker
        if worker is None or not worker.usable:
            return
        end = time.monotonic() + CLOSE_SECONDS
        with contextlib.suppress(LinkError):
            self.call(Hold.let_go, CLOSE_SECONDS, Doing.RESET)
            worker.close(end - time.monotonic())

    def drop(self) -> None:
        """Release everything without waiting for it. May be called while objects are collected."""
        if self._hold is not None and self._worker is not None and self._worker.usable:
            _held[self._reader] = self._worker
            self._worker.post(self._hold.let_go)


@atexit.register
def _close_all() -> None:
    """At the end of the process the workers are stopped wherever they are: a link that nobody closed is closed before."""
    for grip in tuple(_grips):
        grip.close()


def _in_use(reader: str) -> bool:
    with contextlib.suppress(LinkError):
        return look_once(reader).in_use
    return False


def _wait_for_held(reader: str, timeout: float) -> None:
    worker = _held.get(reader)
    if worker is None:
        return
    if not worker.join(timeout):
        raise ReaderInUse(_NOT_BACK)
    _held.pop(reader, None)


_NOT_BACK = Text(
    "The last exchange with this reader has not come back. The card was not touched; unplug the reader and plug it in again.",
    "この読み取り機との前回の通信がまだ終わっていません。カードには触れていません。読み取り機を抜き差ししてください。",
)
