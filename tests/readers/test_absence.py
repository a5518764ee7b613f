"""A card that lies there is seen, whatever happened before: also where the service says for ever that there is none."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mnverify.errors import NoCard
from mnverify.readers.model import CardEvent, CardEventKind
from mnverify.readers.pcsc import absence as absence_module
from mnverify.readers.pcsc import api
from mnverify.readers.pcsc.absence import Absence
from mnverify.readers.pcsc.context import look_once
from mnverify.readers.pcsc.reader import PcscReader
from mnverify.readers.pcsc.watch import PcscWatch
from tests.readers.readings import READINGS, Bench
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

SELECT = bytes.fromhex("00a4040c0ad3921000310001010402")
READER = "Some reader"


@pytest.fixture
def bench(service: PcscService, host: CardHost) -> Iterator[Bench]:
    """A reader with a card on it."""
    bench = Bench(host, "absence", service.readers[0])
    host.plug(bench.plug, "pcsc", service.ports[0])
    bench.card()
    assert PcscReader(bench.selector).wait_for_card(30)
    yield bench
    host.remove(bench.plug)


def come_back_unseen(bench: Bench) -> None:
    """A program lets go of a card that has just left, and the card is back before pcscd looks: "no card" from then on.

    pcscd looks all 0.4 seconds, and may do so in this very moment. Then it tells all, and this is done again.
    """
    for _ in range(10):
        assert PcscReader(bench.selector).wait_for_card(30)
        context = api.establish()
        try:
            card, protocol = api.connect(context, bench.selector)
            api.transmit(card, protocol, SELECT)
            counter = look_once(bench.selector).counter
            bench.host.remove(bench.plug)
            bench.host.insert(bench.plug, at_once=True)
            api.disconnect(card, api.UNPOWER)
        finally:
            api.release(context)
        time.sleep(0.9)  # more than two looks
        state = look_once(bench.selector)
        if not state.present and state.counter == counter:
            return
    raise AssertionError("pcscd saw the card each time")


def test_the_service_may_be_wrong_for_ever(bench: Bench) -> None:
    """What this is about: should it be mended in pcscd, the questions to the driver can go."""
    come_back_unseen(bench)
    time.sleep(2)
    assert not look_once(bench.selector).present
    assert bench.host.state(bench.plug)["inserted"]


def test_a_wait_sees_the_card(bench: Bench) -> None:
    come_back_unseen(bench)
    with PcscReader(bench.selector) as reader:
        assert reader.wait_for_card(0)
        with reader.connect() as link:
            assert READINGS[0].check(link).result.verified


def test_a_reader_that_had_a_card_before_sees_it_too(bench: Bench) -> None:
    with PcscReader(bench.selector) as reader:
        assert reader.wait_for_card(0)
        come_back_unseen(bench)
        assert reader.wait_for_card(30)
        bench.host.remove(bench.plug)
        assert reader.wait_for_removal(30)
        assert not reader.wait_for_card(1.2)


def test_a_connection_without_a_wait_finds_the_card(bench: Bench) -> None:
    come_back_unseen(bench)
    with PcscReader(bench.selector) as reader, reader.connect() as link:
        assert READINGS[0].check(link).result.verified
    bench.host.remove(bench.plug)
    with PcscReader(bench.selector) as reader:
        assert reader.wait_for_removal(30)
        with pytest.raises(NoCard):
            reader.connect()


def test_a_watch_tells_of_the_card(bench: Bench) -> None:
    with PcscWatch() as watch:
        first = [watch.next(30) for _ in range(3)]
        assert first[-1] == CardEvent(CardEventKind.CARD_INSERTED, bench.selector)
        come_back_unseen(bench)
        events = [watch.next(30) for _ in range(2)]
        while (event := watch.next(1)) is not None:
            events.append(event)
        kinds = [event.kind for event in events if event is not None and event.reader == bench.selector]
        assert kinds[-2:] == [CardEventKind.CARD_REMOVED, CardEventKind.CARD_INSERTED]
        with watch.connect(CardEvent(CardEventKind.CARD_INSERTED, bench.selector)) as link:
            assert READINGS[0].check(link).result.verified


def test_an_empty_reader_stays_empty(bench: Bench) -> None:
    bench.host.remove(bench.plug)
    with PcscReader(bench.selector) as reader:
        assert reader.wait_for_removal(30)
        before = look_once(bench.selector)
        assert not reader.wait_for_card(1.8)
        assert look_once(bench.selector) == before
    bench.host.insert(bench.plug)
    with PcscReader(bench.selector) as reader:
        assert reader.wait_for_card(30)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(absence_module, "time", clock)
    return clock


def told(counter: int, *, card: bool = False, bits: int = 0) -> api.State:
    return api.State(counter << 16 | (api.PRESENT if card else 0x10) | bits)


def asked(absence: Absence, clock: Clock, state: api.State, seconds: float) -> int:
    """How often the driver is asked in that time."""
    count = 0
    end = clock.now + seconds
    while clock.now < end:
        count += absence.is_to_be_asked(READER, state)
        clock.now += 0.05
    return count


@pytest.mark.parametrize(
    ("before", "now", "questions"),
    [
        ([], told(4), 3),  # nobody knows
        ([told(4, card=True)], told(5), 1),  # it left, and was counted
        ([told(4, card=True)], told(7), 1),
        ([told(4, card=True)], told(4), 3),  # it left, and was not
        ([told(4, card=True)], told(6), 3),
        ([told(4)], told(5), 3),  # it came, and is not there
        ([told(4)], told(6), 1),
        ([], told(4, card=True), 0),
        ([], told(4, bits=0x100), 0),  # another program has the reader
        ([], api.State(0x08), 0),  # the reader does not work
    ],
)
def test_how_often_the_driver_is_asked(clock: Clock, before: list[api.State], now: api.State, questions: int) -> None:
    absence = Absence()
    for state in before:
        absence.is_to_be_asked(READER, state)
    assert asked(absence, clock, now, 10) == questions


def test_what_is_not_known_is_asked_at_once_and_what_left_in_order_after_half_a_second(clock: Clock) -> None:
    absence = Absence()
    assert absence.is_to_be_asked(READER, told(1))
    absence.is_to_be_asked(READER, told(2, card=True))
    assert asked(absence, clock, told(3), 0.45) == 0
    assert asked(absence, clock, told(3), 0.2) == 1
    absence.forget(READER)
    assert absence.is_to_be_asked(READER, told(3))


def test_only_pcsc_lite_is_asked(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absence_module, "CAN_BE_WRONG", False)
    assert asked(Absence(), clock, told(1), 3) == 0
