"""What two pictures of characters say of one another, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mnverify.masked import MaskedText, not_copied
from mnverify.text import Text


class GlyphOutcome(StrEnum):
    """What two pictures of characters say."""

    AGREES = "agrees"
    """As one character does in two typefaces; a variant or a look-alike would agree too."""
    DIFFERS = "differs"
    """As two characters do that have nothing in common."""
    UNCLEAR = "unclear"
    """Neither, or one of the two was not seen."""


@dataclass(frozen=True, slots=True)
class GlyphCell:
    """One cell of the chip's image, against what stands in its place in the print.

    Attributes:
        outcome: what it says.
        score: likeness, 1 at most; None where nothing in the print belongs to the cell.
        null: mean likeness of what does not belong together.
        stands_out: by how many standard deviations the score is above the null.
        box: left, top, right, bottom of the print's piece, in pixels of the crop.
    """

    outcome: GlyphOutcome
    score: float | None = None
    null: float | None = None
    stands_out: float | None = None
    box: tuple[int, int, int, int] | None = None


@not_copied
@dataclass(frozen=True, slots=True)
class GlyphWitness:
    """What the pictures of chip and print say of one another. It holds no picture and no character.

    Attributes:
        outcome: of the whole text: it agrees where most cells do and none differs; it differs where one does.
        cells: every cell of the chip that has ink, in their order.
    """

    outcome: GlyphOutcome
    cells: tuple[GlyphCell, ...]

    @property
    def every_cell_agrees(self) -> bool:
        """Whether there is a cell, and each one agrees: the least that a match without reading takes."""
        return bool(self.cells) and all(cell.outcome is GlyphOutcome.AGREES for cell in self.cells)


@not_copied
@dataclass(frozen=True, slots=True)
class TextFit:
    """Whether a chip's text was seen in the print, each of its characters in its place. It holds both texts, masked.

    Attributes:
        chip: the chip's text.
        printed: what was read in its place.
        every_character: each was seen, and no variant or look-alike of it fits.
        doubt: why not; None where every character was seen. It holds no content.
    """

    chip: MaskedText
    printed: MaskedText
    every_character: bool
    doubt: Text | None = None

    def holds(self, chip: str, printed: str) -> bool:
        """Whether it says so, and of these two texts."""
        return self.every_character and (self.chip, self.printed) == (chip, printed)
