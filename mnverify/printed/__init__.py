"""What is printed on a card: read from a picture or typed, and compared with what the chip holds.

The names are loaded when they are first asked for: who compares loads no reader of pictures, and nothing of the card's side.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnverify.printed.camera import Advice, CameraGuide, Hint
    from mnverify.printed.comparing import compare, compare_domains
    from mnverify.printed.comparison import Comparison, FieldComparison, FieldOutcome, Method, Policy, ReadText
    from mnverify.printed.data import Place, PrintedData, Source
    from mnverify.printed.engine import TextEngine, TextLine
    from mnverify.printed.mask import MaskedPicture, mask_back
    from mnverify.printed.qr import CardCode, decode_qr
    from mnverify.printed.scanning import Scan, scan

__all__ = [
    "Advice",
    "CameraGuide",
    "CardCode",
    "Comparison",
    "FieldComparison",
    "FieldOutcome",
    "Hint",
    "MaskedPicture",
    "Method",
    "Place",
    "Policy",
    "PrintedData",
    "ReadText",
    "Scan",
    "Source",
    "TextEngine",
    "TextLine",
    "compare",
    "compare_domains",
    "decode_qr",
    "mask_back",
    "scan",
]

_LAZY = {
    **dict.fromkeys(("compare", "compare_domains"), "comparing"),
    **dict.fromkeys(
        ("Comparison", "FieldComparison", "FieldOutcome", "Method", "Policy", "ReadText"),
        "comparison",
    ),
    **dict.fromkeys(("Place", "PrintedData", "Source"), "data"),
    **dict.fromkeys(("MaskedPicture", "mask_back"), "mask"),
    **dict.fromkeys(("CardCode", "decode_qr"), "qr"),
    **dict.fromkeys(("Scan", "scan"), "scanning"),
    **dict.fromkeys(("Advice", "CameraGuide", "Hint"), "camera"),
    **dict.fromkeys(("TextEngine", "TextLine"), "engine"),
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    loaded: object = getattr(import_module(f"mnverify.printed.{_LAZY[name]}"), name)
    globals()[name] = loaded
    return loaded


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
