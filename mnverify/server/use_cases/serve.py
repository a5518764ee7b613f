"""What relying parties ask for: from what arrived to what is answered, in one call on one thread; verifications go together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from mnverify.errors import EvidenceError, MnverifyError, PrintedDataError, RoleError, UnsupportedCard
from mnverify.evidence import Evidence
from mnverify.printed.data import PrintedData
from mnverify.server.comparisons import read_printed
from mnverify.server.envelopes import VerificationEnvelope, read_challenge_request, read_verification_request
from mnverify.server.json_bytes import to_json
from mnverify.server.problems import DatabaseUnavailable, NoTrustFramework, RequestInvalid
from mnverify.server.requests import Arrived, no_query
from mnverify.server.service import Service
from mnverify.server.storage.api_keys import ApiKey
from mnverify.server.storage.challenges import find_challenge
from mnverify.server.storage.moments import to_milliseconds
from mnverify.server.storage.verifications import add_event
from mnverify.server.use_cases.issue_challenge import issue_challenge
from mnverify.server.use_cases.read_outcome import read_events, read_outcome
from mnverify.server.use_cases.repeating import repeat_key
from mnverify.server.use_cases.verify_evidence import Answer, Asked, VerificationRequest, verify_together
from mnverify.text import Text

_FORMATS = ("result", "verified_claims")


def challenge(service: Service, arrived: Arrived) -> dict[str, Any]:
    """``POST /v1/challenges``."""
    key = _admit(service, arrived)
    no_query(arrived)
    request = read_challenge_request(arrived.body)
    repeat = repeat_key(service.secret, arrived.idempotency_key, "challenges", arrived.body)
    return issue_challenge(service, key, request, repeat)


def verifications(service: Service, batch: Sequence[Arrived]) -> list[bytes | Exception]:
    """``POST /v1/verifications``, as many as wait at the same moment.

    Returns:
        For each its answer, or why there is none.
    """
    read = _read_all(service, batch)
    asked = [one for one in read if isinstance(one, Asked)]
    answers = iter(verify_together(service, asked) if asked else ())
    told = [next(answers) if isinstance(one, Asked) else one for one in read]
    return [_written(arrived, one) for arrived, one in zip(batch, told, strict=True)]


def _read_all(service: Service, batch: Sequence[Arrived]) -> list[Asked | Exception]:
    read: list[Asked | Exception] = []
    away: DatabaseUnavailable | None = None  # nobody else of the batch waits for it
    for arrived in batch:
        try:
            if away is not None:
                raise type(away)(retry_after=away.retry_after)
            read.append(_asked(service, arrived))
        except Exception as error:  # noqa: BLE001  # told to whom it concerns
            read.append(error)
            away = error if isinstance(error, DatabaseUnavailable) else None
    return read


def _written(arrived: Arrived, answer: Answer | Exception) -> bytes | Exception:
    if isinstance(answer, Exception):
        return answer
    arrived.passing.verification_id = answer.verification_id
    try:
        return to_json(answer.document)
    except Exception as error:  # noqa: BLE001  # told to whom it concerns
        return error


def _asked(service: Service, arrived: Arrived) -> Asked:
    key = _admit(service, arrived)
    form = _format(arrived)
    if form == "verified_claims" and not key.trust_frameworks:
        raise NoTrustFramework
    envelope = read_verification_request(arrived.body)
    evidence = _evidence(service, key, envelope)
    request = VerificationRequest(
        challenge_id=envelope.challenge_id,
        evidence=evidence,
        printed=_printed(service, key, envelope, evidence),
        purpose=envelope.purpose,
        claims=envelope.claims,
        face_compared=envelope.face_compared,
        as_verified_claims=form == "verified_claims",
        repeat=repeat_key(service.secret, arrived.idempotency_key, f"verifications {form}", arrived.body),
        lang=arrived.passing.lang,
    )
    return Asked(key, request)


def outcome(service: Service, arrived: Arrived) -> dict[str, Any]:
    """``GET /v1/verifications/{id}``."""
    key = _admit(service, arrived)
    no_query(arrived)
    return read_outcome(service, key, arrived.path_id, arrived.passing.lang)


def events(service: Service, arrived: Arrived) -> dict[str, Any]:
    """``GET /v1/verifications/{id}/events``."""
    key = _admit(service, arrived)
    no_query(arrived)
    return read_events(service, key, arrived.path_id)


def trust_anchors(service: Service, arrived: Arrived) -> dict[str, Any]:
    """``GET /v1/trust-anchors``: the anchors in force in the process that answers."""
    _admit(service, arrived)
    no_query(arrived)
    store = service.anchors.store
    return {
        "environment": store.environment,
        "anchors": [
            {
                "name": anchor.name,
                "key_id": anchor.key_id.hex(),
                "domain": anchor.domain.value,
                "environment": anchor.environment,
                "algorithm": f"RSA-{int.from_bytes(anchor.modulus).bit_length()}",
                "provenance": anchor.provenance.in_language(arrived.passing.lang),
            }
            for anchor in store.anchors
        ],
    }


def _admit(service: Service, arrived: Arrived) -> ApiKey:
    key = service.keys.admit(arrived.authorization, to_milliseconds(service.clock()))
    arrived.passing.key_id = key.id
    return key


def _format(arrived: Arrived) -> str:
    if not arrived.query:
        return _FORMATS[0]
    (name, value), *more = arrived.query
    if name != "format" or more or value not in _FORMATS:
        words = " / ".join(_FORMATS)
        raise RequestInvalid("query", Text(f"it is not format={words}", f"format={words} ではありません"))
    return value


def _evidence(service: Service, key: ApiKey, envelope: VerificationEnvelope) -> Evidence:
    """The evidence, in the role of the key whatever it says of itself. What the role may not hold leaves no trace."""
    try:
        return Evidence.from_object(envelope.evidence, role=key.role)
    except RoleError:
        raise
    except (EvidenceError, UnsupportedCard) as error:
        _tell_attempt(service, key, envelope, error)
        raise


def _printed(service: Service, key: ApiKey, envelope: VerificationEnvelope, evidence: Evidence) -> PrintedData | None:
    """What is printed, in the role of the key. As with evidence, what the role may not hold leaves no trace."""
    if envelope.printed is None:
        return None
    try:
        return read_printed(envelope.printed, role=key.role, evidence=evidence)
    except PrintedDataError as error:
        _tell_attempt(service, key, envelope, error)
        raise


def _tell_attempt(service: Service, key: ApiKey, envelope: VerificationEnvelope, error: MnverifyError) -> None:
    """Keep the code of the refusal for support. The refusal stands without it."""
    with suppress(DatabaseUnavailable), service.database.begin() as connection:
        if find_challenge(connection, envelope.challenge_id, key.family) is not None:
            now = to_milliseconds(service.clock())
            add_event(connection, envelope.challenge_id, now, "attempt-refused", error.code)
