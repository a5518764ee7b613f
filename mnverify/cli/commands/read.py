"""``read face-check`` and ``read input-assist``: a card, read and verified."""

from __future__ import annotations

import argparse
from functools import partial

from mnverify.cli import inputs
from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, CREDENTIAL, DONE, INTERRUPTED, LINK, REFUSED, USAGE
from mnverify.cli.finish import finish, refuse_images
from mnverify.cli.keep import refuse_unstorable, refuse_unwritable, write_evidence
from mnverify.cli.options import card_options, credential_option, image_options, record_option
from mnverify.cli.purposes import purposes_or_refuse
from mnverify.cli.reading import read_and_verify
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role

_STATUSES = (DONE, CHECK_FAILED, USAGE, LINK, REFUSED, CREDENTIAL, INTERRUPTED)
_OUTPUT = Text("keep the evidence too, readable by its owner only", "証拠データも保存する（所有者だけが読める）")


def run(domain: Domain, options: argparse.Namespace) -> int:
    """Read a card, verify what it gave; perhaps keep the evidence."""
    refuse_images(options)
    role = Role(options.role)
    trust = inputs.trust_store(options.trust)
    if options.output is not None:
        refuse_unstorable(domain, role)
    kind = CredentialKind(options.credential)
    purposes = purposes_or_refuse(domain, role, kind)
    refuse_unwritable(options.output, options.record)
    checked = read_and_verify(options, domain, kind, trust, purposes)
    if options.output is not None:
        write_evidence(options.output, checked.evidence)
    return finish(options, checked.result)


def _add(default: CredentialKind, arguments: Arguments) -> None:
    credential_option(arguments, default)
    arguments.option("-o", "--output", metavar="FILE", help=_OUTPUT)
    image_options(arguments)
    record_option(arguments)
    card_options(arguments)


def _command(
    domain: Domain, default: CredentialKind, summary: Text, description: Text, *examples: tuple[str, Text]
) -> Command:
    return Command(
        f"read {domain.value}",
        summary,
        partial(run, domain),
        partial(_add, default),
        description,
        examples,
        _STATUSES,
        reads_card=True,
    )


COMMANDS = (
    _command(
        Domain.FACE_CHECK,
        CredentialKind.VERIFICATION_NUMBER_B,
        Text("the card face: photo, and images of name and address", "券面事項確認: 顔写真、氏名と住所の画像など"),
        Text(
            "Read the card face from the chip and verify it. Number B is made of what is printed on the front: date of birth, year "
            "of expiry, security code. It is asked at a prompt, or is the first line of standard input.",
            "券面の情報をICチップから読み取り、検証します。照合番号Bは、おもて面に印刷された生年月日、有効期限の年、"
            "セキュリティコードから作ります。入力欄か標準入力の1行目で渡します。",
        ),
        (
            "mnverify read face-check",
            Text("asks for what is printed on the card", "券面に印刷された内容を入力欄で尋ねる"),
        ),
        (
            "mnverify read face-check -o evidence.json --require-presence",
            Text("keep the evidence; reject a copy", "証拠データを保存し、複製を不合格にする"),
        ),
        (
            "echo 60070320334102 | mnverify read face-check --reader virtual:sato-hanako --trust virtual",
            Text("a virtual card, without a reader", "読み取り機なしで、仮想カードを読む"),
        ),
    ),
    _command(
        Domain.INPUT_ASSIST,
        CredentialKind.PIN,
        Text(
            "name, address, date of birth and sex in text", "券面事項入力補助: 氏名、住所、生年月日、性別の文字データ"
        ),
        Text(
            "Read name, address, date of birth and sex as text and verify them. The PIN has three tries and is asked without echo.",
            "氏名、住所、生年月日、性別の文字データを読み取り、検証します。暗証番号は3回までで、入力は画面に表示しません。",
        ),
        ("mnverify read input-assist", Text("asks for the PIN", "暗証番号を入力欄で尋ねる")),
        (
            "echo 1357 | mnverify read input-assist --reader virtual:sato-hanako --trust virtual --json",
            Text("a virtual card, for a program", "仮想カードを読み、JSONで出力する"),
        ),
    ),
)
