"""What README and docs show is run as it stands: Python blocks, commands, and the report on the first screen."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mnverify import Evidence, Presence
from mnverify.cli.parser import build_parser
from mnverify.virtual import VirtualAuthority, persona

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAYS = re.compile(r"^\s*print\(.*\)  # (.+)$", re.MULTILINE)
COMMAND = re.compile(r"^\$ (.*\bmnverify .*)$", re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language in a page."""
    return [body for kind, body in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def lay_out(folder: Path) -> None:
    """The files that the commands speak of: evidence that was read elsewhere, and anchors of one's own."""
    authority = VirtualAuthority.laboratory()
    card = authority.issue(persona())
    files = {name: card.files("face-check")[name] for name in ("0002", "0004")}
    presence = Presence(bytes(32), card.sign("face-check", bytes(32)))
    evidence = Evidence(
        domain="face-check", role="general", credential="verification-number-b", files=files, presence=presence
    )
    (folder / "evidence.json").write_text(evidence.to_json(), encoding="utf-8")
    authority.write_trust_anchors(folder / "anchors.json")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: str(page.relative_to(ROOT))
)
def test_python_blocks_do_what_they_say(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks(page, "python"):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block, page.name, "exec"), names)
        for said in SAYS.findall(block):
            assert said in printed.getvalue().splitlines(), f"{page.name} promises {said!r}"


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if COMMAND.search(page.read_text(encoding="utf-8"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_commands_run(page: Path, tmp_path: Path) -> None:
    lay_out(tmp_path)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in blocks(page, "console"):
        for command in COMMAND.findall(block):
            if command.startswith(("pip ", "make ", "git ")):
                continue
            done = subprocess.run(
                ["bash", "-c", command.split("  #")[0]],
                cwd=tmp_path,
                env={**os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode in (0, 1), f"{command}: {done.stderr}"
            assert "Traceback" not in done.stderr


def test_the_readmes_show_the_real_report() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "refresh_readme.py", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_page_names_a_command_that_does_not_exist() -> None:
    known = {"demo", "verify", "read", "age", "retries", "card", "trust", "readers", "doctor", "completion", "COMMAND"}
    later = {"compare", "qr", "serve"}
    for page in PAGES:
        named = set(re.findall(r"`mnverify ([a-z]+)", page.read_text(encoding="utf-8")))
        assert named <= known, f"{page.name} promises {named - known} (coming later: {later & named})"


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Every option of a parser and of the parsers below it."""
    found: set[str] = set()
    for action in parser._actions:
        found |= {option for option in action.option_strings if option not in ("-h", "--help")}
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                found |= options_of(below)
    return found


@pytest.mark.parametrize("page", ["docs/reference/cli.md", "docs/reference/cli.ja.md"])
def test_every_option_of_the_command_line_is_described(page: str) -> None:
    words = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", (ROOT / page).read_text(encoding="utf-8")))
    assert options_of(build_parser()) - words == set()
