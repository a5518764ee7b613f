"""Opening the service's parts: database, secret, receipt keys, anchors."""

from __future__ import annotations

from mnverify.receipts import ReceiptKeys
from mnverify.server.config import ServerConfig
from mnverify.server.key_ring import KeyRing
from mnverify.server.metrics import Meters
from mnverify.server.service import Clock, Service, wall_clock
from mnverify.server.storing import Tell, open_database, open_secret
from mnverify.server.trust_file import AnchorsInForce, LoadTrust, load_trust


def open_service(
    config: ServerConfig, *, load: LoadTrust = load_trust, clock: Clock = wall_clock, tell: Tell = lambda _: None
) -> Service:
    """Everything that a process needs.

    Args:
        config: of the service.
        load: finds the anchors.
        clock: what time it is.
        tell: is told what was made.

    Raises:
        MnverifyError: of the part that cannot be opened; nothing stays open.
    """
    anchors = AnchorsInForce(config.trust, load)
    database = open_database(config)
    try:
        secret = open_secret(config, database, tell)
        receipts = ReceiptKeys.from_folder(config.receipt_keys_path)
        return Service(
            config=config,
            database=database,
            secret=secret,
            receipts=receipts,
            anchors=anchors,
            meters=Meters(),
            keys=KeyRing(secret, database, config.key_cache_seconds),
            clock=clock,
        )
    except BaseException:
        database.close()
        raise
