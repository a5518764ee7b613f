"""Receipts: what a verification endpoint signs and hands out, and how whoever holds one checks it, offline.

The signer's side is ``ReceiptKeys`` and ``receipt_payload``; the holder's is ``verify_receipt``. The form is described for
other languages in ``docs/reference/receipts.md``.
"""

from mnverify.receipts.errors import ReceiptError, ReceiptKeyError
from mnverify.receipts.key import KeyState, ReceiptKey
from mnverify.receipts.keys import ReceiptKeys
from mnverify.receipts.payload import CLAIMS, receipt_payload
from mnverify.receipts.receipt import Receipt, ReceiptCheck, ReceiptClaim
from mnverify.receipts.verified_claims import TRUST_FRAMEWORKS, VerifiedClaimsError, to_verified_claims
from mnverify.receipts.verify import verify_receipt

__all__ = [
    "CLAIMS",
    "TRUST_FRAMEWORKS",
    "KeyState",
    "Receipt",
    "ReceiptCheck",
    "ReceiptClaim",
    "ReceiptError",
    "ReceiptKey",
    "ReceiptKeyError",
    "ReceiptKeys",
    "VerifiedClaimsError",
    "receipt_payload",
    "to_verified_claims",
    "verify_receipt",
]
