"""Events of real PC/SC readers, through kills and restarts of the service."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest

from mnverify.errors import MissingExtra, NoReader, ServiceNotRunning, UsageError
from mnverify.readers.model import CardEvent, CardEventKind
from mnverify.readers.pcsc import api as pcsc_api
from mnverify.readers.pcsc import watch as pcsc_watch
from mnverify.readers.pcsc.reader import PcscReader
from mnverify.readers.pcsc.texts import READER_GONE, Doing, made
from mnverify.readers.pcsc.watch import PcscWatch
from tests.readers.readings import READINGS, Bench, nothing_left_behind
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService
from tests.support.slack import SLACK

INSERTED, REMOVED = CardEventKind.CARD_INSERTED, CardEventKind.CARD_REMOVED
ADDED, TAKEN = CardEventKind.READER_ADDED, CardEventKind.READER_REMOVED
LOST, BACK = CardEventKind.SERVICE_LOST, CardEventKind.SERVICE_BACK


@pytest.fixture
def benches(service: PcscService, host: CardHost) -> Iterator[tuple[Bench, Bench]]:
    """The two readers, with nothing on them, and nothing left behind."""
    for at, port in enumerate(service.ports):
        host.plug(f"watch-{at}", "pcsc", port)
        host.card(f"watch-{at}")
    one, two = (Bench(host, f"watch-{at}", name) for at, name in enumerate(service.readers))
    for bench in (one, two):
        assert PcscReader(bench.selector).wait_for_removal(30)
    with nothing_left_behind():
        yield one, two
        if not service.running:
            service.start()
    for bench in (one, two):
        host.remove(bench.plug)


def take(watch: PcscWatch, count: int, timeout: float = 30.0) -> list[CardEvent]:
    """That many events, if they come in time."""
    events: list[CardEvent] = []
    end = time.monotonic() + timeout
    while len(events) < count and time.monotonic() < end:
        event = watch.next(end - time.monotonic())
        if event is not None:
            events.append(event)
    return events


def all_of(kind: CardEventKind, benches: tuple[Bench, Bench]) -> list[CardEvent]:
    return [CardEvent(kind, bench.selector) for bench in benches]


def test_what_is_there_is_told_first(benches: tuple[Bench, Bench]) -> None:
    benches[1].card()
    assert PcscReader(benches[1].selector).wait_for_card(30)
    with PcscWatch() as watch:
        assert take(watch, 3) == [*all_of(ADDED, benches), CardEvent(INSERTED, benches[1].selector)]
        began = time.monotonic()
        assert watch.next(0.3) is None
        assert 0.3 <= time.monotonic() - began < 1.6 + SLACK
        assert watch.next(0) is None


def test_cards_come_and_go_and_are_read(benches: tuple[Bench, Bench]) -> None:
    with PcscWatch() as watch:
        take(watch, 2)
        for bench in benches:
            bench.card()
            began = time.monotonic()
            event = watch.next(30)
            assert event == CardEvent(INSERTED, bench.selector)
            assert time.monotonic() - began < 1.0 + SLACK
            with watch.connect(event) as link:
                assert READINGS[0].check(link).result.verified
            assert link.reader_name == bench.selector
            assert watch.next(0.1) is None  # connecting and resetting are no events
            bench.host.remove(bench.plug)
            assert watch.next(30) == CardEvent(REMOVED, bench.selector)


def test_a_link_of_an_event_closes_its_reader(benches: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    close = PcscReader.close

    def counted(reader: PcscReader) -> None:
        closed.append(reader)
        close(reader)

    monkeypatch.setattr(PcscReader, "close", counted)
    with PcscWatch() as watch:
        take(watch, 2)
        benches[0].card()
        event = watch.next(30)
        assert event is not None
        link = watch.connect(event)
        assert closed == []
        link.close()
        link.close()
        assert len(closed) == 1
        for other in (CardEvent(REMOVED, benches[0].selector), CardEvent(LOST), CardEvent(INSERTED)):
            with pytest.raises(UsageError):
                watch.connect(other)


def test_a_card_changed_between_two_looks_is_removed_and_inserted(benches: tuple[Bench, Bench]) -> None:
    bench = benches[0]
    bench.card()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    with PcscWatch() as watch:
        take(watch, 3)
        bench.host.remove(bench.plug)
        assert reader.wait_for_removal(30)
        bench.host.insert(bench.plug)
        assert reader.wait_for_card(30)
        assert take(watch, 2) == [CardEvent(REMOVED, bench.selector), CardEvent(INSERTED, bench.selector)]


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_the_service_is_lost_and_found_three_times(
    benches: tuple[Bench, Bench], service: PcscService, how: str
) -> None:
    one = benches[0]
    one.card()
    assert PcscReader(one.selector).wait_for_card(30)
    with PcscWatch() as watch:
        assert len(take(watch, 3)) == 3
        for _ in range(3):
            getattr(service, how)()
            began = time.monotonic()
            lost = take(watch, 4)
            assert time.monotonic() - began < 1.0 + SLACK
            assert lost[0] == CardEvent(LOST)
            gone = [CardEvent(REMOVED, one.selector), *all_of(TAKEN, benches)]
            assert sorted(lost[1:], key=str) == sorted(gone, key=str)
            assert watch.next(0.5) is None  # once
            service.start()
            began = time.monotonic()
            assert take(watch, 3) == [CardEvent(BACK), *all_of(ADDED, benches)]
            assert time.monotonic() - began < 2.5 + SLACK
            event = watch.next(30)
            assert event == CardEvent(INSERTED, one.selector)
            with watch.connect(event) as link:
                assert READINGS[0].check(link).result.verified


def test_a_watch_begins_without_a_service(benches: tuple[Bench, Bench], service: PcscService) -> None:
    service.stop()
    with PcscWatch() as watch:
        assert watch.next(30) == CardEvent(LOST)
        assert watch.next(0.3) is None
        service.start()
        assert take(watch, 3) == [CardEvent(BACK), *all_of(ADDED, benches)]


class Rests(threading.Event):
    """The end of a watch, and its clock, which goes on by what it rests."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0.0
        return self.is_set()

    def monotonic(self) -> float:
        return self.now

    time = monotonic


def test_pauses_between_tries_grow_to_two_seconds(
    benches: tuple[Bench, Bench], service: PcscService, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, clock = [], Rests()
    establish = pcsc_api.establish

    def counted() -> int:
        tries.append(clock.now)
        return establish()

    service.stop()
    monkeypatch.setattr(pcsc_api, "establish", counted)
    monkeypatch.setattr(pcsc_watch, "time", clock)
    with PcscWatch() as watch:
        monkeypatch.setattr(watch, "_end", clock)
        assert watch.next(1) == CardEvent(LOST)
        assert watch.next(8) is None
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses == pytest.approx([0.2, 0.4, 0.8, 1.6, 2.0, 2.0])


def test_close_from_another_thread_ends_a_wait(benches: tuple[Bench, Bench]) -> None:
    watch = PcscWatch()
    take(watch, 2)
    ended = []

    def wait() -> None:
        assert watch.next() is None
        ended.append(time.monotonic())

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    watch.close()
    thread.join(30)
    assert ended[0] - began < 1.6 + SLACK
    assert watch.closed
    assert watch.next() is None
    assert list(watch) == []
    watch.close()


def test_close_while_there_is_no_service(benches: tuple[Bench, Bench], service: PcscService) -> None:
    service.stop()
    watch = PcscWatch()
    threading.Timer(0.5, watch.close).start()
    began = time.monotonic()
    assert [event.kind for event in watch] == [LOST]
    assert time.monotonic() - began < 1.2 + SLACK


def test_close_in_a_signal_handler(benches: tuple[Bench, Bench]) -> None:
    watch = PcscWatch()
    take(watch, 2)
    before = signal.signal(signal.SIGALRM, lambda number, frame: watch.close())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        began = time.monotonic()
        assert list(watch) == []
        assert time.monotonic() - began < 1.0 + SLACK
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_signal_is_no_loss_of_the_service(benches: tuple[Bench, Bench]) -> None:
    seen = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
        with PcscWatch() as watch:
            take(watch, 2)
            assert watch.next(1.0) is None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert seen


def test_after_sleep_it_looks_anew_with_a_new_context(
    benches: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts = []
    establish = pcsc_api.establish

    def counted() -> int:
        contexts.append(establish())
        return contexts[-1]

    monkeypatch.setattr(pcsc_api, "establish", counted)
    with PcscWatch() as watch:
        take(watch, 2)
        assert watch.next(0.1) is None
        assert len(contexts) == 1
        wall = time.time
        monkeypatch.setattr(time, "time", lambda: wall() + 6.0)
        assert watch.next(0.1) is None
        assert len(contexts) == 2
        benches[0].card()
        assert watch.next(30) == CardEvent(INSERTED, benches[0].selector)
        assert len(contexts) == 2


def test_without_pyscard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    with pytest.raises(MissingExtra):
        PcscWatch()


# -- readers that come and go, which vpcd's do not


class Service:
    """A service of our own invention."""

    def __init__(self, patch: pytest.MonkeyPatch, *, notifies: bool = True) -> None:
        self.readers: dict[str, int] = {}
        self.notifies = notifies
        self.running = True
        self.held = 0
        patch.setattr(pcsc_api, "establish", self.establish)
        patch.setattr(pcsc_api, "release", self.release)
        patch.setattr(pcsc_api, "readers", self.list)
        patch.setattr(pcsc_api, "states", self.states)
        patch.setattr(pcsc_api, "power_card", lambda context, reader: None)
        patch.setattr(pcsc_watch, "_LIST_SECONDS", 0.3)
        patch.setattr(pcsc_watch, "SLICE_SECONDS", 0.05)

    def establish(self) -> int:
        self.require_running()
        self.held += 1
        return 1

    def release(self, context: int) -> None:
        self.held -= 1

    def list(self, context: int) -> list[str]:
        self.require_running()
        return list(self.readers)

    def states(self, context: int, known: Mapping[str, int], milliseconds: int) -> dict[str, pcsc_api.State]:
        self.require_running()
        now = {**self.readers, **({pcsc_api.NOTIFICATION: 0} if self.notifies else {})}
        if not set(known) <= set(now):
            raise made(READER_GONE, Doing.WAIT)
        if all(known[name] == now[name] for name in known):
            time.sleep(milliseconds / 1000)
        return {name: pcsc_api.State(now[name]) for name in known}

    def require_running(self) -> None:
        if not self.running:
            raise ServiceNotRunning(made(READER_GONE, Doing.WAIT).text)


@pytest.mark.parametrize("notifies", [True, False])
def test_readers_come_and_go(monkeypatch: pytest.MonkeyPatch, notifies: bool) -> None:
    service = Service(monkeypatch, notifies=notifies)
    with PcscWatch() as watch:
        assert watch.next(0.2) is None
        service.readers["one"] = 0x10
        assert watch.next(30) == CardEvent(ADDED, "one")
        service.readers["two"] = 0x10020
        assert take(watch, 2) == [CardEvent(ADDED, "two"), CardEvent(INSERTED, "two")]
        del service.readers["two"]
        assert take(watch, 2) == [CardEvent(REMOVED, "two"), CardEvent(TAKEN, "two")]
        service.readers["one"] = 0x08  # the driver does not answer
        assert watch.next(0.2) is None
        service.readers["one"] = 0x30020
        assert watch.next(30) == CardEvent(INSERTED, "one")
        service.readers["one"] = 0x50020
        assert take(watch, 2) == [CardEvent(REMOVED, "one"), CardEvent(INSERTED, "one")]
        service.running = False
        assert take(watch, 3) == [CardEvent(LOST), CardEvent(REMOVED, "one"), CardEvent(TAKEN, "one")]
        assert service.held == 0
        service.running = True
        assert take(watch, 3) == [CardEvent(BACK), CardEvent(ADDED, "one"), CardEvent(INSERTED, "one")]
        assert service.held == 1
    assert service.held == 0


def test_a_platform_that_does_not_tell_is_not_asked_in_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(monkeypatch, notifies=False)
    calls = []

    def counted(context: int, known: Mapping[str, int], milliseconds: int) -> dict[str, pcsc_api.State]:
        calls.append(milliseconds)
        return service.states(context, known, milliseconds)

    monkeypatch.setattr(pcsc_api, "states", counted)
    with PcscWatch() as watch:
        assert watch.next(0.5) is None
    assert len(calls) < 20


def test_a_reader_the_service_lists_but_does_not_know_is_a_loss_and_no_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(monkeypatch)
    service.readers["one"] = 0x10
    calls = []

    def unknown(*arguments: object) -> dict[str, pcsc_api.State]:
        calls.append(1)
        raise NoReader(made(READER_GONE, Doing.WAIT).text)

    monkeypatch.setattr(pcsc_api, "states", unknown)
    with PcscWatch() as watch:
        assert [event.kind for event in take(watch, 3)] == [ADDED, LOST, TAKEN]
        take(watch, 10, 0.5)
    assert len(calls) < 20
