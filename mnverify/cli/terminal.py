"""Words on a terminal: how wide they are, where a line may break, columns that stay straight, and JSON."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mnverify.cli.output import show

WIDEST = 100
"""Columns of a report at most, and where the width of the terminal is not known."""

_NARROWEST = 30  # a narrower terminal breaks the lines itself
_NARROW_CELL = 10
_GAP = 2
_UNITS = re.compile(r"\s+|[^\s\u2e80-\uffef]+|.", re.DOTALL)
_NEVER_FIRST = (
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〟’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ％,.:;?!)]}"
)
_NEVER_LAST = "（〔［｛〈《「『【〝‘“([{"


def columns() -> int:
    """Columns there are for a report: those of the terminal (or ``COLUMNS``), 100 at most."""
    return max(_NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def width(text: str, *, ambiguous: int = 1) -> int:
    """Columns that a text takes.

    Args:
        text: without control characters.
        ambiguous: columns of a character whose width the terminal's font decides; 2 for the cautious.
    """
    wide = {"F": 2, "W": 2, "A": ambiguous}
    return sum(
        0 if unicodedata.combining(character) else wide.get(unicodedata.east_asian_width(character), 1)
        for character in text
    )


def pad(text: str, to: int) -> str:
    """The text, filled up with blanks to so many columns."""
    return text + " " * max(0, to - width(text))


def paint(text: str, colour: str) -> str:
    """The text in a colour (SGR parameters), on a terminal that wants colours; else without the blanks around it."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text.strip()
    return f"\x1b[{colour}m{text}\x1b[0m"


def wrap(text: str, within: int, *, hanging: int = 0) -> list[str]:
    """Lines of at most so many columns.

    Broken at blanks and between full-width characters, by the usual rules of Japanese (禁則処理): no line begins with a closing
    bracket or 。, none ends with an opening one.

    Args:
        text: one paragraph.
        within: columns of a line.
        hanging: blanks before every line but the first.
    """
    lines: list[str] = []
    line, blank = "", ""
    for unit in _unbroken(text):
        if unit.isspace():
            blank = unit if line.strip() else blank
            continue
        if line.strip() and width(line + blank + unit) > within:
            lines.append(line)
            line, blank = " " * hanging, ""
        line += blank + unit
        blank = ""
        while width(line) > within and width(unit) > within - hanging:
            head = _head(line, within)
            lines.append(head)
            unit = line[len(head) :]
            line = " " * hanging + unit
    return [*lines, line] if line.strip() or not lines else lines


def table(rows: Iterable[Sequence[str]], *, headings: Sequence[str] | None = None, within: int | None = None) -> str:
    """Rows in columns, full-width characters counted as two.

    Where there is no room, cells are wrapped; where there is none for that either, each cell has a line of its own.

    Args:
        rows: of one length each.
        headings: of the columns.
        within: columns of the terminal; default those there are.
    """
    lines = [list(row) for row in rows]
    titled = [list(headings), *lines] if headings is not None else lines
    if not titled:
        return ""
    room = columns() if within is None else within
    widths = _shares([max(map(width, cells)) for cells in zip(*titled, strict=True)], room)
    if widths is None:
        return "\n".join(line for row in lines for line in _stacked(row, headings, room))
    return "\n".join(line for row in titled for line in _row(row, widths))


def print_json(document: Mapping[str, Any], *, one_line: bool = False) -> None:
    """Print the one JSON object of a command.

    Raises:
        UsageError: it cannot be written.
    """
    show(json.dumps(document, ensure_ascii=False, indent=None if one_line else 2))


def _unbroken(text: str) -> list[str]:
    """The pieces between which a line may break, blanks as pieces of their own."""
    units: list[str] = []
    for unit in _UNITS.findall(text):
        previous = units[-1] if units else ""
        if previous and not previous.isspace() and not unit.isspace():
            joined = unit[0] in _NEVER_FIRST or previous[-1] in _NEVER_LAST
            if joined:
                units[-1] += unit
                continue
        units.append(unit)
    return units


def _head(text: str, within: int) -> str:
    """As much of a text as fits, one character at least."""
    end = 1
    while end < len(text) and width(text[: end + 1]) <= within:
        end += 1
    return text[:end]


def _shares(natural: list[int], room: int) -> list[int] | None:
    """Widths that fit: the widest column gives way; ``None`` where none is left to give."""
    widths = list(natural)
    while sum(widths) + _GAP * (len(widths) - 1) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        if widths[widest] <= _NARROW_CELL:
            return None
        widths[widest] -= 1
    return widths


def _row(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [wrap(cell, to) for cell, to in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    return [
        (" " * _GAP)
        .join(pad(cell[at] if at < len(cell) else "", to) for cell, to in zip(cells, widths, strict=True))
        .rstrip()
        for at in range(height)
    ]


def _stacked(row: Sequence[str], headings: Sequence[str] | None, room: int) -> list[str]:
    first, *rest = row
    lines = wrap(first, room)
    for at, cell in enumerate(rest, start=1):
        label = f"{headings[at]}: " if headings is not None else ""
        lines += [f"    {line}" for line in wrap(label + cell, room - 4, hanging=2)]
    return lines
