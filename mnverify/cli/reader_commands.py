"""``mnverify readers`` and ``mnverify doctor``: what is here, and what is in the way. Neither touches a card."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mnverify.cli.exit_status import DONE, LINK
from mnverify.cli.output import show
from mnverify.cli.report import table
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.doctor import Finding
    from mnverify.errors import MnverifyError
    from mnverify.readers import ReaderInfo

_HEADINGS = (
    Text("#", "番号"),
    Text("reader", "読み取り機"),
    Text("stack", "方式"),
    Text("type", "種別"),
    Text("card", "カード"),
    Text("carries", "電文長"),
    Text("state", "状態"),
)
_STACKS = {"pcsc": "PC/SC", "nfc": "NFC"}
_UNKNOWN = Text("not known", "不明")
_CONTACTLESS = {True: Text("contactless", "非接触"), False: Text("contact", "接触"), None: _UNKNOWN}
_CARD = {True: Text("present", "あり"), False: Text("none", "なし"), None: _UNKNOWN}
_LENGTHS = {
    True: Text("extended", "拡張長"),
    False: Text("short, {bytes} bytes", "短縮長（{bytes}バイト）"),
    None: Text("not known yet", "未確認"),
}
_USABLE = {True: Text("usable", "使えます"), False: Text("not usable", "使えません")}
_NO_READER = Text("No card reader is listed.", "読み取り機が見つかりません。")
_NOT_USABLE = Text("None of these readers can read the card.", "このカードを読める読み取り機がありません。")
_DOCTOR = Text(
    "Plug a reader in, or let this look for the cause: mnverify doctor",
    "読み取り機を接続するか、次のコマンドで原因を調べてください: mnverify doctor",
)
_MARKS = {"ok": ("✓", "32"), "warn": ("!", "33"), "fail": ("✗", "31"), "not-performed": ("–", "2")}


def add_readers(words: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command ``readers``.

    Args:
        words: the sub-parsers of the command line.
        command: makes a parser for one word: (words, name, function, help).
    """
    command(words, "readers", show_readers, "the readers here, and what each can do")


def add_doctor(words: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command ``doctor``; arguments as those of ``add_readers``."""
    command(words, "doctor", show_diagnosis, "find out why no card can be read, without touching one")


def show_readers(options: argparse.Namespace) -> int:
    """List the readers of both stacks, and why a stack could not be asked."""
    from mnverify.readers import survey

    found = survey()
    if options.json:
        _print_json(
            {
                "readers": [_reader_document(reader, options.lang) for reader in found.readers],
                "problems": [_problem_document(problem, options.lang) for problem in found.problems],
            }
        )
    else:
        show("\n".join(_readers_report(found.readers, found.problems, options.lang)))
    return DONE if any(reader.usable for reader in found.readers) else LINK


def show_diagnosis(options: argparse.Namespace) -> int:
    """Print what the diagnosis found, and what to do."""
    from mnverify.doctor import FindingOutcome, diagnose

    *findings, summary = diagnose()
    usable = summary.outcome is FindingOutcome.OK
    if options.json:
        documents = [_finding_document(finding, options.lang) for finding in (*findings, summary)]
        _print_json({"findings": documents, "usable": usable, "reader": summary.reader})
    else:
        show("\n".join([*_finding_lines(findings, options.lang), "", _verdict(summary, options.lang)]))
    return DONE if usable else LINK


def _readers_report(readers: Sequence[ReaderInfo], problems: Sequence[MnverifyError], lang: str) -> list[str]:
    lines: list[str] = []
    if readers:
        headings = [heading.in_language(lang) for heading in _HEADINGS]
        lines.append(table([headings, *(_row(reader, lang) for reader in readers)]))
        notes = [(reader.index, reader.note) for reader in readers if reader.note is not None]
        lines += [f"  {'–' if index is None else index}: {note.in_language(lang)}" for index, note in notes]
    lines += [f"{_painted('warn')} {problem.text.in_language(lang)}" for problem in problems]
    if not any(reader.usable for reader in readers):
        cause = _NOT_USABLE if readers else _NO_READER
        lines += [cause.in_language(lang), _DOCTOR.in_language(lang)]
    return lines


def _row(reader: ReaderInfo, lang: str) -> list[str]:
    return [
        "–" if reader.index is None else str(reader.index),
        reader.name,
        _STACKS[reader.kind.value],
        _CONTACTLESS[reader.contactless].in_language(lang),
        _CARD[reader.card_present].in_language(lang),
        _LENGTHS[reader.extended].fill(bytes=reader.max_short).in_language(lang),
        _USABLE[reader.usable].in_language(lang),
    ]


def _finding_lines(findings: Sequence[Finding], lang: str) -> list[str]:
    lines = []
    for finding in findings:
        lines.append(f"{_painted(finding.outcome.value)} {finding.what.in_language(lang)}")
        if finding.remedy is not None:
            lines += [f"    {line}".rstrip() for line in finding.remedy.in_language(lang).splitlines()]
    return lines


def _verdict(summary: Finding, lang: str) -> str:
    words = [summary.what.in_language(lang)]
    if summary.remedy is not None:
        words.append(summary.remedy.in_language(lang))
    return f"{_painted(summary.outcome.value)} {('' if lang == 'ja' else ' ').join(words)}"


def _reader_document(reader: ReaderInfo, lang: str) -> dict[str, Any]:
    return {
        "index": reader.index,
        "name": reader.name,
        "kind": reader.kind.value,
        "selector": reader.selector,
        "contactless": reader.contactless,
        "card_present": reader.card_present,
        "extended": reader.extended,
        "max_short": reader.max_short,
        "usable": reader.usable,
        "note": None if reader.note is None else reader.note.in_language(lang),
    }


def _problem_document(problem: MnverifyError, lang: str) -> dict[str, str]:
    return {"type": type(problem).__name__, "message": problem.text.in_language(lang)}


def _finding_document(finding: Finding, lang: str) -> dict[str, Any]:
    return {
        "id": finding.id,
        "outcome": finding.outcome.value,
        "code": finding.code,
        "what": finding.what.in_language(lang),
        "remedy": None if finding.remedy is None else finding.remedy.in_language(lang),
    }


def _painted(outcome: str) -> str:
    mark, colour = _MARKS[outcome]
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return mark
    return f"\x1b[{colour}m{mark}\x1b[0m"


def _print_json(document: dict[str, Any]) -> None:
    show(json.dumps(document, ensure_ascii=False, indent=2))
