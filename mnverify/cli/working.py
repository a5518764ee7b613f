"""A word on the terminal while something takes its time; standard output is never touched."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TextIO

from mnverify.cli.terminal import width
from mnverify.text import Text

PATIENCE_SECONDS = 0.5
"""What is done sooner says nothing."""
_TICK_SECONDS = 0.5
_DOTS = 3


class _Words:
    """What is said at the moment: what is being done, and how far it is once that was told."""

    def __init__(self, doing: str) -> None:
        self._doing, self._far = doing, ""
        self.widest = width(doing, ambiguous=2)

    def far(self, done: int, expected: int) -> None:
        """Steps done, and steps that there are."""
        self._far = f" {done}/{expected}"
        self.widest = max(self.widest, width(str(self), ambiguous=2))

    def __str__(self) -> str:
        return self._doing + self._far


@contextlib.contextmanager
def working(
    doing: Text, lang: str, *, stream: TextIO | None = None, patience: float = PATIENCE_SECONDS
) -> Iterator[Callable[[int, int], None] | None]:
    """Say what is being done, from half a second on, on a terminal that can write over a line; take it away at the end.

    It gives the ``progress`` of what is done, which counts the steps in the line; ``None`` where nothing is said.

    Args:
        doing: what, as "Reading the picture".
        lang: ``en`` or ``ja``.
        stream: default standard error.
        patience: seconds before anything is said.
    """
    target = sys.stderr if stream is None else stream
    if not target.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    words, done = _Words(doing.in_language(lang)), threading.Event()
    teller = threading.Thread(target=_tell, args=(target, words, done, patience), daemon=True)
    teller.start()
    try:
        yield words.far
    finally:
        done.set()
        teller.join()


def _tell(stream: TextIO, words: _Words, done: threading.Event, patience: float) -> None:
    """The words, with dots that move, until it is done."""
    if done.wait(patience):
        return
    count = 0
    with contextlib.suppress(OSError, ValueError):
        while True:
            count = count % _DOTS + 1
            said = f"{words} {'.' * count}"
            stream.write(f"\r{said}{' ' * (words.widest + _DOTS + 1 - width(said, ambiguous=2))}\r")
            stream.flush()
            if done.wait(_TICK_SECONDS):
                break
        stream.write(f"\r{' ' * (words.widest + _DOTS + 1)}\r")
        stream.flush()
