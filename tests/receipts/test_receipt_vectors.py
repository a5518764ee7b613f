"""The receipt vectors: verifying comes to exactly what they say, and the generator still makes the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mnverify.receipts import CLAIMS
from mnverify.receipts.verify import REASONS
from tools import make_receipt_vectors

PATHS = sorted((Path(__file__).parent / "vectors").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_receipt_comes_to_what_the_vector_expects(path: Path) -> None:
    vector = read(path)
    assert vector.keys() == {"name", "reason", "source", "receipt", "jwks", "asked", "expected"}
    assert vector["name"] == path.stem
    assert vector["reason"].endswith(".")
    assert make_receipt_vectors.run(vector) == vector["expected"]


def test_the_generator_makes_the_same_bytes() -> None:
    made, there = make_receipt_vectors.texts(), make_receipt_vectors.present()
    assert made.keys() == there.keys()
    assert not [name for name, text in made.items() if there[name] != text]


def test_every_reason_and_every_claim_occurs() -> None:
    expected = [read(path)["expected"] for path in PATHS]
    assert {one["reason"] for one in expected if "error" in one} == set(REASONS)
    assert {name for one in expected for name in one.get("receipt", {}).get("claims", ())} == set(CLAIMS)
    assert {one["receipt"]["verdict"] for one in expected if "receipt" in one} == {"verified", "rejected"}
