"""What reading of text asks of an engine (OCR), so that a program can plug in its own.

An engine gets pixels and gives text; what the text means is decided elsewhere, by the same rules for every engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from mnverify.masked import MaskedText, not_copied

if TYPE_CHECKING:
    from mnverify.printed.pictures import Pixels

Point: TypeAlias = "tuple[float, float]"
Quad: TypeAlias = "tuple[Point, Point, Point, Point]"
"""Four corners in pixels: top left, top right, bottom right, bottom left, **as the text is read**. A line that stands on its head
begins at the right of the picture, and its first corner is the bottom right one there."""


@not_copied
@dataclass(frozen=True, slots=True, repr=False)
class TextLine:
    """One line of text that an engine found in a picture. It shows nothing of the text.

    Attributes:
        quad: where it is.
        text: what it says, masked.
        confidence: 0 to 1: how sure the engine is of the whole line.
        scores: the same of each character; empty where the engine cannot tell.
    """

    quad: Quad
    text: MaskedText
    confidence: float
    scores: tuple[float, ...] = ()

    @classmethod
    def of(
        cls, quad: Sequence[Sequence[float]], text: str, confidence: float, scores: Sequence[float] = ()
    ) -> TextLine:
        """From plain values: four points, each x and y; scores count where there is one for each character."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = ((float(x), float(y)) for x, y in quad)
        each = tuple(map(float, scores)) if len(scores) == len(text) else ()
        return cls(((ax, ay), (bx, by), (cx, cy), (dx, dy)), MaskedText(text), float(confidence), each)

    def part(self, start: int, stop: int, quad: Quad) -> TextLine:
        """The characters from ``start`` up to ``stop``, and the place of them."""
        scores = self.scores[start:stop]
        confidence = sum(scores) / len(scores) if scores else self.confidence
        return TextLine(quad, self.text[start:stop], confidence, scores)

    @property
    def weakest(self) -> float:
        """How sure the engine is of the character that it is least sure of."""
        return min(self.scores, default=self.confidence)

    @property
    def left(self) -> float:
        """Pixels from the picture's left edge."""
        return min(x for x, _ in self.quad)

    @property
    def right(self) -> float:
        """Pixels from the picture's left edge to the line's right end."""
        return max(x for x, _ in self.quad)

    @property
    def top(self) -> float:
        """Pixels from the picture's top edge."""
        return min(y for _, y in self.quad)

    @property
    def bottom(self) -> float:
        """Pixels from the picture's top edge to the line's lower edge."""
        return max(y for _, y in self.quad)

    @property
    def height(self) -> float:
        """Pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> Point:
        """The centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def __repr__(self) -> str:
        return f"TextLine({len(self.text)} characters)"


@runtime_checkable
class TextEngine(Protocol):
    """An OCR engine. Both methods may be called from several threads; neither may keep, log or send what it was given."""

    def read(self, pixels: Pixels) -> Sequence[TextLine]:
        """Find and read every line of a picture of a card (RGB, eight bits, about 1000 pixels wide).

        The card lies level, or stands on its head: then the lines do too, and their quads say so. An engine that reads upright text
        only gives what it finds; the picture is turned and asked for again.
        """

    def read_line(self, pixels: Pixels) -> tuple[str, float]:
        """Read a picture that holds one level, upright line and nothing else: the text, and how sure (0 to 1)."""
