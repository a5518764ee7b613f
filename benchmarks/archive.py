"""What re-verifying an archive takes. Usage: python -m benchmarks.archive [--rows N]

A million rows (default), genuine and forged, of the invented holders' cards and of the test vectors, in Parquet. In one run, on one
machine, everything by ratios:

* the rate beside a bare process pool that reads, verifies and counts, and writes nothing. Target: at least 0.8.
* two workers beside one. Target: at least 1.8 (on a machine with two idle cores).
* the memory of the largest process at a tenth of the rows and at all of them. Target: flat, at most 1.1.
* the counts of verdicts, checks and errors: exact, or the program stops.
"""

from __future__ import annotations

import argparse
import base64
import multiprocessing
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from mnverify.archive import Summary, verify_archive
from mnverify.archive.rows import Settings, verify_row
from mnverify.archive.tables import COLUMNS, rows_of
from mnverify.card import FaceCheck, VerificationNumberB
from mnverify.values import CredentialKind, Purpose
from mnverify.verification import TrustStore
from mnverify.virtual import Flaw, VirtualAuthority, personas
from tests.archive.rows import expected, text, vectors

T = TypeVar("T")
AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
GROUP = 5_000  # rows of a row group
FILES = 4
VECTORS = Path(__file__).parent.parent / "tests" / "vectors"
TRUST = VECTORS / "anchors" / "virtual.json"


class Kept(NamedTuple):
    """One evidence of the archive, and what it has to come to.

    Attributes:
        text: its JSON.
        at: the moment it is judged by; ``None`` for that of the run.
        challenge: that it has to answer.
        verdict, error, failed: as in ``Summary``.
    """

    text: str
    at: str | None = None
    challenge: bytes | None = None
    verdict: str | None = "verified"
    error: str | None = None
    failed: tuple[str, ...] = ()


def main() -> None:
    """Make the archive, verify it in several ways, print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    rows = options.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), rows)


def measure(folder: Path, rows: int) -> None:
    """Everything on one archive, and on a tenth of it."""
    trust = TrustStore.from_file(TRUST)
    whole, tenth = make(folder / "whole", rows), make(folder / "tenth", rows // 10)
    run = partial(verify_archive, trust=trust, at=AT)
    small, small_memory = watched(lambda: run(folder / "tenth", folder / "out-tenth", workers=2))
    check(small, tenth)
    seconds, (summary, memory) = timed(lambda: watched(lambda: run(folder / "whole", folder / "out-whole", workers=2)))
    check(summary, whole)
    bare_seconds, counted = timed(lambda: bare(folder / "whole", 2))
    if counted != rows:
        raise SystemExit(f"the bare pool counted {counted} rows, not {rows}")
    one, _ = timed(lambda: run(folder / "tenth", folder / "out-one", workers=1))
    two, _ = timed(lambda: run(folder / "tenth", folder / "out-two", workers=2))
    size = sum(path.stat().st_size for path in (folder / "whole").iterdir()) / 1e6
    print(
        f"{rows} rows, {size:.0f} MB of Parquet; verdicts {dict(summary.verdicts)}, errors {dict(summary.errors)}: exact"
    )
    table = [
        ("rows a second, two workers", f"{rows / seconds:.0f}", ""),
        ("beside a bare process pool", f"{bare_seconds / seconds:.2f}", "at least 0.80"),
        ("two workers beside one", f"{one / two:.2f}", "at least 1.80"),
        ("memory at all rows beside a tenth", f"{memory / small_memory:.2f}", "at most 1.10"),
        ("memory of the largest process, MB", f"{memory / 1e6:.0f}", ""),
    ]
    for name, value, target in table:
        print(f"{name:36} {value:>10}  {target}".rstrip())


def make(folder: Path, rows: int) -> Summary:
    """Write an archive; what a verification of it has to come to."""
    kinds = evidences()
    chosen = random.Random(20261122)
    weights = [20 if one.verdict == "verified" else 1 for one in kinds]
    verdicts: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    folder.mkdir()
    for file in range(FILES):
        with pq.ParquetWriter(
            folder / f"kept-{file}.parquet", _SCHEMA, compression="zstd", use_dictionary=False
        ) as writer:
            for start in range(file * rows // FILES, (file + 1) * rows // FILES, GROUP):
                count = min(GROUP, (file + 1) * rows // FILES - start)
                picked = chosen.choices(range(len(kinds)), weights, k=count)
                writer.write_table(_table(start, [kinds[at] for at in picked]))
                for one in (kinds[at] for at in picked):
                    (errors if one.error else verdicts)[one.error or one.verdict or ""] += 1
                    failed.update(one.failed)
    return Summary(rows, verdicts, failed, errors)


_SCHEMA = pa.schema([("id", pa.int64()), ("evidence", pa.string()), ("at", pa.string()), ("challenge", pa.binary())])


def _table(start: int, kept: list[Kept]) -> pa.Table:
    ids = range(start, start + len(kept))
    return pa.table(
        [ids, [one.text for one in kept], [one.at for one in kept], [one.challenge for one in kept]], schema=_SCHEMA
    )


def evidences() -> list[Kept]:
    """Those of the vectors that stand alone, then four of each invented holder: with the photo and without, genuine and forged."""
    found = []
    for vector in vectors():
        outcome = expected(vector)
        failed = tuple(f"{one['id']}/{one['code']}" for one in outcome["checks"] or () if one["outcome"] == "fail")
        challenge = base64.b64decode(vector["challenge"]) if "challenge" in vector else None
        found.append(Kept(text(vector), vector["at"], challenge, outcome["verdict"], outcome["error"], failed))
    return [*found, *cards()]


def cards() -> Iterator[Kept]:
    """Card faces of the invented holders, and the same with another face in the photo."""
    authority = VirtualAuthority.laboratory()
    for person in personas():
        for flaws in ((), (Flaw.SWAPPED_PHOTO,)) if person.photo else ((),):  # without a photo there is none to swap
            card = authority.issue(person, flaws=flaws)
            failed = ["record-signature/bad-signature"] if flaws else []
            if person.expiry < AT.date() and not failed:  # of a rejected record nobody looks at the date
                failed.append("expiry/expired")
            with FaceCheck.open(card) as session:
                session.present(VerificationNumberB(card.credentials[CredentialKind.VERIFICATION_NUMBER_B.value]))
                whole = session.read(Purpose.FACE)
            for evidence in (whole, whole if flaws else whole.without_segments(3)):
                yield Kept(evidence.to_json(), None, None, "rejected" if failed else "verified", None, tuple(failed))


def check(summary: Summary, expected: Summary) -> None:
    """Stop where a count is not exact."""
    for name in ("rows", "verdicts", "failed", "errors"):
        if getattr(summary, name) != getattr(expected, name):
            raise SystemExit(f"{name}: {getattr(summary, name)}, not {getattr(expected, name)}")


def bare(folder: Path, workers: int) -> int:
    """A process pool that reads, verifies and counts."""
    groups = [(path, n) for path in sorted(folder.iterdir()) for n in range(pq.ParquetFile(path).num_row_groups)]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        return sum(pool.map(_bare_group, groups))


def _bare_group(group: tuple[Path, int]) -> int:
    settings = Settings(TrustStore.from_file(TRUST), AT)
    count = 0
    for batch in pq.ParquetFile(group[0]).iter_batches(1024, row_groups=[group[1]], use_threads=False):
        for rows in rows_of(batch, COLUMNS):
            count += sum(verify_row(row, settings).id is not None for row in rows)
    return count


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and what came of it."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def watched(work: Callable[[], T]) -> tuple[T, int]:
    """What came of it, and the most memory (RSS, bytes) that one of the processes used meanwhile."""
    me, most, done = psutil.Process(), 0, threading.Event()

    def look() -> None:
        nonlocal most
        while not done.wait(0.2):
            for process in me.children(recursive=True):
                try:
                    most = max(most, process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        found = work()
    finally:
        done.set()
        watcher.join()
    return found, most


if __name__ == "__main__":
    main()
