"""The function that every engine runs: from record batches of kept evidence to record batches of outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pyarrow as pa

from mnverify.archive.rows import Settings, verify_row
from mnverify.archive.tables import COLUMNS, Columns, batch_of, rows_of
from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values.terms import Role
from mnverify.verification import TrustStore


def verify_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    trust: TrustStore,
    at: datetime | None = None,
    role: Role = Role.GENERAL,
    require_presence: bool = False,
    columns: Columns = COLUMNS,
) -> Iterator[pa.RecordBatch]:
    """Verify kept evidence, batch by batch.

    It keeps nothing between two batches and knows no engine: the same function runs in a plain loop, a process pool, Spark's
    ``mapInArrow``, Ray's ``map_batches`` and Daft (``docs/how-to/re-verify-an-archive``).

    Args:
        batches: with a column of evidence JSON (texts or bytes), and perhaps ``id``, ``at`` (moments with a time zone, or
            RFC 3339) and ``challenge`` (bytes, or base64). Other columns are not looked at.
        trust: the anchors.
        at: the moment to judge expiry by, for rows without one; default now, taken once.
        role: the receiver's own role.
        require_presence: reject where presence did not pass.
        columns: the names of the input columns.

    Yields:
        Batches of ``SCHEMA``, one row for each row, in order; of at most 1024 rows. A row that is no evidence has a
        stable code in ``error``, and no verdict.

    Raises:
        UsageError: ``at`` has no time zone, or trust is no ``TrustStore``.
        ArchiveError: a batch has no column with evidence.
    """
    return verified(batches, settings_for(trust, at, role, require_presence), columns)


def settings_for(trust: TrustStore, at: datetime | None, role: Role, require_presence: bool) -> Settings:
    """The terms of a verification, checked.

    Raises:
        UsageError: ``at`` has no time zone, trust is no ``TrustStore``, or there is no such role.
    """
    moment = datetime.now(UTC).replace(microsecond=0) if at is None else at
    if not isinstance(trust, TrustStore) or not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise UsageError(_TERMS)
    try:
        return Settings(trust, moment, Role(role), bool(require_presence))
    except ValueError:
        raise UsageError(_TERMS) from None


_TERMS = Text(
    "An archive is verified with a TrustStore, a role, and a moment with a time zone. Nothing was verified.",
    "検証には TrustStore、役割、タイムゾーン付きの日時が必要です。検証していません。",
)


def verified(batches: Iterable[pa.RecordBatch], settings: Settings, columns: Columns) -> Iterator[pa.RecordBatch]:
    """``verify_batches`` by checked terms."""
    for batch in batches:
        for rows in rows_of(batch, columns):
            yield batch_of([verify_row(row, settings) for row in rows])
