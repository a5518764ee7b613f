"""Where a command's card is: what is asked of the reader after a torn reading."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from mnverify.card.exchange import different_card
from mnverify.cli.source import ReaderSource
from mnverify.errors import LinkError
from mnverify.link import card_lost
from mnverify.readers import Reader


class Desk:
    """A reader that notes what it is asked for."""

    info = SimpleNamespace(name="desk")

    def __init__(self, *, taken_off: bool = True) -> None:
        self.asked: list[str] = []
        self.taken_off = taken_off

    def wait_for_card(self, timeout: float | None = None) -> bool:
        self.asked.append("card")
        return True

    def wait_for_removal(self, timeout: float | None = None) -> bool:
        self.asked.append("removal")
        return self.taken_off

    def connect(self) -> SimpleNamespace:
        self.asked.append("connect")
        return SimpleNamespace(close=lambda: None)

    def close(self) -> None:
        self.asked.append("close")


def again(desk: Desk, error: LinkError) -> object:
    """What the source gives after an error."""
    with ReaderSource(cast("Reader", desk), 5.0, "en") as source:
        return source.again(error)


@pytest.mark.parametrize(
    ("error", "asked"),
    [(card_lost(), ["card", "connect"]), (different_card(), ["removal", "card", "connect"])],
    ids=["lost", "different"],
)
def test_another_card_has_to_be_taken_off_first(error: LinkError, asked: list[str]) -> None:
    desk = Desk()
    assert again(desk, error) is not None
    assert desk.asked == [*asked, "close"]


def test_another_card_that_stays_ends_it() -> None:
    desk = Desk(taken_off=False)
    assert again(desk, different_card()) is None
    assert desk.asked == ["removal", "close"]
