"""Characters held against one another as pictures: the chip's twelve dots and the print, without reading either.

It is a second witness beside reading, and the only one for a 外字 that no reader knows. Twelve dots tell *different* characters
apart; variants of one character (髙/高) and look-alikes (東/柬) they do not. So it says ``agrees``, never "equal".
A print of 300 dpi and more does: where the chip has text, its characters are drawn and laid over the print (``text_fits``).
"""

from typing import TYPE_CHECKING

from mnverify.printed.glyph.outcome import GlyphCell, GlyphOutcome, GlyphWitness, TextFit

if TYPE_CHECKING:
    from mnverify.printed.glyph.of_scan import glyph_witnesses
    from mnverify.printed.glyph.of_text import text_fits
    from mnverify.printed.glyph.witness import compare_glyphs

__all__ = [
    "GlyphCell",
    "GlyphOutcome",
    "GlyphWitness",
    "TextFit",
    "compare_glyphs",
    "glyph_witnesses",
    "text_fits",
]

_LAZY = {
    "glyph_witnesses": "of_scan",
    "text_fits": "of_text",
    "compare_glyphs": "witness",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    loaded: object = getattr(import_module(f"mnverify.printed.glyph.{_LAZY[name]}"), name)
    globals()[name] = loaded
    return loaded


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
