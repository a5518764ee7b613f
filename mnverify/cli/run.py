"""From words to options, from options to an exit status; every error in the manner that was asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress

from mnverify.cli.exit_status import INTERRUPTED, USAGE, exit_status
from mnverify.cli.language import Manner
from mnverify.cli.parser import build_parser, parse
from mnverify.cli.terminal import print_json
from mnverify.errors import MnverifyError, UsageError
from mnverify.text import Text

_INTERRUPTED = Text("Interrupted. Nothing of it is used.", "中断しました。途中までの内容は使いません。")


def understood(words: Sequence[str], manner: Manner) -> argparse.Namespace | int:
    """The options, or the exit status where there are none: help was shown, or the words cannot be understood."""
    try:
        return parse(build_parser(manner.lang), words)
    except SystemExit as stop:  # argparse has printed the version
        return stop.code if isinstance(stop.code, int) else USAGE
    except UsageError as error:
        _tell(error, manner)
        return USAGE


def answered(options: argparse.Namespace, manner: Manner) -> int:
    """Run the command; its exit status, or that of what stopped it."""
    try:
        with audit_on_stderr() if options.verbose else nullcontext():
            return int(options.run(options))
    except MnverifyError as error:
        _tell(error, manner)
        return exit_status(error, reading=options.reads_card)
    except KeyboardInterrupt:
        _tell_interrupted(manner)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0


@contextmanager
def audit_on_stderr() -> Iterator[None]:
    """Show what the SDK logs: the gate's audit, which holds no data byte."""
    import logging

    logger, handler = logging.getLogger("mnverify"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def _tell(error: MnverifyError, manner: Manner) -> None:
    message = error.text.in_language(manner.lang)
    if manner.json:
        named = {"code": error.code, "type": type(error).__name__, "message": message}
        with suppress(UsageError):  # standard output takes nothing; standard error may
            print_json({"error": {**named, **error.details()}}, one_line=True)
    print(f"mnverify: {message}", file=sys.stderr)


def _tell_interrupted(manner: Manner) -> None:
    if manner.json:
        message = _INTERRUPTED.in_language(manner.lang)
        with suppress(UsageError):
            print_json(
                {"error": {"code": "interrupted", "type": "KeyboardInterrupt", "message": message}}, one_line=True
            )
    if sys.stderr.isatty():
        print(file=sys.stderr)  # the cursor stands behind a prompt or ^C
