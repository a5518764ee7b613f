"""What a process does by itself: purge, look at the trust-anchors file and the receipt keys, tell the others how busy it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import TypeVar

from mnverify.receipts import ReceiptKeyError, ReceiptKeys
from mnverify.server import log
from mnverify.server.log import Code
from mnverify.server.metrics import several_processes
from mnverify.server.problems import DatabaseUnavailable
from mnverify.server.service import Service
from mnverify.server.storage.moments import to_milliseconds
from mnverify.server.storage.purge import last_purge
from mnverify.server.use_cases.purge import run_purge

_Answer = TypeVar("_Answer")
_TELL_SECONDS = 1.0


async def repeat_purge(service: Service, threads: Executor) -> None:
    """Purge at the configured interval. Where several processes share a database, the first whose turn it is does it."""
    interval = service.config.purge_interval_seconds
    while interval:
        await _guarded(lambda: _in_thread(threads, lambda: purge_if_due(service)))
        await asyncio.sleep(interval / 4)


async def repeat_look(service: Service, threads: Executor) -> None:
    """Look at anchors and receipt keys at the configured interval."""
    interval = service.config.reload_seconds
    while interval:
        await asyncio.sleep(interval)
        await _guarded(lambda: _in_thread(threads, lambda: look(service)))


async def repeat_tell(service: Service, _: Executor) -> None:
    """Tell the other processes how many requests are under way here: any of them may be asked for the metrics of all."""
    while several_processes():
        service.meters.look()
        await asyncio.sleep(_TELL_SECONDS)


def purge_if_due(service: Service) -> None:
    """Purge where the last purge, of whatever process, is an interval ago."""
    now = service.clock()
    try:
        with service.database.read() as connection:
            last = last_purge(connection)
        interval = service.config.purge_interval_seconds * 1000
        if last is not None and 0 <= to_milliseconds(now) - last < interval:  # one that lies ahead is a wrong clock's
            return
        purged, intact = run_purge(service.database, service.secret, service.config, now)
    except DatabaseUnavailable as error:
        log.write(log.Happened("purge-failed", code=Code(error.code)))
        return
    if not intact:  # told at every purge
        log.write(log.Happened("audit-changed"))
    service.meters.expired.inc(purged.expired)
    for what, count in purged._asdict().items():
        if what != "expired":
            service.meters.purged.labels(what).inc(count)
    if any(purged):
        log.write(log.Happened("purged", counts=tuple(purged)))


def look(service: Service) -> None:
    """Take new anchors and receipt keys, where there are any; what cannot be used changes nothing."""
    came = service.anchors.look()
    if came == "replaced":
        tell_anchors(service)
        log.write(log.Happened("anchors-replaced", counts=(len(service.anchors.store.anchors),)))
    elif came == "refused":
        service.meters.anchors_refused.inc()
        log.write(log.Happened("anchors-refused", code=Code("trust")))
    try:
        keys = ReceiptKeys.from_folder(service.config.receipt_keys_path)
    except ReceiptKeyError as error:
        log.write(log.Happened("receipt-keys-refused", code=Code(error.code)))
        return
    if keys.jwks() != service.receipts.jwks() or keys.active_kid != service.receipts.active_kid:
        service.receipts = keys
        log.write(log.Happened("receipt-keys-replaced", counts=(len(keys.keys),)))


def tell_anchors(service: Service) -> None:
    """Set the gauges of the anchors in force."""
    service.meters.tell_anchors(Counter(anchor.environment for anchor in service.anchors.store.anchors))
    service.meters.anchors_loaded.set(service.clock().timestamp())


async def _guarded(work: Callable[[], Awaitable[None]]) -> None:
    """One turn; what goes wrong in it is told, and the next turn comes all the same."""
    try:
        await work()
    except Exception as error:  # noqa: BLE001
        log.write(log.failed(error))


async def _in_thread(threads: Executor, work: Callable[[], None]) -> None:
    await asyncio.get_running_loop().run_in_executor(threads, work)
