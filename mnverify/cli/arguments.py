"""Arguments of a command, with help in two languages, and the forms that values have."""

from __future__ import annotations

import argparse
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from mnverify.text import Text

LONGEST_WAIT = 86_400.0
"""Seconds: one day."""


class Malformed(argparse.ArgumentTypeError):
    """A value has not its form. The message never holds the value.

    Args:
        text: what form it has, as a clause: "it is a number of years".
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Arguments:
    """Where a command adds its arguments.

    Args:
        container: of argparse.
        lang: of the help.
    """

    def __init__(self, container: argparse._ActionsContainer, lang: str) -> None:
        self._container = container
        self._lang = lang

    def option(self, *names: str, help: Text, **named: Any) -> None:  # noqa: A002  # as argparse calls it
        """Add an option or a positional argument; everything but ``help`` as argparse takes it."""
        self._container.add_argument(*names, help=help.in_language(self._lang), **named)

    def exclusive(self, *, required: bool = False) -> Arguments:
        """A group of which one can be given (or has to be)."""
        return Arguments(self._container.add_mutually_exclusive_group(required=required), self._lang)


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number between two."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        raise Malformed(Text(f"a number from {least} to {most}", f"{least}から{most}までの数"))

    return read


def seconds(text: str) -> float:
    """Seconds, a day at most."""
    with suppress(ValueError):
        value = float(text)
        if 0 <= value <= LONGEST_WAIT:
            return value
    raise Malformed(Text("a number of seconds, 86400 at most", "86400以下の秒数"))


def moment(text: str) -> datetime:
    """A moment of RFC 3339."""
    with suppress(ValueError):
        value = datetime.fromisoformat(text)
        if value.utcoffset() is not None:
            return value
    raise Malformed(
        Text(
            "a date and time with a time zone, as 2026-11-22T10:00:00+09:00",
            "2026-11-22T10:00:00+09:00 のような、時差付きの日時",
        )
    )


def challenge(text: str) -> bytes:
    """A challenge of 1 to 1024 bytes in base64: as long as whoever verifies has made it."""
    with suppress(ValueError):
        value = b64decode(text, validate=True)
        if 1 <= len(value) <= 1024:
            return value
    raise Malformed(Text("1 to 1024 bytes in base64", "1〜1024バイトを base64 で表したもの"))
