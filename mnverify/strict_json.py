"""The one way from foreign text to a JSON object: size and depth bounded, no key twice, no number where none belongs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_MARKS = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[\[\]{}]', re.DOTALL)

Refuse = Callable[[str], Exception]
"""Makes the error for a reason."""


def load_object(
    data: str | bytes, *, max_bytes: int, max_depth: int, refuse: Refuse, longest_number: int = 0
) -> dict[str, Any]:
    """The JSON object in a text (RFC 8259).

    Args:
        data: text, or UTF-8.
        max_bytes: of the text.
        max_depth: levels of nesting.
        refuse: makes the error that is raised. No reason holds content.
        longest_number: characters of a number; 0 where there are no numbers.

    Raises:
        Exception: what ``refuse`` makes: it is larger, deeper, not UTF-8, not JSON, not an object, has a key twice, or a
            number that may not be there.
    """
    try:
        raw = data.encode() if isinstance(data, str) else bytes(data)
        if len(raw) > max_bytes:
            raise refuse(f"{len(raw)} bytes, more than {max_bytes}")
        text = raw.decode()
    except UnicodeError:
        raise refuse("it is not UTF-8 text") from None
    _check_depth(text, max_depth, refuse)
    document = _parsed(text, refuse, longest_number)
    if not isinstance(document, dict):
        raise refuse("it is not a JSON object")
    return document


def _parsed(text: str, refuse: Refuse, longest_number: int) -> object:
    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            raise refuse("a key stands twice")
        return result

    def number(kind: type[int] | type[float]) -> Callable[[str], int | float]:
        def read(digits: str) -> int | float:
            if not longest_number:
                raise refuse("a number where none belongs")
            if len(digits) > longest_number:
                raise refuse("a number is too long")
            return kind(digits)

        return read

    def no_constant(_: str) -> object:
        raise refuse("a number where none belongs")

    try:
        return json.loads(
            text,
            object_pairs_hook=no_duplicates,
            parse_constant=no_constant,
            parse_int=number(int),
            parse_float=number(float),
        )
    except json.JSONDecodeError as error:
        raise refuse(f"it is not JSON (line {error.lineno}, column {error.colno})") from None


def _check_depth(text: str, max_depth: int, refuse: Refuse) -> None:
    """Refuse deep nesting before the parser recurses. One pass: a string, ended or not, is one mark."""
    if text.count("{") + text.count("[") <= max_depth:
        return
    depth = 0
    for mark in _MARKS.finditer(text):
        depth += (mark[0] in ("{", "[")) - (mark[0] in ("}", "]"))
        if depth > max_depth:
            raise refuse(f"nested deeper than {max_depth} levels")
