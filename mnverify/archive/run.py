"""A whole archive: what is to be done, by how many processes, and what came of it. The pool is the standard library's."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import wait as wait_for
from types import MappingProxyType
from typing import NamedTuple

import pyarrow as pa

from mnverify.archive.batches import settings_for
from mnverify.archive.plan import MANIFEST, WHOLE_FILE, Piece, Plan, terms_of
from mnverify.archive.rows import MUST_NOT_BE_KEPT, Settings, verify_row
from mnverify.archive.store import Place
from mnverify.archive.tables import COLUMNS, Columns, batch_of, count_rows, named
from mnverify.errors import ArchiveError, UsageError
from mnverify.text import Text
from mnverify.values.terms import Role
from mnverify.verification import TrustStore

MAX_WORKERS = 256
_WAITING = 2  # pieces that wait for each worker


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of an archive, so far.

    Attributes:
        rows: how many.
        verdicts: rows by verdict.
        failed: rows by check and code, for checks that failed, as ``chain/unknown-authority``. A row may stand under several.
        errors: rows by code, for rows that are no evidence.
        pieces: how many are done.
        of: how many there are.
    """

    rows: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    pieces: int = 0
    of: int = 0

    @property
    def all_verified(self) -> bool:
        """Whether every row of the archive was looked at and verified. Of no row at all nothing was verified."""
        return self.pieces == self.of and 0 < self.rows == self.verdicts["verified"]

    @property
    def must_not_be_kept(self) -> int:
        """Rows of input-assist evidence in role ``general``, which nobody may keep."""
        return self.errors[MUST_NOT_BE_KEPT]


class Progress(NamedTuple):
    """How far a run is.

    Attributes:
        done: bytes of input, those of earlier runs too.
        total: bytes of input.
        rows: rows verified by this run.
    """

    done: int
    total: int
    rows: int


class Work(NamedTuple):
    """What a worker needs beside the piece itself; it can be sent to another process."""

    archive: str
    output: str
    settings: Settings
    columns: Columns


def verify_archive(
    archive: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    trust: TrustStore,
    at: datetime | None = None,
    role: Role = Role.GENERAL,
    require_presence: bool = False,
    columns: Columns = COLUMNS,
    workers: int | None = None,
    engine: str = "local",
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Verify every kept evidence of an archive, and write one outcome for each row.

    Run again with the same arguments it goes on where it stopped, whatever stopped it: a piece of the archive (a row group, or
    16 MiB of lines) is done when its output file stands under its name, and it is put there whole. Files that came since are
    taken in.

    Args:
        archive: a file or folder of Parquet or JSON lines, by path or URL.
        output: a folder, by path or URL. Parquet files with the columns of ``SCHEMA``, and a manifest.
        trust: the anchors.
        at: the moment to judge expiry by, for rows without one; default: when the run first began.
        role: the receiver's own role.
        require_presence: reject where presence did not pass.
        columns: the names of the input columns.
        workers: processes; default: one a core.
        engine: ``local`` (a process pool here) or ``daft`` (Daft, which also reads with many connections from object stores
            and, set up so, runs on a Ray cluster).
        progress: is told after each piece.

    Returns:
        What came of it, earlier runs included.

    Raises:
        ArchiveError: a place cannot be read or written, or the output folder belongs to another run. What is done is kept.
        UsageError: the arguments do not go together.
        MissingExtra: Daft is not installed.
    """
    count = workers_or_refuse(workers)
    place, target = Place(os.fspath(archive)), Place(os.fspath(output))
    target.prepare()
    if engine not in ENGINES:
        raise UsageError(_NO_ENGINE)
    plan, begun = _plan(place, target, settings_for(trust, at, role, require_presence), engine, given_at=at is not None)
    settings = settings_for(trust, begun, role, require_presence)
    work = Work(place.where, target.where, settings, columns)
    there = target.names()
    missing = [piece for piece in plan.pieces if piece.part not in there]
    tell = _Teller(plan.pieces, missing, progress)
    ENGINES[engine](work, missing, count, tell)
    return summary(plan, target)


def _plan(place: Place, target: Place, settings: Settings, engine: str, *, given_at: bool) -> tuple[Plan, datetime]:
    """The run: as it was begun, with the files that came since, or a new one; and the moment it goes by."""
    files = place.files()
    if engine == "local":
        pieces = tuple(piece for file in files for piece in place.pieces(file))
    else:  # which cuts files by itself
        pieces = tuple(Piece(file.name, WHOLE_FILE, 0, 0, file.size) for file in files)
    plan = Plan(terms_of(settings), files, pieces)
    names = target.names()
    if MANIFEST in names:
        known = Plan.from_json(target.read(MANIFEST))
        if not given_at:
            plan.terms["at"] = known.terms.get("at")
        plan = known.going_on(plan)
        if plan == known:
            return plan, datetime.fromisoformat(plan.terms["at"])
    elif any(name.startswith("part-") for name in names):
        raise ArchiveError(_STRANGE)
    target.write(MANIFEST, plan.to_json())
    return plan, datetime.fromisoformat(plan.terms["at"])


def summary(plan: Plan, target: Place) -> Summary:
    """What the outputs that are there say, each of itself."""
    there = target.names()
    done = [piece.part for piece in plan.pieces if piece.part in there]
    total: Counter[str] = Counter()
    for name in done:
        total.update(target.part_counts(name))
    return Summary(
        total["rows"],
        _under("verdict/", total),
        _under("failed/", total),
        _under("error/", total),
        len(done),
        len(plan.pieces),
    )


def _under(prefix: str, counts: Counter[str]) -> Counter[str]:
    return Counter({key.removeprefix(prefix): count for key, count in counts.items() if key.startswith(prefix)})


def verify_piece(work: Work, piece: Piece) -> int:
    """Verify one piece in this process and write its output; the number of rows."""
    place = Place(work.archive)
    batches = (batch_of([verify_row(row, work.settings) for row in rows]) for rows in place.rows(piece, work.columns))
    return write_piece(Place(work.output), piece, batches)


def write_piece(target: Place, piece: Piece, batches: Iterable[pa.RecordBatch]) -> int:
    """Write the outcomes of a piece, counted, and each named; the number of rows."""
    counts: Counter[str] = Counter()

    def counted() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield named(batch, f"{piece.file}#{piece.part.split('-')[-1].removesuffix('.parquet')}.", counts["rows"])
            count_rows(batch, counts)

    target.write_part(piece.part, counted(), counts)
    return counts["rows"]


class _Teller:
    """Adds up what is done, and passes it on."""

    def __init__(
        self, pieces: Iterable[Piece], missing: Iterable[Piece], told: Callable[[Progress], None] | None
    ) -> None:
        self._total = sum(piece.weight for piece in pieces)
        self._done = self._total - sum(piece.weight for piece in missing)
        self._rows = 0
        self._told = told
        self(0, 0)

    def __call__(self, weight: int, rows: int) -> None:
        self._done += weight
        self._rows += rows
        if self._told is not None:
            self._told(Progress(self._done, self._total, self._rows))


Teller = Callable[[int, int], None]


def _in_pool(work: Work, missing: list[Piece], workers: int, tell: Teller) -> None:
    """Every missing piece in one of several processes; few of them wait, so that memory does not grow with the archive."""
    if workers == 1 or len(missing) == 1:
        for piece in missing:
            tell(piece.weight, verify_piece(work, piece))
        return
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    pieces = iter(missing)
    running: dict[Future[int], Piece] = {}
    with ProcessPoolExecutor(min(workers, max(len(missing), 1)), context, _begin_worker, (work,)) as pool:
        try:
            for piece in pieces:
                running[pool.submit(_verify_piece, piece)] = piece
                if len(running) >= _WAITING * workers:
                    _collect(running, tell)
            while running:
                _collect(running, tell)
        except BrokenProcessPool:
            raise ArchiveError(_WORKER_DIED) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _collect(running: dict[Future[int], Piece], tell: Teller) -> None:
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        rows = future.result()
        tell(running.pop(future).weight, rows)


def _by_daft(work: Work, missing: list[Piece], workers: int, tell: Teller) -> None:
    """Every missing piece by Daft; one that it cannot read by itself is verified in this process."""
    from mnverify.archive.daft_engine import verify_with_daft

    place, target = Place(work.archive), Place(work.output)
    for piece in missing:
        outcomes = verify_with_daft(work.settings, work.columns, place, piece, workers)
        rows = verify_piece(work, piece) if outcomes is None else write_piece(target, piece, outcomes)
        tell(piece.weight, rows)


ENGINES: Mapping[str, Callable[[Work, list[Piece], int, Teller], None]] = MappingProxyType(
    {"local": _in_pool, "daft": _by_daft}
)
"""What runs a verification: a process pool on this machine, or Daft."""

_work: Work  # of this worker process


def _begin_worker(work: Work) -> None:
    global _work
    _work = work
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End this worker when the process that began it is gone, however it ended."""
    wait_for([sentinel])
    os._exit(1)


def _verify_piece(piece: Piece) -> int:
    return verify_piece(_work, piece)


def workers_or_refuse(workers: int | None) -> int:
    """How many processes.

    Raises:
        UsageError: none, or too many.
    """
    count = (os.cpu_count() or 1) if workers is None else workers
    if type(count) is not int or not 1 <= count <= MAX_WORKERS:
        raise UsageError(_NO_WORKERS)
    return count


_NO_WORKERS = Text(
    f"The number of workers is 1 to {MAX_WORKERS}. Nothing was verified.",
    f"ワーカー数は1から{MAX_WORKERS}です。検証していません。",
)
_NO_ENGINE = Text(
    "The engines are local and daft. Nothing was verified.", "エンジンは local か daft です。検証していません。"
)
_STRANGE = Text(
    "The output folder has outputs but no manifest, so nobody knows of which archive. Nothing was verified; "
    "choose an empty folder.",
    "出力フォルダーに結果はありますが管理ファイル（manifest）がなく、どのアーカイブのものか分かりません。検証していません。"
    "空のフォルダーを指定してください。",
)
_WORKER_DIED = Text(
    "A worker process died, perhaps for want of memory. What is done is kept; run the same command again, with fewer workers.",
    "ワーカープロセスが停止しました（メモリ不足の可能性があります）。済んだ分は保存されています。"
    "ワーカー数を減らして、同じコマンドをもう一度実行してください。",
)
