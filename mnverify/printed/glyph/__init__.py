"""Characters held against one another as pictures: the chip's twelve dots and the print, without reading either.

It is a second witness beside reading, and the only one for a 外字 that no reader knows. Twelve dots tell *different* characters
apart; variants of one character (髙/高) and look-alikes (東/柬) they do not. So it says ``agrees``, never "equal".
"""

from mnverify.printed.glyph.fit import Fit, best_fit
from mnverify.printed.glyph.witness import GlyphCell, GlyphOutcome, GlyphWitness, compare_glyphs

__all__ = ["Fit", "GlyphCell", "GlyphOutcome", "GlyphWitness", "best_fit", "compare_glyphs"]
