"""The one hop to a thread for what is asked for most: requests that wait at the same moment go together, and come back together.

Whoever is alone does not wait for anybody. While one batch is worked on, the next one gathers; so a commit, which takes a disk as
long for one request as for thirty, is shared by as many as came in the meantime.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")


class Batches(Generic[_Request, _Answer]):
    """Threads that work on batches. Made and closed in the event loop that asks.

    Args:
        work: gives each request's answer, or the exception in its place; raises nothing.
        threads: batches at a time.
        most: requests of a batch.
    """

    def __init__(
        self, work: Callable[[Sequence[_Request]], Sequence[_Answer | Exception]], *, threads: int, most: int
    ) -> None:
        self._work = work
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._waiting: SimpleQueue[tuple[_Request, asyncio.Future[_Answer]] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"mnverify-batch-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, request: _Request) -> asyncio.Future[_Answer]:
        """Have a request worked on."""
        future: asyncio.Future[_Answer] = self._loop.create_future()
        self._waiting.put((request, future))
        return future

    def close(self) -> None:
        """Let the threads end what they have begun, and wait for them."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while self._one_batch():
            pass

    def _one_batch(self) -> bool:
        """Whether there may be another one. Nothing of a request stays here while the thread waits."""
        batch, goes_on = self._next_batch()
        if batch:
            try:
                answers = self._work([request for request, _ in batch])
            except Exception as error:  # noqa: BLE001  # it was to raise nothing: nobody waits for ever all the same
                answers = [error] * len(batch)
            self._loop.call_soon_threadsafe(_settle, [future for _, future in batch], answers)
        return goes_on

    def _next_batch(self) -> tuple[list[tuple[_Request, asyncio.Future[_Answer]]], bool]:
        batch = []
        waiting = self._waiting.get()
        while waiting is not None:
            batch.append(waiting)
            if len(batch) == self._most:
                return batch, True
            try:
                waiting = self._waiting.get_nowait()
            except Empty:
                return batch, True
        return batch, False


def _settle(futures: Sequence[asyncio.Future[_Answer]], answers: Sequence[_Answer | Exception]) -> None:
    for future, answer in zip(futures, answers, strict=True):
        if future.done():  # whoever asked has gone
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
