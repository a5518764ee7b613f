"""Which reader a selector means."""

from __future__ import annotations

import pytest

from mnverify.errors import NoReader, ReaderUnsuitable, UsageError
from mnverify.readers import ReaderInfo, ReaderKind, Survey, discovery, open_reader, watch_cards
from mnverify.text import Text

NOTE = Text("It cannot read Type B cards.", "Type B に対応していません。")

READERS = tuple(ReaderInfo(name, ReaderKind.PCSC, name, at) for at, name in enumerate(("Desk 1", "Desk 2", "Gate")))


@pytest.fixture(autouse=True)
def surveyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "survey", lambda: Survey(READERS, ()))


@pytest.mark.parametrize(
    ("selector", "name"), [(0, "Desk 1"), ("2", "Gate"), ("gate", "Gate"), ("Desk 2", "Desk 2"), (None, "Desk 1")]
)
def test_a_number_a_name_or_a_part_of_it(selector: str | int | None, name: str) -> None:
    with open_reader(selector) as reader:
        assert repr(reader) == f"PcscReader({name})"


@pytest.mark.parametrize("selector", [3, -1, "3", "9" * 5000, "", " ", "window"])
def test_none_such(selector: str | int) -> None:
    with pytest.raises(NoReader):
        open_reader(selector)


def info(name: str, *, usable: bool = True, card: bool | None = None) -> ReaderInfo:
    return ReaderInfo(name, ReaderKind.PCSC, name, usable=usable, card_present=card, note=None if usable else NOTE)


@pytest.mark.parametrize(
    ("readers", "chosen"),
    [
        ((info("no Type B", usable=False), info("good")), "good"),
        ((info("no Type B", usable=False, card=True), info("good")), "good"),
        ((info("good"), info("no Type B", usable=False, card=True)), "good"),
        ((info("first"), info("with a card", card=True)), "with a card"),
        ((info("first", card=False), info("second")), "first"),
    ],
)
def test_an_unusable_reader_is_not_chosen_by_default(
    monkeypatch: pytest.MonkeyPatch, readers: tuple[ReaderInfo, ...], chosen: str
) -> None:
    monkeypatch.setattr(discovery, "survey", lambda: Survey(readers, ()))
    with open_reader() as reader:
        assert repr(reader) == f"PcscReader({chosen})"


def test_where_all_are_unusable_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "survey", lambda: Survey((info("no Type B", usable=False),), ()))
    for selector in (None, 0, "no Type B"):
        with pytest.raises(ReaderUnsuitable) as caught:
            open_reader(selector)
        assert caught.value.text == NOTE


@pytest.mark.parametrize("selector", [1.0, b"usb", ["usb"], object()])
def test_wrong_types_are_refused(selector: object) -> None:
    for call in (open_reader, watch_cards):
        with pytest.raises(UsageError):
            call(selector)  # type: ignore[arg-type]


@pytest.mark.parametrize("selector", ["desk", True])
def test_more_than_one_or_malformed(selector: str | int) -> None:
    with pytest.raises(UsageError):
        open_reader(selector)
