"""The events of one NFC reader."""

from __future__ import annotations

import threading
import time

import pytest

from mnverify.errors import LinkError, NoCard, NoReader, NotAllowed, ReaderInUse, ReaderUnsuitable, UsageError
from mnverify.readers.model import CardEvent, CardEventKind
from mnverify.readers.nfc import watch as nfc_watch
from mnverify.readers.nfc.watch import NfcWatch
from mnverify.text import Text
from mnverify.virtual import Picc, VirtualAuthority, persona
from tests.readers.nfc_chips import FakeFrontend, FakePort
from tests.readers.readings import READINGS, Bench, nothing_left_behind
from tests.support.host import CardHost
from tests.support.sending import send
from tests.support.slack import SLACK

READER = "ACME Reader (usb:001:012)"
TEXT = Text("x", "y")
INSERTED, REMOVED = CardEventKind.CARD_INSERTED, CardEventKind.CARD_REMOVED
ADDED, TAKEN_AWAY = CardEventKind.READER_ADDED, CardEventKind.READER_REMOVED


def picc() -> Picc:
    return Picc(VirtualAuthority.laboratory().issue(persona()))


@pytest.fixture
def frontend() -> FakeFrontend:
    return FakeFrontend(picc())


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch, frontend: FakeFrontend) -> FakePort:
    monkeypatch.setattr(nfc_watch, "_POLL_SECONDS", 0.01)
    monkeypatch.setattr(nfc_watch, "_FIRST_RETRY", 0.02)
    monkeypatch.setattr(nfc_watch, "_LAST_RETRY", 0.08)
    return FakePort(monkeypatch, frontend)


def kinds(watch: NfcWatch, count: int) -> list[CardEventKind]:
    """The kinds of so many events, and none after them."""
    events = [watch.next(30) for _ in range(count)]
    assert watch.next(0) is None
    found = [event for event in events if event is not None]
    assert {event.reader for event in found} <= {READER}
    return [event.kind for event in found]


def test_what_is_there_is_told_first(port: FakePort) -> None:
    with NfcWatch("usb") as watch:
        assert port.opened == 0
        assert kinds(watch, 2) == [ADDED, INSERTED]
        assert watch.next(0.1) is None


def test_cards_come_and_go(port: FakePort, frontend: FakeFrontend) -> None:
    card, frontend.picc = frontend.picc, None
    with NfcWatch("usb") as watch:
        assert kinds(watch, 1) == [ADDED]
        for _ in range(3):
            frontend.picc = card
            assert kinds(watch, 1) == [INSERTED]
            frontend.picc = None
            assert kinds(watch, 1) == [REMOVED]
    assert frontend.closes == 1


def test_one_miss_is_no_removal(port: FakePort, frontend: FakeFrontend) -> None:
    with NfcWatch("usb") as watch:
        assert kinds(watch, 2) == [ADDED, INSERTED]
        card, frontend.picc = frontend.picc, None
        assert watch.next(0) is None
        frontend.picc = card
        assert watch.next(0.1) is None


def test_a_card_is_read_while_the_watch_keeps_off(port: FakePort, frontend: FakeFrontend) -> None:
    with NfcWatch("usb") as watch:
        assert watch.next(30) == CardEvent(ADDED, READER)
        event = watch.next(30)
        assert event == CardEvent(INSERTED, READER)
        with watch.connect(event) as link:
            senses = frontend.senses
            assert send(link) == b"\x90\x00"
            assert watch.next(0.1) is None
            assert frontend.senses == senses
            assert link.is_present()
            with pytest.raises(ReaderInUse):
                watch.connect(event)
            frontend.picc = None
            assert watch.next(0.05) is None
        assert kinds(watch, 1) == [REMOVED]
        with pytest.raises(NoCard):
            watch.connect(event)


def test_a_reader_comes_and_goes_for_ever(port: FakePort, frontend: FakeFrontend) -> None:
    with NfcWatch("usb") as watch:
        assert kinds(watch, 2) == [ADDED, INSERTED]
        for error in (NoReader(TEXT), ReaderInUse(TEXT), NotAllowed(TEXT)):
            frontend.error, port.frontend = NoReader(TEXT), error
            assert kinds(watch, 2) == [REMOVED, TAKEN_AWAY]
            opened = port.opened
            assert watch.next(0.3) is None
            assert port.opened - opened <= 10, "it waits longer each time"
            for _ in range(100):
                if port.opened - opened >= 3:
                    break
                assert watch.next(0.3) is None
            assert port.opened - opened >= 3, "and no longer than the longest"
            port.frontend = frontend
            assert kinds(watch, 2) == [ADDED, INSERTED]
        assert port.opened > 9


def test_a_reader_that_is_plugged_in_elsewhere(port: FakePort, frontend: FakeFrontend) -> None:
    with NfcWatch("usb") as watch:
        watch.next(1)
        old = watch.next(30)
        assert old is not None
        other = FakeFrontend(picc())
        other.path = "usb:002:003"
        frontend.error, port.frontend = NoReader(TEXT), other
        events = [watch.next(30) for _ in range(4)]
        assert [(event.kind, event.reader) for event in events if event] == [
            (REMOVED, READER),
            (TAKEN_AWAY, READER),
            (ADDED, "ACME Reader (usb:002:003)"),
            (INSERTED, "ACME Reader (usb:002:003)"),
        ]
        with watch.connect(old) as link:
            assert link.reader_name == "ACME Reader (usb:002:003)"


def test_a_reader_that_fails_under_its_link(port: FakePort, frontend: FakeFrontend) -> None:
    with NfcWatch("usb") as watch:
        watch.next(1)
        event = watch.next(30)
        assert event is not None
        with watch.connect(event) as link:
            frontend.error, port.frontend = NoReader(TEXT), NoReader(TEXT)
            with pytest.raises(LinkError):
                send(link)
            assert watch.next(0) is None
        assert kinds(watch, 2) == [REMOVED, TAKEN_AWAY]
        with pytest.raises(NoReader):
            watch.connect(event)


def test_a_reader_that_never_will_do_is_an_error(port: FakePort, frontend: FakeFrontend) -> None:
    port.frontend = ReaderUnsuitable(TEXT)
    with NfcWatch("usb") as watch:
        for _ in range(2):
            with pytest.raises(ReaderUnsuitable):
                watch.next(1)
        port.frontend = frontend
        assert kinds(watch, 2) == [ADDED, INSERTED]
        frontend.error = ReaderUnsuitable(TEXT)
        with pytest.raises(ReaderUnsuitable):
            watch.next(1)


def test_close_from_another_thread(port: FakePort, frontend: FakeFrontend) -> None:
    frontend.picc = None
    watch = NfcWatch("usb")
    assert watch.next(30) == CardEvent(ADDED, READER)
    timer = threading.Timer(0.2, watch.close)
    timer.start()
    began = time.monotonic()
    assert list(watch) == []
    assert time.monotonic() - began < 1.7 + SLACK
    timer.join()
    assert watch.closed
    assert frontend.closes == 1
    assert watch.next() is None
    watch.close()


def test_close_closes_the_link(port: FakePort, frontend: FakeFrontend) -> None:
    with NfcWatch("usb") as watch:
        event = next(event for event in watch if event.kind is INSERTED)
        link = watch.connect(event)
    for ask in (lambda: send(link), lambda: watch.connect(event)):
        with pytest.raises(UsageError):
            ask()
    assert frontend.closes == 1


def test_only_its_own_cards(port: FakePort, frontend: FakeFrontend) -> None:
    with NfcWatch("usb") as watch:
        for event in (CardEvent(INSERTED, "another reader"), CardEvent(INSERTED, READER)):
            with pytest.raises(UsageError):
                watch.connect(event)
        assert kinds(watch, 2) == [ADDED, INSERTED]
        for event in (CardEvent(INSERTED, "another reader"), CardEvent(REMOVED, READER), CardEvent(ADDED, READER)):
            with pytest.raises(UsageError):
                watch.connect(event)
        with watch.connect(CardEvent(INSERTED, READER)) as link:
            assert link.is_present()


def test_paths_are_looked_at_first() -> None:
    with pytest.raises(UsageError):
        NfcWatch("PC/SC reader")


def test_over_udp(host: CardHost, udp_port: int) -> None:
    name = f"watch-{udp_port}"
    host.plug(name, "nfc-udp", udp_port)
    bench = Bench(host, name, f"udp:127.0.0.1:{udp_port}")
    bench.card()
    with nothing_left_behind(), NfcWatch(bench.selector) as watch:
        assert watch.next(30) == CardEvent(ADDED, bench.selector)
        event = watch.next(30)
        assert event == CardEvent(INSERTED, bench.selector)
        with watch.connect(event) as link:
            assert READINGS[0].check(link).result.verified
        assert watch.next(0.2) is None
        host.remove(name)
        assert watch.next(30) == CardEvent(REMOVED, bench.selector)
        host.insert(name)
        event = watch.next(30)
        assert event == CardEvent(INSERTED, bench.selector)
        with watch.connect(event) as link:
            assert READINGS[1].check(link).result.verified
    host.remove(name)
