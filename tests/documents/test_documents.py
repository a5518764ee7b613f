"""What README and docs show is run as it stands: Python blocks, commands, and the report on the first screen."""

from __future__ import annotations

import argparse
import builtins
import contextlib
import getpass
import inspect
import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mnverify import errors
from mnverify.cli.parser import build_parser
from tests.support.host import CardHost
from tests.support.pcsc_service import SOCKET, PcscService

from .bench import Shell, Typist, card_on_a_reader, lay_out, path_with_mnverify, udp_ports_of_the_pages
from .blocks import NOT_RUN, PAGES, ROOT, RUN, blocks, commands, name_of

NAMES = [name_of(page) for page in PAGES]
SAYS = re.compile(r"^\s*print\(.*\)  # (.+)$", re.MULTILINE)
NEEDS_A_READER = re.compile(r"open_reader\(\)|watch_cards\(\)")
NEEDS_UDP = re.compile(r"(127\.0\.0\.1|localhost):201\d\d|\"127\.0\.0\.1\", 201\d\d")
IS_A_PROGRAM = re.compile(r"ProcessPoolExecutor")  # its processes look for it in a file
CONSOLE = [page for page in PAGES if any(one.ours for block in blocks(page, "console") for one in commands(block))]

# How many commands of console blocks are not run, for they are not ours: `make`, `pip`, other people's programs.
LEFT_OUT = {
    "README.ja.md": 8,
    "README.md": 8,
    "docs/how-to/re-verify-an-archive.ja.md": 1,
    "docs/how-to/re-verify-an-archive.md": 1,
    "docs/how-to/serve-a-virtual-card.ja.md": 4,
    "docs/how-to/serve-a-virtual-card.md": 4,
    "docs/how-to/verify-through-the-endpoint.ja.md": 3,
    "docs/how-to/verify-through-the-endpoint.md": 3,
    "docs/tutorial.ja.md": 1,
    "docs/tutorial.md": 1,
}


def needs_of(text: str, service: PcscService, host: CardHost) -> contextlib.ExitStack:
    """Readers and ports that a page speaks of."""
    stack = contextlib.ExitStack()
    if NEEDS_UDP.search(text):
        stack.enter_context(udp_ports_of_the_pages())
    if NEEDS_A_READER.search(text):
        stack.enter_context(card_on_a_reader(service, host))
    return stack


def run_program(body: str, path: Path) -> str:
    """What a block says that is a program of its own."""
    path.write_text(body, encoding="utf-8")
    done = subprocess.run([sys.executable, path], cwd=path.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_python_blocks_do_what_they_say(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: PcscService, host: CardHost
) -> None:
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SOCKET, os.environ[SOCKET])  # whatever a page does to it, it is put back
    monkeypatch.setenv("PATH", path_with_mnverify(tmp_path, service))
    monkeypatch.setattr(builtins, "input", Typist())
    monkeypatch.setattr(getpass, "getpass", Typist())
    bodies = [block.body for block in blocks(page, "python")]
    names: dict[str, Any] = {"__name__": "page"}
    logger = logging.getLogger("mnverify")
    monkeypatch.setattr(logger, "handlers", list(logger.handlers))
    monkeypatch.setattr(logger, "level", logger.level)
    with needs_of("\n".join(bodies), service, host):
        for body in bodies:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                if IS_A_PROGRAM.search(body):
                    print(run_program(body, tmp_path / "program.py"))
                else:
                    exec(compile(body, page.name, "exec"), names)
            for said in SAYS.findall(body):
                assert said in printed.getvalue().splitlines(), f"{page.name} promises {said!r}"


@pytest.mark.parametrize("page", CONSOLE, ids=name_of)
def test_commands_run(page: Path, tmp_path: Path, service: PcscService, host: CardHost) -> None:
    lay_out(tmp_path)
    shell = Shell(tmp_path, service)
    text = "\n".join(block.body for block in blocks(page, "console"))
    with contextlib.ExitStack() as stack:
        if NEEDS_UDP.search(text):
            stack.enter_context(udp_ports_of_the_pages())
        laid_down = stack.enter_context(contextlib.ExitStack())
        laid_down.enter_context(card_on_a_reader(service, host))
        stack.callback(shell.close)
        for command in [one for block in blocks(page, "console") for one in commands(block) if one.ours]:
            if "card serve" in command.line:
                laid_down.close()  # a virtual card takes its place
            shell.run(command)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_block_escapes(page: Path) -> None:
    for block in blocks(page):
        assert block.language in RUN | NOT_RUN, f"{block}: {block.language!r} is not a language of these pages"
        if block.language == "text":
            assert not re.search(r"^\$ ", block.body, re.MULTILINE), f"{block}: commands belong into a console block"
        if block.language == "bash":
            said = re.search(r"^mnverify ", block.body, re.MULTILINE)
            assert not said, f"{block}: mnverify's commands belong into a console block"
        if block.language == "json":
            json.loads(block.body)
    fences = re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(blocks(page)), f"{page.name} has a fence that the tests do not understand"


def test_what_is_left_out_is_counted() -> None:
    left = {
        name_of(page): count
        for page in PAGES
        if (count := sum(not one.ours for block in blocks(page, "console") for one in commands(block)))
    }
    assert left == LEFT_OUT


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
    known = {"COMMAND", *names_of(build_parser())}
    later = {"compare", "qr"}
    for page in PAGES:
        named = set(re.findall(r"`mnverify ([a-z-]+)", page.read_text(encoding="utf-8")))
        assert named <= known, f"{page.name} promises {named - known} (coming later: {later & named})"


def names_of(parser: argparse.ArgumentParser) -> set[str]:
    """The commands, by their first word."""
    return {name for one in parser._actions if isinstance(one, argparse._SubParsersAction) for name in one.choices}


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


@pytest.mark.parametrize("page", ["docs/reference/errors.md", "docs/reference/errors.ja.md"])
def test_every_error_is_described(page: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([a-z-]+)` \|", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.MnverifyError)]
    assert sorted(rows) == sorted((one.__name__, one.code) for one in classes)


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_relative_to(ROOT / "docs")], ids=name_of)
def test_every_page_has_both_languages(page: Path) -> None:
    stem = page.name.removesuffix(".md").removesuffix(".ja")
    assert (page.parent / f"{stem}.md").exists() and (page.parent / f"{stem}.ja.md").exists()


def headings(page: Path) -> list[int]:
    """The levels of a page's headings, in their order; what stands in a fence is no heading."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


@pytest.mark.parametrize("page", [page for page in PAGES if (page.parent / f"{page.stem}.ja.md").exists()], ids=name_of)
def test_both_languages_say_the_same(page: Path) -> None:
    other = page.parent / f"{page.stem}.ja.md"
    assert headings(page) == headings(other)
    assert [len(blocks(page, kind)) for kind in sorted(RUN)] == [len(blocks(other, kind)) for kind in sorted(RUN)]
