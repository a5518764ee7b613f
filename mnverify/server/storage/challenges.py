"""Challenges. That one serves once is decided here, by one statement of the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, exists, insert, or_, select, update

from mnverify.server.storage.statement import Statement
from mnverify.server.storage.tables import API_KEYS, CHALLENGES
from mnverify.server.words import Identifier, Word


class Challenge(NamedTuple):
    """A challenge, bound to the line of the API key that asked for it, and to its purpose.

    Attributes:
        id: its id.
        family: the line of the API key.
        relying_party: whose it is.
        purpose: what it is for.
        reference: the caller's own.
        challenge: 32 random bytes.
        issued_at, expires_at, used_at: milliseconds.
    """

    id: Identifier
    family: Identifier
    relying_party: Word
    purpose: Word | None
    reference: str | None
    challenge: bytes
    issued_at: int
    expires_at: int
    used_at: int | None

    def is_over(self, now: int) -> bool:
        """Whether it has ended; so has one that was issued by a clock that was ahead, which nobody knows the end of."""
        return self.expires_at <= now or self.issued_at > now + AHEAD


class Claim(NamedTuple):
    """Who wants to use which challenge up.

    Attributes:
        challenge_id: the challenge.
        family: the line of the API key.
        key_id: the API key.
        now: milliseconds.
    """

    challenge_id: str
    family: str
    key_id: str
    now: int


AHEAD = 60_000
"""Milliseconds that a challenge may have been issued ahead of a clock: another machine's may differ by as much."""

_COLUMNS = [CHALLENGES.c[name] for name in Challenge._fields]
_INSERT = insert(CHALLENGES)
_FIND = select(*_COLUMNS).where(CHALLENGES.c.id == bindparam("of_id"), CHALLENGES.c.family == bindparam("of_family"))
_KEY_IN_FORCE = exists().where(
    API_KEYS.c.id == bindparam("key_id"),
    API_KEYS.c.revoked_at.is_(None),
    or_(API_KEYS.c.ends_at.is_(None), API_KEYS.c.ends_at > bindparam("now")),
)
_CLAIM_CLAUSE = (
    update(CHALLENGES)
    .where(
        CHALLENGES.c.id == bindparam("of_id"),
        CHALLENGES.c.family == bindparam("of_family"),
        CHALLENGES.c.used_at.is_(None),
        CHALLENGES.c.expires_at > bindparam("now"),
        CHALLENGES.c.issued_at <= bindparam("latest"),
        _KEY_IN_FORCE,
    )
    .values(used_at=bindparam("now"))
    .returning(*_COLUMNS)
)
_CLAIM = Statement(_CLAIM_CLAUSE)


def add_challenge(connection: Connection, challenge: Challenge) -> None:
    """Keep a new challenge."""
    connection.execute(_INSERT, challenge._asdict())


def find_challenge(connection: Connection, challenge_id: str, family: str) -> Challenge | None:
    """The challenge of that id, if this line of keys asked for it."""
    row = connection.execute(_FIND, {"of_id": challenge_id, "of_family": family}).first()
    return None if row is None else Challenge(*row)


def claim_challenges(connection: Connection, claims: Sequence[Claim]) -> list[Challenge | None]:
    """Use challenges up, each in one statement. Of all who try at once, in whatever process, one gets it.

    They are claimed in the order of their ids, so that two processes never wait for each other in a circle.

    Returns:
        For each claim the challenge; ``None`` where it is unknown, used or over, or the key was revoked.
    """
    order = sorted(range(len(claims)), key=lambda place: claims[place].challenge_id)
    rows = _CLAIM.first_rows(connection, [_values(claims[place]) for place in order])
    got: list[Challenge | None] = [None] * len(claims)
    for place, row in zip(order, rows, strict=True):
        got[place] = None if row is None else Challenge(*row)
    return got


def _values(claim: Claim) -> dict[str, object]:
    return {
        "of_id": claim.challenge_id,
        "of_family": claim.family,
        "key_id": claim.key_id,
        "now": claim.now,
        "latest": claim.now + AHEAD,
    }
