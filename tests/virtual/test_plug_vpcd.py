"""The card on a virtual PC/SC reader: a vpcd of the test's own for the wire, and pcscd itself."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from smartcard import scard

from mnverify.errors import ServiceNotRunning, UsageError
from mnverify.virtual import CONTACTLESS_ATR, STRANGERS, AnyCard, Limits, Stranger, VpcdPlug, personas
from tests.support.pcsc_service import PcscService
from tests.support.ports import tcp_ports

from .pcd import EchoCard, pattern
from .plain import FACE, laboratory_card
from .reading import read_everything
from .wires import PATIENCE, FakeVpcd

SELECT = b"\x00\xa4\x04\x0c\x0a" + FACE
COUNTER = bytes.fromhex("00200092")
WATCHDOG = 2.0  # seconds: no card that answers takes so long, on a busy machine either
OFF, ON, RESET, ATR = b"\x00", b"\x01", b"\x02", b"\x04"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No thread, no socket of a plug."""
    before = set(threading.enumerate())
    yield
    gc.collect()  # a socket left open is a warning, and so an error
    assert set(threading.enumerate()) <= before


@pytest.fixture
def vpcd() -> Iterator[FakeVpcd]:
    fake = FakeVpcd()
    yield fake
    fake.close()


def plugged(vpcd: FakeVpcd, card: AnyCard, **options: Any) -> VpcdPlug:
    plug = VpcdPlug(card, vpcd.port, "127.0.0.1", **options)
    plug.insert()
    vpcd.accept()
    return plug


def out(plug: VpcdPlug) -> bool:
    return not plug.inserted


# -- the wire


def test_messages(vpcd: FakeVpcd) -> None:
    card = laboratory_card()
    with plugged(vpcd, card):
        assert vpcd.ask(ATR) == CONTACTLESS_ATR
        vpcd.say(ON)
        assert vpcd.ask(SELECT) == b"\x90\x00"
        assert vpcd.ask(COUNTER) == b"\x63\xca"
        for control in (OFF, RESET):
            vpcd.say(control)
            assert vpcd.ask(COUNTER) == b"\x6a\x88", "nothing is selected any more"
            vpcd.ask(SELECT)
        vpcd.say(b"\x03")
        vpcd.say(b"")
        assert vpcd.ask(COUNTER) == b"\x63\xca", "what has no meaning has no effect"


def test_a_reset_is_a_warm_one_and_only_off_cuts_the_power(vpcd: FakeVpcd) -> None:
    card = laboratory_card()
    with plugged(vpcd, card):
        vpcd.ask(SELECT)
        number = card.credentials["verification-number-b"].encode()
        assert vpcd.ask(b"\x00\x20\x00\x92\x0e" + number) == b"\x90\x00"
        vpcd.say(RESET)
        vpcd.ask(SELECT)
        assert vpcd.ask(COUNTER) == b"\x90\x00", "verified, still"
        vpcd.say(OFF)
        vpcd.say(ON)
        vpcd.ask(SELECT)
        assert vpcd.ask(COUNTER) == b"\x63\xca"


def test_messages_in_pieces_and_together(vpcd: FakeVpcd) -> None:
    with plugged(vpcd, EchoCard()):
        for byte in b"\x00\x01\x04\x00\x02\x00\x03":
            vpcd.card.sendall(bytes([byte]))
            time.sleep(0.005)
        assert (vpcd.hear(), vpcd.hear()) == (CONTACTLESS_ATR, pattern(3))
        vpcd.card.sendall(b"\x00\x01\x04\x00\x02\x00\x03\x00\x01\x02\x00\x02\x00\x05")
        assert (vpcd.hear(), vpcd.hear(), vpcd.hear()) == (CONTACTLESS_ATR, pattern(3), pattern(5))


def test_the_longest_of_both(vpcd: FakeVpcd) -> None:
    card = EchoCard()
    with plugged(vpcd, card):
        longest = bytes(65533) + b"\xff\xff"
        assert vpcd.ask(longest) == pattern(65535)
        assert card.commands == [longest]


def test_an_answer_too_long_for_the_wire(vpcd: FakeVpcd) -> None:
    class Talker(EchoCard):
        def transmit(self, command: bytes) -> bytes:
            return bytes(65536)

    with plugged(vpcd, Talker()):
        assert vpcd.ask(b"\x00\x00") == b"\x6f\x00"


def test_the_atr_is_the_cards_or_the_callers(vpcd: FakeVpcd) -> None:
    passport = Stranger.named("passport")
    with plugged(vpcd, passport):
        assert vpcd.ask(ATR) == passport.atr
    with plugged(vpcd, passport, atr=b"\x3b\x00"):
        assert vpcd.ask(ATR) == b"\x3b\x00"


def test_no_vpcd() -> None:
    port = tcp_ports()
    card = laboratory_card()
    with pytest.raises(ServiceNotRunning) as caught:
        VpcdPlug(card, port, "127.0.0.1").insert()
    assert str(port) in caught.value.text.en and str(port) in caught.value.text.ja
    with pytest.raises(ServiceNotRunning), VpcdPlug(card, port, "host.invalid"):
        pass


def test_in_and_out(vpcd: FakeVpcd) -> None:
    card = laboratory_card()
    plug = VpcdPlug(card, vpcd.port, "127.0.0.1")
    assert out(plug) and vpcd.nobody()
    plug.remove()
    plug.insert()
    plug.insert()
    vpcd.accept()
    vpcd.ask(SELECT)
    assert vpcd.nobody(), "one connection"
    plug.remove()
    assert vpcd.ended() and out(plug) and vpcd.nobody()
    plug.insert()
    vpcd.accept()
    assert vpcd.ask(COUNTER) == b"\x6a\x88", "it had lost its power"
    plug.close()
    plug.close()
    assert vpcd.ended()
    with pytest.raises(UsageError):
        plug.insert()


def test_in_and_out_at_once_leaves_nothing_open(vpcd: FakeVpcd) -> None:
    with VpcdPlug(EchoCard(), vpcd.port, "127.0.0.1") as plug:
        for _ in range(30):
            plug.remove()
            plug.insert()
        for _ in range(30):
            vpcd.accept()
            assert vpcd.ended()
        vpcd.accept()
        assert vpcd.ask(ATR) == CONTACTLESS_ATR


def test_the_other_side_ends_and_the_card_comes_again(vpcd: FakeVpcd) -> None:
    card = laboratory_card()
    with plugged(vpcd, card) as plug:
        vpcd.ask(SELECT)
        start = time.monotonic()
        vpcd.card.close()
        vpcd.accept()
        assert time.monotonic() - start > 0.04
        assert not out(plug)
        assert vpcd.ask(COUNTER) == b"\x6a\x88"
        port = vpcd.port
        vpcd.close()
        time.sleep(0.12)  # refused, more than once
        vpcd.listener = socket.create_server(("127.0.0.1", port))
        vpcd.accept()
        assert vpcd.ask(ATR) == CONTACTLESS_ATR


# -- faults


def test_a_mute_card_frees_the_reader_and_comes_again(vpcd: FakeVpcd) -> None:
    card = laboratory_card(limits=Limits(mute_at=2))
    with plugged(vpcd, card, watchdog=WATCHDOG) as plug:
        vpcd.ask(SELECT)
        start = time.monotonic()
        vpcd.say(COUNTER)
        assert vpcd.ended()
        assert time.monotonic() - start >= WATCHDOG
        vpcd.accept()
        assert time.monotonic() - start >= WATCHDOG + 0.4, "away long enough for pcscd to notice"
        assert not out(plug)
        assert vpcd.ask(SELECT) == b"\x90\x00", "its power was cut, and it works"


def test_slower_than_the_watchdog(vpcd: FakeVpcd) -> None:
    card = laboratory_card(limits=Limits(slow_at={1: 3600.0}))
    with plugged(vpcd, card, watchdog=WATCHDOG) as plug:
        vpcd.say(SELECT)
        assert vpcd.ended()
        vpcd.accept()
        assert vpcd.ask(SELECT) == b"\x90\x00"
        assert not out(plug)


def test_slow_and_answered(vpcd: FakeVpcd) -> None:
    card = laboratory_card(limits=Limits(seconds_per_command=0.3 * WATCHDOG))
    with plugged(vpcd, card, watchdog=WATCHDOG):
        for _ in range(4):
            assert vpcd.ask(SELECT) == b"\x90\x00", "the watchdog looks at each command alone"


def test_an_empty_answer_is_none(vpcd: FakeVpcd) -> None:
    card = laboratory_card(limits=Limits(garbage_at={1: b"", 3: b"\x90"}))
    with plugged(vpcd, card, watchdog=WATCHDOG):
        vpcd.say(SELECT)
        assert vpcd.ended()
        vpcd.accept()
        assert vpcd.ask(SELECT) == b"\x90\x00"
        assert vpcd.ask(SELECT) == b"\x90"


@pytest.mark.parametrize("back_after", [None, 0.2])
def test_a_card_that_leaves_by_itself(vpcd: FakeVpcd, back_after: float | None) -> None:
    card = laboratory_card(limits=Limits(lost_at=2))
    with plugged(vpcd, card, back_after=back_after) as plug:
        vpcd.ask(SELECT)
        start = time.monotonic()
        vpcd.say(COUNTER)
        assert vpcd.ended()
        if back_after is None:
            assert out(plug) and vpcd.nobody(0.5)
            plug.insert()
        vpcd.accept()
        assert time.monotonic() - start >= (back_after or 0.5)
        assert not out(plug)
        assert vpcd.ask(COUNTER) == b"\x6a\x88"


@pytest.mark.parametrize("end", ["remove", "close"])
def test_out_in_mid_command(vpcd: FakeVpcd, end: str) -> None:
    card = laboratory_card(limits=Limits(slow_at={1: 3600.0}))
    with plugged(vpcd, card) as plug:
        vpcd.say(SELECT)
        time.sleep(0.05)
        getattr(plug, end)()
        assert vpcd.ended() and out(plug), "the card would take an hour"
        if end == "remove":
            plug.insert()
            vpcd.accept()
            assert vpcd.ask(SELECT) == b"\x90\x00"
            assert not out(plug)


# -- pcscd


def result(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a call gave, without its result, which is 0."""
    assert answer[0] == scard.SCARD_S_SUCCESS, scard.SCardGetErrorMessage(answer[0])
    return answer[1:]


class Client:
    """Another program: the plain PC/SC interface."""

    def __init__(self, reader: str) -> None:
        self.reader = reader
        self.handle: Any = None
        self.open()

    def open(self) -> None:
        (self.context,) = result(scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))

    def connect(self, seconds: float = PATIENCE) -> Client:
        """As soon as there is a card that answers."""
        end = time.monotonic() + seconds
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        while True:
            code, self.handle, protocol = scard.SCardConnect(
                self.context, self.reader, scard.SCARD_SHARE_EXCLUSIVE, protocols
            )
            if code == scard.SCARD_S_SUCCESS:
                assert protocol == scard.SCARD_PROTOCOL_T1
                return self
            assert time.monotonic() < end, scard.SCardGetErrorMessage(code)
            time.sleep(0.02)

    def transmit(self, command: bytes) -> bytes:
        (answer,) = result(scard.SCardTransmit(self.handle, scard.SCARD_PCI_T1, list(command)))
        return bytes(answer)

    def atr(self) -> bytes:
        *_, atr = result(scard.SCardStatus(self.handle))
        return bytes(atr)

    def let_go(self) -> None:
        scard.SCardDisconnect(self.handle, scard.SCARD_RESET_CARD)

    def wait_until_empty(self, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while True:
            (states,) = result(scard.SCardGetStatusChange(self.context, 0, [(self.reader, scard.SCARD_STATE_UNAWARE)]))
            if states[0][1] & scard.SCARD_STATE_EMPTY:
                return
            assert time.monotonic() < end
            time.sleep(0.02)

    def close(self) -> None:
        scard.SCardReleaseContext(self.context)


@contextlib.contextmanager
def client_of(pcsc: PcscService, index: int = 0) -> Iterator[Client]:
    client = Client(pcsc.readers[index])
    try:
        client.wait_until_empty()  # the card of the test before is noticed to be gone
        yield client
    finally:
        client.close()


@pytest.mark.parametrize("extended", [False, True])
def test_another_program_reads_everything(pcsc: PcscService, extended: bool) -> None:
    card = laboratory_card()
    with client_of(pcsc) as client, VpcdPlug(card, pcsc.ports[0]):
        client.connect()
        assert client.atr() == CONTACTLESS_ATR
        read_everything(card, client.transmit, extended=extended)
        client.let_go()
        client.connect()
        assert client.transmit(COUNTER) == b"\x6a\x88", "letting go resets"
        assert client.transmit(bytes.fromhex("00A4040C0AD392F000260100000001")) == b"\x90\x00"
        client.let_go()
    assert [touch.what for touch in card.touches] == ["SELECT of JPKI (公的個人認証AP)"]


def test_two_readers_at_once(pcsc: PcscService) -> None:
    cards = [laboratory_card(one.id) for one in personas()[:2]]
    with (
        client_of(pcsc, 0) as one,
        client_of(pcsc, 1) as other,
        VpcdPlug(cards[0], pcsc.ports[0]),
        VpcdPlug(cards[1], pcsc.ports[1]),
    ):
        clients = [one.connect(), other.connect()]
        for client in clients:
            assert client.transmit(SELECT) == b"\x90\x00"
        for client, card in zip(clients, cards, strict=True):
            assert client.transmit(bytes.fromhex("00B08400000000"))[:-2] == card.files("face-check")["0004"]
            client.let_go()


@pytest.mark.parametrize("word", [word for word in STRANGERS if word != "mute"])
def test_other_cards_are_taken_by_the_service(pcsc: PcscService, word: str) -> None:
    card = Stranger.named(word)
    with client_of(pcsc) as client, VpcdPlug(card, pcsc.ports[0]):
        client.connect()
        assert client.atr() == card.atr
        client.let_go()


def test_the_service_is_free_after_a_mute_card(pcsc: PcscService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnverify.virtual.vpcd._NOTICED_SECONDS", 3.0)  # the service of a busy machine looks later
    card = laboratory_card(limits=Limits(mute_at=2))
    with client_of(pcsc) as client, VpcdPlug(card, pcsc.ports[0], watchdog=WATCHDOG):
        client.connect()
        client.transmit(SELECT)
        code, answer = scard.SCardTransmit(client.handle, scard.SCARD_PCI_T1, list(COUNTER))
        assert code != scard.SCARD_S_SUCCESS or len(answer) < 2
        client.let_go()
        client.wait_until_empty()
        client.connect()
        assert client.transmit(SELECT) == b"\x90\x00"
        client.let_go()


def test_the_service_is_started_again(pcsc: PcscService) -> None:
    card = laboratory_card()
    with client_of(pcsc) as client, VpcdPlug(card, pcsc.ports[0]) as plug:
        client.connect().transmit(SELECT)
        pcsc.stop()
        pcsc.start()
        client.open()
        client.connect()
        assert not out(plug)
        assert client.transmit(COUNTER) == b"\x6a\x88"
        client.let_go()


def test_quick(pcsc: PcscService) -> None:
    """Far below the 40 ms of a delayed acknowledgement; a quarter of them, because the machine has others to serve. The first are
    not counted: a new connection is not delayed yet."""
    with client_of(pcsc) as client, VpcdPlug(laboratory_card(), pcsc.ports[0]):
        client.connect()
        times = []
        for _ in range(100):
            start = time.perf_counter()
            client.transmit(SELECT)
            times.append(time.perf_counter() - start)
        assert sorted(times[40:])[15] < 0.02
        client.let_go()
