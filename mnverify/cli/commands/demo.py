"""``demo``: a virtual card and its own authority, read and verified like any card."""

from __future__ import annotations

import argparse

from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, USAGE
from mnverify.cli.finish import finish
from mnverify.cli.source import VIRTUAL
from mnverify.text import Text

PERSONA = Text("the invented holder (see: mnverify card list)", "架空の所有者（一覧: mnverify card list）")


def run(options: argparse.Namespace) -> int:
    """Make a card, read it by the code that reads a real one, verify it, print the report."""
    from mnverify.card import VerificationNumberB
    from mnverify.check import check_card
    from mnverify.values.terms import CredentialKind, Domain
    from mnverify.verification import TrustStore
    from mnverify.virtual import VirtualAuthority, persona

    authority = VirtualAuthority()
    holder = persona(options.persona) if options.persona is not None else persona()
    card = authority.issue(holder)
    checked = check_card(
        card,
        Domain.FACE_CHECK,
        VerificationNumberB(card.credentials[CredentialKind.VERIFICATION_NUMBER_B.value]),
        trust=TrustStore.from_object(authority.trust_anchors()),
        reader=f"{VIRTUAL}{holder.id}",
    )
    return finish(options, checked.result)


def _add(arguments: Arguments) -> None:
    arguments.option("--persona", metavar="ID", help=PERSONA)


COMMAND = Command(
    "demo",
    Text(
        "make a virtual card, read it, verify it, print the report",
        "仮想カードを作り、読み取って検証し、結果を表示する",
    ),
    run,
    _add,
    examples=(
        ("mnverify demo", Text("needs no reader and no card", "読み取り機もカードもいりません")),
        ("mnverify demo --persona reiwa-child --json", Text("another holder, for a program", "別の所有者、JSONで出力")),
    ),
    statuses=(DONE, CHECK_FAILED, USAGE),
)
