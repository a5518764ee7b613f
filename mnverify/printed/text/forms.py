"""One form for what the same text can be written in: widths, Unicode's normal forms, spaces, dashes.

No character is turned into another that looks different to a reader: compatibility ideographs (互換漢字) stay as they are, since
they are variants and are judged as such.
"""

from __future__ import annotations

import re
import unicodedata

_KEPT = re.compile("([\uf900-\ufaff\u2e80-\u2fdf\U0002f800-\U0002fa1f]+)")
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_DASHES = dict.fromkeys(map(ord, "-‐‑‒–—―−－ーｰ─━﹣⁃˗﹘➖"), "-")
_QUOTES = {**dict.fromkeys(map(ord, "’‘`´′ʼ"), "'"), **dict.fromkeys(map(ord, "“”″"), '"')}
_WAVES = dict.fromkeys(map(ord, "〜～∼"), "~")
_BRACKETS = str.maketrans("［【〔〈（｛{）】〕〉］｝}", "[[[[[[[]]]]]]]") | {ord("("): "[", ord(")"): "]"}
_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x200E, 0x200F])
_DOTS = dict.fromkeys(map(ord, "・･·•‧∙"), "・")
_FORMS = {**_WIDTH, **_DASHES, **_QUOTES, **_WAVES, **_INVISIBLE, **_DOTS}


def plain(text: str) -> str:
    """The text in Unicode's composed form, Latin and digits half-width, kana full-width, one kind of space, dash and bracket.

    A long-vowel mark is a dash too: on a keyboard and in a picture they are one, and no two texts differ by it alone.
    """
    parts = _KEPT.split(text)
    composed = "".join(part if n % 2 else _composed(part) for n, part in enumerate(parts))
    return " ".join(composed.translate(_FORMS).translate(_BRACKETS).split())


def _composed(text: str) -> str:
    full = _HALF_KANA.sub(lambda run: unicodedata.normalize("NFKC", run.group()), text)
    return unicodedata.normalize("NFC", full)


def capitals(text: str) -> str:
    """The text in capitals; ß stays one letter, and is not SS.

    Args:
        text: in plain form.
    """
    return text.replace("ß", "ẞ").upper()


def without_spaces(text: str) -> str:
    """The text with no space in it."""
    return text.replace(" ", "")
