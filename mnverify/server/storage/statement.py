"""A statement of the one transaction that every verification runs, by the driver alone.

It is written and typed like every other; what is saved is the way through SQLAlchemy, which takes longer than the database does.
One statement runs for many requests at once: PostgreSQL is sent all of them before it is asked for the first answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.sql.base import Executable


class _Compiled(NamedTuple):
    sql: str
    order: list[str] | None  # for drivers that take values by place

    def given(self, values: Mapping[str, object]) -> Any:
        """The values as the driver takes them."""
        return values if self.order is None else [values[one] for one in self.order]


class Statement:
    """A statement, compiled once for each kind of database.

    Args:
        clause: of SQLAlchemy Core; its values are plain numbers, texts and bytes, which drivers take as they are.
        columns: that an INSERT gives, where the clause does not say.
    """

    def __init__(self, clause: Executable, columns: tuple[str, ...] | None = None) -> None:
        self._clause: Any = clause
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, object]) -> Any:
        """Run it in the transaction that is open; tells the driver's cursor.

        Raises:
            Exception: an error of the driver, which `Database.begin` knows.
        """
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        cursor.execute(compiled.sql, compiled.given(values))
        return cursor

    def run_all(self, connection: Connection, many: Sequence[Mapping[str, object]]) -> None:
        """Run it for each of some values, in order, where it returns nothing.

        Raises:
            Exception: as `run`.
        """
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        connection.connection.cursor().executemany(compiled.sql, [compiled.given(values) for values in many])

    def first_rows(self, connection: Connection, many: Sequence[Mapping[str, object]]) -> list[Any]:
        """Run it for each of some values, in order, and tell the first row that each returned, or ``None``.

        Raises:
            Exception: as `run`.
        """
        if len(many) < 2 or connection.dialect.name != "postgresql":
            return [self.run(connection, values).fetchone() for values in many]
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        cursor: Any = connection.connection.cursor()
        cursor.executemany(compiled.sql, [compiled.given(values) for values in many], returning=True)
        return [each.fetchone() for each in cursor.results()]

    def _compile(self, connection: Connection) -> _Compiled:
        made = self._clause.compile(dialect=connection.dialect, column_keys=self._columns)
        compiled = _Compiled(str(made), list(made.positiontup) if made.positiontup is not None else None)
        self._compiled[connection.dialect.name] = compiled
        return compiled


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Statements inside wait for the database only where an answer is asked for, with a driver that can do so."""
    driver: Any = connection.connection.driver_connection
    if hasattr(driver, "pipeline"):
        with driver.pipeline():
            yield
    else:
        yield
