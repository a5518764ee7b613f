"""API keys: what is stored is a keyed hash, and what the key is for."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from mnverify.server.storage.tables import API_KEYS, RATES
from mnverify.server.words import Identifier, Word
from mnverify.values.terms import Role


class ApiKey(NamedTuple):
    """An API key as the service knows it.

    Attributes:
        id: public part of the key.
        family: id of the first key of the line that it was rotated from: challenges and rate are bound to it.
        relying_party: whose it is.
        role: what the relying party is under the My Number Act, in the business that this key is for.
        purposes: what it may be used for; empty for anything.
        trust_frameworks: what its verified claims may name.
        rate_per_minute: requests that it may make.
        key_hash: keyed hash of the whole key.
        created_at, ends_at, revoked_at: milliseconds.
    """

    id: Identifier
    family: Identifier
    relying_party: Word
    role: Role
    purposes: tuple[Word, ...]
    trust_frameworks: tuple[str, ...]
    rate_per_minute: int
    key_hash: str
    created_at: int
    ends_at: int | None
    revoked_at: int | None

    def in_force(self, now: int) -> bool:
        """Whether it is neither revoked nor over."""
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)

    def __repr__(self) -> str:
        return f"ApiKey({self.id}, {self.relying_party}, {self.role})"


_BY_ID = select(API_KEYS).where(API_KEYS.c.id == bindparam("key_id"))
_ALL = select(API_KEYS).order_by(API_KEYS.c.created_at, API_KEYS.c.id)
_REVOKE = (
    update(API_KEYS)
    .where(API_KEYS.c.id == bindparam("key_id"), API_KEYS.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_END = update(API_KEYS).where(API_KEYS.c.id == bindparam("key_id")).values(ends_at=bindparam("end"))


def find_key(connection: Connection, key_id: str) -> ApiKey | None:
    """The key of that id."""
    row = connection.execute(_BY_ID, {"key_id": key_id}).first()
    return None if row is None else _from_row(row)


def all_keys(connection: Connection) -> list[ApiKey]:
    """Every key, the oldest first."""
    return [_from_row(row) for row in connection.execute(_ALL)]


def add_key(connection: Connection, key: ApiKey) -> None:
    """Keep a new key; the first of its line brings the row of its rate."""
    values = {
        **key._asdict(),
        "role": key.role.value,
        "purposes": " ".join(key.purposes),
        "trust_frameworks": " ".join(key.trust_frameworks),
    }
    connection.execute(insert(API_KEYS), values)
    if key.family == key.id:
        connection.execute(insert(RATES), {"family": key.family, "used_until": 0.0})


def revoke_key(connection: Connection, key_id: str, now: int) -> bool:
    """Revoke a key; ``False`` where there is none that is not revoked already."""
    return connection.execute(_REVOKE, {"key_id": key_id, "now": now}).rowcount == 1


def end_key(connection: Connection, key_id: str, end: int) -> None:
    """Let a key be good until then."""
    connection.execute(_END, {"key_id": key_id, "end": end})


def _from_row(row: Row[tuple[object, ...]]) -> ApiKey:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name
    values["role"] = Role(values["role"])
    values["purposes"] = tuple(values["purposes"].split())
    values["trust_frameworks"] = tuple(values["trust_frameworks"].split())
    return ApiKey(**values)
