"""``card show``: how the card's files are laid out, with no content, for a support case."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mnverify.card import open_session
from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CREDENTIAL, DONE, INTERRUPTED, LINK, REFUSED, USAGE
from mnverify.cli.inputs import ask_credential
from mnverify.cli.labels import DOMAINS
from mnverify.cli.options import credential_option, reader_options, role_option
from mnverify.cli.output import show
from mnverify.cli.purposes import purposes_or_refuse
from mnverify.cli.source import open_source
from mnverify.cli.terminal import columns, paint, print_json, table, wrap
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role

if TYPE_CHECKING:
    from mnverify.files.structure import FileStructure, ObjectStructure

_ABOUT = Text(
    "{domain}: tags and lengths of the card's files. Nothing of their content is in it.",
    "{domain}: カードのファイルのタグと長さです。中身は含みません。",
)
_FILE = Text(
    "EF {file_id}: {size} bytes, {filler} of them filler", "EF {file_id}: {size}バイト（うち埋め草{filler}バイト）"
)
_HEADINGS = (
    Text("tag", "タグ"),
    Text("offset", "位置"),
    Text("length", "長さ"),
    Text("length field", "長さの表記"),
)
_NOT_LOOKED_AT = Text("not looked at", "未解析")
_CUT = Text("{length}, too long", "{length}（はみ出し）")


def run(options: argparse.Namespace) -> int:
    """Show the free files, and with a credential also what that opens."""
    domain, role = Domain(options.domain), Role(options.role)
    kind = None if options.credential is None else CredentialKind(options.credential)
    if kind is not None:
        purposes_or_refuse(domain, role, kind)
    with open_source(options) as source:
        source.wait()
        credential = None if kind is None else ask_credential(options, kind)
        with open_session(source.connect(), domain, role=role) as session:
            if credential is not None:
                session.present(credential)
            files = session.structure()
    if options.json:
        documents = {file_id: structure.to_dict() for file_id, structure in files.items()}
        print_json({"domain": domain.value, "credential": options.credential, "files": documents})
    else:
        show("\n".join(_report(domain, files, options.lang)))
    return DONE


def _report(domain: Domain, files: Mapping[str, FileStructure], lang: str) -> list[str]:
    lines = wrap(_ABOUT.fill(domain=DOMAINS[domain]).in_language(lang), columns())
    headings = [heading.in_language(lang) for heading in _HEADINGS]
    for file_id, structure in files.items():
        title = _FILE.fill(file_id=file_id, size=structure.size, filler=structure.filler).in_language(lang)
        rows = [_row(one, lang) for one in structure.objects]
        lines += [
            "",
            *(paint(line, "1") for line in wrap(title, columns())),
            *(f"  {line}" for line in _table(rows, headings)),
        ]
    return lines


def _table(rows: list[list[str]], headings: list[str]) -> list[str]:
    return table(rows, headings=headings, within=columns() - 2).splitlines()


def _row(one: ObjectStructure, lang: str) -> list[str]:
    tag = _NOT_LOOKED_AT.in_language(lang) if one.tag is None else one.tag
    length = _CUT.fill(length=one.length).in_language(lang) if one.cut else str(one.length)
    return [f"{'· ' * one.depth}{tag}", str(one.offset), length, one.written]


def _add(arguments: Arguments) -> None:
    domains = [domain.value for domain in Domain]
    arguments.option(
        "domain",
        choices=domains,
        metavar="DOMAIN",
        help=Text(f"one of {', '.join(domains)}", f"{'、'.join(domains)} のどれか"),
    )
    credential_option(arguments, None)
    reader_options(arguments)
    role_option(arguments)


COMMAND = Command(
    "card show",
    Text(
        "the structure of a card's files, with no content, for support",
        "お問い合わせ用に、カードのファイルの構造を中身なしで表示する",
    ),
    run,
    _add,
    Text(
        "Show tags and lengths of the files in a domain, and nothing of their content: what a support case needs where a card is "
        "not read. Without --credential, of the files that are free; with it, also of what that opens.",
        "領域内のファイルのタグと長さだけを表示します（中身は含みません）。カードを読めないときのお問い合わせに添えてください。"
        "--credential がなければ自由に読めるファイルだけ、あればその番号で開くファイルも表示します。",
    ),
    examples=(
        ("mnverify card show face-check", Text("the free files", "自由に読めるファイル")),
        (
            "mnverify card show face-check --credential verification-number-b --json",
            Text("the card face too, for a report", "券面の情報も含めて、報告用にJSONで出力する"),
        ),
    ),
    statuses=(DONE, USAGE, LINK, REFUSED, CREDENTIAL, INTERRUPTED),
    reads_card=True,
)
