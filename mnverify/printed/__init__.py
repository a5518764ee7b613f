"""What is printed on a card: read from a picture or typed, and compared with what the chip holds."""

from mnverify.printed.comparing import compare, compare_domains
from mnverify.printed.comparison import Comparison, FieldComparison, FieldOutcome, Method, Policy, ReadText
from mnverify.printed.data import Place, PrintedData, Source
from mnverify.printed.qr import CardCode, decode_qr

__all__ = [
    "CardCode",
    "Comparison",
    "FieldComparison",
    "FieldOutcome",
    "Method",
    "Place",
    "Policy",
    "PrintedData",
    "ReadText",
    "Source",
    "compare",
    "compare_domains",
    "decode_qr",
]
