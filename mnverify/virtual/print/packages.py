"""What drawing a card needs beside the standard library. Imported first, so that its absence is one typed error."""

from __future__ import annotations

from importlib.util import find_spec

from mnverify.errors import MissingExtra

_NEEDED = {"PIL": "Pillow", "cv2": "opencv-python-headless", "numpy": "numpy", "segno": "segno"}


def require_packages() -> None:
    """Raise where a package of the extra ``print`` is missing.

    Raises:
        MissingExtra: the first one that is not installed.
    """
    for module, distribution in _NEEDED.items():
        if find_spec(module) is None:
            raise MissingExtra(distribution, "print")
