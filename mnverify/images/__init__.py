"""Typed images: the bytes as the card holds them, decoded only when somebody asks, and never unbounded."""

from mnverify.images.image import MAX_PIXELS, MAX_SIDE, Image
from mnverify.images.jp2 import JP2
from mnverify.images.png import PNG

__all__ = ["JP2", "MAX_PIXELS", "MAX_SIDE", "PNG", "Image"]
