"""``audit``: the endpoint's audit trail."""

from __future__ import annotations

import argparse
import io
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, TextIO

from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, USAGE
from mnverify.cli.output import show
from mnverify.cli.service import need_server, opened, service_options
from mnverify.cli.terminal import print_json
from mnverify.errors import UnreadableFile, UsageError, os_reason
from mnverify.text import Text

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mnverify.server.audit_file import Finding

_WHOLE = Text("The audit trail is whole: nothing was changed or removed.", "監査記録に変更や欠落はありません。")
_BROKEN = Text("The audit trail is not as it was written:", "監査記録が書かれたときのままではありません:")
_PLACE = Text("  line {line}: {what}", "  {line}行目: {what}")
_CODES = {
    "unreadable": Text("it cannot be read", "読めません"),
    "changed": Text("it was changed", "変更されています"),
    "removed": Text("what stood before it was removed", "この前にあった行がなくなっています"),
    "head-changed": Text("where the trail begins or ends was changed", "記録の始まりか終わりが変更されています"),
    "end-missing": Text("what came last was removed", "最後の部分がなくなっています"),
}


def export(options: argparse.Namespace) -> int:
    """Write the audit trail as JSON lines."""
    need_server()
    from mnverify.server.audit_file import export_lines
    from mnverify.server.storage.audit import read_head, read_lines

    entries = 0  # and the line that says where they begin
    try:
        with opened(options) as service, service.database.read() as connection, _target(options.output) as file:
            for line in export_lines(read_head(connection), read_lines(connection)):
                file.write(line + "\n")
                entries += 1
    except OSError as error:  # at the end, too: what a file has not written by then it writes when it is closed
        raise UsageError(_NOT_WRITTEN.fill(why=os_reason(error))) from None
    if options.json and options.output is not None:
        print_json({"file": options.output, "entries": entries - 1}, one_line=True)
    return DONE


def verify(options: argparse.Namespace) -> int:
    """Look for changed or removed lines, in an export or in the database itself."""
    need_server()
    from mnverify.server.audit_file import check_export, check_kept
    from mnverify.server.storage.audit import read_head, read_lines

    with opened(options) as service:
        if options.file is not None:
            with _source(options.file) as file:
                findings = check_export(file, service.secret)
        else:
            with service.database.read() as connection:
                findings = check_kept(read_head(connection), read_lines(connection), service.secret)
    _tell(findings, options)
    return CHECK_FAILED if findings else DONE


def _tell(findings: list[Finding], options: argparse.Namespace) -> None:
    if options.json:
        print_json({"whole": not findings, "findings": [finding._asdict() for finding in findings]})
        return
    lines = [(_BROKEN if findings else _WHOLE).in_language(options.lang)]
    for finding in findings:
        what = _CODES[finding.code].in_language(options.lang)
        lines.append(_PLACE.fill(line=finding.line, what=what).in_language(options.lang))
    show("\n".join(lines))


def _target(path: str | None) -> AbstractContextManager[TextIO]:
    if path is None:
        return nullcontext(sys.stdout)
    try:
        return open(path, "x", encoding="utf-8")
    except OSError as error:
        raise UsageError(_NOT_WRITTEN.fill(why=os_reason(error))) from None


def _source(path: str) -> AbstractContextManager[TextIO]:
    if path == "-":
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # as a file is read
        return nullcontext(sys.stdin)
    try:
        return open(path, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UnreadableFile(path, os_reason(error)) from None


def _export_arguments(arguments: Arguments) -> None:
    arguments.option(
        "-o",
        "--output",
        metavar="FILE",
        help=Text("a new file (default: standard output)", "新しいファイル（既定: 標準出力）"),
    )
    service_options(arguments)


def _verify_arguments(arguments: Arguments) -> None:
    arguments.option(
        "file",
        nargs="?",
        metavar="FILE",
        help=Text(
            "an export; - is standard input (default: the database)",
            "書き出したファイル、- は標準入力（既定: データベース）",
        ),
    )
    service_options(arguments)


_NOT_WRITTEN = Text(
    "The audit trail could not be written: {why}. Do not rely on what is there; write it somewhere else.",
    "監査記録を書き出せませんでした（{why}）。途中までのファイルは使わず、別の場所に書き出してください。",
)
COMMANDS = (
    Command(
        "audit export",
        Text(
            "the audit trail as JSON lines, each chained to the one before",
            "監査記録を、前の行につながるJSON Linesで書き出す",
        ),
        export,
        _export_arguments,
        examples=(("mnverify audit export -o audit.jsonl", Text("into a new file", "新しいファイルへ")),),
        statuses=(DONE, USAGE),
    ),
    Command(
        "audit verify",
        Text("find changed or removed lines of the audit trail", "監査記録の変更や欠落を調べる"),
        verify,
        _verify_arguments,
        examples=(("mnverify audit verify audit.jsonl", Text("in an export", "書き出したファイルで")),),
        statuses=(DONE, CHECK_FAILED, USAGE),
    ),
)
