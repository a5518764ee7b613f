"""The schema comes from migrations, in production and in tests alike."""

from __future__ import annotations

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from mnverify.errors import UsageError
from mnverify.server.storage.database import Database
from mnverify.text import Text

_LOCK = 0x6D6E7665  # of PostgreSQL: several processes may start at the same time


def migrate(database: Database) -> None:
    """Bring the schema up to date; does nothing where it is.

    Raises:
        DatabaseUnavailable: the database does not answer.
        UsageError: the schema is of a newer version of mnverify.
    """
    with database.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _refuse_newer(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_current(database: Database) -> None:
    """Make sure that the schema is the one of this version.

    Raises:
        DatabaseUnavailable: the database does not answer.
        UsageError: it is older (to be migrated first) or newer.
    """
    with database.read() as connection:
        _refuse_newer(connection)
        if _revision(connection) != ScriptDirectory.from_config(_config()).get_current_head():
            raise UsageError(_OLD)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    revision = _revision(connection)
    if revision is not None and revision not in known:
        raise UsageError(_NEW)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("mnverify.server") / "migrations"))
    return config


_OLD = Text(
    "The database's schema is older than this version of mnverify, or there is none. Nothing was started; run: mnverify migrate",
    "データベースのスキーマが古いか、まだありません。起動していません。mnverify migrate を実行してください。",
)
_NEW = Text(
    "The database's schema is newer than this version of mnverify. Nothing was changed; use the newer version.",
    "データベースのスキーマが、この版の mnverify より新しいものです。何も変更していません。新しい版を使ってください。",
)
