"""``compare``: evidence, verified, against what is printed on the card."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mnverify.cli import inputs
from mnverify.cli.arguments import Arguments, challenge
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, REFUSED, USAGE
from mnverify.cli.files import refuse_existing, write_whole
from mnverify.cli.options import at_option, presence_options, role_option, trust_option
from mnverify.cli.output import show
from mnverify.cli.terminal import print_json
from mnverify.cli.working import working
from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values.terms import Role
from mnverify.verification import verify

if TYPE_CHECKING:
    from mnverify.printed import Comparison, PrintedData, ReadText, Scan
    from mnverify.printed.glyph import GlyphWitness, TextFit
    from mnverify.verification import VerificationResult

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
_READING = Text("Reading the picture", "画像を読み取り中")
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
    seen = _read_pictures(options, role, result)
    comparison = compare(
        result,
        printed,
        policy=policy,
        scan=None if seen is None else seen.face.printed,
        read=seen.chip if seen else None,
        glyphs=seen.shapes if seen else None,
        fits=seen.fits if seen else None,
    )
    return _finish(options, comparison, printed, seen)


class _Seen(NamedTuple):
    """What was read in pictures."""

    face: Scan
    chip: Mapping[str, ReadText]
    shapes: Mapping[str, GlyphWitness]
    fits: Mapping[str, TextFit]


def _read_pictures(options: argparse.Namespace, role: Role, result: VerificationResult) -> _Seen | None:
    """What the picture of the face says, and the images of a verified chip."""
    if options.image is None:
        return None
    from mnverify.printed import scan
    from mnverify.printed.chip_text import read_chip_texts
    from mnverify.printed.glyph import glyph_witnesses, text_fits

    with working(_READING, options.lang):
        face = scan(options.image, role=role)
        if not result.verified:
            return _Seen(face, {}, {}, {})
        return _Seen(face, read_chip_texts(result), glyph_witnesses(result, face), text_fits(result, face))


def _finish(options: argparse.Namespace, comparison: Comparison, printed: PrintedData, seen: _Seen | None) -> int:
    from mnverify.cli.comparison_report import comparison_report

    if options.report is not None:
        from mnverify.printed.report import ReportPictures, html_report

        pictures = ReportPictures()
        if seen is not None:
            from mnverify.printed.report.of_scan import pictures_of_scan

            pictures = pictures_of_scan(seen.face)
        made_at = datetime.now().astimezone()
        page = html_report(
            comparison,
            printed,
            scan=None if seen is None else seen.face.printed,
            made_at=made_at,
            pictures=pictures,
            photo=options.photo,
            lang=options.lang,
        )
        write_whole({options.report: page.encode()}, _NOT_WRITTEN)
    if options.json:
        print_json(comparison.to_dict(lang=options.lang))
    else:
        show(comparison_report(comparison, options.lang, None if seen is None else seen.fits))
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
        "--image",
        metavar="FRONT",
        help=Text(
            "a picture of the front, read and compared too, and so are the chip's images; where typefaces are there, characters "
            "are looked at one by one; needs the extra ocr",
            "表面の画像。読み取って一緒に照合し、チップの文字画像も読み取る。書体があれば字の形も1文字ずつ確かめる"
            "（エクストラ ocr が必要）",
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
            "what has to match has to be equal, character by character: no variants, nothing that a machine only read",
            "一致を求める項目は1文字ずつ同じであること（異体字や、機械が読み取っただけの一致を認めない）",
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
    arguments.option(
        "--photo",
        action=argparse.BooleanOptionalAction,
        help=Text(
            "photos in the report, or none (default: none where --require names other fields and no picture of the front is there)",
            "報告書に顔写真を載せる・載せない（既定: --require で他の項目だけを指定し、表面の画像もないときは載せない）",
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
            "mnverify compare evidence.json printed.json --image front.jpg --report report.html",
            Text("the picture too, and a page with both sides", "画像も照合し、両方を並べたページを作る"),
        ),
        (
            "mnverify compare evidence.json printed.json --report report.html",
            Text("a page to look at, sign and file", "確認・署名・保管用のページを作る"),
        ),
    ),
    statuses=(DONE, CHECK_FAILED, USAGE, REFUSED),
)
