"""The vectors: the verification comes to exactly what they say, and the generator still makes the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mnverify.evidence import Evidence
from mnverify.verification import TrustStore
from mnverify.verification.words import DETAILS
from tests.support import forgery
from tools import make_vectors

FOLDER = Path(__file__).parent / "vectors"
PATHS = sorted(FOLDER.glob("*.json"))
KEYS = {"name", "reason", "source", "trust", "at", "evidence", "expected"}
OPTIONAL = {"certificates", "challenge", "require_presence", "role"}


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_verification_comes_to_what_the_vector_expects(path: Path) -> None:
    vector = read(path)
    assert make_vectors.run({key: vector[key] for key in vector if key != "expected"}) == vector["expected"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_vector_says_what_it_is_for(path: Path) -> None:
    vector = read(path)
    assert vector.keys() >= KEYS and vector.keys() <= KEYS | OPTIONAL
    assert vector["name"] == path.stem
    assert vector["reason"].endswith((".", "?")) and vector["source"]


def test_the_generator_makes_the_same_bytes() -> None:
    made, there = make_vectors.texts(), make_vectors.present()
    assert made.keys() == there.keys()
    assert not [name for name, text in made.items() if there[name] != text]


def test_the_anchors_beside_the_vectors_are_the_laboratorys() -> None:
    beside = TrustStore.from_file(FOLDER / make_vectors.ANCHORS)
    assert beside.anchors == forgery.trust().anchors


def test_more_than_half_are_negative_and_all_outcomes_occur() -> None:
    expected = [read(path)["expected"] for path in PATHS]
    verdicts = [one.get("verdict") or one["error"] for one in expected]
    assert set(verdicts) == {"verified", "rejected", "EvidenceError", "UnsupportedCard", "RoleError"}
    assert len(PATHS) >= 40 and verdicts.count("verified") < len(verdicts) / 2


def test_every_code_that_evidence_from_outside_can_come_to_occurs() -> None:
    told = {(c["id"], c["code"]) for path in PATHS for c in read(path)["expected"].get("checks", [])}
    needs_a_session = {("presence", "session"), ("expiry", "contradicted")}
    needs_an_insider = {("structure", "birth-dates-differ")}
    assert DETAILS.keys() - told <= needs_a_session | needs_an_insider


def test_rejected_vectors_give_no_content_and_verified_ones_are_whole() -> None:
    for path in PATHS:
        vector = read(path)
        expected = vector["expected"]
        assert ("fields" in expected) is (expected.get("verdict") == "verified")
        if "error" not in expected and not isinstance(vector["evidence"], str):
            evidence = Evidence.from_json(json.dumps(vector["evidence"]), role=vector.get("role", "general"))
            assert json.loads(evidence.to_request()) == vector["evidence"]
