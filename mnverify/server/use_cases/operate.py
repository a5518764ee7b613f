"""What operators and receivers of receipts ask for: keys, readiness, metrics."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mnverify.server.problems import Busy, DatabaseUnavailable
from mnverify.server.requests import Arrived
from mnverify.server.service import Service
from mnverify.server.storage.moments import to_milliseconds
from mnverify.server.storage.purge import last_purge
from mnverify.server.storage.tables import SERVICE


def jwks(service: Service, _arrived: Arrived) -> dict[str, Any]:
    """``GET /.well-known/jwks.json``."""
    return service.receipts.jwks()


def ready(service: Service, _arrived: Arrived) -> dict[str, Any]:
    """``GET /readyz``.

    Raises:
        DatabaseUnavailable: the database does not answer, or takes nothing that is written.
        Busy: the process is stopping.
    """
    if service.stopping:
        raise Busy(retry_after=1)
    with service.database.begin() as connection:  # which SQLite gives only where it can write
        connection.execute(select(SERVICE.c.id)).scalar()
        service.database.require_writable(connection)
    store = service.anchors.store
    return {"status": "ready", "environment": store.environment, "trust_anchors": len(store.anchors)}


def metrics(service: Service, _arrived: Arrived) -> bytes:
    """``GET /metrics``."""
    age, up = None, True
    try:
        with service.database.read() as connection:
            at = last_purge(connection)
            service.database.require_writable(connection)
        if at is not None:
            age = abs(to_milliseconds(service.clock()) - at) / 1000  # one that lies ahead is no recent one either
    except DatabaseUnavailable:
        up = False
    return service.meters.text(age, up)
