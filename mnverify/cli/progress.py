"""A bar while a card is read, on a terminal only; standard output is never touched."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self, TextIO

from mnverify.cli.terminal import width
from mnverify.text import Text

_READING = Text("Reading", "読み取り中")
_PAUSE_SECONDS = 0.05  # between two updates
_MAX_CELLS = 24
_MIN_CELLS = 4
_FALLBACK_COLUMNS = 80


class ProgressBar:
    """A line that is written over itself, and taken away at the end. It is the ``progress`` of ``Session.read``.

    A terminal that goes away in the meantime is no error of the reading.

    Args:
        stream: the terminal.
        lang: ``en`` or ``ja``.
        clock: monotonic seconds.
    """

    def __init__(self, stream: TextIO, lang: str = "en", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._label = _READING.in_language(lang)
        self._full, self._empty = ("█", "░") if _can_write(stream, "█░") else ("#", "-")
        self._clock = clock
        self._drawn_at: float | None = None
        self._drawn_columns = 0

    def __call__(self, done: int, expected: int) -> None:
        """Show how far it is, unless that was shown just now.

        Args:
            done: bytes read.
            expected: bytes that there are, as far as it is known.
        """
        now = self._clock()
        if self._drawn_at is not None and now - self._drawn_at < _PAUSE_SECONDS and done < expected:
            return
        self._drawn_at = now
        columns = max(1, _columns(self._stream) - 1)  # writing into the last column breaks the line
        line = self._line(done, max(done, expected, 1), columns)
        # The cursor rests at the left, so that whatever else is written begins there.
        self._write(f"\r{line}{' ' * max(0, min(self._drawn_columns, columns) - _width(line))}\r")
        self._drawn_columns = _width(line)

    def clear(self) -> None:
        """Take the line away, before something else is written; the next update brings it back."""
        if self._drawn_columns:
            self._write(f"\r{' ' * min(self._drawn_columns, _columns(self._stream) - 1)}\r")
        self._drawn_columns, self._drawn_at = 0, None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.clear()

    def _line(self, done: int, expected: int, columns: int) -> str:
        """As much of label, bar, percentage and sizes as there is room for."""
        share = f"{100 * done // expected:3} %"
        sizes = f"{done / 1000:.1f} / {expected / 1000:.1f} KB"
        for after in (f"{share}  {sizes}", share):
            room = columns - _width(self._label) - _width(after) - 4
            cells = min(_MAX_CELLS, room // _width(self._full))
            if cells >= _MIN_CELLS:
                filled = cells * done // expected
                return f"{self._label}  {self._full * filled}{self._empty * (cells - filled)}  {after}"
        return next((line for line in (f"{self._label}  {share}", share) if _width(line) <= columns), "")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def progress_bar(
    stream: TextIO | None = None, *, lang: str = "en", wanted: bool = True
) -> AbstractContextManager[ProgressBar | None]:
    """A bar where there is a terminal that can write over a line; nothing where there is none.

    Args:
        stream: default standard error.
        lang: ``en`` or ``ja``.
        wanted: ``False`` for none, where something else is written there.

    Returns:
        A context manager. It gives the ``progress`` for ``Session.read``, or ``None``, and takes the line away at its end, also
        at an error.
    """
    target = sys.stderr if stream is None else stream
    if not wanted or not target.isatty() or os.environ.get("TERM") == "dumb":
        return nullcontext()
    return ProgressBar(target, lang)


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _FALLBACK_COLUMNS
    except (OSError, ValueError):
        return _FALLBACK_COLUMNS


def _can_write(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _width(text: str) -> int:
    """Columns at most, as some East Asian terminals draw them."""
    return width(text, ambiguous=2)
