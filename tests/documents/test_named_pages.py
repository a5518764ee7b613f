"""A document that code or data names is one of this repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .blocks import ROOT

FOLDERS = ("benchmarks", "deploy", "docs", "mnverify", "samples", "tests", "tools")
NAME = re.compile(r"(?<![\w./:-])((?:[\w.-]+/)*[\w-]+(?:\.ja)?\.md)\b")
SOURCES = [
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".json", ".toml"}
]


def names_of_documents(path: Path) -> set[str]:
    return set(NAME.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_document_that_is_named_is_there(folder: str) -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SOURCES
        if path.is_relative_to(ROOT / folder)
        for name in names_of_documents(path)
        if not (ROOT / name).exists() and not (ROOT / "docs" / name).exists() and not (path.parent / name).exists()
    ]
    assert not missing, "named, and not there: " + ", ".join(missing)
