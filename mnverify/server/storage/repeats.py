"""Idempotency keys: keyed hashes of key and request, kept no longer than the challenge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from mnverify.server.storage.statement import Statement
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


def _keeping(insert: Any) -> Statement:
    """Keep a request, in the place of one that is over, but of no other."""
    clause = insert(REPEATS)
    changed = {name: clause.excluded[name] for name in ("body_hash", "subject", "expires_at")}
    over = REPEATS.c.expires_at <= bindparam("now")
    key = [REPEATS.c.family, REPEATS.c.key_hash]
    clause = clause.on_conflict_do_update(index_elements=key, set_=changed, where=over)
    return Statement(clause.returning(REPEATS.c.subject), Repeat._fields)


_KEEP = {"sqlite": _keeping(sqlite_insert), "postgresql": _keeping(postgresql_insert)}


def find_repeat(connection: Connection, family: str, key_hash: str, now: int) -> Repeat | None:
    """The request that came with that Idempotency-Key."""
    row = connection.execute(_FIND, {"of_family": family, "of_key": key_hash, "now": now}).first()
    return None if row is None else Repeat(*row)


def keep_repeats(connection: Connection, repeats: Sequence[Repeat], now: int) -> bool:
    """Keep requests; ``False`` where another one has the key of one of them, in whatever process.

    They are kept in the order of their keys, so that two processes never wait for each other in a circle.
    """
    values = [{**repeat._asdict(), "now": now} for repeat in sorted(repeats)]
    return None not in _KEEP[connection.dialect.name].first_rows(connection, values)
