"""A word on the terminal while something takes its time; standard output is never touched."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import TextIO

from mnverify.cli.terminal import width
from mnverify.text import Text

PATIENCE_SECONDS = 0.5
"""What is done sooner says nothing."""
_TICK_SECONDS = 0.5
_DOTS = 3


@contextlib.contextmanager
def working(
    doing: Text, lang: str, *, stream: TextIO | None = None, patience: float = PATIENCE_SECONDS
) -> Iterator[None]:
    """Say what is being done, from half a second on, on a terminal that can write over a line; take it away at the end.

    Args:
        doing: what, as "Reading the picture".
        lang: ``en`` or ``ja``.
        stream: default standard error.
        patience: seconds before anything is said.
    """
    target = sys.stderr if stream is None else stream
    if not target.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    words, done = doing.in_language(lang), threading.Event()
    teller = threading.Thread(target=_tell, args=(target, words, done, patience), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(stream: TextIO, words: str, done: threading.Event, patience: float) -> None:
    """The words, with dots that move, until it is done."""
    if done.wait(patience):
        return
    count = 0
    with contextlib.suppress(OSError, ValueError):
        while True:
            count = count % _DOTS + 1
            stream.write(f"\r{words} {'.' * count}{' ' * (_DOTS - count)}\r")
            stream.flush()
            if done.wait(_TICK_SECONDS):
                break
        stream.write(f"\r{' ' * (width(words, ambiguous=2) + _DOTS + 1)}\r")
        stream.flush()
