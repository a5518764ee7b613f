"""The other engine: the same function, the same tables, and nothing told to anybody."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mnverify.archive import SCHEMA, verify_archive, verify_batches
from mnverify.archive.daft_engine import SILENT
from tests.archive.rows import VECTORS, table, trust
from tests.archive.test_run import lines, write_parquet

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)

pytestmark = pytest.mark.filterwarnings("default")  # those of the engine are its own


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """What the engine did not close is thrown away here, where its warnings are let be, and not in the middle of another's test."""
    yield
    gc.collect()


def by_id(rows: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.select(SCHEMA.names).to_pylist()
    return sorted(found, key=lambda row: row["id"])


def test_daft_the_pool_and_a_plain_loop_give_identical_tables(tmp_path: Path) -> None:
    write_parquet(tmp_path / "in", copies=3)
    (tmp_path / "in" / "kept.jsonl").write_text("\n".join(lines()))
    loop = pa.Table.from_batches(verify_batches([*table().to_batches()] * 4, trust=trust(), at=AT), SCHEMA)
    counted = []
    for engine in ("local", "daft"):
        counted.append(
            verify_archive(tmp_path / "in", tmp_path / engine, trust=trust(), at=AT, workers=2, engine=engine)
        )
        found = pq.read_table(tmp_path / engine)
        assert found.schema.equals(SCHEMA)
        assert by_id(found) == by_id(loop)
    local, daft = counted
    assert (local.rows, local.verdicts, local.failed, local.errors) == (
        daft.rows,
        daft.verdicts,
        daft.failed,
        daft.errors,
    )


def test_a_run_of_one_engine_is_gone_on_with_by_the_other(tmp_path: Path) -> None:
    write_parquet(tmp_path / "in", group=60)
    for first, second in (("local", "daft"), ("daft", "local")):
        out = tmp_path / first
        whole = verify_archive(tmp_path / "in", out, trust=trust(), at=AT, workers=1, engine=first)
        undisturbed = by_id(pq.read_table(out))
        for part in sorted(out.glob("part-*"))[:1]:
            part.unlink()
        assert verify_archive(tmp_path / "in", out, trust=trust(), at=AT, workers=1, engine=second) == whole
        assert by_id(pq.read_table(out)) == undisturbed


def test_daft_tells_nobody_that_it_is_used(tmp_path: Path) -> None:
    write_parquet(tmp_path / "in")
    asked, seconds = attempts(_LOUD, tmp_path, wait=30.0)
    assert asked, "the engine reports no more, or this test does not see it"
    assert attempts("from mnverify.archive.daft_engine import load", tmp_path, wait=1 + 3 * seconds)[0] == []


def attempts(load: str, folder: Path, wait: float) -> tuple[list[str], float]:
    """What a program asked of the network, and after how many seconds; it is given time to ask."""
    words = [sys.executable, "-c", _RUN.format(load=load), str(folder), str(VECTORS), str(wait)]
    bare = {name: value for name, value in os.environ.items() if name not in SILENT and not name.startswith("DAFT")}
    found = subprocess.run(words, env=bare, capture_output=True, text=True, check=True, timeout=180)
    asked, seconds = json.loads(found.stdout.splitlines()[-1])
    return asked, seconds


_LOUD = "load = lambda: __import__('daft')"
_RUN = """
import json, sys, time
asked = []

def watch(event, details):
    if event in ("socket.getaddrinfo", "socket.connect", "urllib.Request"):
        asked.append(str(details[0]))
        raise OSError("there is no network here")

sys.addaudithook(watch)
{load}
load()
if "mnverify.archive.daft_engine" in sys.modules:
    from pathlib import Path
    from mnverify.archive import verify_archive
    from mnverify.verification import TrustStore
    folder = Path(sys.argv[1])
    trust = TrustStore.from_file(Path(sys.argv[2]) / "anchors" / "virtual.json")
    assert verify_archive(folder / "in", folder / "out", trust=trust, workers=2, engine="daft").rows
end = time.monotonic() + float(sys.argv[3])
begun = time.monotonic()
while not asked and time.monotonic() < end:
    time.sleep(0.05)
print(json.dumps([asked, time.monotonic() - begun]))
"""
