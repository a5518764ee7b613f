"""``age``: is the holder old enough? The birth date is not shown."""

from __future__ import annotations

import argparse

from mnverify.cli import inputs
from mnverify.cli.arguments import Arguments, number
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, CREDENTIAL, DONE, INTERRUPTED, LINK, REFUSED, USAGE
from mnverify.cli.keep import refuse_unwritable
from mnverify.cli.options import card_options, record_option
from mnverify.cli.output import show
from mnverify.cli.reading import read_and_verify
from mnverify.cli.report import check_lines, environment, limit_lines
from mnverify.cli.terminal import columns, paint, print_json, wrap
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Purpose
from mnverify.verification.age import AgeAnswer, AgeCheck, check_age
from mnverify.verification.result import Outcome

_OLDEST = 149
_COLOURS = {AgeAnswer.YES: "1;32", AgeAnswer.NO: "1;31", AgeAnswer.UNKNOWN: "1;33"}
_ANSWERS = {
    AgeAnswer.YES: Text("YES: the holder is {years} or older.", "はい。{years}歳以上です。"),
    AgeAnswer.NO: Text("NO: the holder is younger than {years}.", "いいえ。{years}歳未満です。"),
}


def run(options: argparse.Namespace) -> int:
    """Read the age record alone and answer yes, no, or that it cannot be told."""
    trust = inputs.trust_store(options.trust)
    refuse_unwritable(options.record)
    result = read_and_verify(options, Domain.FACE_CHECK, CredentialKind.BIRTH_DATE, trust, (Purpose.AGE,)).result
    checked = check_age(result, options.at_least)
    if options.json:
        print_json(checked.to_dict(lang=options.lang))
    else:
        show("\n".join(_report(checked, options.lang)))
    return DONE if checked else CHECK_FAILED


def _report(checked: AgeCheck, lang: str) -> list[str]:
    """The answer, why where there is none, and what it cannot say."""
    answer = _ANSWERS.get(checked.answer, checked.detail).fill(years=checked.years).in_language(lang)
    failed = [check for check in checked.result.checks if check.outcome is Outcome.FAIL]
    return [
        *(paint(line, _COLOURS[checked.answer]) for line in wrap(answer, columns())),
        *wrap(environment(checked.result, lang), columns()),
        *check_lines(failed, lang),
        "",
        *limit_lines(checked.limits.values(), lang),
    ]


def _add(arguments: Arguments) -> None:
    arguments.option(
        "--at-least", type=number(1, _OLDEST), required=True, metavar="N", help=Text("years of age", "年齢（歳）")
    )
    record_option(arguments)
    card_options(arguments)


COMMAND = Command(
    "age",
    Text("is the holder old enough? yes or no", "年齢が足りているか（はい・いいえ）"),
    run,
    _add,
    Text(
        "Read the age record alone, verify it, and answer yes or no. The birth date is not shown; it is asked at a prompt, or is "
        "the first line of standard input.",
        "年齢確認用の記録だけを読み取り、検証して、はい・いいえで答えます。生年月日は表示しません。番号（生年月日）は"
        "入力欄か標準入力の1行目で渡します。",
    ),
    examples=(
        ("mnverify age --at-least 20", Text("asks for the date of birth as printed", "券面の生年月日を入力欄で尋ねる")),
        (
            "echo 1985-07-03 | mnverify age --at-least 20 --reader virtual:sato-hanako --trust virtual --json",
            Text("a virtual card, for a program", "仮想カードを読み、JSONで出力する"),
        ),
    ),
    statuses=(DONE, CHECK_FAILED, USAGE, LINK, REFUSED, CREDENTIAL, INTERRUPTED),
    reads_card=True,
)
