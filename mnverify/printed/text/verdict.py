"""What came of comparing two texts."""

from __future__ import annotations

from typing import NamedTuple

from mnverify.printed.variants import Likeness


class Agreement(NamedTuple):
    """How near two texts are.

    Attributes:
        likeness: of the worst character; ``DIFFERENT`` too where one text has what the other lacks in the middle.
        part_missing: they agree as far as both go, and one has more: a building, a 通称, a middle name, a prefecture. The
            likeness is ``DOUBTFUL`` at best.
        order_differs: the same words in another order (Latin names).
        lengths_differ: they differ by characters that one of them lacks, and by nothing else.
    """

    likeness: Likeness
    part_missing: bool = False
    order_differs: bool = False
    lengths_differ: bool = False


SAME = Agreement(Likeness.SAME)
DIFFERENT = Agreement(Likeness.DIFFERENT)
PART_MISSING = Agreement(Likeness.DOUBTFUL, part_missing=True)
