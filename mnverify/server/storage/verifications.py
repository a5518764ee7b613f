"""Stored outcomes, and the events around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select

from mnverify.server.storage.statement import Statement
from mnverify.server.storage.tables import EVENTS, VERIFICATIONS
from mnverify.server.words import Identifier, Word

EventName = Literal["attempt-refused", "second-use-refused", "answered-again"]


class StoredVerification(NamedTuple):
    """An outcome as it is kept.

    Attributes:
        id: its id.
        challenge_id: the challenge that it used up.
        challenge_issued_at: milliseconds.
        relying_party: whose it is.
        key_id: the API key that asked.
        purpose: what for.
        reference: the caller's own.
        at: milliseconds; the moment that expiry was judged by.
        domain: of the evidence.
        role: of the API key.
        environment: of the anchors.
        verdict: ``verified`` or ``rejected``.
        outcome: JSON of checks, limits and the like, with no personal data.
        evidence_sha256: face-check only.
        receipt: without claims.
    """

    id: Identifier
    challenge_id: Identifier
    challenge_issued_at: int
    relying_party: Word
    key_id: Identifier
    purpose: Word | None
    reference: str | None
    at: int
    domain: str
    role: str
    environment: str
    verdict: str
    outcome: str
    evidence_sha256: str | None
    receipt: str


class StoredEvent(NamedTuple):
    """Something that happened to a challenge.

    Attributes:
        at: milliseconds.
        event: what.
        code: the code of the refusal, where it was one.
    """

    at: int
    event: str
    code: str | None


_COLUMNS = [VERIFICATIONS.c[name] for name in StoredVerification._fields]
_INSERT = Statement(insert(VERIFICATIONS), StoredVerification._fields)
_FIND = select(*_COLUMNS).where(
    VERIFICATIONS.c.id == bindparam("of_id"), VERIFICATIONS.c.relying_party == bindparam("of_party")
)
_INSERT_EVENT = insert(EVENTS)
_EVENTS = (
    select(EVENTS.c.at, EVENTS.c.event, EVENTS.c.code)
    .where(EVENTS.c.challenge_id == bindparam("of_challenge"))
    .order_by(EVENTS.c.at, EVENTS.c.id)
    .limit(1000)
)


def add_verifications(connection: Connection, outcomes: Sequence[StoredVerification]) -> None:
    """Keep outcomes."""
    _INSERT.run_all(connection, [stored._asdict() for stored in outcomes])


def find_verification(connection: Connection, verification_id: str, relying_party: str) -> StoredVerification | None:
    """The outcome of that id, if it is this relying party's."""
    row = connection.execute(_FIND, {"of_id": verification_id, "of_party": relying_party}).first()
    return None if row is None else StoredVerification(*row)


def add_event(connection: Connection, challenge_id: str, at: int, event: EventName, code: str | None = None) -> None:
    """Keep an event."""
    connection.execute(_INSERT_EVENT, {"challenge_id": challenge_id, "at": at, "event": event, "code": code})


def events_of(connection: Connection, challenge_id: str) -> list[StoredEvent]:
    """What happened to a challenge, in order."""
    return [StoredEvent(*row) for row in connection.execute(_EVENTS, {"of_challenge": challenge_id})]
