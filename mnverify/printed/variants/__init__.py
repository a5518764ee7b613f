"""How near two characters are to each other: the same, one a variant of the other, easily confused, or different."""

from mnverify.printed.variants.characters import characters
from mnverify.printed.variants.relation import Likeness, likeness

__all__ = ["Likeness", "characters", "likeness"]
