"""A statement of the one transaction that every verification runs, by the driver alone.

It is written and typed like every other; what is saved is the way through SQLAlchemy, which takes longer than the database does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.sql.base import Executable


class _Compiled(NamedTuple):
    sql: str
    order: list[str] | None  # for drivers that take values by place


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
        name = connection.dialect.name
        compiled = self._compiled.get(name) or self._compile(connection)
        cursor = connection.connection.cursor()
        given: Any = values if compiled.order is None else [values[one] for one in compiled.order]
        cursor.execute(compiled.sql, given)
        return cursor

    def _compile(self, connection: Connection) -> _Compiled:
        made = self._clause.compile(dialect=connection.dialect, column_keys=self._columns)
        compiled = _Compiled(str(made), list(made.positiontup) if made.positiontup is not None else None)
        self._compiled[connection.dialect.name] = compiled
        return compiled
