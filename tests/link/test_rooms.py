"""Readers know the link, and nothing else of a card: what they may import is written down, not what they may not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import mnverify

PACKAGE = Path(mnverify.__file__).parent
READERS_MAY = {"errors", "link", "masked", "readers", "strict_json", "text"}
LINK_MAY = {"errors", "link", "masked", "text"}
PUBLIC = {"mnverify.link"}


def imports(room: str) -> Iterator[tuple[Path, str]]:
    """Every module of the package that a room imports, wherever the import stands."""
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, path
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            yield from ((path, name) for name in names if name.split(".")[0] == "mnverify")


def outside(room: str, allowed: set[str]) -> list[tuple[str, str]]:
    return [(path.name, name) for path, name in imports(room) if [*name.split("."), ""][1] not in allowed]


def test_readers_know_the_link_and_nothing_else_of_a_card() -> None:
    found = list(imports("readers"))
    assert len(found) > 50 and outside("readers", READERS_MAY) == []
    assert {name for _, name in found if name.startswith("mnverify.link")} == PUBLIC  # no inner module of it


def test_the_link_knows_no_card() -> None:
    assert len(list(imports("link"))) > 5 and outside("link", LINK_MAY) == []
