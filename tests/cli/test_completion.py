"""Completion scripts are made of the parser, and real shells take them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from mnverify.cli.commands import COMMANDS
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_in_it(run: Run, shell: str) -> None:
    ran = run("completion", shell)
    assert (ran.status, ran.err) == (0, "")
    for word in {command.words.rpartition(" ")[2] for command in COMMANDS} | {"save-images", "require-presence"}:
        assert word in ran.out
    assert run("completion", shell, "--json").document == {"shell": shell, "script": ran.out.rstrip("\n")}


def test_bash_completes_with_it() -> None:
    bash = shutil.which("bash")
    assert bash is not None
    script = subprocess.run(
        [sys.executable, "-m", "mnverify", "completion", "bash"], capture_output=True, text=True, check=True
    ).stdout
    ask = """
COMP_WORDS=(mnverify read fa); COMP_CWORD=2; COMP_LINE="mnverify read fa"; COMP_POINT=${#COMP_LINE}
$(complete -p mnverify | sed 's/.*-F \\([^ ]*\\).*/\\1/') mnverify fa read
echo "${COMPREPLY[@]}"
"""
    done = subprocess.run([bash, "-c", script + ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "face-check"


def test_without_shtab_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    ran = run("completion", "bash", "--json")
    assert (ran.status, ran.document["error"]["code"], ran.document["error"]["extra"]) == (
        2,
        "missing-package",
        "completion",
    )
