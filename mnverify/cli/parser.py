"""The parser: every command with its help in the reader's language."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Never

from mnverify import __version__
from mnverify.cli import help as words_of_help
from mnverify.cli.arguments import Arguments
from mnverify.cli.command import Command
from mnverify.cli.commands import COMMANDS, GROUPS
from mnverify.cli.help import FORMATTERS, epilog
from mnverify.cli.language import LANGUAGES
from mnverify.cli.output import show
from mnverify.cli.usage import from_argparse, no_command, unknown, usage_error
from mnverify.text import Text

_ABOUT = Text(
    "Check a My Number Card (個人番号カード) by its chip: read it, verify the signatures, say what was proven and what was not.",
    "マイナンバーカードをICチップで確認します。読み取り、署名を検証し、分かったことと分からないことを示します。",
)
_HELP_OF_EACH = Text("Help of a command: mnverify COMMAND --help", "各コマンドの説明: mnverify COMMAND --help")
_HELP = Text("show this help and end", "この説明を表示する")
_VERSION = Text("show the version and end", "版を表示する")
_JSON = Text("print one JSON object on standard output", "標準出力にJSONオブジェクトを1つだけ出力する")
_LANG = Text("language (default: of the locale)", "言語（既定: ロケールに従う）")
_VERBOSE = Text(
    "on standard error: each command that the gate passed or refused, without data",
    "ゲートが通した、または拒否したコマンドを、データを含めず標準エラーに出力する",
)


class Parser(argparse.ArgumentParser):
    """argparse's, which raises what it complains of instead of printing it.

    Args:
        lang: of help and complaints.
    """

    def __init__(self, *, lang: str, **named: Any) -> None:
        super().__init__(allow_abbrev=False, add_help=False, formatter_class=FORMATTERS[lang], **named)
        self.lang = lang
        self.color = False  # Python 3.14 colours help by itself
        self._positionals.title = words_of_help.POSITIONALS.in_language(lang)
        self._optionals.title = words_of_help.OPTIONS.in_language(lang)

    def error(self, message: str) -> Never:
        """Raise the complaint.

        Raises:
            UsageError: always.
        """
        raise usage_error(from_argparse(message, sys.exc_info()[1], self._actions), self.prog) from None

    def print_help(self, file: Any = None) -> None:
        """Print the help on standard output."""
        show(self.format_help().rstrip("\n"))


def build_parser(lang: str = "en") -> Parser:
    """The parser of the whole command line; every command sets ``run`` (its function), ``reads_card`` and ``prog``.

    Args:
        lang: ``en`` or ``ja``.
    """
    parser = Parser(lang=lang, prog="mnverify", description=_ABOUT.in_language(lang))
    parser.epilog = _HELP_OF_EACH.in_language(lang)
    _common(parser, lang, top=True)
    parser.add_argument(
        "--version", action="version", version=f"mnverify {__version__}", help=_VERSION.in_language(lang)
    )
    words = _below(parser, lang)
    groups: dict[str, Any] = {}
    for command in COMMANDS:
        group, _, name = command.words.rpartition(" ")
        if group and group not in groups:
            text = GROUPS[group].in_language(lang)
            node = words.add_parser(group, lang=lang, help=text, description=text)
            _common(node, lang)
            groups[group] = _below(node, lang)
        _add(groups[group] if group else words, name, command, lang)
    return parser


def parse(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """The options.

    Raises:
        UsageError: they cannot be understood.
        SystemExit: help or version was asked for, and printed.
    """
    options, rest = parser.parse_known_args(words)
    prog = getattr(options, "prog", parser.prog)
    if rest:
        raise usage_error(unknown(rest, option_names(parser)), prog)
    if not hasattr(options, "run"):
        below = next(node for node in _parsers(parser) if node.prog == getattr(options, "group", parser.prog))
        raise usage_error(no_command(_choices(below)), below.prog)
    return options


def option_names(parser: argparse.ArgumentParser) -> list[str]:
    """Every long option of a parser and of those below it."""
    return sorted({name for node in _parsers(parser) for action in node._actions for name in action.option_strings})


def _add(words: Any, name: str, command: Command, lang: str) -> None:
    summary = command.summary.in_language(lang)
    parser = words.add_parser(
        name,
        lang=lang,
        help=summary,
        description=(command.description or command.summary).in_language(lang),
        epilog=epilog(command.examples, command.statuses, lang),
    )
    parser.set_defaults(run=command.run, reads_card=command.reads_card, prog=parser.prog)
    command.arguments(Arguments(parser, lang))
    _common(parser, lang)


def _common(parser: Parser, lang: str, *, top: bool = False) -> None:
    """The options of every command; before it they count where they are not given behind it too."""
    unless_given: Any = argparse.SUPPRESS
    parser.add_argument(
        "--json", action="store_true", default=False if top else unless_given, help=_JSON.in_language(lang)
    )
    parser.add_argument(
        "--lang", choices=LANGUAGES, default=lang if top else unless_given, help=_LANG.in_language(lang)
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", default=False if top else unless_given, help=_VERBOSE.in_language(lang)
    )
    parser.add_argument("-h", "--help", action="help", help=_HELP.in_language(lang))


def _below(parser: Parser, lang: str) -> Any:
    parser.set_defaults(group=parser.prog)
    title = words_of_help.COMMANDS.in_language(lang)
    return parser.add_subparsers(title=title, metavar="COMMAND", parser_class=Parser)


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _parsers(below)


def _choices(parser: argparse.ArgumentParser) -> list[str]:
    return [
        str(name)
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name in action.choices
    ]
