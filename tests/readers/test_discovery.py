"""Which reader a selector means."""

from __future__ import annotations

import pytest

from mnverify.errors import NoReader, UsageError
from mnverify.readers import ReaderInfo, ReaderKind, Survey, discovery, open_reader

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


@pytest.mark.parametrize("selector", ["desk", True])
def test_more_than_one_or_malformed(selector: str | int) -> None:
    with pytest.raises(UsageError):
        open_reader(selector)
