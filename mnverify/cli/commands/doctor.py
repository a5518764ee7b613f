"""``doctor``: what is in the way of reading a card, and what to do. No card is touched."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, LINK, USAGE
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, paint, print_json, wrap
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.doctor import Finding

_MARKS = {"ok": ("✓", "32"), "warn": ("!", "33"), "fail": ("✗", "31"), "not-performed": ("–", "2")}


def run(options: argparse.Namespace) -> int:
    """Print what the diagnosis found, and what to do."""
    from mnverify.doctor import FindingOutcome, diagnose

    *findings, summary = diagnose()
    usable = summary.outcome is FindingOutcome.OK
    if options.json:
        documents = [_document(finding, options.lang) for finding in (*findings, summary)]
        print_json({"findings": documents, "usable": usable, "reader": summary.reader})
    else:
        show("\n".join([*_lines(findings, options.lang), "", *_verdict(summary, options.lang)]))
    return DONE if usable else LINK


def _lines(findings: Sequence[Finding], lang: str) -> list[str]:
    lines = []
    for finding in findings:
        lines += _marked(finding, finding.what.in_language(lang))
        if finding.remedy is not None:
            for line in finding.remedy.in_language(lang).splitlines():
                lines += [f"    {part}".rstrip() for part in _parts(line)]
    return lines


def _parts(line: str) -> list[str]:
    """A sentence is wrapped; what is to be copied, a command or a line of a file, is not."""
    return wrap(line, columns() - 4) if line.endswith((".", "。", "）", ")")) else [line]


def _verdict(summary: Finding, lang: str) -> list[str]:
    words = [summary.what.in_language(lang)]
    if summary.remedy is not None:
        words.append(summary.remedy.in_language(lang))
    return _marked(summary, ("" if lang == "ja" else " ").join(words))


def _marked(finding: Finding, text: str) -> list[str]:
    first, *rest = wrap(text, columns() - 2)
    return [f"{paint(*_MARKS[finding.outcome.value])} {first}", *(f"  {line}" for line in rest)]


def _document(finding: Finding, lang: str) -> dict[str, Any]:
    return {
        "id": finding.id,
        "outcome": finding.outcome.value,
        "code": finding.code,
        "what": finding.what.in_language(lang),
        "remedy": None if finding.remedy is None else finding.remedy.in_language(lang),
    }


COMMAND = Command(
    "doctor",
    Text("find out why no card can be read, without touching one", "カードを読めない原因を、カードに触れずに調べる"),
    run,
    examples=(("mnverify doctor", Text("what is wrong, and how to mend it", "原因と直し方を表示する")),),
    statuses=(DONE, USAGE, LINK),
)
