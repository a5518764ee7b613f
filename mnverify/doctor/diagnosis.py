"""Why can no card be read here? The checks, in the order in which a person would look.

No check touches a card or the field, changes anything, or raises. A service that hangs costs a few seconds.

1. system and Python, and what kind of place this is
2. pyscard, and the library under it
3. the PC/SC service: installed, running, answering
4. the right to use it
5. readers that are plugged in and not listed: driver missing or too old, held by the kernel or a program, no rights
6. nfcpy, its USB library, serial ports
7. the readers that are listed, and what is wrong with each
8. the summary: can a card be read now, by which reader, and what is to be done first
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mnverify.doctor import remedies
from mnverify.doctor.findings import Answer, Finding, FindingOutcome, Situation, fail, ok, skipped, warn
from mnverify.doctor.machine import Machine
from mnverify.doctor.nfcpy import check_nfcpy, check_serial
from mnverify.doctor.service import check_library, check_package, check_remote, check_rights, check_service
from mnverify.doctor.states import pcsc_readers_with_notes
from mnverify.doctor.usb import check_usb, wants_no_pcsc
from mnverify.errors import MnverifyError
from mnverify.readers.model import ReaderInfo, ReaderKind
from mnverify.text import Text

ReaderList = Callable[[], Sequence[ReaderInfo]]

_ASK_SECONDS = 5.0  # for each of the two stacks: a small computer takes its time to load one
_SYSTEMS = ("linux", "darwin", "win32")
_PCSC_CHECKS = ("pyscard", "pcsc-library", "pcsc-service", "pcsc-rights")


def diagnose(
    machine: Machine | None = None, *, pcsc: ReaderList | None = None, nfc: ReaderList | None = None
) -> tuple[Finding, ...]:
    """Find out whether a card could be read here, and what is in the way.

    Args:
        machine: the computer; default this one.
        pcsc: lists the readers of PC/SC; default the real one.
        nfc: lists the readers of NFC; default the real one.

    Returns:
        What was found, in the order of looking. The last one, id ``summary``, is ``ok`` where a card could be read now, and names
        the reader. Where it is ``ok``, nothing else is ``fail``: what is broken besides is ``warn``. So is what is broken of
        PC/SC where only readers that do without it are plugged in.
    """
    computer = Machine() if machine is None else machine
    situation = Situation(
        machine=computer,
        pcsc=_ask(pcsc_readers_with_notes if pcsc is None else pcsc),
        nfc=_ask(_nfc_readers if nfc is None else nfc),
        usb=computer.usb_devices() if computer.platform == "linux" else None,
    )
    findings = [finding for check in _CHECKS for finding in check(situation)]
    reader = _best(situation.readers)
    spare = _PCSC_CHECKS if wants_no_pcsc(situation) else ()
    findings = [_not_in_the_way(found) if reader is not None or found.id in spare else found for found in findings]
    return (*findings, _summary(reader, findings))


def _check_system(situation: Situation) -> Iterator[Finding]:
    machine = situation.machine
    description = machine.description
    if machine.platform not in _SYSTEMS:
        yield warn(
            "system",
            "unknown",
            Text(
                f"{description}: mnverify was not tried on this system.",
                f"{description}: 動作を確認していない環境です。",
            ),
            None,
        )
    elif situation.in_wsl:
        yield ok("system", Text(f"{description}, in Windows (WSL)", f"{description}（Windows の WSL）"))
    elif situation.in_container:
        yield ok("system", Text(f"{description}, in a container", f"{description}（コンテナ）"))
    else:
        yield ok("system", Text(description, description))


def _check_readers(situation: Situation) -> Iterator[Finding]:
    told = situation.usb is not None  # by the check on USB, what NFC lists and cannot open
    readers = [one for one in situation.readers if one.usable or one.kind is not ReaderKind.NFC or not told]
    yield from map(_reader_finding, readers)
    if readers:
        return
    if told or not (situation.pcsc.given or situation.nfc.given):
        yield skipped("reader", "none", Text("No reader is listed.", "認識されている読み取り機はありません。"))
    else:
        yield fail(
            "reader",
            "none",
            Text("No reader is listed.", "認識されている読み取り機はありません。"),
            remedies.pass_through(situation) or _plug_in(situation.machine.platform),
        )


def _reader_finding(reader: ReaderInfo) -> Finding:
    if not reader.usable:
        cannot = Text(f"{reader.name}: it cannot read this card.", f"{reader.name}: このカードを読めません。")
        other = Text("Use another reader.", "別の読み取り機を使ってください。")
        return fail("reader", "unsuitable", cannot, reader.note or other, reader=reader.name)
    if reader.card_present:
        what = Text(f"{reader.name}: a card lies on it.", f"{reader.name}: カードが置かれています。")
    elif reader.card_present is None:
        what = Text(f"{reader.name}: ready.", f"{reader.name}: 使えます。")
    else:
        what = Text(f"{reader.name}: ready, no card on it.", f"{reader.name}: 使えます。カードは置かれていません。")
    if reader.note is not None:
        return warn("reader", "note", what, reader.note, reader=reader.name)
    return ok("reader", what, reader=reader.name)


def _plug_in(platform: str) -> Text:
    if platform == "darwin":
        return Text(
            "Plug a reader in. If macOS 14 or later does not list a CCID reader, let it use the other driver, and restart:\n"
            "sudo defaults write /Library/Preferences/com.apple.security.smartcard useIFDCCID -bool yes",
            "読み取り機をつないでください。macOS 14 以降で CCID の読み取り機が出ないときは、ドライバーを切り替えて再起動します:\n"
            "sudo defaults write /Library/Preferences/com.apple.security.smartcard useIFDCCID -bool yes",
        )
    if platform == "win32":
        return Text(
            "Plug a reader in, and look for it in the Device Manager under smart card readers. "
            "A Sony RC-S380 needs the maker's software (NFC Port Software).",
            "読み取り機をつなぎ、デバイス マネージャーの「スマート カード読み取り装置」に出るか確かめてください。"
            "ソニー RC-S380 には「NFCポートソフトウェア」が必要です。",
        )
    return Text("Plug a reader in, then look again.", "読み取り機をつないで、もう一度確かめてください。")


def _best(readers: tuple[ReaderInfo, ...]) -> ReaderInfo | None:
    usable = [reader for reader in readers if reader.usable]
    return max(usable, key=lambda reader: (reader.note is None, reader.card_present is True), default=None)


def _not_in_the_way(finding: Finding) -> Finding:
    return replace(finding, outcome=FindingOutcome.WARN) if finding.outcome is FindingOutcome.FAIL else finding


def _summary(reader: ReaderInfo | None, findings: list[Finding]) -> Finding:
    if reader is not None:
        return ok(
            "summary",
            Text(f"A card can be read now, with {reader.name}.", f"{reader.name} でカードを読めます。"),
            reader=reader.name,
        )
    first = next((finding for finding in findings if finding.outcome is FindingOutcome.FAIL), None)
    return fail(
        "summary",
        "not-usable",
        Text("No card can be read yet.", "まだカードを読めません。"),
        Text(f"First: {first.what.en}", f"まずここから: {first.what.ja}") if first is not None else _plug_in("linux"),
    )


def _ask(list_readers: ReaderList) -> Answer:
    """Ask a stack in a thread of its own, so that one that hangs is a finding. Such a thread ends when the stack lets it go,
    or with the process."""
    answers: list[Answer] = []

    def asked() -> None:
        try:
            answers.append(Answer(readers=tuple(list_readers())))
        except (MnverifyError, ImportError, OSError) as error:
            answers.append(Answer(problem=error))

    thread = threading.Thread(target=asked, name="mnverify-diagnosis", daemon=True)
    thread.start()
    thread.join(_ASK_SECONDS)
    return answers[0] if answers else Answer(late=True)


def _nfc_readers() -> Sequence[ReaderInfo]:
    from mnverify.readers.nfc.reader import nfc_readers

    return nfc_readers()


_CHECKS: tuple[Callable[[Situation], Iterator[Finding]], ...] = (
    _check_system,
    check_remote,
    check_package,
    check_library,
    check_service,
    check_rights,
    check_usb,
    check_nfcpy,
    check_serial,
    _check_readers,
)
