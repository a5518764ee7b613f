"""JSON read strictly: sizes and depth bounded, no key twice or unknown, every value of exactly one form.

Errors name the place and the reason, and hold no value.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from mnverify.errors import ScriptError
from mnverify.text import Text

_MARKS = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[\[\]{}]', re.DOTALL)
_HEX = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)
_LONGEST_NUMBER = 16  # characters


def script_error(where: str, why: str) -> ScriptError:
    """The error for a place in a script."""
    return ScriptError(
        Text(
            f"This is not a script of a reading: {where}: {why}. Nothing of it was played; record it again.",
            f"読み取りスクリプトとして読めません（{where}: {why}）。何も再生していません。記録し直してください。",
        )
    )


def load(data: str | bytes, max_bytes: int, max_depth: int) -> dict[str, Any]:
    """The JSON object in a text.

    Raises:
        ScriptError: it is larger, deeper, not UTF-8, not JSON, not an object, or has a key twice.
    """
    try:
        raw = data.encode() if isinstance(data, str) else bytes(data)
        if len(raw) > max_bytes:
            raise script_error("script", f"{len(raw)} bytes, more than {max_bytes}")
        text = raw.decode()
    except UnicodeError:
        raise script_error("script", "it is not UTF-8 text") from None
    _check_depth(text, max_depth)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except json.JSONDecodeError as error:
        raise script_error("script", f"it is not JSON (line {error.lineno}, column {error.colno})") from None
    return keys(document, "script")


def keys(
    value: object, where: str, required: Iterable[str] = (), optional: Iterable[str] | None = None
) -> dict[str, Any]:
    """An object that has the keys required, and no other than the optional ones where they are given."""
    if not isinstance(value, dict):
        raise script_error(where, "it is not an object")
    missing = set(required) - value.keys()
    if missing:
        raise script_error(where, f"missing: {', '.join(sorted(missing))}")
    unknown = value.keys() - {*required, *optional} if optional is not None else set()
    if unknown:
        raise script_error(where, f"unknown key {min(unknown)[:32]!a}")
    return value


def items(value: object, where: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise script_error(where, "it is not a list")
    return value


def word(value: object, where: str, words: Iterable[str]) -> str:
    """One of some words."""
    known = tuple(words)
    if not isinstance(value, str) or value not in known:
        raise script_error(where, f"it is none of {', '.join(known)}")
    return value


def text(value: object, where: str, form: str) -> str:
    """A text that matches a regular expression whole."""
    if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII):
        raise script_error(where, "it has not its form")
    return value


def flag(value: object, where: str) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise script_error(where, "it is neither true nor false")
    return value


def whole(value: object, where: str, least: int, most: int) -> int:
    """A whole number between two others, these included."""
    if type(value) is not int or not least <= value <= most:
        raise script_error(where, f"it is not a whole number from {least} to {most}")
    return value


def tenths(value: object, where: str, most: float) -> float:
    """A number of at least 0 with one decimal at most."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value <= most
        or round(value, 1) != value
    ):
        raise script_error(where, "it is not a number with one decimal")
    return float(value)


def octets(value: object, where: str, least: int, most: int) -> bytes:
    """Bytes in lower-case hex."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise script_error(where, "it is not lower-case hex")
    if not least <= len(value) // 2 <= most:
        raise script_error(where, f"it is not {least} to {most} bytes")
    return bytes.fromhex(value)


def base64_octets(value: object, where: str, length: int) -> bytes:
    """Bytes of one length in canonical base64."""
    try:
        raw = binascii.a2b_base64(value, strict_mode=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != length or to_base64(raw) != value:
        raise script_error(where, f"it is not {length} bytes in base64")
    return raw


def to_base64(raw: bytes) -> str:
    """Canonical base64."""
    return binascii.b2a_base64(raw, newline=False).decode()


def _check_depth(text: str, max_depth: int) -> None:
    """Refuse deep nesting before the parser recurses. One pass: a string, ended or not, is one mark."""
    depth = 0
    for mark in _MARKS.finditer(text):
        depth += (mark[0] in ("{", "[")) - (mark[0] in ("}", "]"))
        if depth > max_depth:
            raise script_error("script", f"nested deeper than {max_depth} levels")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise script_error("script", "a key stands twice")
    return result


def _no_constant(_: str) -> NoReturn:
    raise script_error("script", "NaN or Infinity")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise script_error("script", "a number is too long")
    return int(digits)


def _decimal(digits: str) -> float:
    if len(digits) > _LONGEST_NUMBER:
        raise script_error("script", "a number is too long")
    return float(digits)
