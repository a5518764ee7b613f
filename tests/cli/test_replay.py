"""A recorded reading is verified for what it is: files, and no card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mnverify.virtual import VirtualAuthority, VirtualCard, persona
from tests.cli.conftest import Ran

Run = Callable[..., Ran]
READER = f"virtual:{persona().id}"


@pytest.fixture
def script(run: Run, card: VirtualCard, tmp_path: Path) -> str:
    """``--reader`` for a recorded reading of the card face."""
    path = tmp_path / "script.json"
    ran = run("read", "face-check", "--reader", READER, "--trust", "virtual", "--record", str(path),
              stdin=card.credentials["verification-number-b"])  # fmt: skip
    assert ran.status == 0, ran.err
    return f"replay:{path}"


def test_it_proves_no_presence(run: Run, card: VirtualCard, script: str) -> None:
    words = ("read", "face-check", "--reader", script, "--trust", "virtual", "--json")
    ran = run(*words, stdin=card.credentials["verification-number-b"])
    assert ran.status == 0, ran.err
    outcomes = {check["id"]: check["outcome"] for check in ran.document["checks"]}
    assert (outcomes["presence"], outcomes["freshness"]) == ("not-performed", "not-performed")
    assert ran.document["fields"]["expiry"]["assurance"] == "unsigned"
    required = run(*words, "--require-presence", stdin=card.credentials["verification-number-b"])
    assert (required.status, required.document["verdict"]) == (1, "rejected")


def test_kept_evidence_of_it_holds_no_answer(run: Run, card: VirtualCard, script: str, tmp_path: Path) -> None:
    kept = tmp_path / "evidence.json"
    run("read", "face-check", "--reader", script, "--trust", "virtual", "-o", str(kept),
        stdin=card.credentials["verification-number-b"])  # fmt: skip
    assert '"presence"' not in kept.read_text(encoding="utf-8")


def test_it_is_refused_under_production_trust(run: Run, card: VirtualCard, script: str) -> None:
    for trust in ((), ("--trust", "production")):
        ran = run("read", "face-check", "--reader", script, *trust, "--json", stdin="60070320334102")
        assert (ran.status, ran.document["error"]["code"]) == (2, "usage")
        assert "no card in circulation" in ran.err


def test_a_file_of_production_anchors_is_production_too(run: Run, script: str, tmp_path: Path) -> None:
    from importlib.resources import files

    anchors = tmp_path / "anchors.json"
    anchors.write_bytes((files("mnverify.verification") / "data" / "trust-anchors.json").read_bytes())
    ran = run("read", "face-check", "--reader", script, "--trust", str(anchors), stdin="60070320334102")
    assert ran.status == 2


@pytest.mark.parametrize(("right", "outcome"), [(True, "pass"), (False, "fail")])
def test_verify_takes_a_challenge_of_one_s_own(run: Run, right: bool, outcome: str, tmp_path: Path) -> None:
    from base64 import b64encode

    from mnverify import Evidence, Presence

    card = VirtualAuthority.laboratory().issue(persona())
    challenge = bytes(range(32))
    evidence = Evidence(
        domain="face-check",
        role="general",
        credential="verification-number-b",
        files={name: card.files("face-check")[name] for name in ("0002", "0004")},
        presence=Presence(challenge, card.sign("face-check", challenge)),
    )
    path = tmp_path / "evidence.json"
    path.write_text(evidence.to_json(), encoding="utf-8")
    given = b64encode(challenge if right else bytes(32)).decode()
    ran = run("verify", str(path), "--trust", "virtual", "--challenge", given, "--json")
    checks = {check["id"]: check["outcome"] for check in ran.document["checks"]}
    assert (checks["freshness"], ran.status) == (outcome, 0 if right else 1)
