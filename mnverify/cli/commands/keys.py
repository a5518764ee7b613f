"""``keys``: API keys of relying parties."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime

from mnverify.cli.arguments import Arguments, number
from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.cli.options import role_option
from mnverify.cli.output import show
from mnverify.cli.service import need_server, opened, service_options
from mnverify.cli.terminal import print_json, table
from mnverify.text import Text
from mnverify.values.terms import Role

_DEFAULT_RATE = 600
_DEFAULT_OVERLAP = 24.0
_NAME = Text("the relying party's name, as aud of its receipts", "事業者の名前（受領証の aud になる）")
_ID = Text("the id of a key, as keys list shows it", "keys list が表示するキーのID")
_PURPOSE = Text(
    "what it may be used for; may be repeated (default: anything)", "使える目的。繰り返し可（既定: 制限なし）"
)
_FRAMEWORK = Text(
    "jp_aml or jp_mpiupa, which its verified claims may name; may be repeated",
    "verified_claims に書けるトラストフレームワーク（jp_aml、jp_mpiupa）。繰り返し可",
)
_RATE = Text(f"requests a minute (default: {_DEFAULT_RATE})", f"1分あたりの要求数（既定: {_DEFAULT_RATE}）")
_OVERLAP = Text("that the old key is good for still (default: 24)", "古いキーがまだ使える時間（既定: 24）")
_HEADINGS = (
    Text("id", "ID"),
    Text("relying party", "事業者"),
    Text("role", "役割"),
    Text("purposes", "目的"),
    Text("a minute", "毎分"),
    Text("state", "状態"),
)
_ANY = Text("any", "すべて")
_STATES = {
    "in-force": Text("in force", "有効"),
    "ending": Text("until {end}", "{end} まで"),
    "ended": Text("ended", "終了"),
    "revoked": Text("revoked", "失効"),
}
_REVOKED = Text(
    "The key is revoked: nothing more is evaluated for it.", "キーを失効させました。以後このキーでは何も検証しません。"
)


def add_key(options: argparse.Namespace) -> int:
    """Make a key and show it, this once."""
    need_server()
    from mnverify.server.use_cases.manage_keys import add_api_key

    with opened(options, may_begin=True) as service:
        new = add_api_key(
            service.database,
            service.secret,
            datetime.now(UTC),
            relying_party=options.name,
            role=Role(options.role),
            purposes=options.purpose,
            trust_frameworks=options.trust_framework,
            rate_per_minute=options.rate,
        )
    key = new.key
    print_json(
        {
            "id": key.id,
            "key": new.secret,
            "relying_party": key.relying_party,
            "role": key.role.value,
            "purposes": list(key.purposes),
            "rate_per_minute": key.rate_per_minute,
        },
        one_line=True,
    )
    return DONE


def rotate_key(options: argparse.Namespace) -> int:
    """Make a key that takes another's place."""
    need_server()
    from mnverify.server.use_cases.manage_keys import rotate_api_key

    with opened(options) as service:
        new = rotate_api_key(
            service.database,
            service.secret,
            datetime.now(UTC),
            key_id=options.id,
            overlap_seconds=int(options.overlap_hours * 3600),
        )
    print_json({"id": new.key.id, "key": new.secret, "replaces": options.id}, one_line=True)
    return DONE


def revoke_key(options: argparse.Namespace) -> int:
    """End a key."""
    need_server()
    from mnverify.server.use_cases.manage_keys import revoke_api_key

    with opened(options) as service:
        revoke_api_key(service.database, service.secret, datetime.now(UTC), key_id=options.id)
    if options.json:
        print_json({"id": options.id, "state": "revoked"}, one_line=True)
    else:
        show(_REVOKED.in_language(options.lang))
    return DONE


def list_keys(options: argparse.Namespace) -> int:
    """Every key, without what it is."""
    need_server()
    from mnverify.server.outcomes import moment_text
    from mnverify.server.storage.moments import to_milliseconds
    from mnverify.server.use_cases.manage_keys import list_api_keys

    with opened(options) as service:
        keys = list_api_keys(service.database)
    now = to_milliseconds(datetime.now(UTC))
    documents = [
        {
            "id": key.id,
            "relying_party": key.relying_party,
            "role": key.role.value,
            "purposes": list(key.purposes),
            "trust_frameworks": list(key.trust_frameworks),
            "rate_per_minute": key.rate_per_minute,
            "created_at": moment_text(key.created_at),
            "ends_at": None if key.ends_at is None else moment_text(key.ends_at),
            "state": _state(key.revoked_at, key.ends_at, now),
        }
        for key in keys
    ]
    if options.json:
        print_json({"keys": documents})
        return DONE
    headings = [heading.in_language(options.lang) for heading in _HEADINGS]
    show(table([_row(document, options.lang) for document in documents], headings=headings))
    return DONE


def _state(revoked_at: int | None, ends_at: int | None, now: int) -> str:
    if revoked_at is not None:
        return "revoked"
    if ends_at is None:
        return "in-force"
    return "ending" if now < ends_at else "ended"


def _row(document: Mapping[str, object], lang: str) -> list[str]:
    purposes = document["purposes"]
    words = ", ".join(purposes) if isinstance(purposes, list) and purposes else _ANY.in_language(lang)
    return [
        str(document["id"]),
        str(document["relying_party"]),
        str(document["role"]),
        words,
        str(document["rate_per_minute"]),
        _STATES[str(document["state"])].fill(end=document["ends_at"]).in_language(lang),
    ]


def _add_arguments(arguments: Arguments) -> None:
    arguments.option("name", metavar="NAME", help=_NAME)
    role_option(arguments)
    arguments.option("--purpose", action="append", default=[], metavar="WORD", help=_PURPOSE)
    arguments.option("--trust-framework", action="append", default=[], metavar="WORD", help=_FRAMEWORK)
    arguments.option("--rate", type=number(1, 10_000_000), default=_DEFAULT_RATE, metavar="N", help=_RATE)
    service_options(arguments)


def _id_arguments(arguments: Arguments) -> None:
    arguments.option("id", metavar="ID", help=_ID)
    service_options(arguments)


def _rotate_arguments(arguments: Arguments) -> None:
    arguments.option("--overlap-hours", type=_hours, default=_DEFAULT_OVERLAP, metavar="HOURS", help=_OVERLAP)
    _id_arguments(arguments)


def _hours(text: str) -> float:
    return number(0, 24 * 366)(text) * 1.0


COMMANDS = (
    Command(
        "keys add",
        Text("make an API key for a relying party; it is shown this once", "事業者のAPIキーを作る（表示は一度だけ）"),
        add_key,
        _add_arguments,
        examples=(
            (
                "mnverify keys add example-bank --role general --purpose account-opening",
                Text("for one purpose", "一つの目的に使うキー"),
            ),
        ),
        statuses=(DONE, USAGE),
    ),
    Command(
        "keys list",
        Text("the API keys, without what they are", "APIキーの一覧（キー自体は表示しない）"),
        list_keys,
        service_options,
        examples=(
            ("mnverify keys list", Text("of the database in this folder", "このフォルダーのデータベースのキー")),
        ),
        statuses=(DONE, USAGE),
    ),
    Command(
        "keys rotate",
        Text(
            "make a key that takes another's place, with an overlap", "キーを新しいものに替える（重なりの時間を置く）"
        ),
        rotate_key,
        _rotate_arguments,
        examples=(
            (
                "mnverify keys rotate 87rtepjjtenp --overlap-hours 48",
                Text("the old one is good for two days still", "古いキーはあと2日使える"),
            ),
        ),
        statuses=(DONE, USAGE),
    ),
    Command(
        "keys revoke",
        Text("end an API key now", "APIキーを直ちに失効させる"),
        revoke_key,
        _id_arguments,
        examples=(("mnverify keys revoke 87rtepjjtenp", Text("a key that leaked", "漏れたキー")),),
        statuses=(DONE, USAGE),
    ),
)
