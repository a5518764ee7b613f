"""Remove what is over, tell the audit trail, count it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from mnverify.server.config import ServerConfig
from mnverify.server.outcomes import moment_text
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage import audit
from mnverify.server.storage.database import Database
from mnverify.server.storage.moments import to_milliseconds
from mnverify.server.storage.purge import Purged, purge

_DAY = 86_400_000


class Done(NamedTuple):
    """What came of a purge.

    Attributes:
        purged: what was removed.
        audit_intact: whether the audit trail, as far as it was looked at, is as it was written. Where it is not, nothing was
            removed of it.
    """

    purged: Purged
    audit_intact: bool


def run_purge(database: Database, secret: ServiceSecret, config: ServerConfig, at: datetime) -> Done:
    """Purge once: one transaction, and further ones while there is more of the audit trail to remove than goes at a time.

    Args:
        database: where.
        secret: of the service.
        config: says how long each purpose's outcomes are kept.
        at: now.

    Raises:
        DatabaseUnavailable: the database does not answer; nothing was removed that the audit trail does not tell.
    """
    now = to_milliseconds(at)
    purposes = [purpose for purpose in config.retention_days if purpose != "default"]
    retention = {purpose: config.retention_seconds(purpose) * 1000 for purpose in [None, *purposes]}
    total, intact, more = Purged(0, 0, 0, 0, 0, 0), True, True
    while more:
        with database.begin() as connection:
            purged, intact, more = purge(
                connection, secret, now=now, retention=retention, audit_stays=config.audit_days * _DAY
            )
            if any(purged):
                entry = audit.AuditEntry(event="purge", at=moment_text(at), counts=purged._asdict())
                audit.append(connection, secret, entry, now)
        total = Purged(*map(sum, zip(total, purged, strict=True)))
    return Done(total, intact)
