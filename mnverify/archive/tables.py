"""Record batches in and out: what columns go in, what comes out, and the rows between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError:
    from mnverify.errors import MissingExtra

    raise MissingExtra("pyarrow", "archive") from None

from mnverify.archive.rows import Checks, RowIn, RowOut
from mnverify.errors import ArchiveError
from mnverify.text import Text

SLICE_ROWS = 1024
"""Rows that are in memory as Python objects at a time."""

_CHECK = ("id", "outcome", "code")
_CHECKS = pa.list_(pa.struct([(name, pa.string()) for name in _CHECK]))
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("verdict", pa.string()),
        pa.field("environment", pa.string()),
        pa.field("authority", pa.string()),
        pa.field("checks", _CHECKS),
        pa.field("error", pa.string()),
    ]
)
"""The columns of every output: those of ``RowOut``."""


class Columns(NamedTuple):
    """The names of the input columns. All but the first may be missing from a batch."""

    evidence: str = "evidence"
    id: str = "id"
    at: str = "at"
    challenge: str = "challenge"


COLUMNS = Columns()
"""The names as ``verify-archive`` has them."""


def rows_of(batch: pa.RecordBatch, columns: Columns) -> Iterator[list[RowIn]]:
    """The rows of a batch, some at a time.

    Raises:
        ArchiveError: there is no column with evidence, or it holds neither texts nor bytes.
    """
    names = set(batch.schema.names)
    if columns.evidence not in names or not _is_text(batch.schema.field(columns.evidence).type):
        raise ArchiveError(
            Text(
                f"There is no column {columns.evidence} with texts. Nothing of it was verified; name the column that holds them.",
                f"テキストの列 {columns.evidence} がありません。検証していません。証拠データの列名を指定してください。",
            )
        )
    for start in range(0, batch.num_rows, SLICE_ROWS):
        part = batch.slice(start, SLICE_ROWS)
        values = [part.column(name).to_pylist() if name in names else [None] * part.num_rows for name in columns]
        yield list(map(RowIn, *values))


def batch_of(rows: Sequence[RowOut]) -> pa.RecordBatch:
    """The rows as a record batch of ``SCHEMA``."""
    seen: dict[Checks, int] = {}  # of many rows few differ in their checks
    places = [seen.setdefault(row.checks, len(seen)) for row in rows]
    kinds = pa.array([[dict(zip(_CHECK, one, strict=True)) for one in checks] or None for checks in seen], _CHECKS)
    columns = [
        kinds.take(pa.array(places, pa.int32()))
        if name == "checks"
        else pa.array([getattr(row, name) for row in rows], SCHEMA.field(name).type)
        for name in SCHEMA.names
    ]
    return pa.record_batch(columns, schema=SCHEMA)


def named(batch: pa.RecordBatch, prefix: str, start: int) -> pa.RecordBatch:
    """The batch with a name for each row that has none: the prefix and its place.

    Args:
        batch: of ``SCHEMA``.
        prefix: of the names.
        start: the place of the first row.
    """
    if not batch.column("id").null_count:
        return batch
    ids = batch.column("id").to_pylist()
    filled = [f"{prefix}{at}" if one is None else one for at, one in enumerate(ids, start)]
    return batch.set_column(0, SCHEMA.field("id"), pa.array(filled, pa.string()))


def count_rows(batch: pa.RecordBatch, counts: Counter[str]) -> None:
    """Add the rows of a batch of ``SCHEMA`` to counts: ``rows``, ``verdict/…``, ``error/…``, ``failed/CHECK/CODE``."""
    counts["rows"] += batch.num_rows
    for column, prefix in (("verdict", "verdict/"), ("error", "error/")):
        for one in batch.column(column).value_counts().to_pylist():
            if one["values"] is not None:
                counts[f"{prefix}{one['values']}"] += one["counts"]
    checks = batch.column("checks").flatten()
    failed = checks.filter(pc.equal(checks.field("outcome"), "fail"))
    names = pc.binary_join_element_wise(failed.field("id"), failed.field("code"), "/")
    for one in names.value_counts().to_pylist():
        counts[f"failed/{one['values']}"] += one["counts"]


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    types = pa.types
    tests = (types.is_string, types.is_large_string, types.is_string_view)
    return any(test(kind) for test in (*tests, types.is_binary, types.is_large_binary, types.is_binary_view))
