"""Read what was kept of a verification, and what happened to it. There is nothing personal to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnverify.server.outcomes import moment_text, stored_object
from mnverify.server.problems import ResourceUnknown
from mnverify.server.service import Service
from mnverify.server.storage.api_keys import ApiKey
from mnverify.server.storage.verifications import StoredVerification, events_of, find_verification
from mnverify.server.words import ID

if TYPE_CHECKING:
    from sqlalchemy import Connection

_RANK = {"challenge-issued": 0, "attempt-refused": 1, "evaluated": 2}  # within one second


def read_outcome(service: Service, key: ApiKey, verification_id: str, lang: str) -> dict[str, Any]:
    """The stored outcome.

    Raises:
        ResourceUnknown: there is none of that id, or it is another relying party's.
        DatabaseUnavailable: the database does not answer.
    """
    with service.database.read() as connection:
        stored = _stored(connection, key, verification_id)
    return stored_object(stored, lang)


def read_events(service: Service, key: ApiKey, verification_id: str) -> dict[str, Any]:
    """What happened around a verification, in order.

    Raises:
        ResourceUnknown: there is none of that id, or it is another relying party's.
        DatabaseUnavailable: the database does not answer.
    """
    with service.database.read() as connection:
        stored = _stored(connection, key, verification_id)
        happened = events_of(connection, stored.challenge_id)
    events = [(stored.challenge_issued_at, "challenge-issued", None), (stored.at, "evaluated", stored.verdict)]
    events += [(one.at, one.event, one.code) for one in happened]
    return {
        "id": stored.id,
        "challenge_id": stored.challenge_id,
        "events": [
            {"at": moment_text(at), "event": event, "code": code}
            for at, event, code in sorted(events, key=lambda one: (one[0] // 1000, _RANK.get(one[1], len(_RANK))))
        ],
    }


def _stored(connection: Connection, key: ApiKey, verification_id: str) -> StoredVerification:
    stored = (
        find_verification(connection, verification_id, key.relying_party) if ID.fullmatch(verification_id) else None
    )
    if stored is None:
        raise ResourceUnknown
    return stored
