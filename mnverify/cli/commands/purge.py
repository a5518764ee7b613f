"""``purge``: remove what is kept for longer than it may be. ``migrate``: bring the database's schema up to date."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, datetime

from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.cli.output import show
from mnverify.cli.service import need_server, opened, service_config, service_options, teller
from mnverify.cli.terminal import print_json
from mnverify.text import Text

_PURGED = Text(
    "Removed: {verifications} outcomes, {challenges} challenges, {events} events, {audit} audit entries.",
    "削除しました: 結果 {verifications}件、チャレンジ {challenges}件、出来事 {events}件、監査記録 {audit}件。",
)
_AUDIT_CHANGED = Text(
    "The audit trail is not as it was written. From there on nothing of it was removed; keep everything, and see: "
    "mnverify audit verify",
    "監査記録が書かれたときのままではありません。そこから先は削除していません。"
    "すべて保管し、mnverify audit verify で確認してください。",
)
_MIGRATED = Text("The database's schema is up to date.", "データベースのスキーマは最新です。")


def run(options: argparse.Namespace) -> int:
    """Purge once."""
    need_server()
    from mnverify.server.use_cases.purge import run_purge

    with opened(options) as service:
        purged, audit_intact = run_purge(service.database, service.secret, service.config, datetime.now(UTC))
    if not audit_intact:
        teller(options)(_AUDIT_CHANGED)
    if options.json:
        print_json(purged._asdict(), one_line=True)
    else:
        show(_PURGED.fill(**purged._asdict()).in_language(options.lang))
    return DONE


def migrate(options: argparse.Namespace) -> int:
    """Bring the schema up to date."""
    need_server()
    from mnverify.server.storing import open_database

    config = replace(service_config(options), migrate=True)
    open_database(config).close()
    if options.json:
        print_json({"migrated": True}, one_line=True)
    else:
        show(_MIGRATED.in_language(options.lang))
    return DONE


COMMANDS = (
    Command(
        "purge",
        Text("remove outcomes that were kept for as long as they may be", "保存期間が過ぎた結果を削除する"),
        run,
        service_options,
        examples=(("mnverify purge --config service.toml", Text("by its retention", "設定の保存期間で")),),
        statuses=(DONE, USAGE),
    ),
    Command(
        "migrate",
        Text("bring the endpoint's database schema up to date", "検証サーバーのデータベースのスキーマを最新にする"),
        migrate,
        service_options,
        examples=(
            (
                "mnverify migrate --config service.toml",
                Text("before a new version is started", "新しい版を起動する前に"),
            ),
        ),
        statuses=(DONE, USAGE),
    ),
)
