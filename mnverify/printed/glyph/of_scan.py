"""Witnesses for the fields that a chip holds as pictures, against the picture of the card that was read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from mnverify.errors import ImageError
from mnverify.images import Image
from mnverify.printed.glyph.outcome import GlyphWitness
from mnverify.printed.glyph.witness import compare_glyphs
from mnverify.verification import VerificationResult

if TYPE_CHECKING:
    from mnverify.printed.data import Place
    from mnverify.printed.pictures import Pixels
    from mnverify.printed.scanning import Scan

_IMAGES = {"name": "name_image", "address": "address_image"}
_MARGIN = 0.15  # of a line's height: where a reader finds text it cuts closely


def glyph_witnesses(verified: VerificationResult, scan: Scan) -> Mapping[str, GlyphWitness]:
    """What the chip's pictures of name and address say of the print, for ``compare(glyphs=…)``.

    Args:
        verified: of the face-check domain; of the other there is nothing to hold against the print.
        scan: of the same card's face. What was not found there has no witness.

    Raises:
        NotVerifiedError: the verdict is ``rejected``.
        MissingExtra: Pillow is not installed.
    """
    there = verified.fields
    found: dict[str, GlyphWitness] = {}
    for name, held in _IMAGES.items():
        image, place = there.get(held), scan.places_on_card.get(name)
        if image is None or place is None or not isinstance(image.value, Image):
            continue
        try:
            found[name] = compare_glyphs(image.value, _crop(scan.card, place))
        except ImageError:
            continue  # it is told where it is read
    return MappingProxyType(found)


def _crop(card: Pixels, place: Place) -> Pixels:
    margin = max(2, round(_MARGIN * min(place.width, place.height)))
    top, left = max(0, place.y - margin), max(0, place.x - margin)
    return card[top : place.y + place.height + margin, left : place.x + place.width + margin]
