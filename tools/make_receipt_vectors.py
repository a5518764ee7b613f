"""Write the receipt vectors, tests/receipts/vectors/*.json. Usage: python -m tools.make_receipt_vectors [--check]

Keys and moment are fixed, so this writes the same bytes every time. What each vector comes to is stated by hand in
``receipt_vector_cases``; the generator stops where ``mnverify.receipts`` does not agree.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mnverify.receipts import Receipt, ReceiptClaim, ReceiptError, verify_receipt
from tools.receipt_vector_cases import ASKED, ReceiptVector, vectors

FOLDER = Path(__file__).parent.parent / "tests" / "receipts" / "vectors"
_MEMBERS = (
    "issuer",
    "relying_party",
    "verification_id",
    "challenge_id",
    "verdict",
    "environment",
    "domain",
    "role",
    "at",
    "reference",
    "purpose",
    "evidence_sha256",
    "kid",
)


def run(document: dict[str, Any]) -> dict[str, Any]:
    """What a vector comes to: the receipt, or the reason of the refusal."""
    asked = dict(document["asked"])
    seconds = asked.pop("max_age", None)
    try:
        receipt = verify_receipt(
            document["receipt"],
            document["jwks"],
            at=datetime.fromisoformat(asked.pop("at")),
            max_age=None if seconds is None else timedelta(seconds=seconds),
            **asked,
        )
    except ReceiptError as error:
        return {"error": "ReceiptError", "reason": error.reason}
    return {"receipt": _told(receipt)}


def _told(receipt: Receipt) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(receipt, name) for name in _MEMBERS}
    told["issued_at"] = int(receipt.issued_at.timestamp())
    told["checks"] = [check._asdict() for check in receipt.checks]
    if receipt:
        told["claims"] = {name: _claim(claim) for name, claim in receipt.claims.items()}
    return told


def _claim(claim: ReceiptClaim) -> dict[str, str]:
    if claim.media_type is not None:
        return {"media_type": claim.media_type, "sha256": claim.value, "assurance": claim.assurance}
    extent = {} if claim.extent is None else {"extent": claim.extent}
    return {"value": claim.value, "assurance": claim.assurance, **extent}


def document_of(vector: ReceiptVector) -> dict[str, Any]:
    """The JSON object of a vector.

    Raises:
        ValueError: verification does not come to what the vector states.
    """
    document = {
        "name": vector.name,
        "reason": vector.reason,
        "source": f"docs/reference/receipts.md, {vector.source}",
        "receipt": vector.receipt,
        "jwks": vector.jwks,
        "asked": {**ASKED, **vector.asked},
    }
    expected = run(document)
    told = expected.get("receipt", {})
    came = (expected.get("reason"), told.get("verdict"), tuple(told.get("claims", ())))
    if came != (vector.refused, vector.verdict, vector.claims):
        raise ValueError(
            f"{vector.name}: {(vector.refused, vector.verdict, vector.claims)} expected, came to {expected}"
        )
    return {**document, "expected": expected}


def texts() -> dict[str, str]:
    """The text of every file by its name.

    Raises:
        ValueError: a name stands twice, or a vector does not come to what it states.
    """
    found = list(vectors())
    made = {f"{one.name}.json": json.dumps(document_of(one), ensure_ascii=False, indent=1) + "\n" for one in found}
    if len(made) != len(found):
        raise ValueError("two vectors have one name")
    return made


def present() -> dict[str, str]:
    """The text of every file that is there."""
    return {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.json"))}


def main() -> None:
    """Write the files and remove others, or only say whether they are right."""
    wanted = texts()
    if "--check" in sys.argv[1:]:
        sys.exit(None if wanted == present() else "The receipt vectors are not what the generator makes.")
    for name in present().keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8")
    print(f"{len(wanted)} vectors, {sum('ReceiptError' in text for text in wanted.values())} of them refusals")


if __name__ == "__main__":
    main()
