"""The Kotlin command line says of every vector what Python says, and ends as Python ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mnverify.virtual import VirtualAuthority
from tests.support import kotlin

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
ANCHORS = str(VECTORS / "anchors" / "virtual.json")
pytestmark = kotlin.needs_build()


def vector(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_bytes())
    return document


def judged(name: str, *options: str) -> kotlin.Done:
    question = vector(name)
    evidence = question["evidence"]
    text = evidence if isinstance(evidence, str) else json.dumps(evidence)
    words = ["--trust", ANCHORS, "--at", question["at"], *options]
    if "challenge" in question:
        words += ["--challenge", question["challenge"]]
    if question.get("require_presence"):
        words.append("--require-presence")
    return kotlin.cli("verify", "-", *words, "--json", stdin=text)


@pytest.mark.parametrize(
    ("name", "status"),
    [("face-whole", 0), ("attributes", 0), ("photo-swapped", 1), ("tlv-twice", 2), ("generation-two-bytes", 2)],
)
def test_a_vector_on_the_command_line(name: str, status: int) -> None:
    expected = vector(name)["expected"]
    done = judged(name)
    assert done.status == status
    if "error" not in expected:
        assert done.json == expected
    else:
        assert done.json["error"]["type"] == expected["error"]
        assert done.json["error"]["where"] == expected["where"]


def test_what_an_office_read_is_for_an_office_alone() -> None:
    assert judged("number-office").status == 4
    done = judged("number-office", "--role", "my-number-office")
    assert done.status == 0 and done.json == vector("number-office")["expected"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("guess",),
        ("verify",),
        ("verify", "/no/such/file"),
        ("verify", "-", "--trust", "/no/such/file"),
        ("verify", "-", "--at", "yesterday"),
        ("verify", "-", "--challenge", "*"),
        ("verify", "-", "--role", "king"),
        ("verify", "-", "--photo"),
        ("read", "jpki"),
        ("age", "--at-least", "0"),
        ("age",),
    ],
)
def test_wrong_usage(words: tuple[str, ...]) -> None:
    done = kotlin.cli(*words, "--json", stdin="{}")
    assert done.status == 2
    assert set(done.json["error"]) >= {"code", "type", "message"}


def test_what_may_not_be_kept_is_refused_before_a_reader_is_looked_for(tmp_path: Path) -> None:
    done = kotlin.cli("read", "input-assist", "--output", str(tmp_path / "e.json"), "--json", stdin="1357\n")
    assert done.status == 4 and done.json["error"]["code"] == "not-storable"
    assert not list(tmp_path.iterdir())


def test_the_laboratory_is_nobodys_production(tmp_path: Path) -> None:
    anchors = VirtualAuthority.laboratory().trust_anchors()
    for anchor in anchors["anchors"]:
        anchor["environment"] = "production"
    path = tmp_path / "anchors.json"
    path.write_text(json.dumps(anchors))
    done = kotlin.cli("verify", "-", "--trust", str(path), "--json", stdin="{}")
    assert done.status == 2 and done.json["error"]["code"] == "bad-trust-anchors"
