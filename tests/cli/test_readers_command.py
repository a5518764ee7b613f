"""``readers`` and ``doctor``: what they print, as text and as JSON, and their exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from mnverify.doctor import Finding, FindingOutcome
from mnverify.errors import MissingExtra, MnverifyError, ServiceNotRunning
from mnverify.readers import ReaderInfo, ReaderKind, Survey
from mnverify.text import Text
from tests.cli.conftest import Ran, flat
from tests.support.pcsc_service import SOCKET, PcscService

NOTE = Text("The card lies upside down.", "カードが裏返しです。")
STOPPED = ServiceNotRunning(Text("The PC/SC service does not run.", "PC/SC サービスが動いていません。"))
PCSC = ReaderInfo("Maker Reader 00 00", ReaderKind.PCSC, "Maker Reader 00 00", 0, contactless=False, card_present=False)
NFC = ReaderInfo(
    "Sony RC-S380/P (usb:001:007)",
    ReaderKind.NFC,
    "usb:054c:06c3",
    1,
    contactless=True,
    extended=True,
    note=NOTE,
)
SHORT = ReaderInfo("Old", ReaderKind.PCSC, "Old", 2, card_present=True, extended=False, max_short=231)
UNUSABLE = ReaderInfo("PN531", ReaderKind.NFC, "usb:054c:0193", 3, usable=False, note=NOTE)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set what the survey finds."""

    def put(*readers: ReaderInfo, problems: tuple[MnverifyError, ...] = ()) -> None:
        monkeypatch.setattr("mnverify.readers.survey", lambda: Survey(readers, problems))

    return put


@pytest.fixture
def diagnosed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set what the diagnosis finds."""

    def put(*findings: Finding) -> None:
        monkeypatch.setattr("mnverify.doctor.diagnose", lambda: findings)

    return put


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "FW" else 1 for character in text)


def test_the_table_has_what_is_known(run: Callable[..., Ran], found: Callable[..., None]) -> None:
    found(PCSC, NFC, SHORT, UNUSABLE)
    ran = run("readers", "--lang", "en")
    assert (ran.status, ran.err) == (0, "")
    heading, *rows, first_note, second_note = ran.out.splitlines()
    assert heading.split() == ["#", "reader", "stack", "type", "card", "carries", "state"]
    cells = [[cell.strip() for cell in row.split("  ") if cell.strip()] for row in rows]
    assert cells == [
        ["0", "Maker Reader 00 00", "PC/SC", "contact", "none", "not known yet", "usable"],
        ["1", "Sony RC-S380/P (usb:001:007)", "NFC", "contactless", "not known", "extended", "usable"],
        ["2", "Old", "PC/SC", "not known", "present", "short, 231 bytes", "usable"],
        ["3", "PN531", "NFC", "not known", "not known", "not known yet", "not usable"],
    ]
    assert [first_note, second_note] == [f"  1: {NOTE.en}", f"  3: {NOTE.en}"]


def test_the_table_is_straight_in_japanese(run: Callable[..., Ran], found: Callable[..., None]) -> None:
    found(PCSC, SHORT)
    ran = run("readers", "--lang", "ja")
    heading, *rows = ran.out.splitlines()
    at = _columns(heading[: heading.index("状態")])
    assert [_columns(row[: row.index("使えます")]) for row in rows] == [at, at]
    assert "短縮長（231バイト）" in rows[1]


def test_readers_as_json(run: Callable[..., Ran], found: Callable[..., None]) -> None:
    found(PCSC, NFC, problems=(STOPPED,))
    ran = run("readers", "--json", "--lang", "ja")
    assert ran.status == 0
    assert ran.document == {
        "readers": [
            {
                "index": 0,
                "name": "Maker Reader 00 00",
                "kind": "pcsc",
                "selector": "Maker Reader 00 00",
                "contactless": False,
                "card_present": False,
                "extended": None,
                "max_short": 256,
                "usable": True,
                "note": None,
            },
            {
                "index": 1,
                "name": "Sony RC-S380/P (usb:001:007)",
                "kind": "nfc",
                "selector": "usb:054c:06c3",
                "contactless": True,
                "card_present": None,
                "extended": True,
                "max_short": 256,
                "usable": True,
                "note": NOTE.ja,
            },
        ],
        "problems": [{"code": "service-not-running", "type": "ServiceNotRunning", "message": STOPPED.text.ja}],
    }


@pytest.mark.parametrize(("lang", "says"), [("en", "mnverify doctor"), ("ja", "読み取り機が見つかりません")])
def test_no_reader_says_why_and_what_to_do(
    run: Callable[..., Ran], found: Callable[..., None], lang: str, says: str
) -> None:
    missing = MissingExtra("nfcpy", "nfc")
    found(problems=(STOPPED, missing))
    ran = run("readers", "--lang", lang)
    assert ran.status == 3
    assert says in ran.out
    assert "mnverify doctor" in ran.out
    for problem in (STOPPED, missing):
        assert flat(f"! {problem.text.in_language(lang)}") in flat(ran.out)


def test_no_reader_as_json(run: Callable[..., Ran], found: Callable[..., None]) -> None:
    found()
    ran = run("readers", "--json")
    assert (ran.status, ran.document) == (3, {"readers": [], "problems": []})


def test_readers_that_are_of_no_use_are_as_good_as_none(run: Callable[..., Ran], found: Callable[..., None]) -> None:
    found(UNUSABLE)
    ran = run("readers", "--lang", "en")
    assert ran.status == 3
    assert "None of these readers" in ran.out
    assert "mnverify doctor" in ran.out
    assert run("readers", "--json").status == 3


GOOD = Finding("system", FindingOutcome.OK, Text("Linux", "Linux"))
BAD = Finding(
    "pcsc-rights",
    FindingOutcome.FAIL,
    Text("Refused.", "拒否されました。"),
    Text("Write this:\nrule {\n    yes;\n}", "次を書きます:\nrule {\n    yes;\n}"),
    "polkit",
)
DOUBT = Finding("serial", FindingOutcome.WARN, Text("Doubtful.", "怪しい。"), None, "rights")
UNSEEN = Finding("usb", FindingOutcome.NOT_PERFORMED, Text("Not seen.", "見ていません。"), None, "no-list")
NOT_YET = Finding(
    "summary",
    FindingOutcome.FAIL,
    Text("Not yet.", "まだです。"),
    Text("First: Refused.", "まず: 拒否。"),
    "not-usable",
)
NOW = Finding("summary", FindingOutcome.OK, Text("Now, with R.", "R で読めます。"), reader="R")


def test_the_doctor_prints_marks_and_remedies(run: Callable[..., Ran], diagnosed: Callable[..., None]) -> None:
    diagnosed(GOOD, BAD, DOUBT, UNSEEN, NOT_YET)
    ran = run("doctor", "--lang", "en")
    assert (ran.status, ran.err) == (3, "")
    assert ran.out.splitlines() == [
        "✓ Linux",
        "✗ Refused.",
        "    Write this:",
        "    rule {",
        "        yes;",
        "    }",
        "! Doubtful.",
        "– Not seen.",
        "",
        "✗ Not yet. First: Refused.",
    ]
    assert "✗ 拒否されました。" in run("doctor", "--lang", "ja").out


def test_the_doctor_is_content(run: Callable[..., Ran], diagnosed: Callable[..., None]) -> None:
    diagnosed(GOOD, NOW)
    ran = run("doctor", "--lang", "en")
    assert ran.status == 0
    assert ran.out.splitlines()[-1] == "✓ Now, with R."


def test_the_doctor_as_json(run: Callable[..., Ran], diagnosed: Callable[..., None]) -> None:
    diagnosed(BAD, NOW)
    ran = run("doctor", "--json", "--lang", "ja")
    assert ran.status == 0
    assert ran.document == {
        "findings": [
            {
                "id": "pcsc-rights",
                "outcome": "fail",
                "code": "polkit",
                "what": BAD.what.ja,
                "remedy": "次を書きます:\nrule {\n    yes;\n}",
            },
            {"id": "summary", "outcome": "ok", "code": "ok", "what": NOW.what.ja, "remedy": None},
        ],
        "usable": True,
        "reader": "R",
    }
    diagnosed(BAD, NOT_YET)
    ran = run("doctor", "--json")
    assert ran.status == 3
    assert (ran.document["usable"], ran.document["reader"]) == (False, None)


def test_colour_only_on_a_terminal(
    run: Callable[..., Ran], diagnosed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    diagnosed(GOOD, NOW)
    assert "\x1b" not in run("doctor").out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\x1b[32m✓\x1b[0m" in run("doctor").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("doctor").out


# The real thing, in processes of their own.


def _mnverify(*words: str, socket: Path | str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mnverify", *words],
        capture_output=True,
        timeout=120,
        env={**os.environ, SOCKET: str(socket), "LC_ALL": "C.UTF-8"},
        cwd=Path(__file__).parents[2],
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_real_readers_are_listed(service: PcscService) -> None:
    ran = _mnverify("readers", "--json", socket=service.socket)
    assert (ran.status, ran.err) == (0, "")
    listed = [(reader["index"], reader["name"], reader["kind"], reader["usable"]) for reader in ran.document["readers"]]
    assert listed[:2] == [(0, service.readers[0], "pcsc", True), (1, service.readers[1], "pcsc", True)]
    assert service.readers[1] in _mnverify("readers", socket=service.socket).out


def test_the_doctor_finds_real_readers(service: PcscService) -> None:
    ran = _mnverify("doctor", "--json", socket=service.socket)
    assert (ran.status, ran.err) == (0, "")
    assert ran.document["usable"] is True
    assert ran.document["reader"] == service.readers[0]
    assert not [finding for finding in ran.document["findings"] if finding["outcome"] == "fail"]


def test_without_a_service_there_is_no_reader(tmp_path: Path) -> None:
    ran = _mnverify("readers", "--json", socket=tmp_path / "none")
    assert (ran.status, ran.err) == (3, "")
    assert ran.document["readers"] == []
    assert "ServiceNotRunning" in [problem["type"] for problem in ran.document["problems"]]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_without_a_service_the_doctor_says_so(tmp_path: Path, lang: str) -> None:
    ran = _mnverify("doctor", "--lang", lang, socket=tmp_path / "none")
    assert (ran.status, ran.err) == (3, "")
    assert "unset PCSCLITE_CSOCK_NAME" in ran.out
    assert ran.out.rpartition("\n\n")[2].startswith("✗ ")


def test_the_document_is_all_that_is_printed(tmp_path: Path) -> None:
    out = _mnverify("doctor", "--json", socket=tmp_path / "none").out
    assert set(json.loads(out)) == {"findings", "usable", "reader"}
