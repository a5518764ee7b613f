"""NFC readers without a service: nfcpy's devices, and ISO-DEP of our own."""

from mnverify.readers.nfc.reader import NfcReader, nfc_readers

__all__ = ["NfcReader", "nfc_readers"]
