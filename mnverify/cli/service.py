"""What the commands of the verification endpoint share: the configuration out of a file and options, and the parts they open."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from mnverify.cli.arguments import Arguments
from mnverify.errors import MissingExtra
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.server.config import ServerConfig
    from mnverify.server.secret import ServiceSecret
    from mnverify.server.storage.database import Database

_CONFIG = Text("configuration (TOML); options go before it", "設定ファイル（TOML）。オプションが優先される")
_DATABASE = Text(
    "sqlite:///PATH or postgresql://USER@HOST/NAME (default: sqlite:///mnverify.db)",
    "sqlite:///パス または postgresql://ユーザー@ホスト/名前（既定: sqlite:///mnverify.db）",
)
_DATABASE_FILE = Text("a file that holds the URL of the database", "データベースのURLを書いたファイル")
_KEYS_FOLDER = Text(
    "folder of the service's secret and receipt keys (default: beside the database)",
    "サーバーの秘密鍵と受領証の鍵のフォルダー（既定: データベースの隣）",
)
_SECRET_FILE = Text(
    "the service's secret, where it is not in that folder", "サーバーの秘密鍵ファイル（別の場所の場合）"
)


_PACKAGES = {
    "alembic",
    "fastapi",
    "httptools",
    "joserfc",
    "prometheus_client",
    "psycopg",
    "sqlalchemy",
    "starlette",
    "uvicorn",
}


class Opened(NamedTuple):
    """What a command works on."""

    config: ServerConfig
    database: Database
    secret: ServiceSecret


def need_server() -> None:
    """Before anything of the endpoint is imported.

    Raises:
        MissingExtra: a package that it is made with is not installed.
    """
    for package in sorted(_PACKAGES):
        if find_spec(package) is None:
            raise MissingExtra(package.replace("_", "-"), "server")


def service_options(arguments: Arguments) -> None:
    """``--config``, ``--database`` and where the keys are."""
    arguments.option("--config", metavar="FILE", help=_CONFIG)
    arguments.option("--database", metavar="URL", help=_DATABASE)
    arguments.option("--database-file", metavar="FILE", help=_DATABASE_FILE)
    arguments.option("--keys-folder", metavar="DIR", help=_KEYS_FOLDER)
    arguments.option("--secret-file", metavar="FILE", help=_SECRET_FILE)


def service_config(options: argparse.Namespace, *names: str) -> ServerConfig:
    """The configuration.

    Args:
        options: of the command.
        names: its own options that are keys of the configuration too; those that were not given are ``None``.

    Raises:
        UsageError: it cannot be used.
    """
    need_server()
    from mnverify.server.config import ServerConfig

    config = ServerConfig() if options.config is None else ServerConfig.from_file(options.config)
    every = ("database", "database_file", "keys_folder", "secret_file", *names)
    given = {name: getattr(options, name) for name in every if getattr(options, name) is not None}
    if "database" in given and "database_file" not in given:
        given["database_file"] = None
    return config.with_values(given)


@contextmanager
def opened(options: argparse.Namespace, *, may_begin: bool = False) -> Iterator[Opened]:
    """Database and secret, closed when the command ends.

    Args:
        options: of the command.
        may_begin: it may be the first to use a new database; every other command wants one that was used.

    Raises:
        MnverifyError: one of them cannot be opened. Where there is no database, none is made.
    """
    need_server()
    from mnverify.server.storing import open_database, open_secret

    config = service_config(options)
    with open_database(config, may_begin=may_begin) as database:
        yield Opened(config, database, open_secret(config, database, teller(options)))


def teller(options: argparse.Namespace) -> Callable[[Text], None]:
    """Says on standard error what was made, in the language of the command."""

    def tell(text: Text) -> None:
        print(f"mnverify: {text.in_language(options.lang)}", file=sys.stderr, flush=True)

    return tell
