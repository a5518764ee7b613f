"""Usage errors: one line, in the reader's language, as JSON where that was asked for, and never with a value in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran

Run = Callable[..., Ran]
SECRET = "60070320334102"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")

WRONG: dict[str, tuple[list[str], str]] = {
    "nothing": ([], "A command is missing: demo, "),
    "half a command": (["card"], "A command is missing: list"),
    "no such command": (["nonsense"], "There is no such command."),
    "a mistyped command": (["verfy"], "There is no such command. Did you mean verify?"),
    "a secret as a command": ([SECRET], "There is no such command."),
    "no such domain": (["read", "face"], "There is no such command. Did you mean face-check?"),
    "an argument too many": (["read", "face-check", SECRET], "an argument too many"),
    "two of them": (["verify", "x.json", SECRET], "an argument too many"),
    "an unknown option": (["read", "face-check", "--pin", SECRET], "There is no option --pin here"),
    "an unknown option with a value": (["read", "face-check", f"--pin={SECRET}"], "There is no option --pin here"),
    "an option that is a secret": (["read", "face-check", f"--{SECRET}"], "an argument too many"),
    "a mistyped option": (["read", "face-check", "--trsut", "test"], "here. Did you mean --trust? Nothing was done"),
    "no value": (["age", "--at-least"], "--at-least wants a value."),
    "a value too many": (["demo", f"--json={SECRET}"], "--json takes no value."),
    "a wrong choice": (["read", "face-check", "--credential", SECRET], "--credential takes one of: birth-date, "),
    "a wrong form": (["age", "--at-least", SECRET], "The value of --at-least has to be a number from 1 to 149."),
    "a wrong moment": (["age", "--at-least", "20", "--at", SECRET], "The value of --at has to be a date and time"),
    "a wrong wait": (["retries", "--wait", SECRET], "--wait has to be a number of seconds"),
    "a wrong challenge": (["verify", "-", "--challenge", SECRET], "--challenge has to be 1 to 1024 bytes in base64"),
    "missing": (["age"], "--at-least is missing."),
    "missing file": (["verify"], "EVIDENCE is missing."),
    "one of two": (["card", "serve"], "One of --pcsc or --nfc-udp has to be given."),
    "both": (
        ["verify", "-", "--no-presence", "--require-presence"],
        "--require-presence and --no-presence cannot be given together.",
    ),
}


@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG)
def test_in_english(run: Run, words: list[str], says: str) -> None:
    ran = run(*words)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err and "Nothing was done; see: mnverify" in ran.err
    assert ran.err.count("\n") == 1
    assert SECRET not in ran.err


@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG)
def test_in_japanese(run: Run, words: list[str], says: str) -> None:
    ran = run("--lang", "ja", *words)
    assert (ran.status, ran.out) == (2, "")
    assert JAPANESE.search(ran.err) and "何も実行していません。参照: mnverify" in ran.err
    assert not re.search(r"\b(is|has|the|of|to|be|value|missing)\b", ran.err)
    assert SECRET not in ran.err


@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG)
def test_as_json(run: Run, words: list[str], says: str) -> None:
    ran = run("--json", *words)
    assert ran.status == 2
    error = ran.document["error"]
    assert (error["code"], error["type"]) == ("usage", "UsageError")
    assert says in error["message"] and error["message"] in ran.err
    assert SECRET not in ran.out


def test_the_help_that_an_error_leads_to_is_there(run: Run) -> None:
    for words, _ in WRONG.values():
        leads = re.search(r"see: mnverify(.*) --help", run(*words).err)
        assert leads is not None
        assert run(*leads[1].split(), "--help").status == 0


def test_as_a_program_in_both_languages() -> None:
    for lang in ("en", "ja"):
        done = subprocess.run(
            [sys.executable, "-m", "mnverify", "--lang", lang, "read", "face-check", SECRET, "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert json.loads(done.stdout)["error"]["code"] == "usage"
        assert SECRET not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
