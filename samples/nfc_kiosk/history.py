"""The history: when, what came of it, the year of expiry, the clerk's answer. Nothing else, of nobody.

The age gate writes none: a list of who was too young, and when, would be personal data.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

COLUMNS = ("time", "verdict", "expiry_year", "same_person")
_MOST = 10_000  # lines that are kept


@dataclass(frozen=True, slots=True)
class Line:
    """One visit.

    Attributes:
        time: when it was over, to the minute.
        verdict: a word of ``Outcome``.
        expiry_year: of the card, where it was verified.
        same_person: ``yes``, ``no``, or empty where the clerk has not answered.
    """

    time: str
    verdict: str
    expiry_year: str
    same_person: str


class History(Protocol):
    """Where the lines go."""

    on: bool

    def add(self, line: Line) -> None:
        """Keep one."""

    def lines(self) -> list[Line]:
        """All of them, the newest first."""


class NoHistory:
    """It is switched off."""

    on = False

    def add(self, line: Line) -> None:
        """Nothing is kept."""

    def lines(self) -> list[Line]:
        """None."""
        return []


class FileHistory:
    """Lines of CSV in one file that its owner alone can read.

    Args:
        path: the file; it is made where it is not there.
        keep_days: lines older than that are dropped.
    """

    on = True

    def __init__(self, path: Path, keep_days: int) -> None:
        self._path = path
        self._keep = timedelta(days=keep_days)
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, line: Line) -> None:
        """Keep one, and drop what is too old. The file is replaced as a whole: a power cut loses at most this line."""
        first = (datetime.fromisoformat(line.time) - self._keep).isoformat(timespec="minutes")
        kept = [one for one in reversed(self.lines()) if one.time >= first][-(_MOST - 1) :]
        fresh = self._path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(as_csv([*kept, line]))
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._path)

    def lines(self) -> list[Line]:
        """All of them, the newest first; lines that are none are left out."""
        if not self._path.exists():
            return []
        with self._path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) == len(COLUMNS) and tuple(row) != COLUMNS]
        return [Line(*row) for row in reversed(rows)]


def as_csv(lines: list[Line]) -> str:
    """A table with its heading."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((line.time, line.verdict, line.expiry_year, line.same_person) for line in lines)
    return out.getvalue()


def line_of(at: datetime, verdict: str, expiry_year: int | None, same_person: bool | None) -> Line:
    """One visit as a line."""
    answer = {True: "yes", False: "no", None: ""}[same_person]
    return Line(at.isoformat(timespec="minutes"), verdict, str(expiry_year or ""), answer)
