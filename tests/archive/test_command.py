"""``mnverify verify-archive``: exit status, summary in both languages, JSON, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mnverify.cli import main
from tests.archive.rows import VECTORS, expected, table, vectors
from tests.archive.test_run import write_parquet

TRUST = ("--trust", str(VECTORS / "anchors" / "virtual.json"))


def run(*words: str | Path) -> int:
    return main(["verify-archive", *map(str, words), *TRUST, "--workers", "1"])


def test_the_summary_counts_verdicts_checks_and_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_parquet(tmp_path / "in")
    assert run("--json", tmp_path / "in", tmp_path / "out") == 1
    document = json.loads(capsys.readouterr().out)
    outcomes = [expected(one) for one in vectors()]
    assert document["rows"] == len(outcomes)
    assert document["verdicts"] == {
        verdict: sum(one["verdict"] == verdict for one in outcomes) for verdict in ("rejected", "verified")
    }
    assert document["must_not_be_kept"] == sum(one["error"] == "not-storable" for one in outcomes)
    assert document["all_verified"] is False
    assert run("--json", tmp_path / "in", tmp_path / "out") == 1
    assert json.loads(capsys.readouterr().out) == document


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Nobody may keep", "Issuer (unknown-authority)")),
        ("ja", ("保存してはいけません", "発行者の証明書 (unknown-authority)")),
    ],
)
def test_the_report_says_what_to_do_with_rows_that_must_not_be_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, words: tuple[str, ...]
) -> None:
    write_parquet(tmp_path / "in")
    assert run("--lang", lang, tmp_path / "in", tmp_path / "out") == 1
    shown = capsys.readouterr().out.replace("\n", " " if lang == "en" else "")
    assert all(word in shown for word in words)


def test_good_rows_alone_are_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = {one["name"] for one in vectors() if expected(one)["verdict"] == "verified"}
    rows = [row for row in table().to_pylist() if row["id"] in good]
    renamed = pa.Table.from_pylist(rows, table().schema).rename_columns({"evidence": "kept", "id": "number"})
    pq.write_table(renamed, tmp_path / "kept.parquet")
    place = (tmp_path / "kept.parquet", tmp_path / "out")
    assert run(*place, "--evidence-column", "kept", "--id-column", "number") == 0
    assert capsys.readouterr().err == ""


def test_what_cannot_be_read_is_status_2_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json", tmp_path / "nothing", tmp_path / "out") == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["code"] == "archive"
    assert len(shown.err.splitlines()) == 1
