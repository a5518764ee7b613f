"""Which language is chosen, and that --lang and --json stand on either side of the command."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from mnverify.cli.commands import GROUPS
from mnverify.cli.language import language_of_locale, manner_of
from mnverify.cli.parser import build_parser
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ja_JP.UTF-8", "LANG": "en_US.UTF-8"}, "ja"),
        ({"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANGUAGE": "ja", "LANG": "en_US.UTF-8"}, "ja"),
        ({"LANGUAGE": "de:ja:en", "LANG": "de_DE.UTF-8"}, "ja"),
        ({"LANGUAGE": "en_GB:ja", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"LANGUAGE": "ja_JP"}, "ja"),
        ({"LANGUAGE": "ja", "LC_ALL": "C"}, "en"),
        ({"LANGUAGE": "ja", "LC_ALL": "POSIX"}, "en"),
        ({"LANGUAGE": "jam:enx", "LANG": "ja_JP.UTF-8"}, "ja"),
    ],
)
def test_locale(environment: dict[str, str], lang: str) -> None:
    assert language_of_locale(environment) == lang


@pytest.mark.parametrize(("number", "lang"), [(0x0411, "ja"), (0x0409, "en")])
def test_windows_asks_the_user(monkeypatch: pytest.MonkeyPatch, number: int, lang: str) -> None:
    class Kernel:
        @staticmethod
        def GetUserDefaultUILanguage() -> int:  # noqa: N802
            return number

    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("ctypes.windll", type("Windll", (), {"kernel32": Kernel}), raising=False)
    assert language_of_locale({}) == lang
    assert language_of_locale({"LANG": "ja_JP.UTF-8"}) == "ja"


def test_manner_is_known_whatever_stands_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert manner_of(["--lang", "ja", "--json", "nonsense"]) == ("ja", True)
    assert manner_of(["nonsense", "--lang=ja"]) == ("ja", False)
    assert manner_of(["verify", "--", "--json"]) == ("en", False)
    assert manner_of(["--lang", "xx"]) == ("en", False)
    assert manner_of(["--lang"]) == ("en", False)


@pytest.mark.parametrize(
    "words", [["--lang", "ja", "card", "list"], ["card", "--lang", "ja", "list"], ["card", "list", "--lang", "ja"]]
)
def test_lang_stands_anywhere(run: Run, words: list[str]) -> None:
    assert "架空の人物" in run(*words).out


@pytest.mark.parametrize("words", [["--json", "card", "list"], ["card", "--json", "list"], ["card", "list", "--json"]])
def test_json_stands_anywhere(run: Run, words: list[str]) -> None:
    assert run(*words).document["personas"]


def test_the_nearer_one_counts(run: Run) -> None:
    assert "Invented people" in run("--lang", "ja", "card", "list", "--lang", "en").out


def helps() -> list[list[str]]:
    """The words before ``--help`` of every parser."""
    from mnverify.cli.parser import _parsers

    return [node.prog.split()[1:] for node in _parsers(build_parser("ja"))]


JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b(the|of|and|options|usage|examples|arguments|commands|default|positional)\b", re.IGNORECASE)


@pytest.mark.parametrize("words", helps(), ids=" ".join)
def test_help_in_japanese_has_no_english_in_it(run: Run, words: list[str]) -> None:
    ran = run(*words, "--help", "--lang", "ja")
    assert (ran.status, ran.err) == (0, "")
    assert JAPANESE.search(ran.out)
    for line in ran.out.splitlines():
        assert not ENGLISH.search(line), line


@pytest.mark.parametrize("words", helps(), ids=" ".join)
def test_help_in_english_has_no_japanese_but_the_card_s_name(run: Run, words: list[str]) -> None:
    ran = run(*words, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert not JAPANESE.search(ran.out.replace("個人番号カード", ""))


@pytest.mark.parametrize("words", helps(), ids=" ".join)
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("within", [60, 80, 100])
def test_help_fits_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str], lang: str, within: int
) -> None:
    from mnverify.cli.terminal import width

    monkeypatch.setattr("mnverify.cli.terminal.columns", lambda: within)
    monkeypatch.setattr("mnverify.cli.help.columns", lambda: within)
    for line in run(*words, "--help", "--lang", lang).out.splitlines():
        to_copy = line.startswith("  ") and "mnverify " in line
        one_word = "[--no-presence | --require-presence]" in line  # argparse does not part a group
        assert width(line) <= within or to_copy or one_word, line


def test_every_command_shows_examples_and_exit_statuses(run: Run) -> None:
    for words in helps():
        text = run(*words, "--help").out
        if words and " ".join(words) not in GROUPS:
            assert "examples:\n  " in text, words
            assert "exit status:\n  0 " in text, words


def test_the_program_speaks_the_language_of_its_environment() -> None:
    for lang, says in (("ja_JP.UTF-8", "使い方"), ("en_US.UTF-8", "usage")):
        done = subprocess.run(
            [sys.executable, "-m", "mnverify", "--help"],
            capture_output=True,
            env={"PATH": "/usr/bin", "LANGUAGE": "", "LC_ALL": lang},
            check=False,
        )
        assert done.returncode == 0 and done.stdout.decode().startswith(says)
