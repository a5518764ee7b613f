"""Hand out a challenge: 32 random bytes, bound to the line of the API key and to a purpose, good for one evaluation."""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import Any

from mnverify.server.envelopes import ChallengeEnvelope
from mnverify.server.metrics import purpose_label
from mnverify.server.outcomes import moment_text
from mnverify.server.problems import ChallengeUnknown, IdempotencyConflict, PurposeRefused
from mnverify.server.service import Service
from mnverify.server.storage.api_keys import ApiKey
from mnverify.server.storage.challenges import Challenge, add_challenge, find_challenge
from mnverify.server.storage.moments import to_milliseconds
from mnverify.server.storage.repeats import Repeat, find_repeat, keep_repeats
from mnverify.server.use_cases.repeating import RepeatKey
from mnverify.server.words import Word, new_id

CHALLENGE_BYTES = 32


def issue_challenge(
    service: Service, key: ApiKey, request: ChallengeEnvelope, repeat: RepeatKey | None
) -> dict[str, Any]:
    """Make a challenge and keep it.

    Args:
        service: the service.
        key: the caller's.
        request: what was asked.
        repeat: its Idempotency-Key, if it has one: the same request gets the same challenge.

    Raises:
        PurposeRefused: the key is not for that purpose.
        IdempotencyConflict: another request came with that Idempotency-Key.
        ChallengeUnknown: the same request did, and its challenge is gone, or was issued by a clock that was ahead.
        DatabaseUnavailable: it could not be kept.
    """
    purpose = purpose_for(key, request.purpose)
    now = to_milliseconds(service.clock())
    challenge = Challenge(
        id=new_id(),
        family=key.family,
        relying_party=key.relying_party,
        purpose=purpose,
        reference=request.reference,
        challenge=secrets.token_bytes(CHALLENGE_BYTES),
        issued_at=now,
        expires_at=now + request.expires_in * 1000,
        used_at=None,
    )
    with service.database.begin() as connection:
        if repeat is not None:
            kept = Repeat(key.family, repeat.key_hash, repeat.body_hash, challenge.id, challenge.expires_at)
            if not keep_repeats(connection, [kept], now):
                found = find_repeat(connection, key.family, repeat.key_hash, now)
                if found is None or found.body_hash != repeat.body_hash:
                    raise IdempotencyConflict
                earlier = find_challenge(connection, found.subject, key.family)
                if earlier is None or earlier.is_over(now):
                    raise ChallengeUnknown
                return _answer(earlier)
        add_challenge(connection, challenge)
    service.meters.issued.labels(purpose_label(purpose, key.purposes)).inc()
    return _answer(challenge)


def purpose_for(key: ApiKey, asked: Word | None) -> Word | None:
    """The purpose of a request: the one asked for, else the only one that the key is for.

    Raises:
        PurposeRefused: the key is not for it.
    """
    if asked is None:
        return key.purposes[0] if len(key.purposes) == 1 else None
    if key.purposes and asked not in key.purposes:
        raise PurposeRefused(where="purpose")
    return asked


def _answer(challenge: Challenge) -> dict[str, Any]:
    return {
        "id": challenge.id,
        "challenge": b64encode(challenge.challenge).decode(),
        "expires_at": moment_text(challenge.expires_at),
        "purpose": challenge.purpose,
        "reference": challenge.reference,
    }
