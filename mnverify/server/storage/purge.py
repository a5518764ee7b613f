"""What is removed, and when: outcomes by the retention of their purpose, challenges a day after their end, repeats at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Delete, and_, bindparam, delete, func, not_, select, update

from mnverify.server.secret import ServiceSecret
from mnverify.server.storage import audit
from mnverify.server.storage.tables import CHALLENGES, EVENTS, REPEATS, SERVICE, VERIFICATIONS

CHALLENGE_STAYS = 86_400_000  # milliseconds after its end, in which a late attempt is told so


_AUDIT_LINES = 5_000  # that one transaction looks at and removes: others wait for it, a tenth of a second or two


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


class PurgeStep(NamedTuple):
    """What one transaction did.

    Attributes:
        purged: what it removed.
        intact: whether the audit trail, as far as it was looked at, is as it was written; else nothing was removed of it.
        more: whether there may be more of it to remove.
    """

    purged: Purged
    intact: bool
    more: bool


def purge(
    connection: Connection, secret: ServiceSecret, *, now: int, retention: Mapping[str | None, int], audit_stays: int
) -> PurgeStep:
    """Remove what is over; of the audit trail as much as goes at a time.

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
    challenges = count(delete(CHALLENGES).where(over))
    repeats = count(delete(REPEATS).where(REPEATS.c.expires_at <= now))
    longest = max(*retention.values(), CHALLENGE_STAYS)
    events = count(delete(EVENTS).where(EVENTS.c.at < now - longest))
    connection.execute(update(SERVICE).values(last_purge_at=bindparam("now")), {"now": now})
    lines, intact = audit.forget_before(connection, secret, now - audit_stays, _AUDIT_LINES)
    return PurgeStep(Purged(outcomes, challenges, expired, repeats, events, lines), intact, lines == _AUDIT_LINES)


def last_purge(connection: Connection) -> int | None:
    """When the last purge was, in milliseconds; ``None`` before the first."""
    return connection.execute(select(SERVICE.c.last_purge_at)).scalar()


def _of_purpose(purpose: str | None, retention: Mapping[str | None, int]) -> ColumnElement[bool]:
    if purpose is not None:
        return VERIFICATIONS.c.purpose == purpose
    named = [word for word in retention if word is not None]
    return not_(and_(VERIFICATIONS.c.purpose.is_not(None), VERIFICATIONS.c.purpose.in_(named)))
