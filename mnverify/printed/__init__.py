"""What is printed on a card: read from a picture or typed, and compared with what the chip holds."""

from mnverify.printed.data import Place, PrintedData, Source

__all__ = ["Place", "PrintedData", "Source"]
