"""The recorded readings among the vectors: the generator still makes them, and playing each comes to what stands beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mnverify import errors
from mnverify.errors import UnexpectedCommand
from mnverify.evidence import Evidence
from mnverify.readers import ReplayLink, Script
from mnverify.verification import verify
from tests.support import forgery
from tools import make_scripts
from tools.script_cases import cases

FOLDER = Path(__file__).parent.parent / "vectors" / "scripts"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json"))


def script_of(name: str) -> Script:
    return Script.from_json((FOLDER / f"{name}.json").read_bytes())


def expected_of(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.expected.json").read_bytes())
    return document


def test_the_generator_makes_the_same_files() -> None:
    made, there = make_scripts.texts(), make_scripts.present()
    assert made.keys() == there.keys()
    assert [name for name in made if made[name] != there[name]] == []


def test_there_are_enough_of_each_kind() -> None:
    assert sorted(case.name for case in cases()) == NAMES
    assert len(NAMES) >= 10
    scripts = [script_of(name) for name in NAMES]
    assert {script.domain for script in scripts} == {"face-check", "input-assist"}
    assert {script.role for script in scripts} == {"general", "my-number-office"}
    assert {script.credential for script in scripts} == {
        "birth-date",
        "verification-number-b",
        "verification-number-a",
        "pin",
    }
    assert {purpose for script in scripts for purpose in script.purposes} == {"age", "face", "number", "attributes"}
    ended = [expected_of(name).get("error", {}).get("class") for name in NAMES]
    assert {None, "CardLost", "WrongCredential", "CredentialBlocked", "TooFewTries", "NotMyNumberCard"} <= set(ended)


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_to_what_stands_beside_it(name: str) -> None:
    expected = expected_of(name)
    came = make_scripts.run(script_of(name))
    assert came == {key: value for key, value in expected.items() if key not in ("reason", "at")}


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_beside_it_is_true(name: str) -> None:
    """Not only what the reader makes of it: the evidence verifies by itself, and the error exists."""
    expected = expected_of(name)
    if "error" in expected:
        kind = getattr(errors, expected["error"]["class"])
        assert kind.code == expected["error"]["code"]
        assert set(expected) == {"reason", "at", "sessions", "error"}
        return
    assert expected["result"]["verdict"] == "verified"
    script = script_of(name)
    assert (expected["evidence"] is None) is (script.domain == "input-assist" and script.role == "general")
    if expected["evidence"] is None:
        return
    evidence = Evidence.from_object(expected["evidence"], role=script.role)
    result = verify(evidence, trust=forgery.trust(), at=make_scripts.AT, challenge=script.challenge)
    assert result.verified
    presence = {check["id"]: check["code"] for check in result.to_dict()["checks"]}["presence"]
    assert presence == ("record" if script.domain == "face-check" else "unbound")


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_that_sends_anything_else_is_found_out(name: str) -> None:
    script = script_of(name)
    link = ReplayLink(script)
    with pytest.raises(UnexpectedCommand):
        link.transmit(b"\x00\xa4\x04\x0c\x00")
    assert not link.finished


@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_as_they_are_written(name: str) -> None:
    assert script_of(name).to_json() == (FOLDER / f"{name}.json").read_text("utf-8")
