"""The fenced blocks of README and docs, and the rule which of them are run.

``python`` is run, all blocks of a page as one program. ``console`` is run: each line that begins with ``$`` is a command, and
the lines below it are what it says (a line with "…" says only that there is more). The other languages are never run, and
so may not hold what could be: ``bash`` and ``powershell`` set up a machine, ``ini``, ``javascript`` and ``text`` are files or
pictures, ``json`` has to be JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RUN = {"python", "console"}
NOT_RUN = {
    "bash",
    "powershell",
    "ini",
    "javascript",
    "json",
    "text",
    "toml",
    "yaml",
    "http",
    "kotlin",
    "xml",
    "typescript",
}
# Programs of a console block that are not ours, or that would install something.
NOT_OURS = {"docker", "git", "make", "opensc-tool", "pcsc_scan", "pip", "psql", "curl"}
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: Path
    language: str
    body: str
    line: int

    def __str__(self) -> str:
        return f"{name_of(self.page)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """One line of a console block that begins with ``$``, and what it is said to print."""

    line: str
    says: tuple[str, ...]

    @property
    def ours(self) -> bool:
        """Whether it is run."""
        return self.line.split()[0] not in NOT_OURS


def name_of(page: Path) -> str:
    """The page as people name it."""
    return str(page.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> list[Block]:
    """The blocks of some languages (all where none is named) in their order."""
    text = page.read_text(encoding="utf-8")
    found = [
        Block(page, one["language"], one["body"], text.count("\n", 0, one.start()) + 1) for one in _FENCE.finditer(text)
    ]
    return [one for one in found if not languages or one.language in languages]


def commands(block: Block) -> list[Command]:
    """The commands of a console block."""
    found: list[tuple[str, list[str]]] = []
    for line in block.body.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (found[-1][0] + "\n" + line, found[-1][1])
        elif line.strip():
            assert found, f"{block} begins without a command"
            found[-1][1].append(line)
    return [Command(line, tuple(says)) for line, says in found]
