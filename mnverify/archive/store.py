"""Files and folders of an archive, on a disk or in an object store: listed, cut into pieces, read and written."""

from __future__ import annotations

import io
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from mnverify.archive.plan import WHOLE_FILE, InputFile, Piece
from mnverify.archive.rows import BAD_LINE, MAX_LINE_BYTES, RowIn, line_of_json
from mnverify.archive.tables import SCHEMA, SLICE_ROWS, Columns, rows_of
from mnverify.errors import ArchiveError
from mnverify.text import Text

STRETCH_BYTES = 16 * 1024 * 1024
"""Bytes of lines in one piece."""
_PARQUET = (".parquet", ".pq")
_LINES = (".jsonl", ".ndjson")
_PACKED_LINES = tuple(f"{end}.gz" for end in _LINES)
_TEMPORARY = ".tmp-"
_COUNTS = "mnverify.counts"


class Place:
    """A file or folder by path or URL (``s3://…``, ``gs://…``, ``file://…``).

    Args:
        where: path or URL.

    Raises:
        ArchiveError: there is no way to such a place.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._only: str | None = None  # the one file, where the archive is one
        with _reached(where):
            if "://" in where:
                self._files, self._base = pafs.FileSystem.from_uri(where)
            else:
                self._files, self._base = pafs.LocalFileSystem(), os.path.abspath(where)
            if self._files.get_file_info(self._base).type == pafs.FileType.File:
                self._base, _, self._only = self._base.rpartition("/")

    @property
    def local(self) -> bool:
        """Whether it is on a disk of this machine."""
        return isinstance(self._files, pafs.LocalFileSystem)

    def address(self, name: str) -> str:
        """Where a file of this place is, for an engine that reads by itself."""
        whole = self._path(name)
        return whole if self.local else f"{self.where.split('://', 1)[0]}://{whole}"

    # -- what is there

    def files(self) -> tuple[InputFile, ...]:
        """The files of an archive, in order: the one file, or all Parquet and JSON-lines files of the folder and below.

        Raises:
            ArchiveError: there is none, or it cannot be listed.
        """
        with _reached(self.where):
            wanted = [self._path(self._only)] if self._only else pafs.FileSelector(self._base, recursive=True)
            found = self._files.get_file_info(wanted)
        files = sorted(self._file(one) for one in found if one.type == pafs.FileType.File and _kind(one.path))
        if not files:
            raise ArchiveError(_EMPTY.fill(where=self.where))
        return tuple(files)

    def names(self) -> frozenset[str]:
        """The names of the files directly in a folder; none where there is no folder."""
        with _reached(self.where):
            found = self._files.get_file_info(pafs.FileSelector(self._base, allow_not_found=True))
        return frozenset(one.base_name for one in found if one.type == pafs.FileType.File)

    def is_table(self, name: str) -> bool:
        """Whether a file is Parquet."""
        return _kind(name) is _PARQUET

    def is_plain_lines(self, name: str) -> bool:
        """Whether a file is lines of JSON that are not packed."""
        return _kind(name) is _LINES

    def pieces(self, file: InputFile) -> list[Piece]:
        """A file in pieces: its row groups, or stretches of its lines; a packed file is one piece.

        Raises:
            ArchiveError: it cannot be read, or is no Parquet file.
        """
        if self.is_plain_lines(file.name):
            ends = [min(start + STRETCH_BYTES, file.size) for start in range(0, file.size, STRETCH_BYTES)]
            starts = [0, *ends[:-1]]
            return [
                Piece(file.name, number, start, end, end - start)
                for number, (start, end) in enumerate(zip(starts, ends, strict=True))
            ]
        if not self.is_table(file.name):
            return [Piece(file.name, WHOLE_FILE, 0, 0, file.size)]
        with _reached(self.address(file.name)), self._parquet(file.name) as parquet:
            groups = [parquet.metadata.row_group(n).total_byte_size for n in range(parquet.metadata.num_row_groups)]
        return [Piece(file.name, number, 0, 0, size) for number, size in enumerate(groups)]

    # -- reading

    def rows(self, piece: Piece, columns: Columns) -> Iterator[list[RowIn]]:
        """The rows of a piece, some at a time.

        Raises:
            ArchiveError: the file cannot be read, or has no column with evidence.
        """
        with _reached(self.address(piece.file)):
            yield from self._table_rows(piece, columns) if self.is_table(piece.file) else self._line_rows(piece)

    def _table_rows(self, piece: Piece, columns: Columns) -> Iterator[list[RowIn]]:
        with self._parquet(piece.file) as parquet:
            there = [name for name in columns if name in parquet.schema_arrow.names]
            groups = None if piece.number == WHOLE_FILE else [piece.number]
            for batch in parquet.iter_batches(SLICE_ROWS, row_groups=groups, columns=there, use_threads=False):
                yield from rows_of(batch, columns)

    def _line_rows(self, piece: Piece) -> Iterator[list[RowIn]]:
        rows: list[RowIn] = []
        for line in self._lines(piece):
            rows.append(line_of_json(line) if line is not None else RowIn(error=BAD_LINE))
            if len(rows) == SLICE_ROWS:
                yield rows
                rows = []
        if rows:
            yield rows

    def _lines(self, piece: Piece) -> Iterator[bytes | None]:
        """The lines that begin in a stretch; ``None`` for one that is too long. Blank ones are passed over."""
        if not self.is_plain_lines(piece.file):
            with self._files.open_input_stream(self._path(piece.file), compression="gzip") as packed:
                yield from _all_lines(cast("BinaryIO", io.BufferedReader(packed)), None)
            return
        with self._files.open_input_file(self._path(piece.file)) as plain:
            stream = cast("BinaryIO", io.BufferedReader(plain))
            if piece.number == WHOLE_FILE:
                yield from _all_lines(stream, None)
                return
            if piece.start:  # a line that began before belongs to the stretch before
                stream.seek(piece.start - 1)
                _skip_line(stream)
            yield from _all_lines(stream, piece.end)

    # -- writing

    def prepare(self) -> None:
        """Make the folder, and remove what a run that was killed left half-written.

        Raises:
            ArchiveError: it cannot be made, or is a file.
        """
        with _reached(self.where):
            if self._only is not None:
                raise ArchiveError(_NO_FOLDER.fill(where=self.where))
            if self.local:
                Path(self._base).mkdir(parents=True, exist_ok=True)
                for left in Path(self._base).glob(f"*{_TEMPORARY}*"):
                    left.unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        """A small file of this place."""
        with _reached(self.address(name)), self._files.open_input_stream(self._path(name)) as stream:
            return cast("bytes", stream.read())

    def write(self, name: str, data: bytes) -> None:
        """A small file, whole or not at all."""
        with _reached(self.address(name)), self._new(name) as stream:
            stream.write(data)

    def write_part(self, name: str, batches: Iterator[pa.RecordBatch], counts: Mapping[str, int]) -> None:
        """The output of a piece, whole or not at all.

        Args:
            name: of the file.
            batches: of ``SCHEMA``.
            counts: filled in while the batches are made; it goes into the file's own metadata, so that nothing that is kept
                apart can say otherwise.
        """
        with (
            _reached(self.address(name)),
            self._new(name) as stream,
            pq.ParquetWriter(stream, SCHEMA, compression="zstd") as writer,
        ):
            for batch in batches:
                writer.write_batch(batch)
            writer.add_key_value_metadata({_COUNTS: json.dumps(counts)})

    def part_counts(self, name: str) -> dict[str, int]:
        """What ``write_part`` was given as counts."""
        with _reached(self.address(name)), self._parquet(name) as parquet:
            found: dict[str, int] = json.loads((parquet.metadata.metadata or {}).get(_COUNTS.encode(), b"{}"))
        return found

    @contextmanager
    def _new(self, name: str) -> Iterator[Any]:
        """A file that appears under its name when it is complete. An object store does so by itself."""
        if not self.local:
            with self._files.open_output_stream(self._path(name)) as stream:
                yield stream
            return
        target = Path(self._path(name))
        temporary = target.with_name(f"{name}{_TEMPORARY}{uuid.uuid4().hex}")
        try:
            with open(temporary, "xb", opener=_private) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
            _sync_folder(target.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def _parquet(self, name: str) -> pq.ParquetFile:
        return pq.ParquetFile(self._path(name), filesystem=self._files, pre_buffer=False, buffer_size=1 << 20)

    def _file(self, info: pafs.FileInfo) -> InputFile:
        return InputFile(info.path[len(self._base) :].lstrip("/"), info.size, info.mtime_ns or 0)

    def _path(self, name: str) -> str:
        return f"{self._base}/{name}"


def _all_lines(stream: BinaryIO, end: int | None) -> Iterator[bytes | None]:
    at = stream.tell() if end is not None else 0
    while end is None or at < end:
        line = stream.readline(MAX_LINE_BYTES + 1)
        if not line:
            return
        long = len(line) > MAX_LINE_BYTES and not line.endswith(b"\n")
        at += len(line) + (_skip_line(stream) if long else 0)
        if long:
            yield None
        elif line.strip():
            yield line


def _skip_line(stream: BinaryIO) -> int:
    """Go behind the end of the line; the bytes that were passed over."""
    passed = 0
    while line := stream.readline(MAX_LINE_BYTES):
        passed += len(line)
        if line.endswith(b"\n"):
            break
    return passed


def _kind(name: str) -> tuple[str, ...] | None:
    if PurePosixPath(name).name.startswith(("_", ".")):
        return None
    return next((kind for kind in (_PARQUET, _LINES, _PACKED_LINES) if name.lower().endswith(kind)), None)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems know no such thing
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _reached(where: str) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _unreachable(where, error) from None


def _unreachable(where: str, error: Exception) -> ArchiveError:
    why = getattr(error, "strerror", None) or type(error).__name__
    return ArchiveError(_UNREACHABLE.fill(where=where, why=why))


_UNREACHABLE = Text(
    "{where} cannot be used: {why}. What is done is kept; mend it and run the same command again.",
    "{where} を使えません（{why}）。済んだ分は保存されています。直してから同じコマンドをもう一度実行してください。",
)
_NO_FOLDER = Text(
    "{where} is a file, not a folder. Nothing was verified; choose a folder for the output.",
    "{where} はフォルダーではなくファイルです。検証していません。出力先にはフォルダーを指定してください。",
)
_EMPTY = Text(
    "There is no Parquet or JSON-lines file (.parquet, .jsonl, .jsonl.gz) at {where}. Nothing was verified.",
    "{where} に Parquet または JSON Lines のファイル（.parquet、.jsonl、.jsonl.gz）がありません。検証していません。",
)
