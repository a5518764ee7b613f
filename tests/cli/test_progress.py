"""The bar of a reading: on terminals only, never wider than they are, gone at the end."""

from __future__ import annotations

import io
import os
import pty
import re
import unicodedata
from collections.abc import Iterator

import pytest

from mnverify.card import FaceCheck, VerificationNumberB
from mnverify.cli import progress
from mnverify.cli.progress import ProgressBar, progress_bar
from mnverify.values.terms import Purpose
from mnverify.virtual import VirtualCard


class Terminal(io.StringIO):
    """Remembers what was written, and what a screen would show."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    @property
    def writes(self) -> list[str]:
        return re.findall(r"\r([^\r]*)\r", self.getvalue())

    @property
    def line(self) -> str:
        """The line on the screen; wide characters take one place here, which is enough for what is asked."""
        screen: list[str] = []
        for part in self.getvalue().split("\r"):
            screen[: len(part)] = part
        return "".join(screen).rstrip()


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "FWA" else 1 for character in text)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A terminal whose width the test sets."""
    width = [80]
    monkeypatch.setattr(progress, "_columns", lambda stream: width[0])
    yield width


def test_it_shows_share_and_sizes(terminal: Terminal) -> None:
    bar = ProgressBar(terminal)
    bar(4500, 7100)
    assert re.fullmatch(r"Reading  █+░+   63 %  4\.5 / 7\.1 KB", terminal.line)


def test_it_speaks_japanese(terminal: Terminal) -> None:
    ProgressBar(terminal, "ja")(4500, 7100)
    assert terminal.line.startswith("読み取り中  █")


def test_a_finished_reading_is_a_full_bar(terminal: Terminal) -> None:
    ProgressBar(terminal)(7100, 7100)
    assert "░" not in terminal.line
    assert "100 %" in terminal.line


@pytest.mark.parametrize(("done", "expected"), [(0, 0), (0, 100), (300, 200)])
def test_odd_numbers_are_no_error(terminal: Terminal, done: int, expected: int) -> None:
    ProgressBar(terminal)(done, expected)
    assert "%" in terminal.line


def test_updates_keep_a_distance_but_the_last_is_shown(terminal: Terminal) -> None:
    clock = Clock()
    bar = ProgressBar(terminal, clock=clock)
    bar(100, 1000)
    clock.now += 0.049
    bar(200, 1000)
    assert len(terminal.writes) == 1
    clock.now += 0.002
    bar(300, 1000)
    assert len(terminal.writes) == 2
    bar(1000, 1000)
    assert "100 %" in terminal.line


def test_a_shorter_line_leaves_nothing_of_a_longer_one(terminal: Terminal) -> None:
    clock = Clock()
    bar = ProgressBar(terminal, clock=clock)
    bar(10_000, 12_300)
    clock.now += 1
    bar(1, 5)
    assert terminal.line.endswith("20 %  0.0 / 0.0 KB")


def test_the_line_goes_at_the_end(terminal: Terminal) -> None:
    with progress_bar(terminal) as bar:
        assert bar is not None
        bar(4500, 7100)
        assert terminal.line
    assert not terminal.line
    assert terminal.getvalue().endswith("\r")


def test_the_line_goes_at_an_error_too(terminal: Terminal) -> None:
    with pytest.raises(RuntimeError), progress_bar(terminal) as bar:
        assert bar is not None
        bar(4500, 7100)
        raise RuntimeError
    assert not terminal.line


def test_what_is_written_after_clear_stands_alone_and_the_bar_comes_back(terminal: Terminal) -> None:
    bar = ProgressBar(terminal, clock=Clock())
    bar(4500, 7100)
    bar.clear()
    assert not terminal.line
    bar(4600, 7100)
    assert "64 %" in terminal.line


def test_without_an_update_nothing_is_written(terminal: Terminal) -> None:
    with progress_bar(terminal):
        pass
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_no_line_is_wider_than_the_terminal(terminal: Terminal, narrow: list[int], lang: str) -> None:
    clock = Clock()
    bar = ProgressBar(terminal, lang, clock=clock)
    for width in [*range(1, 100), *range(100, 0, -1)]:
        narrow[0] = width
        clock.now += 1
        bar(4500, 7100)
        assert _columns(terminal.writes[-1]) <= max(1, width - 1)
    narrow[0] = 30
    clock.now += 1
    bar(4500, 7100)
    assert "63 %" in terminal.writes[-1]


def test_a_terminal_of_another_encoding_gets_plain_characters(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "encoding", "ascii")
    ProgressBar(terminal)(4500, 7100)
    assert terminal.line.isascii()
    assert "#" in terminal.line


def test_there_is_no_bar_where_there_is_no_terminal() -> None:
    with progress_bar(io.StringIO()) as bar:
        assert bar is None


def test_there_is_no_bar_on_a_dumb_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with progress_bar(terminal) as bar:
        assert bar is None


def test_no_color_needs_no_other_bar(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with progress_bar(terminal) as bar:
        assert bar is not None
        bar(1, 2)
    assert "\x1b" not in terminal.getvalue()


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(5, "gone"), ValueError("closed")])
def test_a_terminal_that_went_away_does_not_stop_the_reading(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def gone(text: str) -> int:
        raise error

    monkeypatch.setattr(terminal, "write", gone)
    with progress_bar(terminal) as bar:
        assert bar is not None
        bar(1, 2)


def test_on_a_real_terminal(card: VirtualCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    number = VerificationNumberB(card.credentials["verification-number-b"])
    ours, theirs = pty.openpty()
    shown = ""
    with open(theirs, "w", encoding="utf-8") as stream:
        with progress_bar(stream) as bar, FaceCheck.open(card) as session:
            session.present(number)
            evidence = session.read(Purpose.FACE, progress=bar)
        while "100 %" not in shown or not shown.endswith("\r"):  # a terminal hands over a piece at a time
            shown += os.read(ours, 100_000).decode()
    os.close(ours)
    total = sum(map(len, evidence.files.values()))
    assert f"{total / 1000:.1f} / {total / 1000:.1f} KB" in shown
    assert "100 %" in shown
    assert shown.endswith("\r")
    assert "\n" not in shown
