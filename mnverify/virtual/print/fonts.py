"""The typefaces of this machine that a card can be printed with."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

from mnverify.errors import MissingFont


class Typeface(StrEnum):
    """A Japanese typeface, by what Debian calls its package."""

    IPA_GOTHIC = "fonts-ipaexfont-gothic"
    IPA_MINCHO = "fonts-ipaexfont-mincho"
    NOTO_GOTHIC = "fonts-noto-cjk"
    NOTO_MINCHO = "fonts-noto-cjk serif"


_FILES = {
    Typeface.IPA_GOTHIC: ("ipaexg.ttf",),
    Typeface.IPA_MINCHO: ("ipaexm.ttf",),
    Typeface.NOTO_GOTHIC: ("NotoSansCJK-Regular.ttc", "NotoSansCJKjp-Regular.otf"),
    Typeface.NOTO_MINCHO: ("NotoSerifCJK-Regular.ttc", "NotoSerifCJKjp-Regular.otf"),
}
_FALLBACK = {
    Typeface.IPA_GOTHIC: (Typeface.NOTO_GOTHIC, Typeface.IPA_MINCHO),
    Typeface.IPA_MINCHO: (Typeface.NOTO_MINCHO, Typeface.IPA_GOTHIC),
    Typeface.NOTO_GOTHIC: (Typeface.IPA_GOTHIC,),
    Typeface.NOTO_MINCHO: (Typeface.IPA_MINCHO,),
}
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "~/Library/Fonts",
    "/Library/Fonts",
)
"""Where font files are looked for, with what lies below."""


@cache
def font_files(typeface: Typeface) -> tuple[Path, ...]:
    """The typeface's file, and files of the same style for characters that it lacks.

    Raises:
        MissingFont: this machine does not have the typeface.
    """
    first = _find(typeface)
    if first is None:
        raise MissingFont(typeface.partition(" ")[0])
    others = (_find(other) for other in _FALLBACK[typeface])
    return (first, *(path for path in others if path is not None))


def _find(typeface: Typeface) -> Path | None:
    names = _FILES[typeface]
    for folder in FOLDERS:
        for path in sorted(Path(folder).expanduser().rglob("*.[to]t[fc]")):
            if path.name in names:
                return path
    return None
