"""What the package says of itself: one version, extras that bring what some module uses, pins for whatever is asked for."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import mnverify

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FOR_USERS = sorted(set(EXTRAS) - {"all", "dev", "docs"})
COMING = {"client"}  # rooms that are being built
# Where a distribution is imported by another name than its own.
IMPORTED_AS = {"pyscard": "smartcard", "nfcpy": "nfc", "pillow": "PIL", "zxing-cpp": "zxingcpp"}
IMPORTED_AS |= {"opencv-python-headless": "cv2", "onnxruntime": "rapidocr"}
IMPORTED_AS |= {"httptools": "uvicorn", "uvloop": "uvicorn", "psycopg": "sqlalchemy"}  # by those


def name_of(requirement: str) -> str:
    """The distribution that a requirement asks for."""
    found = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert found
    return found.group().lower().replace("_", "-")


def imported() -> set[str]:
    """Everything that some module of the package imports, by its first name."""
    names: set[str] = set()
    for path in (ROOT / "mnverify").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {one.name.split(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names


def test_one_version() -> None:
    assert "version" not in PROJECT and PROJECT["dynamic"] == ["version"]
    assert version("mnverify") == mnverify.__version__
    released = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert released[0] == mnverify.__version__


@pytest.mark.parametrize("extra", sorted(set(FOR_USERS) - COMING))
def test_an_extra_brings_what_is_used(extra: str) -> None:
    used = imported()
    for requirement in EXTRAS[extra]:
        name = name_of(requirement)
        assert IMPORTED_AS.get(name, name.replace("-", "_")) in used, f"{extra} brings {name}, which no module imports"


def test_all_is_all() -> None:
    (everything,) = EXTRAS["all"]
    found = re.fullmatch(r"mnverify\[(.*)\]", everything)
    assert found and sorted(found.group(1).split(",")) == FOR_USERS


def test_the_pins_hold_whatever_is_asked_for() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {name_of(line) for line in lines if "==" in line}
    asked = [*PROJECT["dependencies"], *(one for name, extra in EXTRAS.items() if name != "all" for one in extra)]
    coming = {name_of(one) for extra in COMING for one in EXTRAS[extra]}
    assert {name_of(one) for one in asked} - pinned - coming == set()
