"""One function from record batches to record batches: the vectors come to what they say, and no row stops the others."""

from __future__ import annotations

import base64
import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from mnverify.archive import SCHEMA, Columns, verify_batches
from mnverify.errors import ArchiveError, UsageError
from mnverify.verification import TrustStore
from tests.archive.rows import expected, table, text, trust, vectors

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)


def outcomes(rows: pa.Table, **options: Any) -> list[dict[str, Any]]:
    batches = list(verify_batches(rows.to_batches(), trust=trust(), **{"at": AT} | options))
    assert all(batch.schema == SCHEMA for batch in batches)
    found: list[dict[str, Any]] = pa.Table.from_batches(batches, SCHEMA).to_pylist()
    return found


def good() -> str:
    return text(next(one for one in vectors() if one["name"] == "face-without-photo"))


def test_every_vector_comes_to_what_it_says() -> None:
    assert outcomes(table()) == [expected(one) for one in vectors()]
    verdicts = {one["verdict"] for one in outcomes(table())}
    assert verdicts == {"verified", "rejected", None}


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view()])
def test_evidence_may_be_texts_or_bytes(kind: pa.DataType) -> None:
    rows = pa.table({"evidence": pa.array([good()], kind)})
    assert outcomes(rows)[0]["verdict"] == "verified"


def test_evidence_may_be_dictionary_encoded() -> None:
    assert [one["verdict"] for one in outcomes(pa.table({"evidence": pa.array([good()] * 3).dictionary_encode()}))] == [
        "verified"
    ] * 3


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"evidence": None}, "no-evidence"),
        ({"evidence": ""}, "no-evidence"),
        ({"evidence": "{"}, "malformed-evidence"),
        ({"evidence": "x" * 70_000}, "malformed-evidence"),
        ({"at": "yesterday"}, "bad-moment"),
        ({"at": "2026-11-22T10:00:00"}, "bad-moment"),
        ({"challenge": "%%%"}, "bad-challenge"),
        ({"challenge": ""}, "bad-challenge"),
    ],
)
def test_a_bad_row_is_a_row_with_an_error_between_good_ones(values: dict[str, str | None], error: str) -> None:
    row = {"id": "bad", "evidence": good(), "at": AT.isoformat(), "challenge": None} | values
    fine = {"id": "fine", "evidence": good(), "at": AT.isoformat(), "challenge": None}
    first, second, third = outcomes(
        pa.Table.from_pylist([fine, row, fine], pa.schema([(k, pa.string()) for k in fine]))
    )
    assert (first["verdict"], third["verdict"]) == ("verified", "verified")
    assert second == dict.fromkeys(SCHEMA.names) | {"id": "bad", "error": error}


def test_a_row_is_judged_by_its_own_moment_and_challenge() -> None:
    challenge = base64.b64encode(bytes(32)).decode()
    moments = pa.array(
        [datetime(2026, 11, 22, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC), None], pa.timestamp("us", "UTC")
    )
    rows = pa.table({"evidence": [good()] * 3, "at": moments, "challenge": [None, None, challenge]})
    first, second, third = outcomes(rows)
    assert first["verdict"] == "verified"
    assert {"id": "expiry", "outcome": "fail", "code": "expired"} in second["checks"]
    assert {"id": "freshness", "outcome": "fail", "code": "not-answered"} in third["checks"]


def test_ids_of_any_kind_are_repeated_as_texts() -> None:
    assert [one["id"] for one in outcomes(pa.table({"id": [7, 8], "evidence": [good(), "{"]}))] == ["7", "8"]


def test_columns_may_have_other_names() -> None:
    rows = pa.table({"kept": [good()], "number": ["a"]})
    assert outcomes(rows, columns=Columns(evidence="kept", id="number"))[0] | {"checks": []} == {
        "id": "a",
        "verdict": "verified",
        "environment": "virtual",
        "authority": "9000023/001",
        "checks": [],
        "error": None,
    }


def test_without_a_column_of_evidence_nothing_is_verified() -> None:
    for rows in (pa.table({"other": ["x"]}), pa.table({"evidence": [1]})):
        with pytest.raises(ArchiveError):
            outcomes(rows)


def test_wrong_arguments_are_refused_before_a_batch_is_looked_at() -> None:
    def never() -> Any:
        yield pytest.fail("a batch was looked at")

    for options in ({"at": datetime(2026, 1, 1)}, {"trust": "production"}, {"role": "everybody"}):  # noqa: DTZ001
        with pytest.raises(UsageError):
            verify_batches(never(), **{"trust": trust()} | options)


def test_no_output_holds_anything_of_a_holder() -> None:
    shown = json.dumps(outcomes(table()), ensure_ascii=False)
    assert "1985" not in shown and "佐藤" not in shown and "iVBOR" not in shown


def test_a_column_of_another_name_and_kind_is_not_looked_at() -> None:
    rows = pa.table({"evidence": [good()], "photo": [b"\x00"], "nested": [{"a": [1]}]})
    assert outcomes(rows)[0]["verdict"] == "verified"


def test_a_trust_store_can_be_sent_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(trust()))
    assert isinstance(copy, TrustStore) and copy.anchors == trust().anchors
