"""The command line, ``mnverify``. See ``docs/reference/cli.md`` for commands and exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mnverify.cli.language import manner_of
from mnverify.cli.output import open_streams

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after ``mnverify``; default those of the process.

    Returns:
        The exit status (``docs/reference/cli.md``).
    """
    from mnverify.cli.run import answered, understood

    open_streams()
    words = sys.argv[1:] if argv is None else list(argv)
    manner = manner_of(words)
    options = understood(words, manner)
    if isinstance(options, int):
        return options
    del words, argv  # a credential may stand there by mistake; no frame keeps it while the command runs
    return answered(options, manner)
