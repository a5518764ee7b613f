"""The values in a script: no key unknown, every value of exactly one form.

Errors name the place and the reason, and hold no value.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from typing import Any

from mnverify.errors import ScriptError
from mnverify.strict_json import load_object
from mnverify.text import Text

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
    return load_object(
        data,
        max_bytes=max_bytes,
        max_depth=max_depth,
        refuse=lambda why: script_error("script", why),
        longest_number=_LONGEST_NUMBER,
    )


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
