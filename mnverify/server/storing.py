"""Database and secret, for whatever works on them: the service, and the commands beside it. Keys are made at one moment only.

That moment is the first use of a new database with the default folder for its keys, and it is told. Where the operator named files,
they have to be there; where the database was made with another secret, nothing starts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path

from sqlalchemy import insert, inspect, select

from mnverify.errors import UsageError
from mnverify.receipts import ReceiptKeys
from mnverify.server.config import ServerConfig
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage import audit
from mnverify.server.storage.database import Database, missing_file
from mnverify.server.storage.moments import to_milliseconds
from mnverify.server.storage.schema import migrate, require_current
from mnverify.server.storage.tables import SERVICE
from mnverify.text import Text

Tell = Callable[[Text], None]


def open_database(config: ServerConfig, *, may_begin: bool = True) -> Database:
    """The database, with a schema of this version.

    Args:
        config: of the service.
        may_begin: it may be a new one; else one that no service or key was ever made with is refused, and none is made.

    Raises:
        UsageError: no such database, or a schema that is not to be touched.
        DatabaseUnavailable: it does not answer.
    """
    path = None if may_begin else missing_file(config.database_url)
    if path is not None:
        raise UsageError(_NO_FILE.fill(path=path))
    database = Database(config.database_url, threads=config.threads, wait_seconds=config.database_seconds)
    try:
        if not may_begin:
            _require_used(database)
        if config.migrate:
            migrate(database)
        else:
            require_current(database)
    except BaseException:
        database.close()
        raise
    return database


def _require_used(database: Database) -> None:
    with database.read() as connection:
        if inspect(connection).has_table(SERVICE.name) and connection.execute(select(SERVICE.c.id)).first() is not None:
            return
    raise UsageError(_UNUSED)


def open_secret(config: ServerConfig, database: Database, tell: Tell) -> ServiceSecret:
    """The secret that the database was made with. For a new database in its default place, secret and first receipt key are made.

    Args:
        config: says where they are.
        database: with its schema.
        tell: is told what was made.

    Raises:
        UsageError: it is missing, unreadable, or not the one.
        ReceiptKeyError: the folder of receipt keys cannot be written.
        DatabaseUnavailable: the database does not answer.
    """
    with database.read() as connection:
        known = connection.execute(select(SERVICE.c.secret_fingerprint)).scalar()
    if known is None and not config.named_keys:
        _make_keys(config, tell)
    secret = ServiceSecret.from_file(config.secret_path)
    if known is None:
        known = _introduce(database, secret)
    if not compare_digest(known, secret.fingerprint):
        raise UsageError(_OTHER_SECRET.fill(path=config.secret_path))
    return secret


def _make_keys(config: ServerConfig, tell: Tell) -> None:
    if not config.secret_path.exists():
        with suppress(FileExistsError):
            ServiceSecret.create(config.secret_path)
            tell(_MADE_SECRET.fill(path=config.secret_path))
    folder = config.receipt_keys_path
    if not _has_files(folder):
        kid = ReceiptKeys.create_first(folder)
        tell(_MADE_KEY.fill(kid=kid, folder=folder))


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _introduce(database: Database, secret: ServiceSecret) -> str:
    """Write the secret's fingerprint into a new database, with the head of the audit trail."""
    with database.begin() as connection:
        known = connection.execute(select(SERVICE.c.secret_fingerprint)).scalar()
        if known is not None:  # another process was sooner
            return str(known)
        made = {"id": 1, "secret_fingerprint": secret.fingerprint, "created_at": to_milliseconds(datetime.now(UTC))}
        connection.execute(insert(SERVICE), made)
        audit.begin_audit(connection, secret)
    return secret.fingerprint


_NO_FILE = Text(
    "There is no database {path}. Nothing was made, read or changed; correct --database, or begin with: mnverify keys add",
    "データベース {path} がありません。何も作成・変更していません。"
    "--database を直してください。新しく始める場合は mnverify keys add を実行してください。",
)
_UNUSED = Text(
    "No service ever used this database: it is empty, or another program's. Nothing was made or changed; correct --database, "
    "or begin with: mnverify keys add",
    "このデータベースは検証サーバーが使ったものではありません（空か、別のプログラムのものです）。何も作成・変更していません。"
    "--database を直してください。新しく始める場合は mnverify keys add を実行してください。",
)
_OTHER_SECRET = Text(
    "{path} is not the secret that this database was made with. Nothing was started; give the file that belongs to it.",
    "{path} は、このデータベースを作ったときの秘密鍵ファイルではありません。起動していません。対応するファイルを指定してください。",
)
_MADE_SECRET = Text(
    "New database: made the service's secret in {path}. Keep it, and back it up apart from the database.",
    "新しいデータベースのため、サーバーの秘密鍵ファイルを {path} に作りました。"
    "保管し、データベースとは別にバックアップしてください。",
)
_MADE_KEY = Text(
    "New database: made the first key that signs receipts, {kid}, in {folder}. Keep it, and back it up.",
    "新しいデータベースのため、受領証に署名する最初の鍵 {kid} を {folder} に作りました。保管し、バックアップしてください。",
)
