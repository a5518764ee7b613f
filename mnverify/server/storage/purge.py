"""What is removed, and when: outcomes by the retention of their purpose, challenges a day after their end, repeats at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Delete, and_, bindparam, delete, func, not_, select, update

from mnverify.server.secret import ServiceSecret
from mnverify.server.storage import audit
from mnverify.server.storage.tables import CHALLENGES, EVENTS, REPEATS, SERVICE, VERIFICATIONS

CHALLENGE_STAYS = 86_400_000  # milliseconds after its end, in which a late attempt is told so


class Purged(NamedTuple):
    """What a purge removed.

    Attributes:
        verifications: stored outcomes with their receipts.
        challenges: challenges of more than a day ago.
        expired: of these, the ones that nobody used.
        repeats: idempotency keys.
        events: events of challenges.
        audit: audit entries.
    """

    verifications: int
    challenges: int
    expired: int
    repeats: int
    events: int
    audit: int


def purge(
    connection: Connection, secret: ServiceSecret, *, now: int, retention: Mapping[str | None, int], audit_stays: int
) -> Purged:
    """Remove what is over.

    Args:
        connection: one transaction.
        secret: of the service.
        now: milliseconds.
        retention: milliseconds that an outcome is kept, by purpose; ``None`` for every other purpose.
        audit_stays: milliseconds that an audit entry is kept.
    """
    over = CHALLENGES.c.expires_at < now - CHALLENGE_STAYS
    expired = connection.execute(
        select(func.count()).select_from(CHALLENGES).where(over, CHALLENGES.c.used_at.is_(None))
    ).scalar_one()

    def count(statement: Delete) -> int:
        return connection.execute(statement).rowcount

    outcomes = sum(
        count(delete(VERIFICATIONS).where(VERIFICATIONS.c.at < now - stays, _of_purpose(purpose, retention)))
        for purpose, stays in retention.items()
    )
    longest = max(*retention.values(), CHALLENGE_STAYS)
    purged = Purged(
        verifications=outcomes,
        challenges=count(delete(CHALLENGES).where(over)),
        expired=expired,
        repeats=count(delete(REPEATS).where(REPEATS.c.expires_at <= now)),
        events=count(delete(EVENTS).where(EVENTS.c.at < now - longest)),
        audit=audit.forget_before(connection, secret, now - audit_stays),
    )
    connection.execute(update(SERVICE).values(last_purge_at=bindparam("now")), {"now": now})
    return purged


def last_purge(connection: Connection) -> int | None:
    """When the last purge was, in milliseconds; ``None`` before the first."""
    return connection.execute(select(SERVICE.c.last_purge_at)).scalar()


def _of_purpose(purpose: str | None, retention: Mapping[str | None, int]) -> ColumnElement[bool]:
    if purpose is not None:
        return VERIFICATIONS.c.purpose == purpose
    named = [word for word in retention if word is not None]
    return not_(and_(VERIFICATIONS.c.purpose.is_not(None), VERIFICATIONS.c.purpose.in_(named)))
