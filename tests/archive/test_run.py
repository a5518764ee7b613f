"""A whole archive: formats, folders, going on, what is refused; and that nothing is lost or doubled when it is killed."""

from __future__ import annotations

import base64
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mnverify.archive import Columns, Progress, Summary, store, verify_archive
from mnverify.archive.plan import MANIFEST
from mnverify.errors import ArchiveError, UsageError
from tests.archive.rows import VECTORS, expected, table, trust, vectors

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
OPTIONS: dict[str, Any] = {"trust": trust(), "at": AT}


def lines() -> list[str]:
    rows = table().to_pylist()
    for row in rows:
        if row["challenge"] is not None:
            row["challenge"] = base64.b64encode(row["challenge"]).decode()
    return [
        json.dumps({key: value for key, value in row.items() if value is not None}, ensure_ascii=False) for row in rows
    ]


def write_parquet(folder: Path, name: str = "kept.parquet", copies: int = 1, group: int = 25) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.concat_tables([table()] * copies), folder / name, row_group_size=group)
    return folder / name


def outcome(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder).to_pylist()
    return sorted(rows, key=lambda row: json.dumps(row))


def everything() -> list[dict[str, Any]]:
    return sorted((expected(one) for one in vectors()), key=lambda row: json.dumps(row))


def normal(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("workers", [1, 2])
def test_parquet_by_row_groups(tmp_path: Path, workers: int) -> None:
    summary = verify_archive(write_parquet(tmp_path / "in").parent, tmp_path / "out", workers=workers, **OPTIONS)
    assert normal(outcome(tmp_path / "out")) == normal(everything())
    assert summary.pieces == summary.of == -(-len(vectors()) // 25)
    assert summary.rows == len(vectors())
    assert summary.verdicts == Counter(one["verdict"] for one in everything() if one["verdict"])
    assert summary.errors == Counter(one["error"] for one in everything() if one["error"])
    failed = Counter(
        f"{c['id']}/{c['code']}" for one in everything() for c in one["checks"] or () if c["outcome"] == "fail"
    )
    assert summary.failed == failed and summary.must_not_be_kept == summary.errors["not-storable"] > 0
    assert not summary.all_verified


@pytest.mark.parametrize("packed", [False, True])
def test_lines_of_json(tmp_path: Path, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "STRETCH_BYTES", 40_000)  # many stretches, that begin and end in the middle of lines
    text = "\n".join(lines()).encode()
    path = tmp_path / ("kept.jsonl.gz" if packed else "kept.jsonl")
    path.write_bytes(gzip.compress(text) if packed else text)
    summary = verify_archive(path, tmp_path / "out", workers=1, **OPTIONS)
    assert normal(outcome(tmp_path / "out")) == normal(everything())
    assert (summary.of == 1) is packed


def test_a_line_that_is_none_is_a_row_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "kept.jsonl").write_text(
        "\n".join(["", "{}", "[]", '{"id": "x", "id": "y"}', '{"evidence": 1}', "x" * 400_000, "  ", lines()[0], "{"])
    )
    verify_archive(tmp_path / "kept.jsonl", tmp_path / "out", workers=1, **OPTIONS)
    rows = pq.read_table(tmp_path / "out").to_pylist()
    assert [row["error"] for row in rows] == [
        "no-evidence",
        "bad-line",
        "bad-line",
        "no-evidence",
        "bad-line",
        rows[5]["error"],
        "bad-line",
    ]
    assert rows[5]["id"] == vectors()[0]["name"]
    assert rows[0]["id"] == "kept.jsonl#000000.0" and len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("stretch", [1, 7, 1000, 4096])
def test_every_line_belongs_to_one_stretch(tmp_path: Path, stretch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "STRETCH_BYTES", stretch)
    (tmp_path / "kept.jsonl").write_text("".join(f'{{"id": "{n}"}}' + "\n" * (n % 3) + "\n" for n in range(40)))
    place = store.Place(str(tmp_path))
    (file,) = place.files()
    found = [row.id for piece in place.pieces(file) for rows in place.rows(piece, Columns()) for row in rows]
    assert found == [str(n) for n in range(40)]


def test_a_folder_of_both_and_what_is_passed_over(tmp_path: Path) -> None:
    write_parquet(tmp_path / "in" / "2025")
    (tmp_path / "in" / "2026").mkdir()
    (tmp_path / "in" / "2026" / "kept.ndjson").write_text("\n".join(lines()))
    (tmp_path / "in" / "_SUCCESS").write_text("")
    (tmp_path / "in" / "readme.txt").write_text("no evidence")
    verify_archive(tmp_path / "in", tmp_path / "out", workers=2, **OPTIONS)
    assert normal(outcome(tmp_path / "out")) == normal(everything() * 2)


def test_a_second_run_does_nothing_and_says_the_same(tmp_path: Path) -> None:
    write_parquet(tmp_path / "in")
    first = verify_archive(tmp_path / "in", tmp_path / "out", workers=1, **OPTIONS)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    told: list[Progress] = []
    again = verify_archive(tmp_path / "in", tmp_path / "out", workers=1, progress=told.append, **OPTIONS)
    assert again == first
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before
    assert [one.rows for one in told] == [0] and told[0].done == told[0].total > 0


def test_files_that_came_since_are_taken_in(tmp_path: Path) -> None:
    write_parquet(tmp_path / "in", "a.parquet")
    verify_archive(tmp_path / "in", tmp_path / "out", workers=1, **OPTIONS)
    write_parquet(tmp_path / "in", "b.parquet")
    summary = verify_archive(tmp_path / "in", tmp_path / "out", workers=1, **OPTIONS)
    assert summary.rows == 2 * len(vectors())
    assert normal(outcome(tmp_path / "out")) == normal(everything() * 2)


def test_without_a_moment_a_run_keeps_the_one_it_began_with(tmp_path: Path) -> None:
    write_parquet(tmp_path / "in")
    verify_archive(tmp_path / "in", tmp_path / "out", workers=1, trust=trust())
    begun = json.loads((tmp_path / "out" / MANIFEST).read_text())["terms"]["at"]
    next(iter((tmp_path / "out").glob("part-*"))).unlink()
    time.sleep(1.1)  # moments are whole seconds
    verify_archive(tmp_path / "in", tmp_path / "out", workers=1, trust=trust())
    assert json.loads((tmp_path / "out" / MANIFEST).read_text())["terms"]["at"] == begun


def test_other_terms_and_changed_files_are_refused(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "in")
    verify_archive(tmp_path / "in", tmp_path / "out", workers=1, **OPTIONS)
    from mnverify.verification import TrustStore

    for other in (
        {"trust": TrustStore.production()},
        {"require_presence": True},
        {"at": datetime(2020, 1, 1, tzinfo=UTC)},
    ):
        with pytest.raises(ArchiveError, match="other terms"):
            verify_archive(tmp_path / "in", tmp_path / "out", workers=1, **OPTIONS | other)
    write_parquet(tmp_path / "in", path.name, copies=2)
    with pytest.raises(ArchiveError, match="changed"):
        verify_archive(tmp_path / "in", tmp_path / "out", workers=1, **OPTIONS)


def test_what_cannot_be_read_is_said_before_a_row_is_verified(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(ArchiveError, match="no Parquet"):
        verify_archive(tmp_path / "in", tmp_path / "out", **OPTIONS)
    (tmp_path / "in" / "kept.parquet").write_bytes(b"PAR1 it is not")
    with pytest.raises(ArchiveError, match=r"kept\.parquet"):
        verify_archive(tmp_path / "in", tmp_path / "out", **OPTIONS)
    with pytest.raises(ArchiveError):
        verify_archive(tmp_path / "nowhere", tmp_path / "out", **OPTIONS)
    write_parquet(tmp_path / "in")
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="not a folder"):
        verify_archive(tmp_path / "in", tmp_path / "file", **OPTIONS)
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "part-1.parquet").write_text("")
    with pytest.raises(ArchiveError, match="no manifest"):
        verify_archive(tmp_path / "in", tmp_path / "strange", **OPTIONS)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / MANIFEST).write_text('{"format": "mnverify.archive-run/1"')
    with pytest.raises(ArchiveError, match="manifest"):
        verify_archive(tmp_path / "in", tmp_path / "broken", **OPTIONS)
    for wrong in ({"workers": 0}, {"engine": "spark"}):
        with pytest.raises(UsageError):
            verify_archive(tmp_path / "in", tmp_path / "out", **OPTIONS | wrong)


def test_of_an_archive_without_rows_nothing_is_verified(tmp_path: Path) -> None:
    (tmp_path / "kept.jsonl").write_text("\n")
    assert not verify_archive(tmp_path / "kept.jsonl", tmp_path / "out", workers=1, **OPTIONS).all_verified
    assert not Summary().all_verified


def test_a_summary_of_good_rows_alone_is_all_verified(tmp_path: Path) -> None:
    good = [one["name"] for one in vectors() if expected(one)["verdict"] == "verified"]
    rows = [row for row in table().to_pylist() if row["id"] in good]
    pq.write_table(pa.Table.from_pylist(rows, table().schema), tmp_path / "kept.parquet")
    assert verify_archive(tmp_path / "kept.parquet", tmp_path / "out", workers=1, **OPTIONS).all_verified


def test_an_output_cannot_be_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parquet(tmp_path / "in", group=1000)

    def broken(*_: object) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        with pytest.raises(ArchiveError):
            verify_archive(tmp_path / "in", tmp_path / "out", workers=1, **OPTIONS)
    assert list((tmp_path / "out").iterdir()) == []
    verify_archive(tmp_path / "in", tmp_path / "out", workers=1, **OPTIONS)
    assert normal(outcome(tmp_path / "out")) == normal(everything())


KILLS = 20


def test_killed_twenty_times_it_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    for name in "abcd":
        write_parquet(tmp_path / "in", f"{name}.parquet", copies=12, group=60)
    whole = verify_archive(tmp_path / "in", tmp_path / "undisturbed", workers=2, **OPTIONS)
    words = [sys.executable, "-c", _RUN, str(tmp_path / "in"), str(tmp_path / "out"), str(VECTORS), AT.isoformat()]
    (tmp_path / "out").mkdir()
    killed = 0
    for turn in range(200):
        with subprocess.Popen(
            [*words, "2" if turn % 5 == 0 else "1"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            before = len(os.listdir(tmp_path / "out"))
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                if killed < KILLS and len(os.listdir(tmp_path / "out")) > before + (turn % 3):
                    process.send_signal(signal.SIGKILL)
                    killed += 1
                    break
                time.sleep(0.005)
        if process.returncode == 0:
            break
    assert killed == KILLS
    again = verify_archive(tmp_path / "in", tmp_path / "out", workers=2, **OPTIONS)
    assert again == whole
    assert normal(outcome(tmp_path / "out")) == normal(outcome(tmp_path / "undisturbed"))
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "undisturbed").iterdir())


_RUN = """
import sys
from datetime import datetime
from pathlib import Path
from mnverify.archive import verify_archive
from mnverify.verification import TrustStore
if __name__ == "__main__":
    source, target, vectors, at, workers = sys.argv[1:]
    verify_archive(source, target, trust=TrustStore.from_file(Path(vectors) / "anchors" / "virtual.json"),
                   at=datetime.fromisoformat(at), workers=int(workers))
"""
