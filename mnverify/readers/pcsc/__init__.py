"""Readers over PC/SC: the service's library, its errors, one link, one reader, and the events of all of them."""

from mnverify.readers.pcsc.reader import PcscReader, pcsc_readers

__all__ = ["PcscReader", "pcsc_readers"]
