"""Japanese typefaces that are often installed, where systems keep them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

FILES = (
    ("ipaexg.ttf",),
    ("ipaexm.ttf",),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJKjp-Regular.otf", "NotoSansJP-Regular.otf"),
    ("NotoSerifCJK-Regular.ttc", "NotoSerifCJKjp-Regular.otf", "NotoSerifJP-Regular.otf"),
    ("ipamjm.ttf",),
    ("BIZ-UDGothicR.ttc", "BIZUDGothic-Regular.ttf"),
    ("BIZ-UDMinchoM.ttc", "BIZUDMincho-Regular.ttf"),
    ("msgothic.ttc",),
    ("msmincho.ttc",),
)
"""Names of files, the first that is found of each: IPAex, Noto CJK, IPAmj (nearly every kanji of the registers), BIZ UD, MS."""
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "~/Library/Fonts",
    "/Library/Fonts",
    "${WINDIR}/Fonts",
)
"""Where systems keep them, with what lies below."""


@cache
def typefaces() -> tuple[Path, ...]:
    """Files of the typefaces of ``FILES`` that this machine has; none is nothing wrong."""
    there: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in sorted(Path(os.path.expandvars(folder)).expanduser().rglob("*.[to]t[fc]")):
            there.setdefault(path.name, path)
    return tuple(
        next(there[name] for name in names if name in there) for names in FILES if any(name in there for name in names)
    )
