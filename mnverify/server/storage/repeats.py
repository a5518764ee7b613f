"""Idempotency keys: keyed hashes of key and request, kept no longer than the challenge."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from mnverify.server.storage.tables import REPEATS


class Repeat(NamedTuple):
    """A request that may come again.

    Attributes:
        family: the line of the API key.
        key_hash: keyed hash of the Idempotency-Key.
        body_hash: keyed hash of the request.
        subject: what the first request made.
        expires_at: milliseconds.
    """

    family: str
    key_hash: str
    body_hash: str
    subject: str
    expires_at: int


_FIND = select(*[REPEATS.c[name] for name in Repeat._fields]).where(
    REPEATS.c.family == bindparam("of_family"),
    REPEATS.c.key_hash == bindparam("of_key"),
    REPEATS.c.expires_at > bindparam("now"),
)
_FORGET = delete(REPEATS).where(
    REPEATS.c.family == bindparam("of_family"),
    REPEATS.c.key_hash == bindparam("of_key"),
    REPEATS.c.expires_at <= bindparam("now"),
)
_KEEP = {
    "sqlite": sqlite_insert(REPEATS).on_conflict_do_nothing().returning(REPEATS.c.subject),
    "postgresql": postgresql_insert(REPEATS).on_conflict_do_nothing().returning(REPEATS.c.subject),
}


def find_repeat(connection: Connection, family: str, key_hash: str, now: int) -> Repeat | None:
    """The request that came with that Idempotency-Key."""
    row = connection.execute(_FIND, {"of_family": family, "of_key": key_hash, "now": now}).first()
    return None if row is None else Repeat(*row)


def keep_repeat(connection: Connection, repeat: Repeat, now: int) -> bool:
    """Keep a request; ``False`` where another one has that key, in whatever process."""
    connection.execute(_FORGET, {"of_family": repeat.family, "of_key": repeat.key_hash, "now": now})
    return connection.execute(_KEEP[connection.dialect.name], repeat._asdict()).first() is not None
