"""What is printed on a card: read from a picture or typed, and compared with what the chip holds."""

from mnverify.printed.data import Place, PrintedData, Source
from mnverify.printed.qr import CardCode, decode_qr

__all__ = ["CardCode", "Place", "PrintedData", "Source", "decode_qr"]
