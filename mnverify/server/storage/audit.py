"""The audit trail: entries without people in them, each chained to the one before by a keyed hash.

What is never written here: names, addresses, dates of birth, numbers, pictures, credentials, evidence or its digests, references,
free text of any kind. What is written is in `AuditEntry`, and its types are ids of this service, words that the operator set, and
closed lists.

The head says where the chain ends and is authenticated too, so that cutting the newest entries off is seen. Who has the service's
secret can write another chain: the secret lies outside the database for that reason.

Whoever writes the head looks first whether it is authentic. Where it is not, the service goes on and chains its entries to what it
finds, but what authenticates the head stays wrong from then on, so that what was done is found for ever; and nothing is purged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from mnverify.server.json_bytes import to_json
from mnverify.server.problems import DatabaseUnavailable
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage.database import RETRY_SECONDS, text_of_any_kind
from mnverify.server.storage.moments import to_milliseconds
from mnverify.server.storage.statement import Statement
from mnverify.server.storage.tables import AUDIT, AUDIT_HEAD
from mnverify.server.words import Identifier, Word

AuditEvent = Literal["verification", "key-added", "key-rotated", "key-revoked", "purge"]
START = "0" * 64
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SECOND = 1000


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

    @classmethod
    def of(cls, values: Sequence[Any]) -> Head | None:
        """The head out of values that anybody may have changed; ``None`` where one has not its form."""
        head = cls(*values)
        right = type(head.base_seq) is int and type(head.seq) is int and is_hash(head.base_hash) and is_hash(head.hash)
        return head if right else None

    def mac(self, secret: ServiceSecret) -> str:
        """What authenticates the head."""
        return secret.audit("head", f"{self.base_seq} {self.base_hash} {self.seq} {self.hash}")

    def is_authentic(self, mac: object, secret: ServiceSecret) -> bool:
        """Whether that is what authenticates it."""
        return is_hash(mac) and compare_digest(self.mac(secret), str(mac))


class Line(NamedTuple):
    """An entry as it is kept.

    Attributes:
        seq: number in the chain, from 1.
        entry: its JSON text.
        hash: keyed hash over the hash before and the text.
        at: its moment in milliseconds, as the database has it beside the text; ``None`` in an export, which has the text alone.
    """

    seq: int
    entry: str
    hash: str
    at: int | None = None

    @classmethod
    def of(cls, values: Sequence[Any]) -> Line | None:
        """A line out of values that anybody may have changed; ``None`` where one has not its form."""
        seq, entry, hashed, *at = values
        right = type(seq) is int and _is_text(entry) and is_hash(hashed) and all(type(one) is int for one in at)
        return cls(seq, entry, hashed, *at) if right else None

    def follows(self, previous: str, secret: ServiceSecret) -> bool:
        """Whether it is chained to the hash before."""
        return compare_digest(secret.audit(previous, self.entry), self.hash)

    def comes_after(self, other: Line, secret: ServiceSecret) -> bool:
        """Whether it is the next one after another, as it was written."""
        return self.seq == other.seq + 1 and self.follows(other.hash, secret) and self.has_its_moment

    @property
    def has_its_moment(self) -> bool:
        """Whether the moment beside the text, where there is one, is the text's own, which is in whole seconds."""
        if self.at is None:
            return True
        try:
            written = to_milliseconds(datetime.fromisoformat(json.loads(self.entry)["at"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return False
        return written <= self.at < written + _SECOND


class Forgotten(NamedTuple):
    """What came of forgetting.

    Attributes:
        lines: how many were removed.
        intact: whether head and lines that were looked at are as they were written.
    """

    lines: int
    intact: bool


_HEAD_COLUMNS = [AUDIT_HEAD.c[name] for name in Head._fields]
_READ_HEAD = select(*_HEAD_COLUMNS, AUDIT_HEAD.c.mac)
_LOCK_HEAD = Statement(_READ_HEAD.with_for_update())
_SET_HEAD = Statement(update(AUDIT_HEAD).values({name: bindparam(f"new_{name}") for name in (*Head._fields, "mac")}))
_INSERT = Statement(insert(AUDIT), ("seq", "at", "entry", "hash"))
_LINES = select(AUDIT.c.seq, AUDIT.c.entry, AUDIT.c.hash, AUDIT.c.at).order_by(AUDIT.c.seq)
_FIRST = _LINES.where(AUDIT.c.seq > bindparam("base"), AUDIT.c.seq <= bindparam("end")).limit(bindparam("most"))
_REMOVE = delete(AUDIT).where(AUDIT.c.seq > bindparam("base"), AUDIT.c.seq <= bindparam("last"))


def begin_audit(connection: Connection, secret: ServiceSecret) -> None:
    """Make the head of an empty chain."""
    head = Head(0, START, 0, START)
    connection.execute(insert(AUDIT_HEAD), {"id": 1, **head._asdict(), "mac": head.mac(secret)})


def append(connection: Connection, secret: ServiceSecret, entry: AuditEntry, at: int) -> bool:
    """Add one entry, as `append_all` does several.

    Args:
        connection: the transaction that what is told belongs to.
        secret: of the service.
        entry: what happened.
        at: the same moment in milliseconds.
    """
    return append_all(connection, secret, [(entry, at)])


def append_all(connection: Connection, secret: ServiceSecret, entries: Sequence[tuple[AuditEntry, int]]) -> bool:
    """Add entries. Whoever appends waits for whoever is appending, so this comes last in a transaction.

    Args:
        connection: the transaction that what is told belongs to.
        secret: of the service.
        entries: what happened, each with its moment in milliseconds.

    Returns:
        Whether the head that was found is authentic. Where it is not, the entries are added all the same, and the head stays
        what it is: not authentic.

    Raises:
        DatabaseUnavailable: there is no head, or none that can be gone on from.
    """
    head, mac = _locked_head(connection)
    seq, chained, rows = head.seq, head.hash, []
    for entry, at in entries:
        seq += 1
        text = entry.to_json(seq)
        chained = secret.audit(chained, text)
        rows.append({"seq": seq, "at": at, "entry": text, "hash": chained})
    _INSERT.run_all(connection, rows)
    authentic = head.is_authentic(mac, secret)
    longer = head._replace(seq=seq, hash=chained)
    _set_head(connection, longer, longer.mac(secret) if authentic else mac)
    return authentic


def read_head(connection: Connection) -> tuple[Head, str] | None:
    """The head and what authenticates it; ``None`` where there is none, or one that has not its form."""
    with text_of_any_kind(connection):
        row = connection.execute(_READ_HEAD).first()
    if row is None or not is_hash(row.mac):
        return None
    head = Head.of(row[:-1])
    return None if head is None else (head, row.mac)


def read_lines(connection: Connection) -> Iterator[Line | None]:
    """The entries in order; ``None`` for one that has not its form."""
    with text_of_any_kind(connection):
        for row in connection.execution_options(yield_per=1000).execute(_LINES):
            yield Line.of(row)


def forget_before(connection: Connection, secret: ServiceSecret, before: int, most: int) -> Forgotten:
    """Remove the oldest entries, as far as they are older than a moment, and let the chain begin behind them.

    The moment of an entry is what its hashed text says. An entry with a younger one before it stays: it was written later, whatever
    the clock said. Nothing is removed that is not as it was written, nor anything behind it, nor anything where the head is not
    authentic.

    Args:
        connection: a transaction that writes.
        secret: of the service.
        before: the moment, in milliseconds.
        most: entries that are removed at a time.
    """
    head, mac = _locked_head(connection)
    if not head.is_authentic(mac, secret):
        return Forgotten(0, intact=False)
    last, intact = Line(head.base_seq, "", head.base_hash), True
    with text_of_any_kind(connection):
        rows = connection.execute(_FIRST, {"base": head.base_seq, "end": head.seq, "most": most}).all()
    for row in rows:
        line = Line.of(row)
        intact = line is not None and line.comes_after(last, secret)
        if line is None or not intact or row.at >= before:
            break
        last = line
    if last.seq > head.base_seq:
        connection.execute(_REMOVE, {"base": head.base_seq, "last": last.seq})
        shorter = head._replace(base_seq=last.seq, base_hash=last.hash)
        _set_head(connection, shorter, shorter.mac(secret))
    return Forgotten(last.seq - head.base_seq, intact)


def is_hash(value: object) -> bool:
    """Whether it is what a keyed hash is written as."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(value.encode())
    except UnicodeEncodeError:
        return False


def _locked_head(connection: Connection) -> tuple[Head, Any]:
    row = _LOCK_HEAD.run(connection, {}).fetchone()
    if row is None or type(row[2]) is not int:
        raise DatabaseUnavailable(retry_after=RETRY_SECONDS)
    *head, mac = row
    return Head(*head), mac


def _set_head(connection: Connection, head: Head, mac: Any) -> None:
    values = {f"new_{name}": value for name, value in head._asdict().items()}
    _SET_HEAD.run(connection, {**values, "new_mac": mac})
