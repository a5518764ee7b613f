"""``mnverify scan``: what it prints of a picture, and what it refuses."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnverify.cli.working import working
from mnverify.printed import scanning
from mnverify.text import Text
from tests.cli.conftest import Ran, flat
from tests.printed.faces import AGAIN, FACE, ScriptedEngine, blank_card, laid, made_lines, png_of, turned_corners

Run = Callable[..., Ran]
Engine = Callable[..., None]
ENTRIES = (("追記欄", 340, 380), ("令和8年2月2日 見本県架空市新町1番地", 340, 420))


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "front.png"
    path.write_bytes(png_of(laid(blank_card(), turned_corners((800, 600), 1016, 3))))
    return str(path)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """What the engine will read."""

    def put(words: Any = FACE, again: Any = AGAIN) -> None:
        monkeypatch.setattr(scanning, "_default_engine", lambda: ScriptedEngine(made_lines(words), again))

    put()
    return put


def test_json(run: Run, picture: str, engine: Engine) -> None:
    engine([*FACE, *ENTRIES])
    document = run("scan", picture, "--json").document
    assert document["format"] == "mnverify.printed/1"
    assert document["printed"] == {
        "name": "佐藤 花子",
        "address": "見本県架空市中央一丁目2番3号",
        "birth_date": "昭和60年7月3日",
        "sex": "女",
        "expiry": "2033年7月3日",
        "security_code": "4102",
        "additional_entry": ["令和8年2月2日 見本県架空市新町1番地"],
    }
    assert set(document["confidence"]) == set(document["places"]) == set(document["printed"])
    assert all(len(place) == 4 and min(place) >= 0 for place in document["places"].values())
    assert document["doubts"] == []


def test_from_standard_input(run: Run, picture: str, engine: Engine) -> None:
    ran = run("scan", "-", "--json", stdin=Path(picture).read_bytes())
    assert ran.status == 0 and ran.document["printed"]["security_code"] == "4102"


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["Birth date", "sure", "proves nothing"]), ("ja", ["生年月日", "確実", "何も証明できず"])],
)
def test_for_people(run: Run, picture: str, engine: Engine, lang: str, words: list[str]) -> None:
    engine([*FACE, *ENTRIES])
    ran = run("scan", picture, "--lang", lang)
    assert ran.status == 0 and not ran.err
    assert all(flat(word) in flat(ran.out) for word in [*words, "昭和60年7月3日", "4102", "新町1番地"])


@pytest.mark.parametrize(("lang", "words"), [("en", "check it"), ("ja", "要確認")])
def test_a_doubt_is_shown(run: Run, picture: str, engine: Engine, lang: str, words: str) -> None:
    engine(FACE, [*AGAIN[:2], ("4702", 0.99)])
    ran = run("scan", picture, "--lang", lang)
    assert ran.status == 0 and words in ran.out and "!" in ran.out
    assert run("scan", picture, "--json").document


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_refused(run: Run, tmp_path: Path, engine: Engine, lang: str) -> None:
    path = tmp_path / "desk.png"
    path.write_bytes(png_of(laid(blank_card(), turned_corners((8000, 600), 900, 3))))
    ran = run("scan", str(path), "--json", "--lang", lang)
    assert (ran.status, ran.document["error"]["code"]) == (2, "card-not-found")
    path.write_bytes(b"no picture")
    assert run("scan", str(path), "--json").document["error"]["code"] == "unusable-picture"
    assert run("scan", str(tmp_path / "none.png"), "--json").document["error"]["code"] == "unreadable-file"


def test_a_back_is_refused(run: Run, picture: str, engine: Engine) -> None:
    number = "987654320119"
    back = (("個人番号", 300, 100), (number, 300, 140), ("氏名", 300, 220), ("佐藤 花子", 300, 260))
    engine(back)
    ran = run("scan", picture, "--json")
    assert (ran.status, ran.document["error"]["code"]) == (4, "not-for-role") and number not in ran.out + ran.err
    engine(back)
    assert run("scan", picture, "--role", "my-number-office", "--json").document["printed"]["my_number"] == number


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_takes_longer_says_so_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    told = _Terminal()
    with working(Text("Reading", "読み取り中"), "ja", stream=told, patience=0.0):
        deadline = time.monotonic() + 60
        while "読み取り中" not in told.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "読み取り中 ." in told.getvalue() and told.getvalue().endswith(" \r")
    quick, pipe = _Terminal(), io.StringIO()
    with working(Text("Reading", "読み取り中"), "ja", stream=quick, patience=60):
        pass
    with working(Text("Reading", "読み取り中"), "ja", stream=pipe, patience=0.0):
        time.sleep(0.05)
    assert quick.getvalue() == pipe.getvalue() == ""
