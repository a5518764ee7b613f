"""The audit trail: entries without people in them, each chained to the one before by a keyed hash.

What is never written here: names, addresses, dates of birth, numbers, pictures, credentials, evidence or its digests, references,
free text of any kind. What is written is in `AuditEntry`, and its types are ids of this service, words that the operator set, and
closed lists.

The head says where the chain ends and is authenticated too, so that cutting the newest entries off is seen. Who has the service's
secret can write another chain: the secret lies outside the database for that reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from mnverify.server.json_bytes import to_json
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage.statement import Statement
from mnverify.server.storage.tables import AUDIT, AUDIT_HEAD
from mnverify.server.words import Identifier, Word

AuditEvent = Literal["verification", "key-added", "key-rotated", "key-revoked", "purge"]
START = "0" * 64


class AuditEntry(NamedTuple):
    """What an entry may say.

    Attributes:
        event: what happened.
        at: RFC 3339, in UTC.
        relying_party: whose.
        key_id: the API key.
        verification_id: the verification.
        challenge_id: the challenge that it used up.
        purpose: what for.
        domain: of the evidence.
        role: of the API key.
        environment: of the anchors.
        verdict: ``verified`` or ``rejected``.
        checks: outcome and code by check id.
        counts: what a purge removed.
    """

    event: AuditEvent
    at: str
    relying_party: Word | None = None
    key_id: Identifier | None = None
    verification_id: Identifier | None = None
    challenge_id: Identifier | None = None
    purpose: Word | None = None
    domain: str | None = None
    role: str | None = None
    environment: str | None = None
    verdict: str | None = None
    checks: dict[str, str] | None = None
    counts: dict[str, int] | None = None

    def to_json(self, seq: int) -> str:
        """The text that is hashed and kept."""
        given = {key: value for key, value in zip(self._fields, self, strict=True) if value is not None}
        return to_json({"seq": seq, **given}).decode()


class Head(NamedTuple):
    """Where the chain begins and ends.

    Attributes:
        base_seq, base_hash: of the last entry that was purged; 0 and zeros for none.
        seq, hash: of the last entry.
    """

    base_seq: int
    base_hash: str
    seq: int
    hash: str

    def mac(self, secret: ServiceSecret) -> str:
        """What authenticates the head."""
        return secret.audit("head", f"{self.base_seq} {self.base_hash} {self.seq} {self.hash}")


class Line(NamedTuple):
    """An entry as it is kept.

    Attributes:
        seq: number in the chain, from 1.
        entry: its JSON text.
        hash: keyed hash over the hash before and the text.
    """

    seq: int
    entry: str
    hash: str


_HEAD_COLUMNS = [AUDIT_HEAD.c[name] for name in Head._fields]
_READ_HEAD = select(*_HEAD_COLUMNS, AUDIT_HEAD.c.mac)
_LOCK_HEAD = Statement(select(*_HEAD_COLUMNS).with_for_update())
_SET_HEAD = Statement(update(AUDIT_HEAD).values({name: bindparam(f"new_{name}") for name in (*Head._fields, "mac")}))
_INSERT = Statement(insert(AUDIT), ("seq", "at", "entry", "hash"))
_LINES = select(AUDIT.c.seq, AUDIT.c.entry, AUDIT.c.hash).order_by(AUDIT.c.seq)
_LAST_BEFORE = (
    select(AUDIT.c.seq, AUDIT.c.hash).where(AUDIT.c.at < bindparam("before")).order_by(AUDIT.c.seq.desc()).limit(1)
)
_UP_TO = delete(AUDIT).where(AUDIT.c.seq <= bindparam("last"))


def begin_audit(connection: Connection, secret: ServiceSecret) -> None:
    """Make the head of an empty chain."""
    head = Head(0, START, 0, START)
    connection.execute(insert(AUDIT_HEAD), {"id": 1, **head._asdict(), "mac": head.mac(secret)})


def append(connection: Connection, secret: ServiceSecret, entry: AuditEntry, at: int) -> None:
    """Add one entry, as `append_all` does several.

    Args:
        connection: the transaction that what is told belongs to.
        secret: of the service.
        entry: what happened.
        at: the same moment in milliseconds.
    """
    append_all(connection, secret, [(entry, at)])


def append_all(connection: Connection, secret: ServiceSecret, entries: Sequence[tuple[AuditEntry, int]]) -> None:
    """Add entries. Whoever appends waits for whoever is appending, so this comes last in a transaction.

    Args:
        connection: the transaction that what is told belongs to.
        secret: of the service.
        entries: what happened, each with its moment in milliseconds.
    """
    head = Head(*_LOCK_HEAD.run(connection, {}).fetchone())
    seq, chained, rows = head.seq, head.hash, []
    for entry, at in entries:
        seq += 1
        text = entry.to_json(seq)
        chained = secret.audit(chained, text)
        rows.append({"seq": seq, "at": at, "entry": text, "hash": chained})
    _INSERT.run_all(connection, rows)
    _set_head(connection, secret, head._replace(seq=seq, hash=chained))


def read_head(connection: Connection) -> tuple[Head, str]:
    """The head and what authenticates it."""
    *head, mac = connection.execute(_READ_HEAD).one()
    return Head(*head), mac


def read_lines(connection: Connection) -> Iterator[Line]:
    """The entries in order."""
    for row in connection.execution_options(yield_per=1000).execute(_LINES):
        yield Line(*row)


def forget_before(connection: Connection, secret: ServiceSecret, before: int) -> int:
    """Remove entries older than a moment, and let the chain begin behind them.

    Returns:
        How many were removed.
    """
    head = Head(*_LOCK_HEAD.run(connection, {}).fetchone())
    last = connection.execute(_LAST_BEFORE, {"before": before}).first()
    if last is None:
        return 0
    removed = connection.execute(_UP_TO, {"last": last.seq}).rowcount
    _set_head(connection, secret, head._replace(base_seq=last.seq, base_hash=last.hash))
    return removed


def _set_head(connection: Connection, secret: ServiceSecret, head: Head) -> None:
    values = {f"new_{name}": value for name, value in head._asdict().items()}
    _SET_HEAD.run(connection, {**values, "new_mac": head.mac(secret)})
