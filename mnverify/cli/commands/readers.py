"""``readers``: the readers here, and what each can do. No card is touched."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, LINK, USAGE
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, paint, print_json, table, wrap
from mnverify.text import Text

if TYPE_CHECKING:
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


def run(options: argparse.Namespace) -> int:
    """List the readers of both stacks, and why a stack could not be asked."""
    from mnverify.readers import survey

    found = survey()
    if options.json:
        print_json(
            {
                "readers": [_document(reader, options.lang) for reader in found.readers],
                "problems": [_problem(problem, options.lang) for problem in found.problems],
            }
        )
    else:
        show("\n".join(_report(found.readers, found.problems, options.lang)))
    return DONE if any(reader.usable for reader in found.readers) else LINK


def _report(readers: Sequence[ReaderInfo], problems: Sequence[MnverifyError], lang: str) -> list[str]:
    lines: list[str] = []
    if readers:
        headings = [heading.in_language(lang) for heading in _HEADINGS]
        lines.append(table((_row(reader, lang) for reader in readers), headings=headings))
        for reader in readers:
            if reader.note is not None:
                index = "–" if reader.index is None else str(reader.index)
                note = wrap(f"{index}: {reader.note.in_language(lang)}", columns() - 2, hanging=len(index) + 2)
                lines += [f"  {line}" for line in note]
    mark = paint("!", "33")
    for problem in problems:
        first, *rest = wrap(problem.text.in_language(lang), columns() - 2)
        lines += [f"{mark} {first}", *(f"  {line}" for line in rest)]
    if not any(reader.usable for reader in readers):
        cause = _NOT_USABLE if readers else _NO_READER
        lines += [*wrap(cause.in_language(lang), columns()), *wrap(_DOCTOR.in_language(lang), columns())]
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


def _document(reader: ReaderInfo, lang: str) -> dict[str, Any]:
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


def _problem(problem: MnverifyError, lang: str) -> dict[str, str]:
    return {"code": problem.code, "type": type(problem).__name__, "message": problem.text.in_language(lang)}


COMMAND = Command(
    "readers",
    Text("the readers here, and what each can do", "接続されている読み取り機と、その機能を表示する"),
    run,
    description=Text(
        "The PC/SC and NFC readers here, and what each can do. No card is touched.",
        "接続されている PC/SC と NFC の読み取り機と、その機能を表示します。カードには触れません。",
    ),
    examples=(
        ("mnverify readers", Text("which name or index to give to --reader", "--reader に指定する名前や番号を調べる")),
    ),
    statuses=(DONE, USAGE, LINK),
)
