"""A thread that makes calls which cannot be cancelled, so that the caller can stop waiting for them.

``SCardTransmit`` has no deadline and no end. It runs in a worker; who waits too long gives the call
up, and what the call held is cleaned up when it comes back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from mnverify.readers.outcome import Outcome

T = TypeVar("T")


class WorkerStuck(Exception):
    """A call did not come back in time, or an earlier one has not. It goes on in its thread, and is cleaned up after."""


def _nothing() -> None:
    """The clean-up of a call that holds nothing."""


class _Job(Generic[T]):
    """One call. Whoever takes ``decided`` first says what becomes of it: the worker done, or the caller gone."""

    __slots__ = ("abandon", "decided", "error", "function", "result", "returned")

    def __init__(self, function: Callable[[], T], abandon: Callable[[], None]) -> None:
        self.function = function
        self.abandon = abandon
        self.decided = threading.Lock()
        self.returned: SimpleQueue[None] = SimpleQueue()
        self.result: T
        self.error: BaseException | None = None

    def run(self) -> bool:
        """Make the call, or the clean-up where nobody waits any more; ``False`` then."""
        with Outcome() as outcome:
            self.result = self.function()
        self.error, outcome.error = outcome.error, None
        if self.decided.acquire(blocking=False):
            self.returned.put(None)
            return True
        with Outcome():
            self.abandon()
        return False

    def wait(self, timeout: float) -> bool:
        """Whether it came back in time. If not, it is given up."""
        return self._wait(time.monotonic() + timeout)

    def give_up(self) -> None:
        """Have the worker clean up when the call comes back, unless it has come back already."""
        self.decided.acquire(blocking=False)

    def _wait(self, deadline: float) -> bool:
        while True:
            left = deadline - time.monotonic()
            try:
                self.returned.get(timeout=max(left, 0.0))
            except Empty:
                if left > 0:
                    continue  # the wait ended early
                if self.decided.acquire(blocking=False):
                    return False
                self.returned.get()  # it came back in this very moment
            return True


class Worker:
    """One daemon thread that makes one call after the other, for one caller at a time.

    It ends with ``close``, with ``post``, or when a call that was given up comes back.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job[object] | None] = SimpleQueue()
        self._usable = True
        self._thread = threading.Thread(target=_serve, args=(self._jobs,), name=name, daemon=True)
        self._thread.start()

    @property
    def usable(self) -> bool:
        """Whether it takes calls: it was not closed, and no call was given up."""
        return self._usable

    def call(self, function: Callable[[], T], timeout: float, abandon: Callable[[], None] = _nothing) -> T:
        """Make a call in the thread and wait for it.

        Args:
            function: the call.
            timeout: seconds to wait.
            abandon: the clean-up, run in the thread when a call that was given up comes back.

        Raises:
            WorkerStuck: it did not come back in time, or the worker takes no calls any more.
            BaseException: what the function raised.
        """
        if not self._usable:
            raise WorkerStuck
        job = _Job(function, abandon)
        try:
            self._jobs.put(job)  # type: ignore[arg-type]  # a job of any result
            in_time = job.wait(timeout)
        except BaseException:  # Ctrl+C: nobody will take the answer
            job.give_up()
            self.post(abandon)  # should it have come back in this very moment: the worker waits for another
            raise
        if not in_time:
            self._usable = False
            raise WorkerStuck
        error, job.error = job.error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # its traceback holds this frame
        return job.result

    def post(self, function: Callable[[], None]) -> None:
        """Make a last call without waiting for it, and end. May be called while objects are collected.

        After a call that was given up nothing is made: that call's own clean-up is the last.
        """
        self._usable = False
        self._jobs.put(_Job(function, _nothing))
        self._jobs.put(None)

    def close(self, timeout: float) -> bool:
        """End the thread; a call that is being made is waited for.

        Args:
            timeout: seconds to wait.

        Returns:
            Whether it has ended.
        """
        self._usable = False
        self._jobs.put(None)
        return self.join(timeout)

    def join(self, timeout: float) -> bool:
        """Wait until the thread has ended, at most ``timeout`` seconds; whether it has."""
        self._thread.join(max(timeout, 0.0))
        return not self._thread.is_alive()


def _serve(jobs: SimpleQueue[_Job[object] | None]) -> None:
    """Make the calls; the thread knows nothing but the queue, so that it keeps no object alive."""
    while True:
        job = jobs.get()
        if job is None or not job.run():
            return
        del job
