"""What a process of the service holds while it runs: opened when it starts, closed when it ends, nothing global."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mnverify.receipts import ReceiptKeys
from mnverify.server import log
from mnverify.server.config import ServerConfig
from mnverify.server.key_ring import KeyRing
from mnverify.server.metrics import Meters
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage.database import Database
from mnverify.server.trust_file import AnchorsInForce

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Service:
    """The parts that use cases work with.

    Attributes:
        config: what it was started with.
        database: where outcomes are kept.
        secret: derived keys.
        receipts: the keys that sign receipts.
        anchors: the trust anchors in force.
        meters: metrics.
        keys: API keys that this process knows for a moment.
        clock: what time it is.
        stopping: the process has been told to end; readiness says so.
        audit_told: the log has it from this process that the audit trail is not as it was written.
    """

    config: ServerConfig
    database: Database
    secret: ServiceSecret
    receipts: ReceiptKeys
    anchors: AnchorsInForce
    meters: Meters
    keys: KeyRing
    clock: Clock = wall_clock
    stopping: bool = field(default=False)
    audit_told: bool = field(default=False)

    @property
    def issuer(self) -> str:
        """``iss`` of receipts."""
        return self.config.issuer or f"http://{self.config.host}:{self.config.port}"

    def tell_audit(self, *, intact: bool) -> None:
        """Tell the log, once, that the audit trail is not as it was written."""
        if not intact and not self.audit_told:
            self.audit_told = True
            log.write(log.Happened("audit-changed"))

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()


def monotonic() -> float:
    """Seconds that never go back."""
    return time.monotonic()
