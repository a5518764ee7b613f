"""Where the card lies in a picture: four corners, found by its straight edges and its proportions (ID-1, 85.60 × 53.98 mm).

Candidates come from several ways of parting the card from what it lies on, and from straight lines alone (where a finger lies over
an edge). Each is judged by the same measure: how much of its four sides really is an edge of the picture, and how near its
proportions are to a card's. A card that is cut off by the picture's rim is not taken for a whole one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnverify.errors import CardNotFound, SeveralCards
from mnverify.printed.edges import Edges
from mnverify.printed.lines import candidates_by_lines
from mnverify.printed.quads import candidates_by_masks
from mnverify.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mnverify.printed.pictures import Pixels

    Corners = NDArray[Any]

CARD_WIDTH, CARD_HEIGHT = 85.60, 53.98
"""Millimetres (ISO/IEC 7810 ID-1)."""
ASPECT = CARD_WIDTH / CARD_HEIGHT
SEARCH_SIDE = 900
"""Pixels of the longer side on which the outline is looked for."""

_LEAST_AREA = 0.012  # of the picture
_LEAST_ASPECT, _MOST_ASPECT = 1.3, 1.95  # a tilt of some 35 degrees
_ASPECT_SPREAD = 0.2
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
        return (_length(self.corners, 0) + _length(self.corners, 2)) / 2

    @property
    def tilt(self) -> float:
        """How unlike opposite sides are: 0 for a card seen straight on, 0.2 for one that is tilted much."""
        a, b, c, d = (_length(self.corners, side) for side in range(4))
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
    found = _outlines(pixels, thorough=True)
    cropped = [_whole(pixels)] if _is_cropped(pixels) else []
    if cropped and not (found and _area(found[0].corners) > _FRAME_INSIDE * pixels.shape[0] * pixels.shape[1]):
        return [*cropped, *found[:1]]
    if not found:
        raise CardNotFound(Text("No whole card is in the picture.", "カード全体が写っていません。"), _WHOLE_CARD)
    apart = _apart(found)
    if any(is_another_card(one, apart[0]) for one in apart[1:]):
        raise SeveralCards(
            Text("There is more than one card in the picture.", "カードが2枚以上写っています。"), _ONE_CARD
        )
    return _unlike(apart[:1] + found)[:_TRIES]


def look_for_outlines(pixels: Pixels, *, thorough: bool = True, side: int = SEARCH_SIDE) -> list[Outline]:
    """Outlines that may be a card, the likeliest first; none where nothing looks like one.

    Args:
        pixels: RGB, eight bits.
        thorough: look by single lines too, where masks found nothing good.
        side: pixels of the longer side on which it is looked for.
    """
    return _apart(_outlines(pixels, thorough=thorough, side=side))


def _outlines(pixels: Pixels, *, thorough: bool, side: int = SEARCH_SIDE) -> list[Outline]:
    import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    small = pixels
    if scale < 1:
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    edges = Edges.of(small)
    found = _judged(candidates_by_masks(small, _LEAST_AREA), edges)
    if thorough and not (found and found[0].score >= _GOOD):
        found = sorted(found + _judged(candidates_by_lines(small, ASPECT), edges), key=_rank, reverse=True)
    return [Outline(one.corners / scale, one.score, contrast=one.contrast) for one in found]


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
    shrinks = _length(corners, 0) > 1.5 * width
    source = pixels
    if shrinks:  # pixels that would be skipped are averaged first
        factor = width * 1.2 / _length(corners, 0)
        source = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.diag([1 / factor, 1 / factor, 1])
    flags = cv2.INTER_LINEAR if shrinks else cv2.INTER_CUBIC
    return cv2.warpPerspective(source, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _judged(candidates: list[Corners], edges: Edges) -> list[Outline]:
    """Candidates as outlines, refined along the edges that they follow, the likeliest first."""
    outlines = []
    for rough in _promising(candidates, edges):
        corners = rough
        for reach in _REFINEMENTS:
            corners = edges.refine(corners, reach)
        corners = _long_side_first(corners)
        if not _plausible(corners, edges):
            continue
        sides = edges.support(corners)
        score = (sum(sides) / 4) * _aspect_weight(corners)
        if min(sides) >= _LEAST_SIDE and score >= _LEAST_SCORE:
            outlines.append(Outline(corners, score, contrast=edges.contrast(corners)))
    return sorted(outlines, key=_rank, reverse=True)


def _promising(candidates: list[Corners], edges: Edges) -> list[Corners]:
    """Those that have a card's proportions, lie on edges somehow, and are not nearly the same as a better one."""
    import numpy as np

    turned = [_long_side_first(one) for one in candidates]
    fitting = [one for one in turned if _plausible(one, edges)]
    if not fitting:
        return []
    support = edges.rough_support(fitting)
    worth = support.mean(axis=1) * np.array([_aspect_weight(one) for one in fitting])
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
    size = 0.015 * math.log(max(_area(outline.corners), 1.0))
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
    return bool(_LEAST_ASPECT <= _aspect(corners) <= _MOST_ASPECT and _area(corners) >= _LEAST_AREA * height * width)


def _apart(outlines: list[Outline]) -> list[Outline]:
    """The best of each place: what overlaps a better one is the same card, or a frame inside it."""
    kept: list[Outline] = []
    for one in outlines:
        if all(_overlap(one.corners, other.corners) < _SAME_CARD for other in kept):
            kept.append(_outermost(one, outlines))
    return kept


def _unlike(outlines: list[Outline]) -> list[Outline]:
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
        if _FRAME_AREA[0] <= _area(one.corners) / _area(best.corners) <= _FRAME_AREA[1]
        and one.score >= best.score - _FRAME_SCORE
        and _overlap(one.corners, best.corners) > _INSIDE
    ]
    return max(around, key=lambda one: _area(one.corners), default=best)


def is_another_card(one: Outline, best: Outline) -> bool:
    """Whether an outline that lies apart from the likeliest one is that of a second card."""
    larger, smaller = sorted((_area(one.corners), _area(best.corners)), reverse=True)
    return (
        one.score >= _OTHER_CARD_SCORE and one.contrast >= _OTHER_CARD_CONTRAST and smaller >= _OTHER_CARD_AREA * larger
    )


def _overlap(one: Corners, other: Corners) -> float:
    """What two outlines share, as a part of the smaller."""
    import cv2

    shared, _ = cv2.intersectConvexConvex(one.astype("float32"), other.astype("float32"))
    return float(shared) / max(1.0, min(_area(one), _area(other)))


def _is_cropped(pixels: Pixels) -> bool:
    height, width = pixels.shape[:2]
    aspect = max(height, width) / min(height, width)
    return bool(abs(aspect / ASPECT - 1) <= _CROPPED_ASPECT)


def _whole(pixels: Pixels) -> Outline:
    import numpy as np

    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return Outline(_long_side_first(corners), 0.0, whole_picture=True)


def _long_side_first(corners: Corners) -> Corners:
    """The same corners, clockwise, along a long side first, beginning with the one of the two that lies higher."""
    import cv2
    import numpy as np

    clockwise = corners if cv2.contourArea(corners.astype(np.float32), oriented=True) > 0 else corners[::-1]
    across, down = _length(clockwise, 0) + _length(clockwise, 2), _length(clockwise, 1) + _length(clockwise, 3)
    first = clockwise if across >= down else np.roll(clockwise, -1, axis=0)
    upper = first[:2].mean(axis=0)[1] <= first[2:].mean(axis=0)[1]
    return np.ascontiguousarray(first if upper else np.roll(first, 2, axis=0))


def _length(corners: Corners, side: int) -> float:
    ax, ay = corners[side]
    bx, by = corners[(side + 1) % 4]
    return math.hypot(float(bx - ax), float(by - ay))


def _area(corners: Corners) -> float:
    import cv2

    return float(cv2.contourArea(corners.astype("float32")))


def _aspect(corners: Corners) -> float:
    across, down = _length(corners, 0) + _length(corners, 2), _length(corners, 1) + _length(corners, 3)
    return across / max(down, 1.0)


def _aspect_weight(corners: Corners) -> float:
    return math.exp(-((math.log(_aspect(corners) / ASPECT) / _ASPECT_SPREAD) ** 2) / 2)
