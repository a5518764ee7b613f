"""Outcomes as they are kept and told: the same checks, without anything of a person."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from mnverify.evidence import Evidence
from mnverify.printed.comparison import Comparison
from mnverify.server.comparisons import KEPT, kept, kept_object
from mnverify.server.json_bytes import to_json
from mnverify.server.storage.moments import from_milliseconds, to_milliseconds
from mnverify.server.storage.verifications import StoredVerification
from mnverify.values.terms import Domain
from mnverify.verification import Check, VerificationResult
from mnverify.verification.result import Outcome
from mnverify.verification.words import LIMITS


def moment_text(moment: datetime | int) -> str:
    """RFC 3339 in UTC, to the second."""
    when = from_milliseconds(moment) if isinstance(moment, int) else moment.astimezone(UTC)
    return when.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def outcome_json(result: VerificationResult, comparison: Comparison | None) -> str:
    """What is kept of a result beside its verdict, and of the comparison with printed data where there was one."""
    return to_json(
        {
            **({} if comparison is None else {KEPT: kept(comparison)}),
            "authority": result.authority,
            "credential": str(result.credential),
            "generation": result.generation,
            "checks": [[check.id, str(check.outcome), check.code] for check in result.checks],
            "limits": list(result.limits),
        }
    ).decode()


def same_outcome(result: VerificationResult, comparison: Comparison | None, stored: StoredVerification) -> bool:
    """Whether a result, and its comparison, say what was stored."""
    return (
        result.verdict == stored.verdict
        and result.environment == stored.environment
        and outcome_json(result, comparison) == stored.outcome
    )


def stored_object(stored: StoredVerification, lang: str) -> dict[str, Any]:
    """What ``GET /v1/verifications/{id}`` answers."""
    outcome = json.loads(stored.outcome)
    checks = [Check(check_id, Outcome(word), code) for check_id, word, code in outcome["checks"]]
    return {
        "format": "mnverify.outcome/1",
        "id": stored.id,
        "challenge_id": stored.challenge_id,
        "relying_party": stored.relying_party,
        "purpose": stored.purpose,
        "reference": stored.reference,
        "verdict": stored.verdict,
        "environment": stored.environment,
        "authority": outcome["authority"],
        "domain": stored.domain,
        "role": stored.role,
        "credential": outcome["credential"],
        "generation": outcome["generation"],
        "at": moment_text(stored.at),
        "checks": [
            {"id": c.id, "outcome": c.outcome.value, "code": c.code, "detail": c.detail.in_language(lang)}
            for c in checks
        ],
        "limits": [{"code": code, "detail": LIMITS[code].in_language(lang)} for code in outcome["limits"]],
        "evidence_sha256": stored.evidence_sha256,
        "receipt": stored.receipt,
        **({KEPT: kept_object(outcome[KEPT], lang)} if KEPT in outcome else {}),
    }


def evidence_digest(evidence: Evidence) -> str | None:
    """SHA-256 of face-check evidence: for every file in the order of ids, the id, the length in four bytes, the bytes.

    ``None`` for the input-assist domain: in role ``general`` nothing that leads back to the 個人番号 is kept.
    """
    if evidence.domain is not Domain.FACE_CHECK:
        return None
    digest = hashlib.sha256()
    for name in sorted(evidence.files):
        content = evidence.files[name]
        digest.update(name.encode() + len(content).to_bytes(4) + content)
    return digest.hexdigest()


def whole_second(moment: datetime) -> int:
    """The moment to judge by, in milliseconds: whole seconds, as receipts have it."""
    return to_milliseconds(moment.replace(microsecond=0))
