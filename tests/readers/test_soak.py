"""Five hundred readings in a row, each with a card put on and taken off, and the service restarted in between."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from mnverify.readers import CardEventKind, CardWatch, watch_cards
from tests.readers.readings import FULL_TRIES, READINGS, Bench, nothing_left_behind
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

COUNT = 500
RESTARTS = (124, 250, 376)  # before these readings, one of them as a crash would
LOOK = 100  # readings after which memory is looked at, the first hundred being for warming up
GROWTH = 1 << 18  # bytes: what is left behind by a hundred readings is more, if it is no more than a file of each


@pytest.fixture
def benches(service: PcscService, host: CardHost) -> Iterator[list[Bench]]:
    """Two readers, each with a card that is not on it yet."""
    made = []
    for at, (port, name) in enumerate(zip(service.ports, service.readers, strict=True)):
        host.plug(f"soak-{at}", "pcsc", port)
        host.card(f"soak-{at}", "sato-hanako")
        made.append(Bench(host, f"soak-{at}", name))
    yield made
    for bench in made:
        host.remove(bench.plug)
    if not service.running:
        service.start()


def resident() -> int:
    """Bytes of memory that this process holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def restart(service: PcscService, number: int) -> None:
    """End the service, in good order or not, and start it again."""
    if number == RESTARTS[1]:
        service.kill()
        service.start()
    else:
        service.restart()


def read_all(benches: list[Bench], watch: CardWatch, number: int) -> int:
    """Put every card on, read each as soon as it is seen, take it off, and see it gone; how many were verified."""
    for bench in benches:
        bench.host.insert(bench.plug)
    waiting = {bench.selector: bench for bench in benches}
    gone: set[str] = set()
    verified = 0
    while waiting or len(gone) < len(benches):
        event = watch.next(15)
        assert event is not None, f"reading {number}: nobody saw the card put on or taken off"
        if event.kind is CardEventKind.CARD_INSERTED and event.reader in waiting:
            with watch.connect(event) as link:
                verified += READINGS[0].check(link).result.verified
            bench = waiting.pop(event.reader)
            bench.host.remove(bench.plug)
        elif event.kind is CardEventKind.CARD_REMOVED and event.reader not in waiting:
            gone.add(event.reader)
    return verified


def test_five_hundred_readings(service: PcscService, benches: list[Bench]) -> None:
    verified = 0
    memory: list[int] = []
    with nothing_left_behind(), watch_cards() as watch:
        while watch.next(0.5) is not None:  # what is there at the beginning
            pass
        for number in range(0, COUNT, len(benches)):
            if number in RESTARTS:
                restart(service, number)
            verified += read_all(benches, watch, number)
            if number % LOOK == 0 and number:
                memory.append(resident())
        memory.append(resident())
    assert verified == COUNT
    grown = [later - earlier for earlier, later in pairwise(memory)]
    assert min(grown) < GROWTH, f"it grew each time, by {grown} bytes"  # the allocator takes some at once, now and then
    for bench in benches:
        assert bench.exchanges() == COUNT // len(benches) * READINGS[0].exchanges
        assert bench.tries() == FULL_TRIES
