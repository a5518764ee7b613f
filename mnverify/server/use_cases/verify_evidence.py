"""Verify evidence against challenges, each once; as many requests together as wait at the same moment.

One transaction claims the challenges, keeps the outcomes and chains the audit entries; answers leave after it was committed. The
database decides who claims (`claim_challenges`): of all that try at once, in whatever process, one is evaluated. Where the process
dies before the commit nothing happened, and the challenges are still good. A request that fails takes nothing from those beside it:
they are evaluated again, each in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mnverify.evidence import Evidence
from mnverify.printed.comparing import compare
from mnverify.printed.comparison import Comparison
from mnverify.printed.data import PrintedData
from mnverify.receipts import receipt_payload
from mnverify.receipts.verified_claims import VerifiedClaimsError, to_verified_claims
from mnverify.server.comparisons import KEPT
from mnverify.server.metrics import purpose_label
from mnverify.server.outcomes import evidence_digest, moment_text, outcome_json, same_outcome, whole_second
from mnverify.server.problems import (
    AnswerChanged,
    ChallengeExpired,
    ChallengeUnknown,
    ChallengeUsed,
    DatabaseUnavailable,
    IdempotencyConflict,
    KeyRefused,
    RequestInvalid,
    ServiceError,
)
from mnverify.server.service import Service
from mnverify.server.storage import audit
from mnverify.server.storage.api_keys import ApiKey, find_key
from mnverify.server.storage.challenges import Challenge, Claim, claim_challenges, find_challenge
from mnverify.server.storage.moments import from_milliseconds, to_milliseconds
from mnverify.server.storage.repeats import Repeat, find_repeat, keep_repeats
from mnverify.server.storage.statement import pipelined
from mnverify.server.storage.verifications import (
    StoredVerification,
    add_event,
    add_verifications,
    find_verification,
)
from mnverify.server.use_cases.issue_challenge import purpose_for
from mnverify.server.use_cases.repeating import RepeatKey
from mnverify.server.words import Identifier, Word, new_id
from mnverify.text import Text
from mnverify.verification import VerificationResult, verify


@dataclass(frozen=True, slots=True, repr=False)
class VerificationRequest:
    """What is to be verified.

    Attributes:
        challenge_id: the challenge that the evidence answers.
        evidence: read strictly, in the role of the API key.
        printed: what is printed on the card, read in the same role; ``None`` where nothing is to be compared.
        purpose: what for, where the challenge does not say.
        claims: fields that the receipt shall carry.
        face_compared: staff compared the face with the picture.
        as_verified_claims: give the content as OpenID Connect for Identity Assurance has it.
        repeat: the Idempotency-Key, if there is one.
        lang: language of sentences.
    """

    challenge_id: Identifier
    evidence: Evidence
    printed: PrintedData | None
    purpose: Word | None
    claims: tuple[str, ...]
    face_compared: bool
    as_verified_claims: bool
    repeat: RepeatKey | None
    lang: str


class Asked(NamedTuple):
    """A request, and whose it is.

    Attributes:
        key: the API key.
        request: what is to be verified.
    """

    key: ApiKey
    request: VerificationRequest


class Answer(NamedTuple):
    """The answer, and what the log may know of it.

    Attributes:
        document: the JSON object.
        verification_id: its id.
    """

    document: dict[str, Any]
    verification_id: Identifier


class _Evaluated(NamedTuple):
    result: VerificationResult
    comparison: Comparison | None
    stored: StoredVerification
    expires_at: int  # of the challenge


def verify_together(service: Service, asked: Sequence[Asked]) -> list[Answer | Exception]:
    """Verify, keep the outcomes, answer.

    Returns:
        For each request its answer, or why there is none:
        ``ChallengeUnknown``, the line of the key has no such challenge; ``ChallengeUsed``, it has served its one evaluation;
        ``ChallengeExpired``, it is over; ``PurposeRefused`` or ``RequestInvalid``, the purpose is not the challenge's, or not the
        key's; ``IdempotencyConflict``, another request came with that Idempotency-Key; ``AnswerChanged``, a repeated request would
        be judged differently now; ``KeyRefused``, the key was revoked in this moment; ``DatabaseUnavailable``, it could not be
        kept, and nothing counts as verified; or what nobody foresaw.
    """
    began = service.clock()
    try:
        found = _in_one_transaction(service, asked, began)
    except DatabaseUnavailable as error:  # what became of the commit is not known: nobody is evaluated again
        return [type(error)(retry_after=error.retry_after) for _ in asked]
    except Exception as error:  # noqa: BLE001  # told to whom it concerns
        if len(asked) == 1:
            return [error]
        return [verify_together(service, [one])[0] for one in asked]
    return [_told(service, one, evaluated, began) for one, evaluated in zip(asked, found, strict=True)]


def _in_one_transaction(service: Service, asked: Sequence[Asked], began: datetime) -> list[_Evaluated | None]:
    now, at = to_milliseconds(began), whole_second(began)
    with service.database.begin() as connection, pipelined(connection):
        challenges = _claim(connection, asked, now)
        purposes = [
            None if challenge is None else _purpose(one.key, challenge, one.request)
            for one, challenge in zip(asked, challenges, strict=True)
        ]
        results = [  # all before the first receipt: two kinds of signature in turn would drive each other out of the cache
            None if challenge is None else _verify(service, one.request.evidence, challenge, at)
            for one, challenge in zip(asked, challenges, strict=True)
        ]
        found = [
            None if challenge is None or result is None else _sign(service, one, challenge, purpose, result, at)
            for one, challenge, purpose, result in zip(asked, challenges, purposes, results, strict=True)
        ]
        _keep(service, connection, asked, found, now)
    return found


def _claim(connection: Connection, asked: Sequence[Asked], now: int) -> list[Challenge | None]:
    claims = [Claim(one.request.challenge_id, one.key.family, one.key.id, now) for one in asked]
    return claim_challenges(connection, claims)


def _sign(
    service: Service, asked: Asked, challenge: Challenge, purpose: Word | None, result: VerificationResult, at: int
) -> _Evaluated:
    comparison = _compared(asked.request, result)
    unsigned = StoredVerification(
        id=new_id(),
        challenge_id=challenge.id,
        challenge_issued_at=challenge.issued_at,
        relying_party=asked.key.relying_party,
        key_id=asked.key.id,
        purpose=purpose,
        reference=challenge.reference,
        at=at,
        domain=str(result.domain),
        role=str(asked.key.role),
        environment=result.environment,
        verdict=result.verdict,
        outcome=outcome_json(result, comparison),
        evidence_sha256=evidence_digest(asked.request.evidence),
        receipt="",
    )
    stored = unsigned._replace(receipt=_receipt(service, result, unsigned, ()))
    return _Evaluated(result, comparison, stored, challenge.expires_at)


def _keep(
    service: Service, connection: Connection, asked: Sequence[Asked], found: Sequence[_Evaluated | None], now: int
) -> None:
    """Repeats, outcomes, audit: in this order in every process, so that none waits for another in a circle."""
    kept = [(one, evaluated) for one, evaluated in zip(asked, found, strict=True) if evaluated is not None]
    repeats = [
        Repeat(one.key.family, repeat.key_hash, repeat.body_hash, evaluated.stored.id, evaluated.expires_at)
        for one, evaluated in kept
        if (repeat := one.request.repeat) is not None
    ]
    if repeats and not keep_repeats(connection, repeats, now):
        raise IdempotencyConflict
    if kept:
        add_verifications(connection, [evaluated.stored for _, evaluated in kept])
        entries = [(_audit_entry(evaluated.result, evaluated.stored), evaluated.stored.at) for _, evaluated in kept]
        service.tell_audit(intact=audit.append_all(connection, service.secret, entries))


def _told(service: Service, asked: Asked, evaluated: _Evaluated | None, began: datetime) -> Answer | Exception:
    """What one request is told, after the transaction."""
    try:
        if evaluated is None:
            return _not_claimed(service, asked.key, asked.request, to_milliseconds(began))
        label = purpose_label(evaluated.stored.purpose, asked.key.purposes)
        service.meters.evaluated(evaluated.result, label)
        return _answer(service, asked, evaluated.result, evaluated.comparison, evaluated.stored)
    except Exception as error:  # noqa: BLE001  # told to whom it concerns
        return error


def _verify(service: Service, evidence: Evidence, challenge: Challenge, at: int) -> VerificationResult:
    return verify(evidence, trust=service.anchors.store, at=from_milliseconds(at), challenge=challenge.challenge)


def _compared(request: VerificationRequest, result: VerificationResult) -> Comparison | None:
    return None if request.printed is None else compare(result, request.printed)


def _purpose(key: ApiKey, challenge: Challenge, request: VerificationRequest) -> Word | None:
    if challenge.purpose is None:
        return purpose_for(key, request.purpose)
    if request.purpose not in (None, challenge.purpose):
        raise RequestInvalid(
            "purpose", Text("the challenge was asked for another purpose", "チャレンジは別の目的で発行されています")
        )
    return challenge.purpose


def _receipt(service: Service, result: VerificationResult, stored: StoredVerification, claims: tuple[str, ...]) -> str:
    return service.receipts.sign(
        receipt_payload(
            result,
            issuer=service.issuer,
            id=stored.id,
            relying_party=stored.relying_party,
            challenge_id=stored.challenge_id,
            purpose=stored.purpose,
            reference=stored.reference,
            evidence_sha256=stored.evidence_sha256,
            at=from_milliseconds(stored.at),
            claims=claims,
        )
    )


def _audit_entry(result: VerificationResult, stored: StoredVerification) -> audit.AuditEntry:
    return audit.AuditEntry(
        event="verification",
        at=moment_text(stored.at),
        relying_party=stored.relying_party,
        key_id=stored.key_id,
        verification_id=stored.id,
        challenge_id=stored.challenge_id,
        purpose=stored.purpose,
        domain=stored.domain,
        role=stored.role,
        environment=stored.environment,
        verdict=stored.verdict,
        checks={check.id: f"{check.outcome} {check.code}" for check in result.checks},
    )


def _answer(
    service: Service,
    asked: Asked,
    result: VerificationResult,
    comparison: Comparison | None,
    stored: StoredVerification,
) -> Answer:
    key, request = asked
    document = result.to_dict(lang=request.lang)
    if request.as_verified_claims:
        document.pop("fields", None)
        document.update(_verified_claims(key, request, result, stored))
    if comparison is not None:
        document[KEPT] = comparison.summary(request.lang)
    receipt = _receipt(service, result, stored, request.claims) if request.claims else stored.receipt
    document.update(
        id=stored.id,
        challenge_id=stored.challenge_id,
        purpose=stored.purpose,
        reference=stored.reference,
        receipt=receipt,
    )
    return Answer(document, stored.id)


def _verified_claims(
    key: ApiKey, request: VerificationRequest, result: VerificationResult, stored: StoredVerification
) -> dict[str, Any]:
    """The content as OpenID has it; or why there is none, since the evaluation counts all the same."""
    if not result.verified:
        return {}
    try:
        claims = to_verified_claims(
            result,
            at=from_milliseconds(stored.at),
            trust_framework=key.trust_frameworks[0],
            face_compared=request.face_compared,
            claims=request.claims,
            txn=stored.id,
        )
    except VerifiedClaimsError as error:
        told = {"code": error.code, "where": error.where, "detail": error.text.in_language(request.lang)}
        return {"verified_claims_refused": told}
    return {"verified_claims": claims}


def _again(
    service: Service, connection: Connection, key: ApiKey, request: VerificationRequest, repeat: Repeat, now: int
) -> Answer:
    """The answer to a repeated request, made anew from the request itself at the moment that was stored."""
    if request.repeat is None or repeat.body_hash != request.repeat.body_hash:
        raise IdempotencyConflict
    stored = find_verification(connection, repeat.subject, key.relying_party)
    challenge = find_challenge(connection, request.challenge_id, key.family)
    if stored is None or challenge is None:
        raise ChallengeUnknown
    result = _verify(service, request.evidence, challenge, stored.at)
    comparison = _compared(request, result)
    if not same_outcome(result, comparison, stored):
        raise AnswerChanged
    add_event(connection, challenge.id, now, "answered-again")
    service.meters.repeated.inc()
    return _answer(service, Asked(key, request), result, comparison, stored)


def _not_claimed(service: Service, key: ApiKey, request: VerificationRequest, now: int) -> Answer:
    """Why there was nothing to claim; and the first answer, where this was the same request at the same time."""
    with service.database.begin() as connection:
        known = find_key(connection, key.id)  # what this process knows of it may be a moment old
        if known is None or not known.in_force(now):
            raise KeyRefused
        if request.repeat is not None:
            repeat = find_repeat(connection, key.family, request.repeat.key_hash, now)
            if repeat is not None:
                return _again(service, connection, key, request, repeat, now)
        challenge = find_challenge(connection, request.challenge_id, key.family)
        if challenge is not None and challenge.used_at is not None:
            add_event(connection, challenge.id, now, "second-use-refused", ChallengeUsed.code)
    raise _refusal(challenge, now)


def _refusal(challenge: Challenge | None, now: int) -> ServiceError:
    if challenge is None:
        return ChallengeUnknown()
    if challenge.used_at is not None:
        return ChallengeUsed()
    if challenge.is_over(now):
        return ChallengeExpired()
    return KeyRefused()  # everything else that a claim asks for held
