"""The commands, one a file, in the order in which the help lists them."""

from __future__ import annotations

from mnverify.cli.command import Command
from mnverify.cli.commands import (
    age,
    audit,
    card_list,
    card_print,
    card_serve,
    card_show,
    compare,
    completion,
    demo,
    doctor,
    keys,
    mask_back,
    purge,
    qr,
    read,
    readers,
    receipt_keys,
    retries,
    scan,
    serve,
    trust_list,
    verify,
    verify_archive,
)
from mnverify.text import Text

COMMANDS: tuple[Command, ...] = (
    demo.COMMAND,
    readers.COMMAND,
    doctor.COMMAND,
    verify.COMMAND,
    compare.COMMAND,
    verify_archive.COMMAND,
    *read.COMMANDS,
    age.COMMAND,
    retries.COMMAND,
    scan.COMMAND,
    qr.COMMAND,
    mask_back.COMMAND,
    card_list.COMMAND,
    card_print.COMMAND,
    card_serve.COMMAND,
    card_show.COMMAND,
    trust_list.COMMAND,
    *receipt_keys.COMMANDS,
    serve.COMMAND,
    *keys.COMMANDS,
    *audit.COMMANDS,
    *purge.COMMANDS,
    completion.COMMAND,
)
"""Every command."""

GROUPS = {
    "read": Text("read a card and verify what it gave", "カードを読み取り、内容を検証する"),
    "card": Text("virtual cards, and the structure of a card", "仮想カード、カードのデータ構造"),
    "receipt-keys": Text("keys that sign an endpoint's receipts", "検証サーバーの受領証に署名する鍵"),
    "trust": Text("trust anchors", "信頼する認証局"),
    "keys": Text("API keys of the verification endpoint", "検証サーバーのAPIキー"),
    "audit": Text("the verification endpoint's audit trail", "検証サーバーの監査記録"),
}
"""What the first words of commands of two words stand for."""
