"""``compare``: evidence, verified, against what is printed on the card."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from mnverify.cli import inputs
from mnverify.cli.arguments import Arguments, challenge
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, REFUSED, USAGE
from mnverify.cli.files import refuse_existing, write_whole
from mnverify.cli.options import at_option, presence_options, role_option, trust_option
from mnverify.cli.output import show
from mnverify.cli.terminal import print_json
from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values.terms import Role
from mnverify.verification import verify

if TYPE_CHECKING:
    from mnverify.printed import Comparison, PrintedData

_NAMES = (
    "name",
    "address",
    "additional_entry",
    "birth_date",
    "sex",
    "expiry",
    "security_code",
    "my_number",
    "photo",
)
_BOTH_STANDARD_INPUT = Text(
    "EVIDENCE and PRINTED cannot both be standard input. Nothing was done; give one of them as a file.",
    "EVIDENCE と PRINTED の両方を標準入力にはできません。何も実行していません。一方はファイルで渡してください。",
)
_NOT_WRITTEN = Text(
    "The report was not written: {path}: {why}. The comparison was not given out; choose another place and compare again.",
    "報告書を保存できませんでした（{path}: {why}）。照合結果は出力していません。保存先を変えてやり直してください。",
)


def run(options: argparse.Namespace) -> int:
    """Verify, compare, report."""
    from mnverify.printed import Policy, compare

    if options.evidence == options.printed == "-":
        raise UsageError(_BOTH_STANDARD_INPUT)
    if options.report is not None:
        refuse_existing(options.report)
    role = Role(options.role)
    policy = Policy(options.require, demand_equal=options.equal)
    trust = inputs.trust_store(options.trust)
    printed = inputs.load_printed(options.printed, role)
    evidence = inputs.load_evidence(options.evidence, role)
    if options.no_presence:
        evidence = inputs.without_presence(evidence)
    result = verify(
        evidence,
        trust=trust,
        at=options.at,
        challenge=options.challenge,
        require_presence=options.require_presence,
    )
    return _finish(options, compare(result, printed, policy=policy), printed)


def _finish(options: argparse.Namespace, comparison: Comparison, printed: PrintedData) -> int:
    from mnverify.cli.comparison_report import comparison_report

    if options.report is not None:
        from mnverify.printed.report import html_report

        page = html_report(comparison, printed, made_at=datetime.now().astimezone(), lang=options.lang)
        write_whole({options.report: page.encode()}, _NOT_WRITTEN)
    if options.json:
        print_json(comparison.to_dict(lang=options.lang))
    else:
        show(comparison_report(comparison, options.lang))
    return DONE if comparison else CHECK_FAILED


def _add(arguments: Arguments) -> None:
    arguments.option(
        "evidence",
        metavar="EVIDENCE",
        help=Text("the evidence file; - is standard input", "証拠データのファイル。- は標準入力"),
    )
    arguments.option(
        "printed",
        metavar="PRINTED",
        help=Text(
            "what is printed, as JSON: typed, or made by scan --json; - is standard input",
            "券面の記載（JSON）。手入力したものか scan --json の出力。- は標準入力",
        ),
    )
    arguments.option(
        "--require",
        nargs="+",
        choices=_NAMES,
        metavar="FIELD",
        help=Text(
            f"what has to match: {', '.join(_NAMES)} (default: everything that both sides have)",
            f"一致を求める項目: {'、'.join(_NAMES)}（既定: 両方にある項目すべて）",
        ),
    )
    arguments.option(
        "--equal",
        action="store_true",
        help=Text(
            "what has to match has to be equal, character by character: no variants, nothing that a machine read",
            "一致を求める項目は1文字ずつ同じであること（異体字や機械の読み取りによる一致を認めない）",
        ),
    )
    arguments.option(
        "--report",
        metavar="FILE",
        help=Text(
            "write a report to print as HTML, readable by you only; it holds personal data",
            "印刷できる報告書をHTMLで保存する（所有者だけが読める。個人情報を含む）",
        ),
    )
    trust_option(arguments)
    role_option(arguments)
    presence_options(arguments, of_a_file=True)
    arguments.option(
        "--challenge",
        type=challenge,
        metavar="BASE64",
        help=Text(
            "the challenge of your own that the card had to answer (check freshness)",
            "こちらが出した問い。カードがこれに応答したかを調べる",
        ),
    )
    at_option(arguments)


COMMAND = Command(
    "compare",
    Text("compare the chip with what is printed on the card", "チップの内容を券面の記載と照合する"),
    run,
    _add,
    description=Text(
        "Verifies evidence, then compares what the chip holds with what is printed, field by field. A doubt is called a doubt. "
        "Ends with 0 only where the verification passed and everything that has to match does.",
        "証拠データを検証し、チップの内容と券面の記載を項目ごとに照合します。判断がつかないものは「要確認」とします。"
        "検証に合格し、求めた項目がすべて一致したときだけ、終了コード 0 で終わります。",
    ),
    examples=(
        ("mnverify compare evidence.json printed.json", Text("everything that both have", "両方にある項目すべて")),
        (
            "mnverify compare evidence.json printed.json --require birth_date sex expiry --json",
            Text("only these have to match; for a program", "求める項目を指定し、JSONで出力する"),
        ),
        (
            "mnverify compare evidence.json printed.json --report report.html",
            Text("a page to look at, sign and file", "確認・署名・保管用のページを作る"),
        ),
    ),
    statuses=(DONE, CHECK_FAILED, USAGE, REFUSED),
)
