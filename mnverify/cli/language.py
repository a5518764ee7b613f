"""Which language a person reads, and whether a program asks: known before the command line is understood."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

LANGUAGES = ("en", "ja")
_NO_LANGUAGE = ("c", "posix")
_JAPANESE_ON_WINDOWS = 0x11  # primary language of a LANGID


class Manner(NamedTuple):
    """How to answer.

    Attributes:
        lang: ``en`` or ``ja``.
        json: one JSON object on standard output.
    """

    lang: str
    json: bool


def manner_of(words: Sequence[str]) -> Manner:
    """What ``--lang`` and ``--json`` say anywhere among the words, so that errors in all the others are answered so too."""
    lang, as_json = None, False
    for at, word in enumerate(words):
        if word == "--":
            break
        if word == "--json":
            as_json = True
        elif word == "--lang" and at + 1 < len(words):
            lang = words[at + 1]
        elif word.startswith("--lang="):
            lang = word.removeprefix("--lang=")
    return Manner(lang if lang in LANGUAGES else language_of_locale(os.environ), as_json)


def language_of_locale(environment: Mapping[str, str]) -> str:
    """``ja`` or ``en``, by ``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES``, ``LANG``; on Windows by the user's language.

    ``LANGUAGE`` is a list by preference. It counts for nothing in the locale ``C``, as gettext has it.
    """
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    locale = named.lower()
    if locale not in _NO_LANGUAGE:
        for word in environment.get("LANGUAGE", "").lower().split(":"):
            if word[:2] in LANGUAGES and word[2:3] in ("", "_", "-", ".", "@"):
                return word[:2]
    if not locale and sys.platform == "win32":
        return _language_of_windows()
    return "ja" if locale.startswith("ja") else "en"


def _language_of_windows() -> str:
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  # it exists on Windows alone
    return "ja" if kernel.GetUserDefaultUILanguage() & 0x3FF == _JAPANESE_ON_WINDOWS else "en"
