"""One command of the command line, as its file under ``commands`` describes it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from mnverify.cli.arguments import Arguments
from mnverify.cli.exit_status import DONE, USAGE
from mnverify.text import Text


def no_arguments(arguments: Arguments) -> None:
    """For a command that has no options of its own."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        words: what is typed, as ``verify`` or ``card list``.
        summary: what it does, in a line.
        run: from options to exit status. It raises a ``MnverifyError`` where it cannot be done.
        arguments: adds its own arguments.
        description: a paragraph for its help; default the summary.
        examples: command lines, each with what it is for.
        statuses: the exit statuses that it can end with.
        reads_card: unreadable data is the card's fault, not the input's.
    """

    words: str
    summary: Text
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[Arguments], None] = no_arguments
    description: Text | None = None
    examples: tuple[tuple[str, Text], ...] = ()
    statuses: tuple[int, ...] = (DONE, USAGE)
    reads_card: bool = False
