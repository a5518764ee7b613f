"""``verify``: an evidence file, judged."""

from __future__ import annotations

import argparse

from mnverify.cli import inputs
from mnverify.cli.arguments import Arguments, challenge
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, REFUSED, USAGE
from mnverify.cli.finish import finish, refuse_images
from mnverify.cli.options import at_option, image_options, presence_options, role_option, trust_option
from mnverify.text import Text
from mnverify.values.terms import Role
from mnverify.verification import verify


def run(options: argparse.Namespace) -> int:
    """Verify an evidence file."""
    refuse_images(options)
    trust = inputs.trust_store(options.trust)
    evidence = inputs.load_evidence(options.evidence, Role(options.role))
    if options.no_presence:
        evidence = inputs.without_presence(evidence)
    result = verify(
        evidence,
        trust=trust,
        at=options.at,
        challenge=options.challenge,
        require_presence=options.require_presence,
    )
    return finish(options, result)


def _add(arguments: Arguments) -> None:
    arguments.option(
        "evidence", metavar="EVIDENCE", help=Text("the file; - is standard input", "ファイル。- は標準入力")
    )
    image_options(arguments)
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
    "verify",
    Text("verify an evidence file", "証拠データのファイルを検証する"),
    run,
    _add,
    examples=(
        ("mnverify verify evidence.json", Text("with the anchors of real cards", "実際のカードの認証局で検証する")),
        (
            "mnverify verify - --trust test --json < evidence.json",
            Text("from standard input, for a program", "標準入力から読み、JSONで出力する"),
        ),
        (
            "mnverify verify evidence.json --require-presence --challenge BASE64",
            Text("a copy, or an old answer, is rejected", "複製や古い応答を不合格にする"),
        ),
    ),
    statuses=(DONE, CHECK_FAILED, USAGE, REFUSED),
)
