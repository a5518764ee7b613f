"""The verify command and the lists: exit status, languages, kind errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mnverify.virtual import Flaw, VirtualAuthority, VirtualCard, persona, personas
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


@pytest.fixture
def evidence_file(run: Run, card: VirtualCard, tmp_path: Path) -> Path:
    """Face-check evidence of the default persona."""
    path = tmp_path / "evidence.json"
    run("read", "face-check", "--reader", f"virtual:{persona().id}", "-o", str(path),
        stdin=card.credentials["verification-number-b"])  # fmt: skip
    return path


def test_a_missing_file_is_two_and_one_line(run: Run, tmp_path: Path) -> None:
    ran = run("verify", str(tmp_path / "none.json"))
    assert ran.status == 2 and ran.out == "" and ran.err.count("\n") == 1


@pytest.mark.parametrize("junk", [b"", b"{}", b"\xff\xfe", b"[1]", b"{" * 100000, b'{"format": "mnverify.evidence/2"}'])
def test_junk_is_two_never_a_traceback(run: Run, junk: bytes) -> None:
    ran = run("verify", "-", "--json", stdin=junk)
    assert ran.status == 2
    assert ran.document["error"]["type"] == "EvidenceError"
    assert "Traceback" not in ran.err


def test_office_evidence_needs_the_office_role(run: Run, card: VirtualCard, tmp_path: Path) -> None:
    path = tmp_path / "office.json"
    office = ("--role", "my-number-office")
    run("read", "face-check", "--reader", f"virtual:{persona().id}", "-o", str(path), "--credential",
        "verification-number-a", *office, stdin=card.credentials["verification-number-a"])  # fmt: skip
    assert run("verify", str(path), "--trust", "virtual").status == 4
    allowed = run("verify", str(path), "--trust", "virtual", "--json", *office)
    assert allowed.status == 0 and "my_number_image" in allowed.document["fields"]


def test_a_general_evidence_with_the_number_is_refused(run: Run, evidence_file: Path, card: VirtualCard) -> None:
    import base64

    document = json.loads(evidence_file.read_text())
    document["files"]["0005"] = base64.b64encode(card.files("face-check")["0005"]).decode()
    ran = run("verify", "-", "--trust", "virtual", stdin=json.dumps(document))
    assert ran.status == 4 and ran.out == ""


def test_images_only_when_asked_for(run: Run, evidence_file: Path) -> None:
    plain = run("verify", str(evidence_file), "--trust", "virtual", "--json").document["fields"]["photo"]
    assert "data" not in plain
    full = run("verify", str(evidence_file), "--trust", "virtual", "--json", "--images").document["fields"]["photo"]
    assert full["data"]


def test_report_in_both_languages(run: Run, evidence_file: Path) -> None:
    english = run("verify", str(evidence_file), "--trust", "virtual", "--lang", "en").out
    japanese = run("verify", str(evidence_file), "--trust", "virtual", "--lang", "ja").out
    assert english.startswith("VERIFIED") and "What this cannot say" in english
    assert japanese.startswith("確認できました") and "この検証では分からないこと" in japanese
    assert "not a card in circulation" in english and "実際のカードではありません" in japanese


def test_locale_chooses_the_language(run: Run, evidence_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert run("verify", str(evidence_file), "--trust", "virtual").out.startswith("確認できました")


def test_a_cloned_card_is_rejected_for_its_presence(run: Run, issued: Callable[[VirtualCard], VirtualCard]) -> None:
    card = issued(VirtualAuthority.laboratory().issue(persona(), flaws=frozenset({Flaw.CLONED_WITHOUT_KEY})))
    ran = run("read", "face-check", "--reader", f"virtual:{persona().id}", "--trust", "virtual", "--json",
              stdin=card.credentials["verification-number-b"])  # fmt: skip
    assert ran.status == 1
    assert [c["code"] for c in ran.document["checks"] if c["outcome"] == "fail"] == ["bad-signature", "not-answered"]


def test_trust_list_shows_the_anchors_in_force(run: Run) -> None:
    production = run("trust", "list", "--json").document["anchors"]
    assert {(a["name"], a["domain"], a["environment"]) for a in production} == {
        ("5000023/001", "face-check", "production"),
        ("5000033/001", "input-assist", "production"),
    }
    assert all("not published by J-LIS" in anchor["provenance"] for anchor in production)
    assert {a["environment"] for a in run("trust", "list", "--trust", "test", "--json").document["anchors"]} == {"test"}


def test_own_anchors_replace_the_shipped_ones(run: Run, evidence_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "anchors.json"
    VirtualAuthority.laboratory().write_trust_anchors(path)
    assert run("verify", str(evidence_file), "--trust", str(path)).status == 0
    path.write_text("{}")
    assert run("verify", str(evidence_file), "--trust", str(path)).status == 2


def test_card_list_names_every_persona(run: Run) -> None:
    listed = run("card", "list", "--json").document["personas"]
    assert [person["id"] for person in listed] == [person.id for person in personas()]
    assert len(listed) >= 10
    assert all(person.id in run("card", "list").out for person in personas())


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["verify"], ["read", "face-check", "--credential", "x"], ["nonsense"]]
)
def test_usage(run: Run, words: list[str]) -> None:
    assert run(*words).status == (0 if words == ["--help"] else 2)


def test_the_module_runs_as_a_program(evidence_file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mnverify", "verify", str(evidence_file), "--json"], capture_output=True, check=False
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "rejected"
