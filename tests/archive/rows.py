"""Rows of an archive, made of the vectors: what goes in, and what has to come out."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from mnverify.errors import EvidenceError, EvidenceRoleError, UnsupportedCard
from mnverify.verification import TrustStore

VECTORS = Path(__file__).parent.parent / "vectors"
CODES = {
    "EvidenceError": EvidenceError.code,
    "UnsupportedCard": UnsupportedCard.code,
    "RoleError": EvidenceRoleError.code,
}


def trust() -> TrustStore:
    return TrustStore.from_file(VECTORS / "anchors" / "virtual.json")


@cache
def vectors() -> tuple[dict[str, Any], ...]:
    """Those that need nothing but the evidence, a moment and a challenge."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(VECTORS.glob("*.json"))]
    return tuple(
        one for one in found if one["trust"] == "virtual" and not {"certificates", "require_presence"} & one.keys()
    )


def table() -> pa.Table:
    """A row for each vector."""
    rows = [
        {
            "id": one["name"],
            "evidence": text(one),
            "at": one["at"],
            "challenge": base64.b64decode(one["challenge"]) if "challenge" in one else None,
            "branch": "Shinjuku",
        }
        for one in vectors()
    ]
    return pa.Table.from_pylist(rows)


def text(vector: dict[str, Any]) -> str:
    evidence = vector["evidence"]
    return evidence if isinstance(evidence, str) else json.dumps(evidence)


def expected(vector: dict[str, Any]) -> dict[str, Any]:
    """The row of output that a vector has to come to in role ``general``."""
    row: dict[str, Any] = dict.fromkeys(("verdict", "environment", "authority", "checks", "error"))
    answer, evidence = vector["expected"], vector["evidence"]
    if isinstance(evidence, dict) and evidence.get("role") == "my-number-office":
        error = EvidenceRoleError.code  # whatever else is wrong with it
    elif "error" in answer:
        error = CODES[answer["error"]]
    elif evidence["domain"] == "input-assist":
        error = "not-storable"
    else:
        checks = [{key: check[key] for key in ("id", "outcome", "code")} for check in answer["checks"]]
        return (
            row
            | {key: answer[key] for key in ("verdict", "environment", "authority")}
            | {"id": vector["name"], "checks": checks}
        )
    return row | {"id": vector["name"], "error": error}
