"""The command line, ``mnverify``. See ``docs/reference/cli.md`` for commands and exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress

from mnverify.cli.exit_status import INTERRUPTED, USAGE, exit_status
from mnverify.cli.output import open_streams, show
from mnverify.errors import MnverifyError, UsageError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after ``mnverify``; default those of the process.

    Returns:
        The exit status (``docs/reference/cli.md``).
    """
    from mnverify.cli.parser import build_parser

    open_streams()
    try:
        options = build_parser().parse_args(argv)
    except SystemExit as stop:  # argparse has printed its line, or the help
        return stop.code if isinstance(stop.code, int) else USAGE
    try:
        return int(options.run(options))
    except MnverifyError as error:
        message = error.text.in_language(options.lang)
        if options.json:
            with suppress(UsageError):
                show(json.dumps({"error": _error_object(error, message)}, ensure_ascii=False))
        print(f"mnverify: {message}", file=sys.stderr)
        return exit_status(error, reading=options.reads_card)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the cursor stands behind a prompt or ^C
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _error_object(error: MnverifyError, message: str) -> dict[str, str | int]:
    return {"code": error.code, "type": type(error).__name__, "message": message, **error.details()}
