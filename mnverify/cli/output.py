"""Standard output: what is printed there, and who reads it no longer."""

from __future__ import annotations

import contextlib
import os
import sys

from mnverify.errors import UsageError, os_reason
from mnverify.text import Text

_NOT_WRITTEN = Text(
    "The answer could not be printed: {why}. Do not rely on it; print it somewhere else.",
    "結果を出力できませんでした（{why}）。この結果は使わず、出力先を変えてやり直してください。",
)


def show(text: str) -> None:
    """Print on standard output. A reader that went away changes no exit status: the verdict stays what it is.

    Raises:
        UsageError: it cannot be written, as on a full disk.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _discard()
    except OSError as error:
        _discard()
        raise UsageError(_NOT_WRITTEN.fill(why=os_reason(error))) from None


def open_streams() -> None:
    """Give the process the standard streams that it was started without, and write UTF-8 to them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # for the whole process
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _discard() -> None:
    """Throw away what is left in the buffer, so that the end of the process does not stumble over it."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
