"""Where the card lies in a picture: four corners, found by its straight edges and its proportions (ID-1, 85.60 × 53.98 mm).

Candidates come from several ways of parting the card from what it lies on, and from straight lines alone (where a finger lies over
an edge). Each is judged by the same measure: how much of its four sides really is an edge of the picture, and how near its
proportions are to a card's. A card that is cut off by the picture's rim is not taken for a whole one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnverify.errors import CardNotFound, SeveralCards
from mnverify.printed.around_text import agreement, mixed
from mnverify.printed.corners import (
    ASPECT,
    area_of,
    aspect_of,
    aspect_weight,
    length_of,
    long_side_first,
    overlap_of,
)
from mnverify.printed.edges import Edges
from mnverify.printed.engine import Quad
from mnverify.printed.lines import candidates_by_lines
from mnverify.printed.quads import candidates_by_masks
from mnverify.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mnverify.printed.pictures import Pixels

    Corners = NDArray[Any]

SEARCH_SIDE = 900
"""Pixels of the longer side on which the outline is looked for."""

_LEAST_AREA = 0.012  # of the picture
_LEAST_ASPECT, _MOST_ASPECT = 1.3, 1.95  # a tilt of some 35 degrees
_GOOD, _LEAST_SCORE, _LEAST_SIDE = 0.86, 0.60, 0.30
_SAME_CARD = 0.05  # overlap of two cards at most, as part of the smaller
_OTHER_CARD_SCORE, _OTHER_CARD_AREA, _OTHER_CARD_CONTRAST = 0.72, 0.45, 6.0
_FRAME_INSIDE = 0.2  # of the picture: less is a frame that is printed on the card
_FRAME_AREA, _FRAME_SCORE, _INSIDE = (1.01, 1.5), 0.03, 0.97
_HAIR, _TRIES = 0.03, 4
_CROPPED_ASPECT = 0.03  # how far a scan that was cropped to the card is from its proportions
_REFINEMENTS = (10, 5, 3)  # pixels to either side
_MOST_CANDIDATES, _NEARLY_SAME = 16, 4.0
_RIM = 0.006  # of the longer side
_AGREES = 0.1  # with text, at least

_WHOLE_CARD = Text(
    "Lay the whole card on a plain, darker ground, and leave a finger's breadth free around it.",
    "無地で濃い色の台に置き、カードの周りに指1本分の余白を残して、全体を写してください。",
)
_ONE_CARD = Text("Take the picture of one card alone.", "1枚だけを写してください。")


@dataclass(frozen=True, slots=True)
class Outline:
    """A card's outline.

    Attributes:
        corners: four by two, pixels of the picture: clockwise, along a long side first. Which way up it is, text tells.
        score: 0 to 1: how much of it is seen as an edge, in the right proportions; 0 where the whole picture was taken.
        whole_picture: the picture is a scan that was cropped to the card.
        contrast: how unlike the ground around it is, in levels of 255: what is ruled on a page is like the page around it.
    """

    corners: Corners
    score: float
    whole_picture: bool = False
    contrast: float = 0.0

    @property
    def width(self) -> float:
        """Pixels of its longer sides, on average."""
        return (length_of(self.corners, 0) + length_of(self.corners, 2)) / 2

    @property
    def tilt(self) -> float:
        """How unlike opposite sides are: 0 for a card seen straight on, 0.2 for one that is tilted much."""
        a, b, c, d = (length_of(self.corners, side) for side in range(4))
        return max(abs(a - c) / max(a, c), abs(b - d) / max(b, d))


def find_outline(pixels: Pixels) -> Outline:
    """Find the one card in a picture.

    Args:
        pixels: RGB, eight bits.

    Raises:
        CardNotFound: there is none, or a part of one only.
        SeveralCards: there is more than one.
    """
    return find_outlines(pixels)[0]


def find_outlines(pixels: Pixels) -> list[Outline]:
    """The same, and what else may be the card, the likeliest first: on a ruled page only the text tells which it is.

    Raises:
        CardNotFound: there is none, or a part of one only.
        SeveralCards: there is more than one.
    """
    return OutlineSearch(pixels).likeliest()


def look_for_outlines(pixels: Pixels, *, thorough: bool = True, side: int = SEARCH_SIDE) -> list[Outline]:
    """Outlines that may be a card, the likeliest first; none where nothing looks like one.

    Args:
        pixels: RGB, eight bits.
        thorough: look by single lines too, where masks found nothing good.
        side: pixels of the longer side on which it is looked for.
    """
    return _apart(OutlineSearch(pixels, side=side).all_found(thorough=thorough))


class OutlineSearch:
    """The search for the card in one picture: what may be it at first sight, and, once text was read, what agrees with that.

    Args:
        pixels: RGB, eight bits.
        side: pixels of the longer side on which it is looked for.
    """

    def __init__(self, pixels: Pixels, *, side: int = SEARCH_SIDE) -> None:
        import cv2

        self._pixels = pixels
        self._scale = min(1.0, side / max(pixels.shape[:2]))
        self._small = pixels
        if self._scale < 1:
            self._small = cv2.resize(pixels, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_AREA)
        self._edges = Edges.of(self._small)
        self._found: list[Outline] = []
        self._lines: list[Corners] | None = None

    def likeliest(self) -> list[Outline]:
        """What may be the one card, the likeliest first, four at most.

        Raises:
            CardNotFound: there is none, or a part of one only.
            SeveralCards: there is more than one.
        """
        found, pixels = self.all_found(), self._pixels
        cropped = [_whole(pixels)] if _is_cropped(pixels) else []
        if cropped and not (found and area_of(found[0].corners) > _FRAME_INSIDE * pixels.shape[0] * pixels.shape[1]):
            return [*cropped, *found[:1]]
        if not found:
            raise CardNotFound(Text("No whole card is in the picture.", "カード全体が写っていません。"), _WHOLE_CARD)
        apart = _apart(found)
        if any(is_another_card(one, apart[0]) for one in apart[1:]):
            raise SeveralCards(
                Text("There is more than one card in the picture.", "カードが2枚以上写っています。"), _ONE_CARD
            )
        return unlike(apart[:1] + found)[:_TRIES]

    def all_found(self, *, thorough: bool = True) -> list[Outline]:
        """Every outline that lies on edges well enough, the likeliest first.

        Args:
            thorough: look by single lines too, where masks found nothing good.
        """
        found = _judged(candidates_by_masks(self._small, _LEAST_AREA), self._edges)
        if thorough and not (found and found[0].score >= _GOOD):
            found = sorted(found + _judged(self._by_lines(), self._edges), key=_rank, reverse=True)
        self._found = found
        return self._in_picture(found)

    def around(self, quads: Sequence[Quad]) -> list[Outline]:
        """Outlines that agree with lines of text (see `agreement`), the likeliest first; none where none does.

        Sides of different outlines are put together for it: often each side was found, but not all in one outline. And one side
        need not be seen at all, as under a hand, or where the card is as pale as what it lies on: the text stands for it.

        Args:
            quads: of the lines, in the picture.
        """
        import numpy as np

        scaled = np.array(quads, np.float32) * self._scale
        found = [one.corners for one in self._found]
        every = [long_side_first(one) for one in (*found, *mixed(found), *self._by_lines())]
        every = [one for one in every if _plausible(one, self._edges)]
        if not every:
            return []
        agrees = agreement(every, scaled)
        fitting = [one for one, worth in zip(every, agrees, strict=True) if worth > _AGREES]
        judged = _judged(fitting, self._edges, unseen=1)
        agrees = agreement([one.corners for one in judged], scaled) if judged else agrees
        pairs = [(one, worth) for one, worth in zip(judged, agrees, strict=False) if worth > _AGREES]
        pairs.sort(key=lambda pair: _rank(pair[0]) * float(pair[1]), reverse=True)
        return unlike(self._in_picture([one for one, _ in pairs]))

    def _by_lines(self) -> list[Corners]:
        if self._lines is None:
            self._lines = candidates_by_lines(self._small, ASPECT)
        return self._lines

    def _in_picture(self, outlines: Sequence[Outline]) -> list[Outline]:
        return [Outline(one.corners / self._scale, one.score, contrast=one.contrast) for one in outlines]


def rectify(pixels: Pixels, corners: Corners, width: int) -> Pixels:
    """The card, seen straight on, in its own proportions.

    Args:
        pixels: RGB, eight bits.
        corners: as `Outline.corners`.
        width: pixels of its longer side.
    """
    import cv2
    import numpy as np

    height = round(width / ASPECT)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    shrinks = length_of(corners, 0) > 1.5 * width
    source = pixels
    if shrinks:  # pixels that would be skipped are averaged first
        factor = width * 1.2 / length_of(corners, 0)
        source = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.diag([1 / factor, 1 / factor, 1])
    flags = cv2.INTER_LINEAR if shrinks else cv2.INTER_CUBIC
    return cv2.warpPerspective(source, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _judged(candidates: list[Corners], edges: Edges, *, unseen: int = 0) -> list[Outline]:
    """Candidates as outlines, refined along the edges that they follow, the likeliest first.

    Args:
        unseen: how many sides need not be an edge at all.
    """
    outlines = []
    for rough in _promising(candidates, edges):
        corners = rough
        for reach in _REFINEMENTS:
            corners = edges.refine(corners, reach)
        corners = long_side_first(corners)
        if not _plausible(corners, edges):
            continue
        sides = edges.support(corners)
        score = (sum(sides) / 4) * aspect_weight(corners)
        if sorted(sides)[unseen] >= _LEAST_SIDE and score >= _LEAST_SCORE:
            outlines.append(Outline(corners, score, contrast=edges.contrast(corners)))
    return sorted(outlines, key=_rank, reverse=True)


def _promising(candidates: list[Corners], edges: Edges) -> list[Corners]:
    """Those that have a card's proportions, lie on edges somehow, and are not nearly the same as a better one."""
    import numpy as np

    turned = [long_side_first(one) for one in candidates]
    fitting = [one for one in turned if _plausible(one, edges)]
    if not fitting:
        return []
    support = edges.rough_support(fitting)
    worth = support.mean(axis=1) * np.array([aspect_weight(one) for one in fitting])
    kept: list[Corners] = []
    for at in np.argsort(-worth):
        corners = fitting[at]
        if all(np.abs(corners - other).max() > _NEARLY_SAME for other in kept):
            kept.append(corners)
        if len(kept) == _MOST_CANDIDATES:
            break
    return kept


def _rank(outline: Outline) -> float:
    """Of two that are nearly as good the larger one: frames are printed inside a card."""
    size = 0.015 * math.log(max(area_of(outline.corners), 1.0))
    return outline.score * (1 + size + 0.01 * min(outline.contrast, 10.0))


def _plausible(corners: Corners, edges: Edges) -> bool:
    import cv2

    height, width = edges.shape
    rim = _RIM * max(height, width)
    inside = bool(
        (corners.min() >= rim) and (corners[:, 0].max() < width - rim) and (corners[:, 1].max() < height - rim)
    )
    if not inside or not cv2.isContourConvex(corners.astype("float32")):
        return False
    return bool(
        _LEAST_ASPECT <= aspect_of(corners) <= _MOST_ASPECT and area_of(corners) >= _LEAST_AREA * height * width
    )


def _apart(outlines: list[Outline]) -> list[Outline]:
    """The best of each place: what overlaps a better one is the same card, or a frame inside it."""
    kept: list[Outline] = []
    for one in outlines:
        if all(overlap_of(one.corners, other.corners) < _SAME_CARD for other in kept):
            kept.append(_outermost(one, outlines))
    return kept


def unlike(outlines: Sequence[Outline]) -> list[Outline]:
    """Those that differ by more than a hair from every better one."""
    import numpy as np

    kept: list[Outline] = []
    for one in outlines:
        if all(np.abs(one.corners - other.corners).max() > _HAIR * other.width for other in kept):
            kept.append(one)
    return kept


def _outermost(best: Outline, outlines: list[Outline]) -> Outline:
    """The card itself, where a line that is printed near its edge was a little better than the edge."""
    around = [
        one
        for one in outlines
        if _FRAME_AREA[0] <= area_of(one.corners) / area_of(best.corners) <= _FRAME_AREA[1]
        and one.score >= best.score - _FRAME_SCORE
        and overlap_of(one.corners, best.corners) > _INSIDE
    ]
    return max(around, key=lambda one: area_of(one.corners), default=best)


def is_another_card(one: Outline, best: Outline) -> bool:
    """Whether an outline that lies apart from the likeliest one is that of a second card."""
    larger, smaller = sorted((area_of(one.corners), area_of(best.corners)), reverse=True)
    return (
        one.score >= _OTHER_CARD_SCORE and one.contrast >= _OTHER_CARD_CONTRAST and smaller >= _OTHER_CARD_AREA * larger
    )


def _is_cropped(pixels: Pixels) -> bool:
    height, width = pixels.shape[:2]
    aspect = max(height, width) / min(height, width)
    return bool(abs(aspect / ASPECT - 1) <= _CROPPED_ASPECT)


def _whole(pixels: Pixels) -> Outline:
    import numpy as np

    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return Outline(long_side_first(corners), 0.0, whole_picture=True)
