"""At every exchange of every reading, over both stacks: the card is torn, mute, slow, garbled, or resets itself.

Each time: a typed error (or a verified reading, where the fault can be lived with), the retry counters as they were, nothing
left behind, and the next reading works.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from mnverify.errors import CardLost, CardRefused, LinkCorrupt, LinkError, LinkTimeout, MnverifyError, NoCard
from tests.readers.readings import FULL_TRIES, READINGS, Bench, Reading, nothing_left_behind
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService
from tests.support.ports import udp_port as free_udp_port
from tests.support.slack import SLACK

DEADLINE = 0.8  # seconds an exchange may take with a card that says nothing
PATIENT = 10.0  # with any other: busy machines are slow too
SLOW = 0.2  # seconds a slow card takes more
WATCHDOG = 1.2  # seconds after which a mute card loses its power

GARBAGE = ("", "90", "0000", "ff" * 300, "0102030405060708")

FAULTS: dict[str, tuple[type[MnverifyError], ...]] = {
    "torn": (CardLost, NoCard),
    "mute": (LinkTimeout, CardLost, NoCard),
    "garbage": (LinkCorrupt, CardLost, CardRefused, LinkTimeout),  # vpcd takes an empty answer for none
    "reset": (CardRefused, CardLost),
}


@pytest.fixture(scope="module", params=["pcsc", "nfc-udp"])
def bench(request: pytest.FixtureRequest, host: CardHost) -> Iterator[Bench]:
    """A reader of each stack."""
    plug = f"faults-{request.param}"
    if request.param == "pcsc":
        service: PcscService = request.getfixturevalue("service")
        host.plug(plug, "pcsc", service.ports[0], watchdog=WATCHDOG)
        selector = service.readers[0]
    else:
        port = free_udp_port()
        host.plug(plug, "nfc-udp", port, watchdog=WATCHDOG)
        selector = f"udp:127.0.0.1:{port}"
    yield Bench(host, plug, selector)
    host.remove(plug)


def limits_for(fault: str, at: int) -> dict[str, Any]:
    """The limits of a card that has the fault at its ``at``-th command."""
    limits: dict[str, dict[str, Any]] = {
        "torn": {"lost_at": at},
        "mute": {"mute_at": at},
        "slow": {"slow_at": {at: SLOW}},
        "garbage": {"garbage_at": {at: GARBAGE[at % len(GARBAGE)]}},
        "reset": {"reset_at": [at]},
    }
    return limits[fault]


def attempt(bench: Bench, reading: Reading, deadline: float = PATIENT) -> bool:
    """One reading, as an application does it; whether it was verified."""
    with bench.reader() as reader:
        assert reader.wait_for_card(30)
        with reader.connect(exchange_timeout=deadline) as link:
            return reading.check(link).result.verified


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.name)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_every_exchange(bench: Bench, reading: Reading, fault: str) -> None:
    bench.card()
    assert attempt(bench, reading)
    count = bench.exchanges()
    assert count <= reading.exchanges + 1  # the reader may just be finding out what it carries
    failed = 0
    with nothing_left_behind():
        for at in range(1, count + 1):
            bench.card(**limits_for(fault, at))
            began = time.monotonic()
            try:
                assert attempt(bench, reading, DEADLINE if LinkTimeout in FAULTS[fault] else PATIENT)
            except FAULTS[fault]:
                failed += 1
            assert time.monotonic() - began < 5 + SLACK, f"{fault} at {at}: not within the deadline"
            assert bench.tries() == FULL_TRIES, f"{fault} at {at}: a try was spent"
            bench.put_back()
            assert attempt(bench, reading), f"{fault} at {at}: the next reading"
            assert bench.tries() == FULL_TRIES
    assert failed >= {"garbage": 3, "reset": count - 1}.get(fault, count), "most faults cannot be lived with"


@pytest.mark.parametrize("reading", READINGS[:3], ids=lambda reading: reading.name)
def test_a_slow_card_is_waited_for(bench: Bench, reading: Reading) -> None:
    with nothing_left_behind():
        for at in range(1, reading.exchanges + 1):
            bench.card(**limits_for("slow", at))
            assert attempt(bench, reading), f"slow at {at}"


@pytest.mark.parametrize("reading", READINGS[:1], ids=lambda reading: reading.name)
def test_a_card_that_is_slower_than_the_deadline(bench: Bench, reading: Reading) -> None:
    with nothing_left_behind():
        for at in (1, 3, 4, reading.exchanges):
            bench.card(slow_at={at: 2 * DEADLINE})
            began = time.monotonic()
            with pytest.raises(LinkTimeout):
                attempt(bench, reading, DEADLINE)
            assert time.monotonic() - began < 5 + SLACK
            assert bench.tries() == FULL_TRIES
            bench.put_back()
            assert attempt(bench, reading)


STRANGERS = ("bank-card", "passport", "driving-licence", "juki-card", "transit-card")


@pytest.mark.parametrize("word", STRANGERS)
@pytest.mark.parametrize("reading", (READINGS[0], READINGS[2]), ids=lambda reading: reading.name)
def test_another_kind_of_card(bench: Bench, reading: Reading, word: str) -> None:
    from mnverify.errors import NotMyNumberCard

    with nothing_left_behind():
        bench.host.stranger(bench.plug, word)
        bench.host.insert(bench.plug)
        with pytest.raises(NotMyNumberCard):
            attempt(bench, reading)
        bench.card()
        assert attempt(bench, reading)


@pytest.mark.parametrize("word", ("garbage", "mute"))
def test_a_card_that_talks_nonsense_or_not_at_all(bench: Bench, word: str) -> None:
    with nothing_left_behind():
        bench.host.stranger(bench.plug, word)
        bench.host.insert(bench.plug)
        began = time.monotonic()
        with pytest.raises(LinkError):
            attempt(bench, READINGS[0], DEADLINE)
        assert time.monotonic() - began < 5 + SLACK
        bench.card()
        assert attempt(bench, READINGS[0])


def test_a_blocked_key(bench: Bench) -> None:
    from mnverify.errors import CredentialBlocked

    for blocked in (0x63C0, 0x6984):
        bench.card(tries={"face-check/0012": 0}, blocked_status=blocked)
        with pytest.raises(CredentialBlocked):
            attempt(bench, READINGS[0])
        assert bench.tries() == {**FULL_TRIES, "face-check/0012": 0}
        assert attempt(bench, READINGS[1]), "another key of the same card"
