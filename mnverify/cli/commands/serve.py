"""``serve``: the verification endpoint."""

from __future__ import annotations

import argparse
import os

from mnverify.cli import inputs
from mnverify.cli.arguments import Arguments, number, seconds
from mnverify.cli.command import Command
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.cli.output import show
from mnverify.cli.service import need_server, service_config, service_options, teller
from mnverify.cli.terminal import print_json
from mnverify.text import Text

_OWN = (
    "host",
    "port",
    "trust",
    "receipt_keys",
    "issuer",
    "workers",
    "threads",
    "migrate",
    "tls_certificate",
    "tls_key",
    "behind_proxy",
    "max_connections",
    "max_in_flight",
    "header_seconds",
    "body_seconds",
    "database_seconds",
    "purge_interval_seconds",
    "reload_seconds",
)
_TRUST = Text(
    "trust anchors: production, test, virtual or a file, which is read again when it changes (default: production)",
    "信頼する認証局: production、test、virtual またはファイル（変更されれば読み直す。既定: production）",
)


def run(options: argparse.Namespace) -> int:
    """Serve, or judge the configuration alone."""
    need_server()
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # another program's: several processes get a folder of their own
    from mnverify.server.runner import check_service, run_service

    config = service_config(options, *_OWN)
    tell = teller(options)
    if options.check:
        environment = check_service(config, load=inputs.trust_store, tell=tell)
        if options.json:
            print_json({"ok": True, "environment": environment}, one_line=True)
        else:
            show(_FINE.fill(environment=environment).in_language(options.lang))
        return DONE

    def ready(url: str, environment: str) -> None:
        print_json({"url": url, "environment": environment}, one_line=True)

    return DONE if run_service(config, ready=ready, load=inputs.trust_store, tell=tell) else USAGE


def add(arguments: Arguments) -> None:
    """The options."""
    arguments.option(
        "--check",
        action="store_true",
        help=Text("judge configuration and database, start nothing", "設定とデータベースを調べ、起動はしない"),
    )
    service_options(arguments)
    arguments.option("--host", metavar="ADDRESS", help=Text("default: 127.0.0.1", "既定: 127.0.0.1"))
    arguments.option(
        "--port",
        type=number(0, 65_535),
        metavar="N",
        help=Text("0 takes any (default: 8080)", "0 は空いているもの（既定: 8080）"),
    )
    arguments.option("--trust", metavar="ANCHORS", help=_TRUST)
    arguments.option(
        "--receipt-keys",
        metavar="DIR",
        help=Text("folder of the keys that sign receipts", "受領証に署名する鍵のフォルダー"),
    )
    arguments.option(
        "--issuer",
        metavar="URL",
        help=Text("who receipts are from (default: the address)", "受領証の発行者（既定: 待ち受けアドレス）"),
    )
    arguments.option("--tls-certificate", metavar="FILE", help=Text("certificate chain (PEM)", "証明書チェーン（PEM）"))
    arguments.option("--tls-key", metavar="FILE", help=Text("its private key (PEM)", "その秘密鍵（PEM）"))
    arguments.option(
        "--behind-proxy",
        action="store_true",
        default=None,
        help=Text(
            "permit a public address without TLS: a proxy in front of it does TLS",
            "TLSなしで公開アドレスを許す（前段のプロキシがTLSを行う場合）",
        ),
    )
    arguments.option(
        "--no-migrate",
        dest="migrate",
        action="store_false",
        default=None,
        help=Text(
            "refuse an old schema; see: mnverify migrate", "古いスキーマなら起動しない（mnverify migrate を参照）"
        ),
    )
    _bounds(arguments)


def _bounds(arguments: Arguments) -> None:
    for name, most, en, ja in (
        ("workers", 256, "processes (default: 1)", "プロセス数（既定: 1）"),
        ("threads", 256, "threads of each process (default: 8)", "1プロセスのスレッド数（既定: 8）"),
        ("max-connections", 1_000_000, "of each process (default: 2000)", "1プロセスの接続数（既定: 2000）"),
        ("max-in-flight", 100_000, "requests of each process (default: 256)", "1プロセスの処理中の要求数（既定: 256）"),
    ):
        arguments.option(f"--{name}", type=number(1, most), metavar="N", help=Text(en, ja))
    for name, en, ja in (
        ("header-seconds", "for the head of a request (default: 10)", "要求のヘッダーを待つ秒数（既定: 10）"),
        ("body-seconds", "for its body (default: 20)", "要求の本文を待つ秒数（既定: 20）"),
        ("database-seconds", "for the database (default: 5)", "データベースを待つ秒数（既定: 5）"),
        ("purge-interval-seconds", "between purges, 0 for none (default: 600)", "削除の間隔、0 はしない（既定: 600）"),
        ("reload-seconds", "between looks at anchors and keys (default: 5)", "鍵ファイルを見る間隔（既定: 5）"),
    ):
        arguments.option(f"--{name}", type=seconds, metavar="SECONDS", help=Text(en, ja))


_FINE = Text(
    "The configuration can be used; trust anchors: {environment}. Nothing was started.",
    "この設定で起動できます（認証局の環境: {environment}）。起動はしていません。",
)
COMMAND = Command(
    "serve",
    Text("the verification endpoint for relying parties' backends", "事業者のバックエンドのための検証サーバー"),
    run,
    add,
    description=Text(
        "Hands out challenges, verifies evidence once, answers with a verdict and a signed receipt. Prints one line of JSON "
        "when it is ready, and serves until SIGTERM or an interrupt.",
        "チャレンジを発行し、証拠データを一度だけ検証し、結果と署名付きの受領証を返します。"
        "準備ができるとJSONを1行表示し、SIGTERM か中断まで動きます。",
    ),
    examples=(
        ("mnverify serve --trust test", Text("with the anchors of test cards", "テストカードの認証局で")),
        ("mnverify serve --config service.toml --check", Text("judge a configuration", "設定を調べる")),
    ),
    statuses=(DONE, USAGE),
)
