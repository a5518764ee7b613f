"""Usage errors in the reader's language. They name options, and never repeat a value: it could be a credential."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable, Sequence

from mnverify.cli.arguments import Malformed
from mnverify.errors import UsageError
from mnverify.text import Text

_WORD = re.compile(r"-{0,2}[a-z]+(-[a-z]+)*")  # a mistyped word; no value that is worth hiding is only letters

_SEE = Text(" Nothing was done; see: {prog} --help", "何も実行していません。参照: {prog} --help")
_NO_VALUE = Text("{option} wants a value.", "{option} には値が必要です。")
_NEEDS_NONE = Text("{option} takes no value.", "{option} に値は付けられません。")
_NOT_BOTH = Text("{option} and {other} cannot be given together.", "{option} と {other} は一緒に指定できません。")
_MISSING = Text("{options} is missing.", "{options} を指定してください。")
_ONE_OF = Text("One of {options} has to be given.", "{options} のどれかを指定してください。")
_CHOICES = Text("{option} takes one of: {choices}.", "{option} に指定できるもの: {choices}。")
_FORM = Text("The value of {option} has to be {form}.", "{option} の値は、{form}にしてください。")
_UNCLEAR = Text("{option} cannot be understood.", "{option} を解釈できません。")
_THE_COMMAND_LINE = Text("The command line", "コマンドライン")
_COMMANDS = Text("There is no such command.{near}", "そのようなコマンドはありません{near}。")
_NO_COMMAND = Text("A command is missing: {choices}.", "コマンドを指定してください: {choices}。")
_NO_OPTION = Text("There is no option {option} here.{near}", "{option} というオプションはここにはありません{near}。")
_TOO_MANY = Text(
    "There is an argument too many. It is not repeated here; numbers of a card are never given as arguments: they are typed at "
    "the prompt, or are the first line of standard input.",
    "余分な引数があります（ここには表示しません）。カードの番号は引数では渡せません。入力欄か標準入力の1行目で渡してください。",
)
_NEAR = Text(" Did you mean {word}?", "（{word} のことですか）")


def usage_error(text: Text, prog: str) -> UsageError:
    """A usage error that leads to the help of its command."""
    see = _SEE.fill(prog=prog)
    return UsageError(Text(text.en + see.en, text.ja + see.ja))


def from_argparse(message: str, error: BaseException | None, actions: Iterable[argparse.Action]) -> Text:
    """What argparse complains of, in our words and without the value.

    Args:
        message: argparse's.
        error: what it raised before, if anything.
        actions: the arguments of the parser.
    """
    name = error.argument_name if isinstance(error, argparse.ArgumentError) else None
    action = _action(name, actions)
    option = Text.of(name) if action is not None and name else _THE_COMMAND_LINE
    if isinstance(action, argparse._SubParsersAction):
        return _no_command(action, message)
    if error is not None and isinstance(error.__context__, Malformed):
        return _FORM.fill(option=option, form=error.__context__.text)
    if "invalid choice" in message and action is not None and action.choices is not None:
        return _CHOICES.fill(option=option, choices=", ".join(map(str, action.choices)))
    if "not allowed with argument" in message:
        other = message.rpartition("not allowed with argument ")[2]
        return _NOT_BOTH.fill(option=option, other=other)
    if "are required: " in message:  # the names are those of our own arguments
        return _MISSING.fill(options=message.rpartition("are required: ")[2])
    if message.startswith("one of the arguments "):
        names = message.removeprefix("one of the arguments ").removesuffix(" is required").split()
        return _ONE_OF.fill(options=Text(" or ".join(names), "、".join(names)))
    if "ignored explicit argument" in message:
        return _NEEDS_NONE.fill(option=option)
    return (_NO_VALUE if "expected" in message else _UNCLEAR).fill(option=option)


def unknown(words: Sequence[str], options: Iterable[str]) -> Text:
    """What is said of words that no argument takes."""
    word = next((word.partition("=")[0] for word in words if word.startswith("-")), "")
    if not _WORD.fullmatch(word):
        return _TOO_MANY
    return _NO_OPTION.fill(option=word, near=_near(word, options))


def no_command(choices: Iterable[str]) -> Text:
    """What is said where the command is missing."""
    return _NO_COMMAND.fill(choices=", ".join(choices))


def _no_command(action: argparse.Action, message: str) -> Text:
    typed = re.search(r"invalid choice: '([^']*)'", message)
    names = [str(choice) for choice in action.choices or ()]
    near = _near(typed[1], names) if typed and _WORD.fullmatch(typed[1]) else Text("", "")
    if typed is None:
        return no_command(names)
    return _COMMANDS.fill(near=near)


def _near(word: str, choices: Iterable[str]) -> Text:
    """The word of ours that is meant, perhaps. Never the one that was typed."""
    found = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.5)
    return _NEAR.fill(word=found[0]) if found else Text("", "")


def _action(name: str | None, actions: Iterable[argparse.Action]) -> argparse.Action | None:
    for action in actions:
        if name in ("/".join(action.option_strings), action.metavar, action.dest):
            return action
    return None
