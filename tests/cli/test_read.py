"""Reading commands: what they print, keep, refuse, and spend."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mnverify.virtual import VirtualAuthority, VirtualCard, persona
from tests.cli.conftest import Ran

Run = Callable[..., Ran]
READER = f"virtual:{persona().id}"


def test_face_check_is_verified_and_says_what_kind_of_card_it_was(run: Run, card: VirtualCard) -> None:
    ran = run("read", "face-check", "--reader", READER, "--trust", "virtual", "--json",
              stdin=card.credentials["verification-number-b"] + "\n")  # fmt: skip
    assert ran.status == 0, ran.err
    document = ran.document
    assert document["verdict"] == "verified"
    assert document["environment"] == "virtual"
    outcomes = {check["id"]: (check["outcome"], check["code"]) for check in document["checks"]}
    assert outcomes == {
        "structure": ("pass", "ok"),
        "chain": ("pass", "ok"),
        "record-signature": ("pass", "ok"),
        "file-digests": ("not-performed", "not-applicable"),
        "presence": ("pass", "record"),
        "freshness": ("pass", "ok"),
        "expiry": ("pass", "ok"),
    }
    fields = document["fields"]
    assert fields["birth_date"] == {"value": persona().birth.isoformat(), "assurance": "signed"}
    assert fields["expiry"] == {"value": persona().expiry.isoformat(), "assurance": "corroborated", "extent": "year"}
    assert set(fields["photo"]) == {"media_type", "sha256", "assurance"}
    assert "my_number" not in fields and "my_number_image" not in fields


def test_production_anchors_are_the_default_and_do_not_know_a_virtual_card(run: Run, card: VirtualCard) -> None:
    ran = run("read", "face-check", "--reader", READER, "--json", stdin=card.credentials["verification-number-b"])
    assert ran.status == 1
    assert ran.document["verdict"] == "rejected" and "fields" not in ran.document
    assert {"id": "chain", "outcome": "fail", "code": "unknown-authority"}.items() <= ran.document["checks"][1].items()


def test_input_assist_gives_text_and_the_tie_is_the_session(run: Run, card: VirtualCard) -> None:
    ran = run("read", "input-assist", "--reader", READER, "--trust", "virtual", "--json", stdin=card.credentials["pin"])
    assert ran.status == 0, ran.err
    document = ran.document
    assert document["fields"]["address"] == {"value": persona().address, "assurance": "signed"}
    assert next(c["code"] for c in document["checks"] if c["id"] == "presence") == "session"
    assert "session-tie" in {limit["code"] for limit in document["limits"]}
    assert card.credentials["verification-number-a"] not in ran.out


def test_office_reads_the_number(run: Run, card: VirtualCard) -> None:
    ran = run("read", "input-assist", "--reader", READER, "--trust", "virtual", "--json", "--role", "my-number-office",
              stdin=card.credentials["pin"])  # fmt: skip
    assert ran.status == 0, ran.err
    assert ran.document["fields"]["my_number"]["value"] == card.credentials["verification-number-a"]


@pytest.mark.parametrize("domain", ["face-check", "input-assist"])
def test_number_a_is_refused_to_a_general_relying_party_before_the_card_is_touched(
    run: Run, card: VirtualCard, issued: Callable[[VirtualCard], VirtualCard], domain: str
) -> None:
    issued(card)
    number = card.credentials["verification-number-a"]
    ran = run("read", domain, "--reader", READER, "--credential", "verification-number-a", stdin=number)
    assert ran.status == 4
    assert card.log.exchanges == 0
    assert number not in ran.out + ran.err


def test_evidence_is_kept_for_its_owner_only_and_verifies_again(run: Run, card: VirtualCard, tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    kept = run("read", "face-check", "--reader", READER, "--trust", "virtual", "-o", str(path),
               stdin=card.credentials["verification-number-b"])  # fmt: skip
    assert kept.status == 0, kept.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["evidence.json"]
    again = run("verify", str(path), "--trust", "virtual", "--json")
    assert again.status == 0
    assert again.document["fields"]["expiry"]["assurance"] == "unsigned"  # a file claims its credential without proof
    from_stdin = run("verify", "-", "--trust", "virtual", "--json", stdin=path.read_bytes())
    assert from_stdin.document["checks"] == again.document["checks"]


def test_input_assist_evidence_is_not_kept_and_the_card_is_not_touched(
    run: Run, card: VirtualCard, issued: Callable[[VirtualCard], VirtualCard], tmp_path: Path
) -> None:
    issued(card)
    path = tmp_path / "evidence.json"
    ran = run("read", "input-assist", "--reader", READER, "-o", str(path), stdin=card.credentials["pin"])
    assert ran.status == 4
    assert not path.exists() and card.log.exchanges == 0


def test_wrong_credential_tells_the_tries_left_and_the_last_is_never_spent(
    run: Run, card: VirtualCard, issued: Callable[[VirtualCard], VirtualCard]
) -> None:
    issued(card)
    wrong = "0000" if card.credentials["pin"] != "0000" else "1111"
    words = ("read", "input-assist", "--reader", READER, "--json")
    first = run(*words, stdin=wrong)
    assert first.status == 5 and first.document["error"]["type"] == "WrongCredential"
    second = run(*words, stdin=wrong)
    assert second.status == 5 and second.document["error"]["type"] == "WrongCredential"
    third = run(*words, stdin=card.credentials["pin"])
    assert third.status == 5 and third.document["error"]["type"] == "TooFewTries"
    left = run("retries", "--reader", READER, "--json")
    assert left.document["retries"]["input-assist"]["pin"] == 1


@pytest.mark.parametrize("text", ["", "12", "abcd", "1234567890123456789", "１２３"])
def test_a_malformed_credential_sends_nothing(
    run: Run, card: VirtualCard, issued: Callable[[VirtualCard], VirtualCard], text: str
) -> None:
    issued(card)
    ran = run("read", "input-assist", "--reader", READER, stdin=text)
    assert ran.status == 2
    assert card.log.exchanges == 0
    assert not text or text not in ran.err


def test_no_presence_and_require_presence(run: Run, card: VirtualCard) -> None:
    number = card.credentials["verification-number-b"]
    words = ("read", "face-check", "--reader", READER, "--trust", "virtual", "--json")
    without = run(*words, "--no-presence", stdin=number)
    assert without.status == 0
    assert next(c["code"] for c in without.document["checks"] if c["id"] == "presence") == "none-given"
    assert without.document["fields"]["expiry"]["assurance"] == "unsigned"
    clone = run("read", "face-check", "--no-presence", "--require-presence", "--reader", READER, stdin=number)
    assert clone.status == 2  # the two contradict each other


def test_age_answers_without_the_birth_date(run: Run, card: VirtualCard) -> None:
    birth = card.credentials["birth-date"]
    words = ("age", "--reader", READER, "--trust", "virtual", "--at", "2026-11-23T12:00:00+09:00")
    born = persona().birth
    assert isinstance(born, date)
    years = 2026 - born.year - ((11, 23) < (born.month, born.day))
    old = run(*words, "--at-least", str(years), "--json", stdin=birth)
    assert old.status == 0 and old.document["old_enough"] is True
    assert "fields" not in old.document and persona().birth.isoformat() not in old.out
    young = run(*words, "--at-least", str(years + 1), stdin=birth)
    assert young.status == 1 and "NO" in young.out
    unknown = run("age", "--at-least", "1", "--reader", READER, "--json", stdin=birth)
    assert unknown.status == 1 and unknown.document["old_enough"] is None  # production anchors: no answer


def test_retries_of_a_general_relying_party_do_not_ask_about_number_a(
    run: Run, card: VirtualCard, issued: Callable[[VirtualCard], VirtualCard]
) -> None:
    issued(card)
    ran = run("retries", "--reader", READER, "--json")
    assert ran.status == 0
    assert ran.document["retries"] == {
        "face-check": {"birth-date": 10, "verification-number-b": 10},
        "input-assist": {"pin": 3, "verification-number-b": 10},
    }
    assert not card.touches and not card.number_touches


def test_no_reader_is_a_kind_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from mnverify.errors import ServiceNotRunning
    from mnverify.readers import Survey
    from mnverify.text import Text

    stopped = ServiceNotRunning(Text("The service does not run.", "サービスが動いていません。"))
    for problems, hint in (((), "virtual:"), ((stopped,), "does not run")):
        monkeypatch.setattr("mnverify.readers.discovery.survey", lambda problems=problems: Survey((), problems))
        ran = run("read", "face-check", stdin="60070320334102")
        assert ran.status == 3
        assert ran.out == "" and ran.err.count("\n") == 1 and hint in ran.err


def test_a_script_is_recorded_and_read_again(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    number = VirtualAuthority.laboratory().issue(persona()).credentials
    b = number["verification-number-b"]
    for words, kind in ((("read", "face-check"), "verification-number-b"), (("age", "--at-least", "20"), "birth-date")):
        ran = run(*words, "--reader", READER, "--trust", "virtual", "--record", str(script), stdin=number[kind])
        assert ran.status == 0, ran.err
        assert stat.S_IMODE(script.stat().st_mode) == 0o600
        again = run(*words, "--reader", f"replay:{script}", "--trust", "virtual", "--json", stdin=number[kind])
        assert again.status == 0, again.err
        assert again.document["verdict"] == "verified"
    other = run("read", "face-check", "--reader", f"replay:{script}", "--trust", "virtual", stdin=b)
    assert other.status == 3 and "Traceback" not in other.err
    for broken in ("{}", "", "[1]", '{"format":"mnverify.script/2"}'):
        script.write_text(broken, encoding="utf-8")
        ran = run("read", "face-check", "--reader", f"replay:{script}", stdin=b)
        assert ran.status == 2 and ran.err.count("\n") == 1
    assert run("read", "face-check", "--reader", "replay:/nowhere", stdin=b).status == 2


def test_an_unknown_persona_is_named(run: Run) -> None:
    ran = run("read", "face-check", "--reader", "virtual:nobody", stdin="60070320334102")
    assert ran.status in (2, 3) and "Traceback" not in ran.err and "nobody" in ran.err


def test_demo_verifies_a_fresh_card_of_a_fresh_authority(run: Run) -> None:
    ran = run("demo", "--json")
    assert ran.status == 0 and ran.document["verdict"] == "verified"
    assert json.dumps(VirtualAuthority.laboratory().trust_anchors()) not in ran.out


def test_a_reader_package_that_is_missing_is_a_reader_that_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mnverify.errors import MissingExtra
    from mnverify.readers import Survey

    problems = (MissingExtra("pyscard", "pcsc"), MissingExtra("nfcpy", "nfc"))
    monkeypatch.setattr("mnverify.readers.discovery.survey", lambda: Survey((), problems))
    ran = run("read", "face-check", "--json", stdin="60070320334102")
    assert ran.status == 3 and ran.document["error"]["type"] == "MissingExtra" and "pyscard" in ran.err


@pytest.mark.parametrize("option", ["-o", "--record"])
@pytest.mark.parametrize("place", ["missing/file.json", "."])
def test_a_place_where_nothing_can_be_kept_is_refused_before_the_number_is_asked_for(
    run: Run, option: str, place: str, tmp_path: Path
) -> None:
    ran = run("read", "face-check", "--reader", READER, "--json", option, str(tmp_path / place), stdin="")
    assert ran.status == 2
    assert ran.document["error"]["type"] == "UsageError"
    assert "Nothing was sent to the card" in ran.err


@pytest.mark.parametrize(
    "words",
    [("--at-least", "x"), ("--at-least", "20", "--wait", "x"), ("--at-least", "20", "--at", "yesterday")],
)
def test_an_option_that_is_not_of_its_form_is_explained(run: Run, words: tuple[str, ...]) -> None:
    ran = run("age", *words)
    assert ran.status == 2
    assert "invalid _" not in ran.err


def test_an_answer_that_nobody_reads_changes_no_exit_status(card: VirtualCard) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "mnverify", "read", "face-check", "--reader", READER],
            input=card.credentials["verification-number-b"],
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")  # rejected: production anchors


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_an_answer_that_cannot_be_written_is_an_error_of_one_line() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mnverify", "card", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "could not be printed" in done.stderr


def test_the_end_of_input_at_the_prompt_is_no_number(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*words: object, **named: object) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", ended)
    monkeypatch.setattr("tests.cli.conftest._Stdin.isatty", lambda stream: True)
    ran = run("read", "face-check", "--reader", READER)
    assert ran.status == 2
    assert "No number was given" in ran.err
