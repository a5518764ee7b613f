"""The diagnosis on computers that are made up, and on this one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from mnverify.doctor import Finding
from mnverify.doctor.machine import SocketState
from mnverify.doctor.states import state_note
from mnverify.readers.model import ReaderInfo, ReaderKind
from tests.doctor.cases import (
    ACR122U,
    CASES,
    DRIVER,
    FAIL,
    KEYBOARD,
    NAMELESS_CCID,
    NFC_READER,
    NO_PYSCARD,
    NODE,
    OK,
    PCSC_READER,
    PN531,
    RC_S300,
    RC_S380,
    REFUSED,
    SAID,
    SKIPPED,
    WARN,
    Fake,
    lists,
    look,
)
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService


def _found(findings: Sequence[Finding], check: str, code: str) -> Finding:
    matching = [finding for finding in findings if (finding.id, finding.code) == (check, code)]
    assert len(matching) == 1, [(finding.id, finding.code) for finding in findings]
    return matching[0]


@pytest.mark.parametrize("name", CASES)
def test_each_situation_is_found_and_has_a_remedy(name: str) -> None:
    case = CASES[name]
    findings = look(case.machine, case.pcsc, case.nfc)
    finding = _found(findings, case.check, case.code)
    assert finding.outcome is case.outcome
    if case.outcome is FAIL:
        assert finding.remedy is not None
    said = f"{finding.what.en}\n{finding.remedy.en if finding.remedy else ''}"
    assert [word for word in case.says if word not in said] == []
    summary = findings[-1]
    assert (summary.id, summary.outcome, summary.reader) == ("summary", FAIL, None)
    for each in findings:
        texts = [each.what] if each.remedy is None else [each.what, each.remedy]
        for text in texts:
            assert text.en.strip()
            assert text.ja.strip()
        if each.id not in ("system", "reader"):
            assert any(ord(character) > 0x3000 for character in each.what.ja)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.outcome is FAIL])
def test_commands_are_the_same_in_both_languages(name: str) -> None:
    case = CASES[name]
    remedy = _found(look(case.machine, case.pcsc, case.nfc), case.check, case.code).remedy
    assert remedy is not None
    for word in case.says:
        if any(sign in word for sign in ("sudo ", "pip ", "/etc/", "polkit.", "usbipd", "docker", "ATTR", "blacklist")):
            assert word in remedy.ja


def test_there_are_enough_situations() -> None:
    assert len(CASES) >= 25


def test_a_machine_where_all_is_well() -> None:
    machine = Fake(usb=(KEYBOARD, RC_S300), files=DRIVER)
    findings = look(machine, lists(PCSC_READER))
    assert {finding.outcome for finding in findings} == {OK}
    assert [finding.id for finding in findings] == [
        "system",
        "pyscard",
        "pcsc-library",
        "pcsc-service",
        "pcsc-rights",
        "usb",
        "nfcpy",
        "reader",
        "summary",
    ]
    assert findings[-1].reader == PCSC_READER.name
    assert PCSC_READER.name in findings[-1].what.ja


def test_a_reader_that_works_makes_failures_warnings() -> None:
    machine = Fake(usb=(RC_S380, PN531), modules=frozenset({"nfc"}), socket=SocketState.MISSING, programs=frozenset())
    findings = look(machine, NO_PYSCARD, lists(NFC_READER))
    assert findings[-1].outcome is OK
    assert findings[-1].reader == "Sony RC-S380"
    assert not [finding for finding in findings if finding.outcome is FAIL]
    assert {finding.id for finding in findings if finding.outcome is WARN} == {"pyscard", "pcsc-service", "usb"}


def test_where_only_nfc_readers_are_plugged_in_nobody_is_sent_after_pcsc() -> None:
    machine = Fake(usb=(RC_S380,), modules=frozenset({"nfc"}), forbidden=frozenset({NODE}))
    findings = look(machine, NO_PYSCARD, lists())
    assert _found(findings, "pyscard", "missing").outcome is WARN
    assert findings[-1].remedy is not None
    assert NODE in findings[-1].remedy.en


def test_the_summary_names_what_comes_first() -> None:
    findings = look(Fake(usb=(RC_S300,)), REFUSED)
    summary = findings[-1]
    assert summary.remedy is not None
    first = next(finding for finding in findings if finding.outcome is FAIL)
    assert first.id == "pcsc-rights"
    assert first.what.en in summary.remedy.en
    assert first.what.ja in summary.remedy.ja


def test_what_nfc_lists_but_cannot_open_is_explained_once() -> None:
    unusable = ReaderInfo("Sony RC-S380/P (usb:001:007)", ReaderKind.NFC, "usb:054c:06c3", usable=False, note=SAID)
    findings = look(Fake(usb=(RC_S380,), forbidden=frozenset({NODE})), nfc=lists(unusable))
    assert _found(findings, "usb", "rights").outcome is FAIL
    assert _found(findings, "reader", "none").outcome is SKIPPED
    findings = look(Fake(system="darwin"), nfc=lists(unusable))
    assert _found(findings, "reader", "unsuitable").remedy == SAID


def test_a_pcsc_reader_that_nfc_lists_as_not_its_own() -> None:
    unusable = ReaderInfo("Sony RC-S300 (usb:001:007)", ReaderKind.NFC, "usb:054c:0dc9", usable=False, note=SAID)
    findings = look(Fake(usb=(RC_S300,), files=DRIVER), lists(PCSC_READER), lists(unusable))
    assert {finding.outcome for finding in findings} == {OK}
    findings = look(Fake(usb=(RC_S300,)), nfc=lists(unusable))
    assert _found(findings, "usb", "no-driver").outcome is FAIL


def test_the_reader_with_a_card_is_named() -> None:
    empty = ReaderInfo("Empty", ReaderKind.PCSC, "Empty", card_present=False)
    full = ReaderInfo("Full", ReaderKind.PCSC, "Full", card_present=True)
    findings = look(Fake(), lists(empty, full))
    assert findings[-1].reader == "Full"
    assert [finding.reader for finding in findings if finding.id == "reader"] == ["Empty", "Full"]
    said = [finding.what.en for finding in findings if finding.id == "reader"]
    assert "no card" in said[0]
    assert "a card lies on it" in said[1]


def test_a_reader_without_a_note_is_named_before_one_with_a_card() -> None:
    noted = ReaderInfo("Noted", ReaderKind.PCSC, "Noted", card_present=True, note=SAID)
    empty = ReaderInfo("Empty", ReaderKind.PCSC, "Empty", card_present=False)
    assert look(Fake(), lists(noted, empty))[-1].reader == "Empty"
    assert look(Fake(), lists(noted))[-1].reader == "Noted"


@pytest.mark.parametrize(
    ("bits", "says"),
    [(0x10, None), (0x22, None), (0x122, "Another program"), (0xA2, "Another program"), (0x222, "does not answer")],
)
def test_what_the_service_knows_of_a_card(bits: int, says: str | None) -> None:
    note = state_note(bits)
    assert (note is None) if says is None else (note is not None and says in note.en)


def test_a_note_of_a_reader_is_a_warning() -> None:
    findings = look(Fake(), lists(ReaderInfo("Upside down", ReaderKind.PCSC, "Upside down", note=SAID)))
    finding = _found(findings, "reader", "note")
    assert finding.outcome is WARN
    assert finding.remedy == SAID
    assert findings[-1].outcome is OK


def test_a_ccid_reader_without_a_name_may_be_any_that_is_listed() -> None:
    findings = look(Fake(usb=(NAMELESS_CCID,), files=DRIVER), lists(PCSC_READER))
    assert _found(findings, "usb", "ok").outcome is OK


def test_a_second_reader_that_is_not_listed_is_seen() -> None:
    findings = look(Fake(usb=(RC_S300, ACR122U), files=DRIVER), lists(PCSC_READER))
    assert [(finding.code, finding.outcome) for finding in findings if finding.id == "usb"] == [
        ("ok", OK),
        ("not-listed", WARN),
    ]


def test_a_reader_that_is_not_on_usb_is_enough() -> None:
    virtual = ReaderInfo("Virtual PCD 00 00", ReaderKind.PCSC, "Virtual PCD 00 00")
    findings = look(Fake(), lists(virtual))
    assert _found(findings, "usb", "ok").outcome is OK
    assert findings[-1].outcome is OK


@pytest.mark.parametrize(("version", "expected"), [("Linux (microsoft-standard-WSL2)", "WSL"), ("Linux", "Python 3")])
def test_the_system_is_named(version: str, expected: str) -> None:
    findings = look(Fake(files={"/proc/version": version}))
    assert expected in findings[0].what.en


def test_a_stack_that_hangs_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnverify.doctor.diagnosis._ASK_SECONDS", 0.5)
    release = threading.Event()

    def hangs() -> Sequence[ReaderInfo]:
        release.wait(60)
        return ()

    started = time.monotonic()
    try:
        findings = look(Fake(), hangs, hangs)
    finally:
        release.set()
    assert time.monotonic() - started < 20
    assert _found(findings, "pcsc-service", "silent").outcome is FAIL
    assert _found(findings, "nfcpy", "error").outcome is WARN


# This machine, and what can be made of it.


def test_a_socket_that_takes_calls_and_says_nothing(tmp_path: Path) -> None:
    """In a process of its own: libpcsclite waits much longer than the diagnosis."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen(16)
        started = time.monotonic()
        document = _in_a_process({"PCSCLITE_CSOCK_NAME": str(path)})
    assert time.monotonic() - started < 40
    assert ["pcsc-service", "silent", "fail"] in document


def test_no_service_at_all(tmp_path: Path) -> None:
    document = _in_a_process({"PCSCLITE_CSOCK_NAME": str(tmp_path / "nothing")})
    assert ["pcsc-service", "variable", "fail"] in document
    assert document[-1] == ["summary", "not-usable", "fail"]


def test_a_socket_left_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))
    assert ["pcsc-service", "socket-stale", "fail"] in _in_a_process({"PCSCLITE_CSOCK_NAME": str(path)})


def test_a_real_service_with_two_readers(service: PcscService) -> None:
    document = _in_a_process({"PCSCLITE_CSOCK_NAME": str(service.socket)})
    assert ["pcsc-service", "ok", "ok"] in document
    assert [entry[0] for entry in document].count("reader") == 2
    assert document[-1] == ["summary", "ok", "ok"]


def test_a_service_that_crashed(service: PcscService) -> None:
    service.kill()
    try:
        document = _in_a_process({"PCSCLITE_CSOCK_NAME": str(service.socket)})
    finally:
        service.start()
    assert ["pcsc-service", "socket-stale", "fail"] in document
    assert document[-1] == ["summary", "not-usable", "fail"]


def test_no_card_is_touched(service: PcscService, host: CardHost) -> None:
    host.plug("untouched", "pcsc", service.ports[0])
    host.card("untouched")
    host.insert("untouched")
    document = _in_a_process({"PCSCLITE_CSOCK_NAME": str(service.socket)})
    assert document[-1] == ["summary", "ok", "ok"]
    assert host.state("untouched")["exchanges"] == 0
    host.remove("untouched")


def test_a_card_that_another_program_holds(service: PcscService, host: CardHost) -> None:
    host.plug("held", "pcsc", service.ports[0])
    host.card("held")
    host.insert("held")
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, service.readers[0]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment({"PCSCLITE_CSOCK_NAME": str(service.socket)}),
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        document = _in_a_process({"PCSCLITE_CSOCK_NAME": str(service.socket)})
        holder.stdin.close()
    host.remove("held")
    assert [entry for entry in document if entry[0] == "reader"] == [["reader", "note", "warn"], ["reader", "ok", "ok"]]


def test_without_the_optional_packages() -> None:
    """A Python that has no third-party package at all still gets its diagnosis."""
    document = _in_a_process({}, "import sys; sys.modules.update(smartcard=None, nfc=None, usb1=None, serial=None)")
    assert ["pyscard", "missing", "fail"] in document
    assert ["nfcpy", "missing", "not-performed"] in document


_HOLD = """
import sys, time
from smartcard.scard import *
_, context = SCardEstablishContext(SCARD_SCOPE_USER)
end = time.monotonic() + 30
while time.monotonic() < end:
    result, card, _ = SCardConnect(context, sys.argv[1], SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_ANY)
    if result == SCARD_S_SUCCESS:
        print("held", flush=True)
        sys.stdin.read()
        break
    time.sleep(0.05)
"""
_REPORT = """
import json
from mnverify.doctor import diagnose
print(json.dumps([[f.id, f.code, f.outcome.value] for f in diagnose()]))
"""


def _environment(extra: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **extra}


def _in_a_process(extra: dict[str, str], before: str = "") -> list[list[str]]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", before + _REPORT],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=_environment(extra),
    )
    assert done.stderr == ""
    document: list[list[str]] = json.loads(done.stdout)
    return document


def test_nothing_heavy_is_loaded_to_look() -> None:
    """Importing the diagnosis loads no stack, no socket, no subprocess."""
    code = """
import sys
import mnverify.doctor
print([name for name in ("smartcard", "nfc", "usb1", "serial", "socket", "subprocess", "ctypes", "logging") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True, env=_environment({})
    )
    assert done.stdout.strip() == "[]"
