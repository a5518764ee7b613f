"""Printed data: the same object from typing and from a picture, strict, masked, without the 個人番号 in role general."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from mnverify.errors import PrintedDataError, RoleError
from mnverify.printed import Place, PrintedData, Source
from mnverify.values import Role

FLAT: dict[str, Any] = {
    "name": "番号　花子",
    "address": "東京都千代田区霞が関１－２－１",
    "additional_entry": ["令和７年４月１日　住所変更"],
    "birth_date": "昭和60年7月3日",
    "sex": "女",
    "expiry": "2033年7月3日まで有効",
    "security_code": "1234",
}


def scanned(**members: Any) -> str:
    return json.dumps({"format": "mnverify.printed/1", "printed": FLAT, **members})


def test_typed_and_read_give_the_same_fields() -> None:
    typed = PrintedData.from_json(json.dumps(FLAT))
    read = PrintedData.from_json(scanned(confidence={"name": 0.97}, places={"name": [1, 2, 3, 4]}, doubts=["x"]))
    assert typed.fields() == read.fields() == tuple(FLAT)
    assert (
        (typed.name, typed.additional_entry)
        == (read.name, read.additional_entry)
        == (FLAT["name"], tuple(FLAT["additional_entry"]))
    )
    assert set(typed.sources.values()) == {Source.TYPED}
    assert set(read.sources.values()) == {Source.PICTURE}
    assert read.places["name"] == Place(1, 2, 3, 4)
    assert read.confidence == {"name": 0.97}


def test_the_document_comes_back_as_it_went() -> None:
    read = PrintedData.from_json(scanned(confidence={"name": 0.97}, places={"name": [1, 2, 3, 4]}))
    again = PrintedData.from_json(json.dumps(read.to_dict()))
    assert again.to_dict() == read.to_dict()
    assert again.to_dict()["printed"] == FLAT


def test_the_number_needs_its_role() -> None:
    number = json.dumps({"my_number": "123456789018"})
    with pytest.raises(RoleError) as refused:
        PrintedData.from_json(number)
    assert "123456789018" not in str(refused.value)
    assert PrintedData.from_json(number, role=Role.MY_NUMBER_OFFICE).my_number == "123456789018"
    with pytest.raises(RoleError):
        PrintedData.from_json(scanned().replace('"name"', '"my_number"'))
    with pytest.raises(RoleError):
        PrintedData({"my_number": "123456789018"})


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        '{"name": 1}',
        '{"name": null}',
        '{"name": "a\\nb"}',
        '{"name": "a", "name": "b"}',
        '{"surname": "a"}',
        '{"additional_entry": "a"}',
        '{"additional_entry": [1]}',
        '{"name": "' + "あ" * 401 + '"}',
        '{"format": "mnverify.printed/2", "printed": {}}',
        '{"format": "mnverify.printed/1"}',
        scanned(confidence={"name": 1.5}),
        scanned(confidence={"name": True}),
        scanned(confidence={"no": 1}),
        scanned(places={"name": [1, 2, 3]}),
        scanned(places={"name": [1, 2, 3, -4]}),
        scanned(places=[]),
        scanned(doubts="none"),
        scanned(more=1),
    ],
)
def test_what_is_no_printed_data_is_refused(document: str) -> None:
    with pytest.raises(PrintedDataError) as refused:
        PrintedData.from_json(document)
    assert "花子" not in str(refused.value)


def test_nothing_of_it_shows() -> None:
    data = PrintedData.from_json(json.dumps(FLAT))
    assert repr(data) == "PrintedData(name, address, additional_entry, birth_date, sex, expiry, security_code)"
    shown = repr([getattr(data, name) for name in FLAT])
    assert not any(text in shown for text in ("花子", "霞が関", "1234", "住所変更"))
    for second in (copy.copy, pickle.dumps):
        with pytest.raises(TypeError):
            second(data)
