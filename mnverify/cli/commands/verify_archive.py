"""``verify-archive``: kept evidence, verified again by the million."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mnverify.cli import inputs
from mnverify.cli.arguments import Arguments, number
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, USAGE
from mnverify.cli.labels import CHECKS
from mnverify.cli.options import at_option, role_option, trust_option
from mnverify.cli.output import show
from mnverify.cli.terminal import columns, print_json, table, wrap
from mnverify.errors import EvidenceRoleError
from mnverify.text import Text
from mnverify.values.terms import Role

if TYPE_CHECKING:
    from mnverify.archive import Progress, Summary


def run(options: argparse.Namespace) -> int:
    """Verify an archive, or go on with it, and sum it up."""
    trust = inputs.trust_store(options.trust)
    from mnverify.archive import Columns, verify_archive

    with _progress(options.lang) as told:
        summary = verify_archive(
            options.archive,
            options.output,
            trust=trust,
            at=options.at,
            role=Role(options.role),
            require_presence=options.require_presence,
            columns=Columns(evidence=options.evidence_column, id=options.id_column),
            workers=options.workers,
            engine=options.engine,
            progress=told,
        )
    if options.json:
        print_json(_document(summary))
    else:
        show("\n".join(_report(summary, options.lang)))
    return DONE if summary.all_verified else CHECK_FAILED


def _document(summary: Summary) -> dict[str, Any]:
    return {
        "rows": summary.rows,
        "verdicts": dict(sorted(summary.verdicts.items())),
        "failed_checks": dict(sorted(summary.failed.items())),
        "errors": dict(sorted(summary.errors.items())),
        "must_not_be_kept": summary.must_not_be_kept,
        "all_verified": summary.all_verified,
    }


def _report(summary: Summary, lang: str) -> list[str]:
    rows = [[_ROWS.in_language(lang), f"{summary.rows:,}"]]
    rows += [[_VERDICTS[name].in_language(lang), f"{count:,}"] for name, count in sorted(summary.verdicts.items())]
    rows += [[_NO_EVIDENCE.in_language(lang), f"{summary.errors.total():,}"]] if summary.errors else []
    lines = [table(rows)]
    lines += _counted(_FAILED, {_check(key, lang): count for key, count in summary.failed.items()}, lang)
    lines += _counted(_ERRORS, summary.errors, lang)
    if summary.must_not_be_kept:
        lines += ["", *wrap(_TRAP.fill(count=f"{summary.must_not_be_kept:,}").in_language(lang), columns())]
    if summary.errors[EvidenceRoleError.code]:
        lines += ["", *wrap(_ROLE.in_language(lang), columns())]
    return lines


def _counted(heading: Text, counts: Mapping[str, int], lang: str) -> list[str]:
    if not counts:
        return []
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ["", heading.in_language(lang), table([[f"  {name}", f"{count:,}"] for name, count in most_first])]


def _check(key: str, lang: str) -> str:
    check, _, code = key.partition("/")
    return f"{CHECKS[check].in_language(lang)} ({code})"


@contextmanager
def _progress(lang: str) -> Iterator[Callable[[Progress], None] | None]:
    """A bar with rate and time left where there is a terminal; nothing where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(total=0, unit="B", unit_scale=True, desc=_VERIFYING.in_language(lang), leave=False) as bar:

        def told(progress: Progress) -> None:
            if not bar.total:  # what earlier runs did counts as done, not as speed
                bar.total, bar.initial = progress.total, progress.done
            bar.n = progress.done
            seconds = bar.format_dict["elapsed"]
            bar.set_postfix_str(_RATE.fill(rate=f"{progress.rows / seconds if seconds else 0:,.0f}").in_language(lang))

        yield told


_VERIFYING = Text("Verifying", "検証中")
_RATE = Text("{rate} rows/s", "毎秒 {rate} 行")
_ROWS = Text("rows", "行数")
_VERDICTS = {"verified": Text("verified", "検証合格"), "rejected": Text("rejected", "不合格")}
_NO_EVIDENCE = Text("no evidence", "証拠データでない行")
_FAILED = Text("Checks that failed (a row may stand under several)", "不合格の検査（1行が複数に入ることがあります）")
_ERRORS = Text("Rows that are no evidence, by code", "証拠データでない行（コード別）")
_TRAP = Text(
    "{count} rows hold input-assist evidence of role general. Nobody may keep that: its signature leads back to the My Number. "
    "They were not verified; delete them, and keep receipts or verified fields instead.",
    "{count} 行に一般の事業者の入力補助の証拠データがあります。署名から個人番号を割り出せるため、保存してはいけません。"
    "検証していません。該当する行を削除し、今後は受領証または検証済みの項目を保存してください。",
)
_ROLE = Text(
    "Rows that hold the My Number are for role my-number-office: declare it with --role, if it is yours.",
    "個人番号を含む行は、個人番号利用事務等実施者だけが扱えます。該当する場合は --role my-number-office を指定してください。",
)


def _add(arguments: Arguments) -> None:
    arguments.option(
        "archive",
        metavar="IN",
        help=Text(
            "a file or folder of Parquet or JSON lines, by path or URL; columns evidence and, optional, id, at, challenge",
            "Parquet または JSON Lines のファイルかフォルダー（パスまたはURL）。列は evidence と、任意の id、at、challenge",
        ),
    )
    arguments.option(
        "output",
        metavar="OUT",
        help=Text("a folder for the outcomes, by path or URL", "結果を書くフォルダー（パスまたはURL）"),
    )
    trust_option(arguments)
    role_option(arguments)
    at_option(arguments)
    arguments.option(
        "--require-presence",
        action="store_true",
        help=Text("reject where presence did not pass", "カードの実在を確認できなければ不合格にする"),
    )
    arguments.option(
        "--workers",
        type=number(1, 256),
        metavar="N",
        help=Text("processes (default: one a core)", "プロセス数（既定: コア数）"),
    )
    arguments.option(
        "--engine",
        choices=["local", "daft"],
        default="local",
        metavar="ENGINE",
        help=Text("local (default) or daft", "local（既定）または daft"),
    )
    arguments.option(
        "--evidence-column",
        default="evidence",
        metavar="NAME",
        help=Text("the column of the evidence (default: evidence)", "証拠データの列名（既定: evidence）"),
    )
    arguments.option(
        "--id-column",
        default="id",
        metavar="NAME",
        help=Text("the column of the id (default: id)", "id の列名（既定: id）"),
    )


COMMAND = Command(
    "verify-archive",
    Text("verify kept evidence again, by the million", "保存した証拠データをまとめて検証し直す"),
    run,
    _add,
    description=Text(
        "Verifies every row of an archive and writes one outcome for each. Run again it goes on where it stopped.",
        "アーカイブの全行を検証し、1行ごとに結果を書き出す。もう一度実行すると、止まったところから再開する。",
    ),
    examples=(
        ("mnverify verify-archive kept/ verified/", Text("a folder, all cores", "フォルダーを全コアで検証する")),
        (
            "mnverify verify-archive s3://kept/2026/ s3://kept/verified/ --engine daft",
            Text("from one bucket into another", "オブジェクトストレージから読み、書き出す"),
        ),
    ),
    statuses=(DONE, CHECK_FAILED, USAGE),
)
