"""The same verification run by Daft: one query for each piece that Daft can read by itself, the others here.

Daft reads with many connections from object stores, keeps its own processes busy, and runs on a Ray cluster where it is told to
(``daft.set_runner_ray``). It reports its use to its makers at import and at the start of a query, unless it is told not to: it is
told here, before it is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from mnverify.archive.batches import verified
from mnverify.archive.plan import WHOLE_FILE, Piece
from mnverify.archive.rows import Settings, line_of_json, verify_row
from mnverify.archive.store import Place
from mnverify.archive.tables import COLUMNS, SCHEMA, Columns, batch_of
from mnverify.errors import MissingExtra

SILENT = {"DO_NOT_TRACK": "1", "SCARF_NO_ANALYTICS": "1"}
"""The environment in which Daft reports nothing to anybody."""

BATCH_ROWS = 1024


def load() -> Any:
    """Daft, which reports nothing to anybody.

    Raises:
        MissingExtra: it is not installed.
    """
    os.environ.update(SILENT)
    try:
        import daft
    except ImportError:
        raise MissingExtra("daft", "archive") from None
    return daft


def verify_with_daft(
    settings: Settings, columns: Columns, place: Place, piece: Piece, workers: int
) -> Iterator[pa.RecordBatch] | None:
    """The outcomes of one piece, verified by Daft's processes; ``None`` for a piece that Daft cannot read by itself: packed
    lines, or a stretch of lines of a run that was begun by the other engine.

    Raises:
        MissingExtra: Daft is not installed.
        ArchiveError: it cannot read the file.
    """
    daft = load()
    address = place.address(piece.file)
    if place.is_table(piece.file):
        groups = None if piece.number == WHOLE_FILE else [[piece.number]]
        frame = daft.read_parquet([address], row_groups=groups)
        inputs = [frame[name] if name in frame.column_names else daft.lit(None) for name in columns]
        return _outcomes(frame.select(_verifier(daft, settings, workers).rows(*inputs)))
    if place.is_plain_lines(piece.file) and piece.number == WHOLE_FILE:
        frame = daft.read_text(address)
        return _outcomes(frame.select(_verifier(daft, settings, workers).lines(frame[frame.column_names[0]])))
    return None


def _verifier(daft: Any, settings: Settings, workers: int) -> Any:
    kind = daft.DataType.from_arrow_type(pa.struct(list(SCHEMA)))

    @daft.cls(max_concurrency=workers, use_process=True)
    class Verifier:
        def __init__(self, settings: Settings) -> None:
            self._settings = settings

        @daft.method.batch(return_dtype=kind, batch_size=BATCH_ROWS, unnest=True)  # type: ignore[untyped-decorator]
        def rows(self, *columns: Any) -> Any:
            batch = pa.record_batch([column.to_arrow() for column in columns], names=list(COLUMNS))
            return _joined(verified([batch], self._settings, COLUMNS))

        @daft.method.batch(return_dtype=kind, batch_size=BATCH_ROWS, unnest=True)  # type: ignore[untyped-decorator]
        def lines(self, lines: Any) -> Any:
            texts = lines.to_arrow().to_pylist()
            return _joined([batch_of([verify_row(line_of_json(text.encode()), self._settings) for text in texts])])

    return Verifier(settings)


def _joined(batches: Iterable[pa.RecordBatch]) -> pa.Array:
    return pa.concat_arrays([batch.to_struct_array() for batch in batches])


def _outcomes(frame: Any) -> Iterator[pa.RecordBatch]:
    for batch in frame.to_arrow_iter():
        yield pa.record_batch([batch.column(one.name).cast(one.type) for one in SCHEMA], schema=SCHEMA)
