"""A command line run in this process: its exit status, what it printed, what it complained of."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from mnverify.cli import main
from mnverify.virtual import VirtualAuthority, VirtualCard, persona


class Ran(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON object on standard output."""
        return json.loads(self.out)


def flat(text: str) -> str:
    """A text without its line breaks and blanks, however wide it was wrapped."""
    return "".join(text.split())


class _Stdin(io.TextIOWrapper):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run ``mnverify`` with words and standard input."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("LANGUAGE", raising=False)

    def runner(*words: str, stdin: str | bytes = b"") -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr("sys.stdin", _Stdin(data))
        status = main(list(words))
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return runner


@pytest.fixture
def card() -> VirtualCard:
    """The default persona's card, of the laboratory authority."""
    return VirtualAuthority.laboratory().issue(persona())


@pytest.fixture
def issued(monkeypatch: pytest.MonkeyPatch) -> Callable[[VirtualCard], VirtualCard]:
    """Put a card of the test's own making into ``--reader virtual:…``."""

    def put(card: VirtualCard) -> VirtualCard:
        monkeypatch.setattr("mnverify.cli.inputs.virtual_card", lambda persona_id: card)
        return card

    return put
