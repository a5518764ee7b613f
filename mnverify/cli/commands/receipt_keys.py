"""``receipt-keys``: make, list, activate and retire the keys that sign a verification endpoint's receipts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.exit_status import CHECK_FAILED, DONE, USAGE
from mnverify.cli.output import show
from mnverify.cli.terminal import print_json, table
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.receipts import ReceiptKey

_FOLDER = Text(
    "where the keys are: one file a key, for the endpoint alone", "鍵のフォルダー（1鍵1ファイル。検証サーバー専用）"
)
_KID = Text("the key's name, as list shows it", "鍵の名前（list で表示されるもの）")
_HEADINGS = (Text("key", "鍵"), Text("state", "状態"), Text("made", "作成"))
_STATES = {
    "next": Text("next: published, signs nothing yet", "次：公開済み、まだ署名しない"),
    "active": Text("active: signs", "使用中：署名する"),
    "retired": Text("retired: verifies old receipts", "引退：古い受領証の検証用"),
}


def make(options: argparse.Namespace) -> int:
    """Make a key."""
    from mnverify.receipts.key_files import make_key

    return _tell(options, make_key(options.folder))


def list_keys(options: argparse.Namespace) -> int:
    """Show the keys, and whether an endpoint could start with them."""
    from mnverify.receipts import ReceiptKeyError, ReceiptKeys
    from mnverify.receipts.key_files import read_folder

    keys = read_folder(options.folder)
    problem: Text | None = None
    try:
        ReceiptKeys(keys, folder=options.folder)
    except ReceiptKeyError as error:
        problem = error.text
    if options.json:
        print_json({"usable": problem is None, "keys": _documents(keys)})
    else:
        lines = [_table(options, keys)] if keys else []
        show("\n".join(lines + ([problem.in_language(options.lang)] if problem else [])))
    return DONE if problem is None else CHECK_FAILED


def activate(options: argparse.Namespace) -> int:
    """Let a key sign."""
    from mnverify.receipts.key_files import activate_key

    return _tell(options, activate_key(options.folder, options.kid))


def retire(options: argparse.Namespace) -> int:
    """Take a key's private part away."""
    from mnverify.receipts.key_files import retire_key

    return _tell(options, retire_key(options.folder, options.kid))


def _tell(options: argparse.Namespace, key: ReceiptKey) -> int:
    if options.json:
        print_json(_documents([key])[0])
    else:
        show(_table(options, [key]))
    return DONE


def _documents(keys: list[ReceiptKey]) -> list[dict[str, str]]:
    return [{"kid": key.kid, "state": key.state.value, "created": key.created.isoformat()} for key in keys]


def _table(options: argparse.Namespace, keys: list[ReceiptKey]) -> str:
    rows = [[key.kid, _STATES[key.state.value].in_language(options.lang), f"{key.created:%Y-%m-%d}"] for key in keys]
    return table(rows, headings=[heading.in_language(options.lang) for heading in _HEADINGS])


def _folder(arguments: Arguments) -> None:
    arguments.option("--folder", required=True, metavar="DIR", help=_FOLDER)


def _key(arguments: Arguments) -> None:
    arguments.option("kid", metavar="KEY", help=_KID)
    _folder(arguments)


COMMANDS = (
    Command(
        "receipt-keys make",
        Text(
            "make a key; the first is active at once, a further one is next",
            "鍵を作る（最初の鍵はすぐ使用中、以後は「次」）",
        ),
        make,
        _folder,
        examples=(("mnverify receipt-keys make --folder receipt-keys", Text("the first key", "最初の鍵")),),
        statuses=(DONE, USAGE),
    ),
    Command(
        "receipt-keys list",
        Text(
            "the keys and their states; 1 where an endpoint could not start with them",
            "鍵と状態を表示する（検証サーバーが起動できない状態なら 1）",
        ),
        list_keys,
        _folder,
        examples=(
            ("mnverify receipt-keys list --folder receipt-keys", Text("which key signs now", "今署名に使う鍵を調べる")),
        ),
        statuses=(DONE, CHECK_FAILED, USAGE),
    ),
    Command(
        "receipt-keys activate",
        Text(
            "let a key sign; the one before retires and loses its private part",
            "鍵を使用中にする（それまでの鍵は引退し、秘密鍵が消える）",
        ),
        activate,
        _key,
        examples=(
            (
                "mnverify receipt-keys activate KEY --folder receipt-keys",
                Text("the key of that id signs from now on", "この鍵で署名を始める"),
            ),
        ),
        statuses=(DONE, USAGE),
    ),
    Command(
        "receipt-keys retire",
        Text("take away the private part of a key that is next", "「次」の鍵の秘密鍵を消して引退させる"),
        retire,
        _key,
        examples=(
            ("mnverify receipt-keys retire KEY --folder receipt-keys", Text("it will never sign", "この鍵を使わない")),
        ),
        statuses=(DONE, USAGE),
    ),
)
