"""The engine, and the one way to a transaction. What the database cannot do comes out as ``DatabaseUnavailable``."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mnverify.errors import UsageError
from mnverify.server.problems import DatabaseUnavailable, DatabaseUnfit
from mnverify.text import Text

RETRY_SECONDS = 2
_CONNECT_SECONDS = 3
_OF_THE_STATEMENT = (IntegrityError, DataError, NotSupportedError)
_READ_ONLY = text("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean")


class Database:
    """One database, with a pool of connections for the threads of one process.

    Args:
        url: ``sqlite:///…`` or ``postgresql://…``.
        threads: connections that are kept.
        wait_seconds: the longest wait for a lock, a statement or a connection.

    Raises:
        UsageError: not such a URL.
    """

    def __init__(self, url: str, *, threads: int, wait_seconds: float) -> None:
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": wait_seconds, "pool_size": threads + 1}
        if self.is_sqlite:
            options["connect_args"] = {"timeout": wait_seconds, "check_same_thread": False}
        else:
            options["connect_args"] = _postgresql_arguments(wait_seconds)
        self.engine: Engine = _engine(parsed, options)
        if self.is_sqlite:
            _make_private(parsed.database)
            _as_sqlite_should_be(self.engine)
        self._driver: Any = self.engine.dialect.dbapi
        self._writing = threading.Lock()
        self._wait_seconds = wait_seconds
        one_moment: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = self.engine.execution_options(mnverify_reads=True, **one_moment)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed when the block ends, rolled back where it raises.

        Raises:
            DatabaseUnavailable: it could not be begun, carried out or committed; ``DatabaseUnfit`` where a right, a table or a
                column is missing.
        """
        with self._told(), self._turn(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite has one writer: threads wait for one another here, in turn, not for its lock, which lets some starve."""
        if not self.is_sqlite:
            yield
        elif self._writing.acquire(timeout=self._wait_seconds):
            try:
                yield
            finally:
                self._writing.release()
        else:
            raise DatabaseUnavailable(retry_after=RETRY_SECONDS)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that writes nothing, and waits for no writer. All that it reads is of one moment.

        Raises:
            DatabaseUnavailable: it could not be begun or carried out.
        """
        with self._told(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever is not the statement's own fault is the database's: it became read-only, or its file is damaged, too."""
        try:
            yield
        except PoolTimeout:
            raise DatabaseUnavailable(retry_after=RETRY_SECONDS) from None
        except DBAPIError as error:
            if isinstance(error, _OF_THE_STATEMENT) and not error.connection_invalidated:
                raise
            if isinstance(error, ProgrammingError):
                raise DatabaseUnfit(retry_after=RETRY_SECONDS) from None
            if not isinstance(error, OperationalError | InterfaceError):
                self._connect_anew()
            raise DatabaseUnavailable(retry_after=RETRY_SECONDS) from None
        except self._driver.Error as error:  # of a `Statement`
            if isinstance(error, tuple(getattr(self._driver, kind.__name__) for kind in _OF_THE_STATEMENT)):
                raise
            if isinstance(error, self._driver.ProgrammingError):
                raise DatabaseUnfit(retry_after=RETRY_SECONDS) from None
            self._connect_anew()
            raise DatabaseUnavailable(retry_after=RETRY_SECONDS) from None

    def require_writable(self, connection: Connection) -> None:
        """Make sure that the database takes what is written, and is not a copy that only reads. Writes nothing.

        Args:
            connection: any transaction of this database; one of `begin` shows it of SQLite.

        Raises:
            DatabaseUnavailable: it only reads.
        """
        if not self.is_sqlite and connection.execute(_READ_ONLY).scalar():
            self._connect_anew()
            raise DatabaseUnavailable(retry_after=RETRY_SECONDS)

    def _connect_anew(self) -> None:
        """What the others of the pool are connected to may be gone, or have become a copy, as well."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def missing_file(url: str) -> str | None:
    """The path of an embedded database that is not there; ``None`` where it is, or the database is a server's.

    Raises:
        UsageError: not a URL of a database.
    """
    parsed = _parse(url)
    return (
        parsed.database if parsed.get_backend_name() == "sqlite" and not os.path.exists(parsed.database or "") else None
    )


@contextmanager
def text_of_any_kind(connection: Connection) -> Iterator[None]:
    """Text that somebody made unreadable comes as bytes out of SQLite, where reading it would else be an error."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.text_factory = _text_or_bytes
    try:
        yield
    finally:
        driver.text_factory = str


def _text_or_bytes(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise _error() from None
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite+pysqlite")
    raise _error()


def _engine(url: URL, options: dict[str, Any]) -> Engine:
    """The engine, where every option in the URL is one.

    Raises:
        UsageError: one is not, or its value cannot be.
    """
    try:
        engine = create_engine(url, max_overflow=1, **options)
    except (ArgumentError, ValueError, TypeError):
        raise _error() from None
    driver: Any = engine.dialect.dbapi
    if url.get_backend_name() == "postgresql":
        words, given = engine.dialect.create_connect_args(url)
        given.pop("context", None)  # SQLAlchemy's own
        try:
            driver.conninfo.make_conninfo(*words, **given)
        except (driver.Error, ValueError, TypeError):
            raise _error() from None
    return engine


def _postgresql_arguments(wait_seconds: float) -> dict[str, Any]:
    wait = int(wait_seconds * 1000)
    return {
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "mnverify",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": max(wait * 2, 10_000),
        # A commit that was answered is on disk, whatever the server's default is.
        "options": f"-c statement_timeout={wait} -c lock_timeout={wait} -c synchronous_commit=on "
        f"-c idle_in_transaction_session_timeout={max(wait * 2, 10_000)} -c timezone=UTC",
    }


def _as_sqlite_should_be(engine: Engine) -> None:
    """Durable, many readers beside one writer, and transactions that take the write lock when they begin."""

    def on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    def on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("mnverify_reads", False)
        connection.connection.cursor().execute("BEGIN" if reading else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


def _make_private(path: str | None) -> None:
    """A new database file is its owner's alone; SQLite gives its companions the same rights."""
    with suppress(OSError):
        os.close(os.open(path or "", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _error() -> UsageError:
    return UsageError(
        Text(
            "The database is not one that the service can use. Nothing was started; give sqlite:///PATH or "
            "postgresql://USER@HOST/NAME.",
            "使えるデータベースではありません。起動していません。sqlite:///パス または postgresql://ユーザー@ホスト/名前 を"
            "指定してください。",
        )
    )
