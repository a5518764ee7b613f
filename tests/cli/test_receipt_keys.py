"""``mnverify receipt-keys``: a key's life from the command line."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from mnverify.cli import main


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["receipt-keys", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_keys_life(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ("--folder", str(tmp_path / "keys"))
    first = told(capsys, "make", *folder)
    assert first["state"] == "active"
    second = told(capsys, "make", *folder)
    assert second["state"] == "next"
    told(capsys, "activate", second["kid"], *folder)
    assert {key["kid"]: key["state"] for key in told(capsys, "list", *folder)["keys"]} == {
        first["kid"]: "retired",
        second["kid"]: "active",
    }
    third = told(capsys, "make", *folder)
    retired = told(capsys, "retire", third["kid"], *folder)
    assert retired["state"] == "retired"
    files = list((tmp_path / "keys").iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ("--folder", str(tmp_path))
    assert main(["receipt-keys", "make", *folder]) == 0
    assert "active: signs" in capsys.readouterr().out
    assert main(["receipt-keys", "list", *folder, "--lang", "ja"]) == 0
    assert "使用中：署名する" in capsys.readouterr().out


def test_no_secret_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["receipt-keys", "make", "--folder", str(tmp_path)])
    main(["receipt-keys", "list", "--folder", str(tmp_path), "--json"])
    [file] = tmp_path.iterdir()
    assert json.loads(file.read_text())["key"]["d"] not in capsys.readouterr().out


def test_what_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["receipt-keys", "list", "--folder", str(tmp_path / "none")]) == 2
    capsys.readouterr()
    assert main(["receipt-keys", "list", "--folder", str(tmp_path)]) == 1
    assert "0 keys are active" in capsys.readouterr().out
    assert main(["receipt-keys", "list", "--folder", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"usable": False, "keys": []}
    main(["receipt-keys", "make", "--folder", str(tmp_path)])
    [key] = tmp_path.iterdir()
    kid = key.stem.removeprefix("receipt-key-")
    assert main(["receipt-keys", "retire", kid, "--folder", str(tmp_path)]) == 2
    assert main(["receipt-keys", "activate", "0" * 32, "--folder", str(tmp_path)]) == 2
    key.chmod(0o644)
    assert main(["receipt-keys", "list", "--folder", str(tmp_path)]) == 2
    assert "0644" in capsys.readouterr().err
