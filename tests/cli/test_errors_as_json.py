"""``--json``: exactly one object on standard output whatever happens, with the error's code and what a program can use."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Never

import pytest

from mnverify.cli import main
from mnverify.errors import MnverifyError
from mnverify.virtual import VirtualCard, persona
from tests.cli.conftest import Ran, _Stdin
from tests.support.by_chance import without_addresses

Run = Callable[..., Ran]
READER = f"virtual:{persona().id}"


def test_a_wrong_pin_says_how_many_tries_are_left(
    run: Run, card: VirtualCard, issued: Callable[..., VirtualCard]
) -> None:
    issued(card)
    wrong = "0000" if card.credentials["pin"] != "0000" else "1111"
    words = ("read", "input-assist", "--reader", READER, "--json")
    errors = [run(*words, stdin=wrong).document["error"] for _ in range(3)]
    assert [(error["code"], error["tries_left"]) for error in errors] == [
        ("wrong-credential", 2),
        ("wrong-credential", 1),
        ("too-few-tries", 1),
    ]
    assert errors[2]["floor"] == 2


def test_malformed_evidence_says_where(run: Run) -> None:
    error = run("verify", "-", "--json", stdin='{"format": "mnverify.evidence/2"}').document["error"]
    assert error["code"] == "malformed-evidence" and error["where"]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_message_is_in_the_language_asked_for(run: Run, lang: str, tmp_path: Path) -> None:
    ran = run("verify", str(tmp_path / "none.json"), "--json", "--lang", lang)
    assert (ran.status, ran.document["error"]["code"]) == (2, "unreadable-file")
    says = {"en": "no such file or folder", "ja": "ファイルまたはフォルダーがありません"}[lang]
    assert says in ran.document["error"]["message"] and "read the card" not in ran.err


def test_every_error_is_one_object(run: Run, card: VirtualCard) -> None:
    for words, stdin, status in (
        (["read", "face-check", "--reader", "virtual:nobody"], "60070320334102", 2),
        (["read", "face-check", "--reader", READER, "--credential", "verification-number-a"], "1" * 12, 4),
        (["read", "input-assist", "--reader", READER, "-o", "x.json"], "", 4),
        (["read", "face-check", "--reader", READER], "12", 2),
        (["trust", "list", "--trust", "/nowhere"], "", 2),
        (["demo", "--persona", "nobody"], "", 2),
        (["completion", "tcsh"], "", 2),
    ):
        for lang in ("en", "ja"):
            ran = run(*words, "--json", "--lang", lang, stdin=stdin)
            assert ran.status == status, ran
            error = ran.document["error"]
            assert list(error)[:3] == ["code", "type", "message"]
            assert ran.err == f"mnverify: {error['message']}\n"


@pytest.mark.parametrize("kind", ["verification-number-b", "birth-date", "pin", "verification-number-a"])
@pytest.mark.parametrize("where", ["mnverify.cli.reading.check_card", "mnverify.cli.source._Fixed.connect"])
def test_no_frame_shows_the_number(card: VirtualCard, monkeypatch: pytest.MonkeyPatch, kind: str, where: str) -> None:
    """An error reporter takes the local variables of every frame of a fault."""
    number = card.credentials[kind]
    words = ["read", "input-assist" if kind == "pin" else "face-check", "--credential", kind]
    words += ["--role", "my-number-office"] if kind == "verification-number-a" else []
    words = ["age", "--at-least", "20"] if kind == "birth-date" else words
    shown = traceback_of(monkeypatch, number, where, [*words, "--reader", READER])
    assert "fault of the test" in shown
    assert number not in shown


@pytest.mark.parametrize("kind", ["verification-number-b", "birth-date", "pin", "verification-number-a"])
def test_no_frame_shows_a_number_that_has_not_its_form(
    card: VirtualCard, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    number = card.credentials[kind] + "99"
    monkeypatch.setattr("mnverify.cli.run._tell", raise_again)
    words = ["read", "input-assist" if kind == "pin" else "face-check", "--credential", kind, "--reader", READER]
    words += ["--role", "my-number-office"] if kind == "verification-number-a" else []
    words = ["age", "--at-least", "20", "--reader", READER] if kind == "birth-date" else words
    shown = traceback_of(monkeypatch, number, "mnverify.cli.reading.check_card", words)
    assert "CredentialFormatError" in shown
    assert number not in shown and number[:-2] not in shown


def raise_again(error: MnverifyError, manner: object) -> Never:
    raise error


def traceback_of(monkeypatch: pytest.MonkeyPatch, number: str, where: str, words: list[str]) -> str:
    """What a reporter would write of a fault at a place."""

    def fault(*given: Any, **named: Any) -> Never:
        raise RuntimeError("fault of the test")

    monkeypatch.setattr(where, fault)
    monkeypatch.setattr("sys.stdin", _Stdin(f"{number}\n".encode()))
    try:
        main(words)
    except (RuntimeError, MnverifyError) as error:
        frames = traceback.TracebackException.from_exception(error, capture_locals=True)
        del frames.stack[0]  # this function's own
        return without_addresses("".join(frames.format()))
    raise AssertionError("there was no fault")
