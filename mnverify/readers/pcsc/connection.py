"""The connection to a card over PC/SC: a card handle, and the worker in which every call of it runs, under a deadline.

A call that ran into its deadline is given up; the handle is released when the call comes back, and the next connection to that
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
from mnverify.readers.pcsc.card_handle import CardHandle
from mnverify.readers.pcsc.context import look_once
from mnverify.readers.pcsc.texts import IN_USE, LOST, TIMED_OUT, Doing, made
from mnverify.readers.pcsc.worker import Worker, WorkerStuck
from mnverify.text import Text

T = TypeVar("T")

CLOSE_SECONDS = 2.0
"""How long ``close`` waits for the reader."""

_given_up: dict[str, Worker] = {}  # by reader: calls that were given up, or are made without waiting
_connections: weakref.WeakSet[CardConnection] = weakref.WeakSet()


class CardConnection:
    """A card handle and the worker that calls it, under a deadline. One caller at a time.

    Args:
        reader: the name.
    """

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._handle: CardHandle | None = None
        self._worker: Worker | None = None
        _connections.add(self)

    @property
    def counter(self) -> int:
        """The event counter when the card was taken or reset."""
        return -1 if self._handle is None else self._handle.counter

    def connect(self, timeout: float) -> None:
        """Take the card, after waiting for what an earlier link has not given back yet.

        Raises:
            ReaderInUse: by that, or by another program.
            LinkError: any other way it can fail; nothing is left open then.
        """
        end = time.monotonic() + timeout
        _wait_for_given_up(self._reader, timeout)
        self._handle, self._worker = CardHandle(self._reader), Worker(f"mnverify {self._reader}")
        try:
            try:
                self.call(CardHandle.connect, end - time.monotonic(), Doing.CONNECT)
            except ReaderInUse:
                self.call(CardHandle.share, end - time.monotonic(), Doing.CONNECT)
        except BaseException as error:
            if self._worker.usable:
                self._worker.close(CLOSE_SECONDS)
            elif isinstance(error, LinkTimeout) and _in_use(self._reader):  # somebody's transaction does not end
                raise made(IN_USE, Doing.CONNECT) from None
            raise

    def call(self, function: Callable[[CardHandle], T], timeout: float, doing: Doing) -> T:
        """Have the worker call the handle.

        Raises:
            LinkTimeout: it did not come back; it is given up, and releases everything when it does.
        """
        handle, worker = self._handle, self._worker
        if handle is None or worker is None:
            raise made(LOST, doing)
        try:
            return worker.call(lambda: function(handle), timeout, handle.let_go)
        except WorkerStuck:
            raise made(TIMED_OUT, doing) from None
        finally:
            if not worker.usable:
                _given_up[self._reader] = worker

    def reset(self, timeout: float) -> None:
        """Reset the card, or take it anew where it was given up."""
        end = time.monotonic() + timeout
        if self._worker is None or not self._worker.usable:
            self.connect(timeout)
        self.call(CardHandle.reset, end - time.monotonic(), Doing.RESET)

    def close(self) -> None:
        """Release everything, within two seconds or when the reader allows it."""
        worker = self._worker
        if worker is None or not worker.usable:
            return
        end = time.monotonic() + CLOSE_SECONDS
        with contextlib.suppress(LinkError):
            self.call(CardHandle.let_go, CLOSE_SECONDS, Doing.RESET)
            worker.close(end - time.monotonic())

    def drop(self) -> None:
        """Release everything without waiting for it. May be called while objects are collected."""
        if self._handle is not None and self._worker is not None and self._worker.usable:
            _given_up[self._reader] = self._worker
            self._worker.post(self._handle.let_go)


@atexit.register
def _close_all() -> None:
    """At the end of the process the workers are stopped wherever they are: a link that nobody closed is closed before."""
    for connection in tuple(_connections):
        connection.close()


def _in_use(reader: str) -> bool:
    with contextlib.suppress(LinkError):
        return look_once(reader).in_use
    return False


def _wait_for_given_up(reader: str, timeout: float) -> None:
    worker = _given_up.get(reader)
    if worker is None:
        return
    if not worker.join(timeout):
        raise ReaderInUse(_NOT_BACK)
    _given_up.pop(reader, None)


_NOT_BACK = Text(
    "The last exchange with this reader has not come back. The card was not touched; unplug the reader and plug it in again.",
    "この読み取り機との前回の通信がまだ終わっていません。カードには触れていません。読み取り機を抜き差ししてください。",
)
