"""How help looks: wrapped by columns instead of characters, headings in the reader's language."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

from mnverify.cli.exit_status import MEANINGS
from mnverify.cli.terminal import columns, wrap
from mnverify.text import Text

USAGE_PREFIX = Text("usage: ", "使い方: ")
COMMANDS = Text("commands", "コマンド")
OPTIONS = Text("options", "オプション")
POSITIONALS = Text("arguments", "引数")
EXAMPLES = Text("examples", "例")
_SET_IN = 2  # blanks before a command or a status
STATUSES = Text("exit status", "終了コード")


class HelpFormatter(argparse.HelpFormatter):
    """argparse's, with full-width characters counted as two and lines of examples kept."""

    def __init__(self, prog: str, **named: object) -> None:
        super().__init__(prog, max_help_position=26, width=columns() - 2)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(" ".join(text.split()), width)

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        if isinstance(action, argparse._SubParsersAction):  # its first line is the word COMMAND alone
            return text.partition("\n")[2]
        return text

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(part for line in text.splitlines() for part in _filled(line, width))


def _filled(line: str, within: int) -> list[str]:
    """A line of a paragraph, wrapped. What is set in by two blanks is a command to copy, or a list that hangs."""
    blanks = len(line) - len(line.lstrip(" "))
    if blanks == _SET_IN and not line.strip()[0].isdigit():
        return [line]
    hanging = _SET_IN * 2 if blanks == _SET_IN else 0
    return [f"{' ' * blanks}{part}" for part in wrap(line.strip(), max(20, within - blanks), hanging=hanging)]


class JapaneseHelpFormatter(HelpFormatter):
    """The same with 使い方 before the usage."""

    def _format_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None,
    ) -> str:
        if prefix is not None:
            return super()._format_usage(usage, actions, groups, prefix)
        placeholder = "x" * 6 + ": "  # as wide as the Japanese word
        text = super()._format_usage(usage, actions, groups, placeholder)
        return text.replace(placeholder, USAGE_PREFIX.ja, 1)


FORMATTERS: dict[str, type[HelpFormatter]] = {"en": HelpFormatter, "ja": JapaneseHelpFormatter}
"""The formatter of each language."""


def epilog(examples: Sequence[tuple[str, Text]], statuses: Sequence[int], lang: str) -> str:
    """Examples and exit statuses, for the end of a command's help."""
    lines: list[str] = []
    if examples:
        lines.append(f"{EXAMPLES.in_language(lang)}:")
        for command, what in examples:
            lines += [f"  {command}", f"      {what.in_language(lang)}"]
        lines.append("")
    lines.append(f"{STATUSES.in_language(lang)}:")
    lines += [f"  {status:<3} {MEANINGS[status].in_language(lang)}" for status in statuses]
    return "\n".join(lines)
