"""``retries``: tries left on each credential, spending none."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mnverify.card import open_session
from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, LINK, REFUSED, USAGE
from mnverify.cli.labels import CREDENTIALS, DOMAINS
from mnverify.cli.options import reader_options, role_option
from mnverify.cli.output import show
from mnverify.cli.source import open_source
from mnverify.cli.terminal import print_json, table
from mnverify.errors import NotMyNumberCard
from mnverify.link import Link
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role

_TRIES = Text("{tries} tries left", "残り{tries}回")
_BLOCKED = Text("blocked", "ロック中")
_NO_LIMIT = Text("no limit", "制限なし")

Tries = Mapping[str, Mapping[str, int | None] | None]


def run(options: argparse.Namespace) -> int:
    """Tries left on each credential that the role may use, in both domains, one after the other."""
    role = Role(options.role)
    with open_source(options) as source:
        source.wait()
        link = source.connect()
        tries = {domain.value: _retries(link, domain, role) for domain in Domain}
    if options.json:
        print_json({"retries": tries})
    else:
        show(_report(tries, options.lang))
    return DONE


def _retries(link: Link, domain: Domain, role: Role) -> dict[str, int | None] | None:
    try:
        with open_session(link, domain, role=role) as session:
            return {kind.value: tries for kind, tries in session.retries().items()}
    except NotMyNumberCard:
        if domain is Domain.FACE_CHECK:
            raise
        return None


def _report(tries: Tries, lang: str) -> str:
    rows = []
    for domain, credentials in tries.items():
        for kind, left in (credentials or {}).items():
            text = _NO_LIMIT if left is None else _BLOCKED if left == 0 else _TRIES.fill(tries=left)
            name, credential = DOMAINS[Domain(domain)], CREDENTIALS[CredentialKind(kind)]
            rows.append([name.in_language(lang), credential.in_language(lang), text.in_language(lang)])
    return table(rows)


def _add(arguments: Arguments) -> None:
    reader_options(arguments)
    role_option(arguments)


COMMAND = Command(
    "retries",
    Text("tries left on each credential, spending none", "各番号の残り回数を、減らさずに調べる"),
    run,
    _add,
    examples=(
        ("mnverify retries", Text("of the card on the reader", "読み取り機のカードを調べる")),
        ("mnverify retries --reader virtual:sato-hanako", Text("of a virtual card", "仮想カードを調べる")),
    ),
    statuses=(DONE, USAGE, LINK, REFUSED),
    reads_card=True,
)
