"""`verify` of the TypeScript command line: the answer and the exit status that each vector asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mnverify.virtual import VirtualAuthority
from tests.bindings.typescript import answer, built, run
from tests.cli.test_real_readers import run as run_python
from tools import make_vectors

pytestmark = built
VECTORS = {path.stem: json.loads(path.read_bytes()) for path in make_vectors.FOLDER.glob("*.json")}
USABLE = sorted(name for name, vector in VECTORS.items() if "certificates" not in vector)
STATUS = {"verified": 0, "rejected": 1, "EvidenceError": 2, "UnsupportedCard": 2, "RoleError": 4}


def options(vector: dict[str, Any], folder: Path) -> list[str]:
    """The words of the command line that say what a vector says."""
    trust = vector["trust"]
    if trust == "virtual":
        trust = str(make_vectors.FOLDER / make_vectors.ANCHORS)
    elif not isinstance(trust, str):
        (folder / "anchors.json").write_text(json.dumps(trust), "utf-8")
        trust = str(folder / "anchors.json")
    words = ["--trust", trust, "--at", vector["at"]]
    if "challenge" in vector:
        words += ["--challenge", vector["challenge"]]
    if "role" in vector:
        words += ["--role", vector["role"]]
    return words + ["--require-presence"] * vector.get("require_presence", False)


@pytest.mark.parametrize("part", range(3))
def test_the_answer_and_status_of_a_vector(tmp_path: Path, part: int) -> None:
    for name in USABLE[part::12]:
        vector = VECTORS[name]
        evidence = vector["evidence"]
        text = evidence if isinstance(evidence, str) else json.dumps(evidence, ensure_ascii=False)
        done = run("verify", "-", *options(vector, tmp_path), "--json", stdin=text)
        expected = vector["expected"]
        assert done.returncode == STATUS[expected.get("error") or expected["verdict"]], name
        if "error" in expected:
            assert answer(done)["error"]["where"] == expected["where"], name
        else:
            assert answer(done) == expected, name


def test_it_is_what_python_prints(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps(VECTORS["face-whole"]["evidence"]), "utf-8")
    words = ["verify", str(path), *options(VECTORS["face-whole"], tmp_path), "--images", "--lang", "ja"]
    ours, theirs = run(*words, "--json"), run_python(*words, "--json")
    assert ours.stdout == theirs.stdout and ours.returncode == theirs.returncode == 0
    report = run(*words[:-3], "--lang", "ja")
    assert report.returncode == 0 and "確認できました" in report.stdout


@pytest.mark.parametrize("at", ["2026-11-22T10:00+09:00", "2026-11-22 10:00:00.5+0900", "2026-11-22T01:00:00Z"])
def test_a_moment_in_other_forms(tmp_path: Path, at: str) -> None:
    text = json.dumps(VECTORS["face-whole"]["evidence"])
    words = ["verify", "-", "--trust", str(make_vectors.FOLDER / make_vectors.ANCHORS), "--json", "--at", at]
    assert answer(run(*words, stdin=text)) == json.loads(run_python(*words, "--lang", "en", stdin=text).stdout)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    trust = ["--trust", str(make_vectors.FOLDER / make_vectors.ANCHORS), "--json"]
    large = run("verify", "-", *trust, stdin=" " * 200_000)
    assert (large.returncode, answer(large)["error"]["where"]) == (2, "evidence")
    assert run("verify", str(tmp_path), *trust).returncode == 2
    assert run("verify", str(tmp_path / "nothing"), *trust).returncode == 2
    for wrong in (["--at", "yesterday"], ["--challenge", "A"], ["--role", "office"], ["--at"]):
        done = run("verify", "-", *trust, *wrong, stdin="{}")
        assert (done.returncode, answer(done)["error"]["code"]) == (2, "usage")
    (tmp_path / "trust.json").write_text("{}")
    done = run("verify", "-", "--trust", str(tmp_path / "trust.json"), "--json", stdin="{}")
    assert (done.returncode, answer(done)["error"]["code"]) == (2, "bad-trust-anchors")


def test_a_public_key_of_the_laboratory_is_no_authority(tmp_path: Path) -> None:
    document = VirtualAuthority.laboratory().trust_anchors()
    for anchor in document["anchors"]:
        anchor["environment"] = "production"
    (tmp_path / "trust.json").write_text(json.dumps(document), "utf-8")
    text = json.dumps(VECTORS["face-whole"]["evidence"])
    done = run("verify", "-", "--trust", str(tmp_path / "trust.json"), "--json", stdin=text)
    assert (done.returncode, answer(done)["error"]["code"]) == (2, "bad-trust-anchors")
