"""The Containerfile, as far as it can be judged without building it."""

from __future__ import annotations

import re

from mnverify.cli.parser import build_parser
from tests.deploy.manifests import DEPLOY

ROOT = DEPLOY.parent
LINES = [
    line
    for line in (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    if line.strip() and not line.startswith("#")
]
LAST_STAGE = LINES[max(number for number, line in enumerate(LINES) if line.startswith("FROM ")) :]
KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"}


def value_of(word: str) -> str:
    [line] = [line for line in LAST_STAGE if line.startswith(f"{word} ")]
    return line.partition(" ")[2]


def test_every_line_is_an_instruction_that_is_used_here() -> None:
    assert {line.split()[0] for line in LINES} <= KNOWN


def test_it_runs_as_nobody_in_particular() -> None:
    assert value_of("USER") == "10001:10001"
    assert LAST_STAGE[-1].startswith("CMD ")
    after = LAST_STAGE[[line.split()[0] for line in LAST_STAGE].index("USER") :]
    assert not [line for line in after if line.split()[0] in ("RUN", "COPY")]


def test_what_it_copies_is_there() -> None:
    for line in LINES:
        if line.startswith("COPY ") and "--from=" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source


def test_what_the_build_needs_is_copied() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    named = set(re.findall(r'^readme = "(.+)"', text, re.MULTILINE)) | {"LICENSE", "NOTICE", "pyproject.toml"}
    [copied] = [line.split()[1:-1] for line in LINES if line.startswith("COPY pyproject.toml")]
    assert named <= set(copied)


def test_the_command_is_one() -> None:
    words = re.findall(r'"([^"]+)"', value_of("ENTRYPOINT")) + re.findall(r'"([^"]+)"', value_of("CMD"))
    assert words[0] == "mnverify"
    assert build_parser().parse_args(words[1:]).run


def test_no_key_is_in_it() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert not re.search(r"(?i)password|secret|token=|receipt-keys", text)
