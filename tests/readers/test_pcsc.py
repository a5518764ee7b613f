"""Readers and links over a real PC/SC service, with cards in another process."""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mnverify.card import FaceCheck
from mnverify.card.gate import Gate
from mnverify.errors import (
    Cancelled,
    CardLost,
    GateError,
    LinkCorrupt,
    LinkError,
    LinkTimeout,
    MissingExtra,
    NoCard,
    NoReader,
    ReaderInUse,
    ServiceNotRunning,
    UsageError,
)
from mnverify.link import LinkCapabilities
from mnverify.readers.model import ReaderKind
from mnverify.readers.pcsc import api as pcsc_api
from mnverify.readers.pcsc import link as pcsc_link
from mnverify.readers.pcsc.connection import CardConnection
from mnverify.readers.pcsc.errors import pcsc_error
from mnverify.readers.pcsc.link import PcscLink
from mnverify.readers.pcsc.reader import PcscReader, pcsc_readers
from mnverify.readers.pcsc.texts import Doing
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.virtual import VirtualAuthority, VpcdPlug, persona
from tests.readers.readings import FULL_TRIES, READINGS, Bench, nothing_left_behind
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService
from tests.support.slack import SLACK

ROOT = Path(__file__).resolve().parents[2]
FACE = READINGS[0]
SELECT = bytes.fromhex("00A4040C0AD3921000310001010402")
WATCHDOG = 3.0  # seconds after which a mute card loses its power


@pytest.fixture(scope="module")
def plugs(service: PcscService, host: CardHost) -> Iterator[tuple[Bench, Bench]]:
    """The two readers."""
    for at, port in enumerate(service.ports):
        host.plug(f"pcsc-{at}", "pcsc", port, watchdog=WATCHDOG)
    one, two = (Bench(host, f"pcsc-{at}", name) for at, name in enumerate(service.readers))
    yield one, two
    for bench in (one, two):
        host.card(bench.plug)  # a new one, which is not on the reader


@pytest.fixture
def benches(plugs: tuple[Bench, Bench], service: PcscService) -> Iterator[tuple[Bench, Bench]]:
    """The same, with nothing on them and nothing left behind."""
    for bench in plugs:
        bench.host.card(bench.plug)
    for bench in plugs:
        assert PcscReader(bench.selector).wait_for_removal(30)
    with nothing_left_behind():
        yield plugs
        if not service.running:
            service.start()


@pytest.fixture
def bench(benches: tuple[Bench, Bench]) -> Bench:
    """The first reader."""
    return benches[0]


@pytest.fixture
def connected(bench: Bench) -> Iterator[Callable[..., PcscLink]]:
    """Puts a card with such limits on the first reader and connects to it."""
    with PcscReader(bench.selector) as reader:

        def connect(exchange_timeout: float = 5.0, **limits: Any) -> PcscLink:
            bench.card(**limits)
            assert reader.wait_for_card(30)
            return reader.connect(exchange_timeout=exchange_timeout)

        yield connect


def gate_on(link: PcscLink) -> Gate:
    """A gate, to send commands through."""
    return Gate(link, Domain.FACE_CHECK, Role.GENERAL)


# -- what readers there are


def test_readers_are_listed_without_touching_a_card(benches: tuple[Bench, Bench]) -> None:
    one, two = benches
    one.card()
    assert PcscReader(one.selector).wait_for_card(30)
    before = one.exchanges()
    first, second = pcsc_readers()
    assert [first.name, second.name] == [one.selector, two.selector] == [first.selector, second.selector]
    assert (first.kind, first.usable, first.max_short) == (ReaderKind.PCSC, True, 256)
    assert (first.card_present, second.card_present) == (True, False)
    assert (first.contactless, second.contactless) == (True, None)
    assert one.exchanges() == before


def test_the_description_of_a_reader_is_of_now(bench: Bench) -> None:
    reader = PcscReader(bench.selector)
    seen = [reader.info.card_present]
    bench.card()
    assert reader.wait_for_card(30)
    seen.append(reader.info.card_present)
    assert seen == [False, True]
    assert repr(reader) == f"PcscReader({bench.selector})"
    gone = PcscReader("Reader\n" + "x" * 200).info
    assert (gone.card_present, len(gone.name), gone.name[:7]) == (None, 128, "Reader?")


@pytest.mark.parametrize(
    ("name", "contactless"),
    [
        ("SONY FeliCa RC-S300/P 00 00", True),
        ("ACS ACR122U PICC Interface 00 00", True),
        ("ACS ACR1252 Dual Reader PICC 00 00", True),
        ("ACS ACR1252 Dual Reader SAM 01 00", True),  # the number says it; the word, the slot
        ("HID Global OMNIKEY 5022 Smart Card Reader 00 00", None),
        ("Identiv uTrust 3700 F CL Reader 00 00", True),
        ("Circle CIR315 Dual & 1S CL 00 00", True),
        ("ACS ACR1281 1S Dual Reader ICC 00 00", False),
        ("Gemalto PC Twin Reader 00 00", None),
    ],
)
def test_the_words_in_a_name_tell_what_speaks_over_the_air(name: str, contactless: bool | None) -> None:
    assert PcscReader(name).info.contactless is contactless


# -- readings


def test_all_readings_are_verified(benches: tuple[Bench, Bench]) -> None:
    bench = benches[0]
    for reading in READINGS:
        bench.card()
        with PcscReader(bench.selector) as reader:
            assert reader.wait_for_card(30)
            with reader.connect() as link:
                assert reading.check(link).result.verified
                assert link.capabilities.extended
        assert bench.exchanges() <= reading.exchanges


def test_two_readers_at_once(benches: tuple[Bench, Bench]) -> None:
    verified = []

    def read(bench: Bench, persona_id: str) -> None:
        with PcscReader(bench.selector) as reader:
            assert reader.wait_for_card(30)
            with reader.connect() as link:
                for _ in range(5):
                    checked = FACE.check(link, persona_id)
                    verified.append((bench.plug, checked.result.verified))

    benches[0].card("sato-hanako")
    benches[1].card("garcia-maria")
    threads = [
        threading.Thread(target=read, args=pair) for pair in zip(benches, ("sato-hanako", "garcia-maria"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(verified) == sorted([(bench.plug, True) for bench in benches] * 5)


def test_a_link_takes_only_what_a_gate_has_let_through(connected: Callable[..., PcscLink], bench: Bench) -> None:
    with connected() as link:
        with pytest.raises(GateError):
            link.transmit(SELECT)
        assert bench.exchanges() == 0
        gate_on(link).transmit(SELECT)
        assert bench.exchanges() == 1


def test_a_closed_link_and_a_closed_reader_refuse(connected: Callable[..., PcscLink], bench: Bench) -> None:
    link = connected()
    gate = gate_on(link)
    gate.transmit(SELECT)
    link.close()
    link.close()
    assert not link.is_present()
    with pytest.raises(UsageError):
        gate.transmit(SELECT)
    with pytest.raises(UsageError):
        link.reset()
    reader = PcscReader(bench.selector)
    again = reader.connect()
    reader.close()
    with pytest.raises(UsageError):
        again.reset()
    with pytest.raises(UsageError):
        reader.connect()
    with pytest.raises(UsageError):
        reader.wait_for_card(0)


def test_close_resets_a_card_that_was_talked_to(connected: Callable[..., PcscLink], bench: Bench) -> None:
    link = connected()
    session = FaceCheck.open(link)
    session.present(FACE.credential())
    link.close()  # before the session could reset it
    with contextlib.suppress(UsageError):
        session.close()
    with PcscReader(bench.selector).connect() as link:
        gate = gate_on(link)
        gate.transmit(SELECT)
        answer = gate.transmit(bytes.fromhex("00200092"))
        assert answer.hex() == "63ca"  # ten tries left, not 9000: no longer verified


# -- the reader's waits


def test_waiting_sees_a_card_come_and_go(bench: Bench) -> None:
    reader = PcscReader(bench.selector)
    assert not reader.wait_for_card(0)
    assert reader.wait_for_removal(0)
    assert not reader.wait_for_card(0.3)
    timer = threading.Timer(0.2, bench.card)
    timer.start()
    assert reader.wait_for_card(30)
    timer.join()
    assert not reader.wait_for_removal(0.05)
    bench.host.remove(bench.plug)
    assert reader.wait_for_removal(30)


def test_a_wait_keeps_its_deadline(bench: Bench) -> None:
    began = time.monotonic()
    assert not PcscReader(bench.selector).wait_for_card(0.6)
    assert 0.6 <= time.monotonic() - began < 1.9 + SLACK


def test_a_wait_is_cancelled_from_another_thread_within_half_a_second(bench: Bench) -> None:
    reader = PcscReader(bench.selector)
    cancelled_at = []

    def cancel() -> None:
        time.sleep(0.3)
        cancelled_at.append(time.monotonic())
        reader.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        reader.wait_for_card()
    assert time.monotonic() - cancelled_at[0] < 1.5 + SLACK
    thread.join()
    assert not reader.wait_for_card(0.1)  # it is spent
    reader.cancel()
    with pytest.raises(Cancelled):
        reader.wait_for_removal()  # without a wait, the next


def test_a_reader_that_is_not_there(bench: Bench) -> None:
    reader = PcscReader("No Such Reader 00 00")
    with pytest.raises(NoReader):
        reader.wait_for_card(1)
    with pytest.raises(NoReader):
        reader.connect(timeout=10)
    assert reader.wait_for_removal(30)
    assert reader.info.card_present is None


def test_no_card(bench: Bench) -> None:
    with pytest.raises(NoCard):
        PcscReader(bench.selector).connect(timeout=10)


# -- faults of the card


def test_a_card_pulled_in_mid_session(connected: Callable[..., PcscLink], bench: Bench) -> None:
    with connected(lost_at=4) as link:
        began = time.monotonic()
        with pytest.raises(CardLost):
            FACE.check(link)
        assert time.monotonic() - began < 1.5 + SLACK
        assert not link.is_present()
        with pytest.raises(NoCard):
            link.reset()
        with pytest.raises(NoCard):
            gate_on(link)  # which has to reset the card first
        bench.card()
        assert PcscReader(bench.selector).wait_for_card(30)
        link.reset()
        assert link.is_present()
        assert FACE.check(link).result.verified


def test_a_dead_link_raises_the_same_again_without_touching_the_card(
    connected: Callable[..., PcscLink], bench: Bench
) -> None:
    with connected(lost_at=2) as link:
        gate = gate_on(link)
        gate.transmit(SELECT)
        with pytest.raises(CardLost):
            gate.transmit(SELECT)
        bench.card()
        assert PcscReader(bench.selector).wait_for_card(30)
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(CardLost):
                gate.transmit(SELECT)
        assert time.monotonic() - began < 1.1 + SLACK
        assert bench.exchanges() == 0


def test_a_card_taken_and_put_back_is_no_longer_present(connected: Callable[..., PcscLink], bench: Bench) -> None:
    with connected() as link:
        assert link.is_present()
        bench.host.remove(bench.plug)
        assert PcscReader(bench.selector).wait_for_removal(30)
        bench.host.insert(bench.plug)
        assert PcscReader(bench.selector).wait_for_card(30)
        assert not link.is_present()
        with pytest.raises(CardLost):
            gate_on(link).transmit(SELECT)
        link.reset()
        assert link.is_present()


def test_an_answer_that_no_card_gives_leaves_the_link_alive(connected: Callable[..., PcscLink], bench: Bench) -> None:
    with connected(garbage_at={1: b"\x90"}) as link:
        gate = gate_on(link)
        with pytest.raises(LinkCorrupt):
            gate.transmit(SELECT)
        assert link.is_present()
        assert gate.transmit(SELECT).hex() == "9000"
        assert bench.exchanges() == 2


def test_a_mute_card_ends_at_the_deadline_and_the_next_link_waits_for_it(
    connected: Callable[..., PcscLink], bench: Bench
) -> None:
    link = connected(exchange_timeout=0.5, mute_at=3)
    began = time.monotonic()
    with pytest.raises(LinkTimeout):
        FACE.check(link)
    assert 0.5 <= time.monotonic() - began < 0.5 + WATCHDOG + 1.0 + SLACK  # the session's close tries to reset it
    link.close()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    with reader.connect() as link:
        assert FACE.check(link).result.verified


def test_a_mute_card_is_given_up_in_time_and_reset_brings_the_link_back(
    connected: Callable[..., PcscLink], bench: Bench
) -> None:
    link = connected(exchange_timeout=0.4, mute_at=1)
    gate = gate_on(link)
    began = time.monotonic()
    with pytest.raises(LinkTimeout):
        gate.transmit(SELECT)
    assert 0.4 <= time.monotonic() - began < 1.7 + SLACK
    with pytest.raises(LinkTimeout):
        gate.transmit(SELECT)
    with pytest.raises(ReaderInUse) as caught:
        PcscReader(bench.selector).connect(timeout=0.1)
    assert "unplug the reader" in caught.value.text.en
    time.sleep(WATCHDOG)  # the card loses its power, and gets it back, which the service notices when it looks
    end = time.monotonic() + 30
    while True:
        try:
            link.reset()
            break
        except LinkError:
            assert time.monotonic() < end
            time.sleep(0.05)
    assert gate.transmit(SELECT).hex() == "9000"
    gate.close()
    link.close()


def test_a_slow_card_within_the_deadline_is_waited_for(connected: Callable[..., PcscLink]) -> None:
    with connected(exchange_timeout=10, slow_at={1: 0.4}) as link:
        assert gate_on(link).transmit(SELECT).hex() == "9000"


def test_an_interrupt_in_mid_exchange_ends_the_link_and_releases_everything(
    connected: Callable[..., PcscLink], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = connected(slow_at={1: 0.5})
    gate = gate_on(link)
    with monkeypatch.context() as patch:

        def interrupted(job: object, deadline: float) -> bool:
            raise KeyboardInterrupt

        patch.setattr("mnverify.readers.pcsc.worker._Job._wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            gate.transmit(SELECT)
    with pytest.raises(LinkTimeout):
        gate.transmit(SELECT)
    link.close()
    with PcscReader(bench.selector).connect() as again:
        assert FACE.check(again).result.verified


# -- other programs


HOLDER = """
import sys
import smartcard.scard as scard
_, context = scard.SCardEstablishContext(0)
how, reader = sys.argv[1:]
code, handle, _ = scard.SCardConnect(context, reader, 1 if how == "exclusively" else 2, 3)
if how == "in a transaction":
    code = scard.SCardBeginTransaction(handle)
print(code, flush=True)
for line in sys.stdin:
    code, answer = scard.SCardTransmit(handle, scard.SCARD_PCI_T1, list(bytes.fromhex(line)))
    if code & 0xFFFFFFFF == 0x80100068:  # reset by others, as it should be
        scard.SCardReconnect(handle, 2, 3, 0)
        code, answer = scard.SCardTransmit(handle, scard.SCARD_PCI_T1, list(bytes.fromhex(line)))
    print(code, bytes(answer[-2:]).hex(), flush=True)
"""


@contextlib.contextmanager
def held(reader: str, how: str) -> Iterator[Callable[[str], str]]:
    """Another program that is connected to the card. Commands in hex go to it; its answers come back."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, how, reader], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        into, out = holder.stdin, holder.stdout
        assert out.readline() == "0\n"

        def say(command: str) -> str:
            into.write(f"{command}\n")
            into.flush()
            return out.readline().strip()

        yield say
        into.close()


@pytest.mark.parametrize("how", ["exclusively", "in a transaction"])
def test_a_reader_that_another_program_keeps(bench: Bench, how: str) -> None:
    bench.card()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    with held(bench.selector, how):
        began = time.monotonic()
        with pytest.raises(ReaderInUse):
            reader.connect(timeout=0.5 if how == "in a transaction" else 10)
        assert time.monotonic() - began < 1.5 + SLACK
    with connected_in_time(reader) as link:
        assert FACE.check(link).result.verified


def connected_in_time(reader: PcscReader) -> PcscLink:
    """A link, as soon as the service has noticed that the program which held the card has ended."""
    end = time.monotonic() + 30
    while True:
        try:
            return reader.connect()
        except ReaderInUse:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_program_that_is_only_connected_is_kept_out_meanwhile(bench: Bench) -> None:
    bench.card()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    read_face = "00B0820010"
    with held(bench.selector, "shared") as say:
        assert say(SELECT.hex()) == "0 9000"
        assert say(read_face) == "0 6982"
        sneaked: list[str] = []
        with reader.connect() as link, FaceCheck.open(link) as session:
            session.present(FACE.credential())
            sneak = threading.Thread(target=lambda: sneaked.append(say(read_face)))
            sneak.start()
            assert session.read(Purpose.FACE).files
            sneak.join(0.3)
            assert not sneaked, "it waits for our transaction to end"
        sneak.join(30)
        assert sneaked == ["0 6a82"], "and finds a card that has lost its power: no application, no credential"
    assert bench.tries() == FULL_TRIES


def test_what_another_program_has_verified_counts_for_nothing(bench: Bench) -> None:
    bench.card()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    digits = persona().verification_number_b.encode().hex()
    with held(bench.selector, "shared") as say:
        assert say(SELECT.hex()) == "0 9000"
        assert say("002000920e" + digits) == "0 9000"
        assert say("00200092") == "0 9000", "verified"
        reader.connect().close()  # nothing was sent, so only the beginning can have cut the power
        assert say("00200092") == "0 6a88", "no application"
        assert say(SELECT.hex()) == "0 9000"
        assert say("00200092") == "0 63ca", "no credential, as there would be after a warm reset"


@contextlib.contextmanager
def shared(reader: str) -> Iterator[Callable[[str], str]]:
    """A program that is connected to the card for a moment, and lets go of it without a reset."""
    context = pcsc_api.establish()
    handle, protocol = pcsc_api.connect(context, reader, pcsc_api.SHARED)
    yield lambda command: pcsc_api.transmit(handle, protocol, bytes.fromhex(command))[1][-2:].hex()
    pcsc_api.disconnect(handle, pcsc_api.LEAVE)
    pcsc_api.release(context)


def leave_verified(bench: Bench) -> None:
    """Number B is presented by a program that ends without a reset; the next one finds it verified."""
    with shared(bench.selector) as say:
        assert say(SELECT.hex()) == "9000"
        assert say("002000920e" + persona().verification_number_b.encode().hex()) == "9000"
    with shared(bench.selector) as say:
        assert say("00200092") == "9000"


def test_what_a_program_left_verified_is_gone_for_who_takes_the_card_exclusively(bench: Bench) -> None:
    bench.card()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    leave_verified(bench)
    reader.connect().close()  # nothing was sent, so only the beginning can have cut the power
    with shared(bench.selector) as say:
        assert say("00200092") == "6a88", "no application"
        assert say(SELECT.hex()) == "9000"
        assert say("00200092") == "63ca", "no credential, as there would be after a warm reset"
    leave_verified(bench)
    with reader.connect() as link, FaceCheck.open(link) as session:
        assert session.retries()[CredentialKind.VERIFICATION_NUMBER_B] == FULL_TRIES["face-check/0012"]


def test_what_a_link_verified_is_gone_when_it_is_closed(connected: Callable[..., PcscLink], bench: Bench) -> None:
    with connected() as link, FaceCheck.open(link) as session:
        session.present(FACE.credential())
        assert session.read(Purpose.FACE).files
    with shared(bench.selector) as say:
        assert say("00200092") == "6a88", "no application"
        assert say(SELECT.hex()) == "9000"
        assert say("00200092") == "63ca", "no credential, as there would be after a warm reset"


def test_so_it_is_when_a_link_is_closed_in_mid_session(connected: Callable[..., PcscLink], bench: Bench) -> None:
    link = connected()
    session = FaceCheck.open(link)
    session.present(FACE.credential())
    link.close()
    with shared(bench.selector) as say:
        assert say("00200092") == "6a88", "no application"
        assert say(SELECT.hex()) == "9000"
        assert say("00200092") == "63ca", "no credential, as there would be after a warm reset"
    session.close()


def test_a_driver_that_knows_no_exclusive_mode(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pcsc_api._call

    def call(doing: Doing, name: str, *arguments: object) -> list[object]:
        if name == "SCardConnect" and arguments[2] == pcsc_api.EXCLUSIVE:
            return [pcsc_api.SHARING_VIOLATION, 0, 0]
        return real(doing, name, *arguments)

    monkeypatch.setattr(pcsc_api, "_call", call)
    bench.card()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    for reading in READINGS:
        with reader.connect() as link:
            assert reading.check(link).result.verified
            with pytest.raises(ReaderInUse):
                PcscReader(bench.selector).connect(timeout=0.3)
            link.reset()
            assert reading.check(link).result.verified
    assert bench.tries() == FULL_TRIES


def test_a_second_link_of_the_same_program(connected: Callable[..., PcscLink], bench: Bench) -> None:
    with connected(), pytest.raises(ReaderInUse):
        PcscReader(bench.selector).connect()


# -- the service


def test_no_service(bench: Bench, service: PcscService) -> None:
    """What never ran is not "restarted"."""
    service.stop()
    reader = PcscReader(bench.selector)
    for ask in (pcsc_readers, reader.connect, lambda: reader.wait_for_card(1), lambda: reader.wait_for_removal(1)):
        began = time.monotonic()
        with pytest.raises(ServiceNotRunning, match="does not run") as caught:
            ask()
        assert "restart" not in caught.value.text.en and "再起動" not in caught.value.text.ja
        assert time.monotonic() - began < 1.5 + SLACK
    assert reader.info.card_present is None


def test_the_service_is_killed_in_mid_session_and_the_next_reading_works(
    connected: Callable[..., PcscLink], bench: Bench, service: PcscService
) -> None:
    with connected() as link:
        gate = gate_on(link)
        gate.transmit(SELECT)
        service.kill()
        with pytest.raises(ServiceNotRunning):
            gate.transmit(SELECT)
        assert not link.is_present()
        with pytest.raises(ServiceNotRunning):
            link.reset()
        service.start()
        assert PcscReader(bench.selector).wait_for_card(30)
        link.reset()
        gate.close()
        assert FACE.check(link).result.verified


def test_the_service_is_killed_in_mid_exchange(
    connected: Callable[..., PcscLink], bench: Bench, service: PcscService
) -> None:
    link = connected(slow_at={1: 3.0})
    timer = threading.Timer(0.2, service.kill)
    timer.start()
    began = time.monotonic()
    with pytest.raises(ServiceNotRunning):
        gate_on(link).transmit(SELECT)
    assert time.monotonic() - began < 1.0 + SLACK
    timer.join()
    link.close()
    service.start()
    bench.card()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    with reader.connect() as link:
        assert FACE.check(link).result.verified


def test_a_wait_ends_when_the_service_does(bench: Bench, service: PcscService) -> None:
    timer = threading.Timer(0.2, service.kill)
    timer.start()
    with pytest.raises(ServiceNotRunning):
        PcscReader(bench.selector).wait_for_card(5)
    timer.join()


# -- what is held


class Balance:
    """Counts what is taken from the service and given back. What becomes of a card in the end is kept but for questions to the
    driver, which take the reader alone."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        import smartcard.scard as scard

        self.contexts: set[int] = set()
        self.cards: set[int] = set()
        self.dispositions: list[int] = []
        direct: set[int] = set()
        establish, release = scard.SCardEstablishContext, scard.SCardReleaseContext
        connect, disconnect = scard.SCardConnect, scard.SCardDisconnect

        def established(scope: int) -> list[int]:
            code, context = establish(scope)
            if code == 0:
                self.contexts.add(context)
            return [code, context]

        def released(context: int) -> int:
            self.contexts.remove(context)
            return int(release(context))

        def taken(*arguments: object) -> list[int]:
            code, card, protocol = connect(*arguments)
            if code == 0:
                self.cards.add(card)
                if arguments[2] == 3:
                    direct.add(card)
            return [code, card, protocol]

        def let_go(card: int, disposition: int) -> int:
            self.cards.remove(card)
            if card in direct:
                direct.remove(card)
            else:
                self.dispositions.append(disposition)
            return int(disconnect(card, disposition))

        patch.setattr(scard, "SCardEstablishContext", established)
        patch.setattr(scard, "SCardReleaseContext", released)
        patch.setattr(scard, "SCardConnect", taken)
        patch.setattr(scard, "SCardDisconnect", let_go)

    @property
    def even(self) -> bool:
        return not self.contexts and not self.cards


def test_every_handle_is_given_back(
    connected: Callable[..., PcscLink], bench: Bench, service: PcscService, monkeypatch: pytest.MonkeyPatch
) -> None:
    balance = Balance(monkeypatch)
    for limits in ({}, {"lost_at": 3}, {"garbage_at": {5: b"\x00"}}, {"mute_at": 2, "exchange_timeout": 0.2}):
        with connected(**limits) as link, contextlib.suppress(CardLost, LinkCorrupt, LinkTimeout):
            FACE.check(link)
    PcscReader(bench.selector).wait_for_removal(30)
    bench.host.card(bench.plug)
    with pytest.raises(NoCard):
        PcscReader(bench.selector).connect()
    service.stop()
    with pytest.raises(ServiceNotRunning):
        pcsc_readers()
    assert balance.even
    assert len(balance.dispositions) >= 4


def test_a_card_that_was_not_talked_to_is_left_as_it_is(
    connected: Callable[..., PcscLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    balance = Balance(monkeypatch)
    link = connected()
    link.close()
    link = connected()
    gate_on(link).transmit(SELECT)
    link.close()
    link = connected()
    gate_on(link).transmit(SELECT)
    link.reset()
    link.close()
    assert balance.dispositions == [pcsc_api.LEAVE, pcsc_api.UNPOWER, pcsc_api.LEAVE]


def test_a_link_that_is_forgotten_releases_everything(
    connected: Callable[..., PcscLink], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    balance = Balance(monkeypatch)
    gate_on(connected()).transmit(SELECT)
    gc.collect()
    with PcscReader(bench.selector).connect(timeout=30) as link:  # which waits for it
        assert balance.dispositions == [pcsc_api.UNPOWER]
        assert FACE.check(link).result.verified


UNCLOSED = """
import os, sys
from mnverify.card import FaceCheck
from mnverify.readers.pcsc import api as pcsc_api
from mnverify.readers import open_reader
disconnect = pcsc_api.disconnect
def noted(card, disposition):
    os.write(1, f"{disposition} {disconnect(card, disposition)}\\n".encode())
pcsc_api.disconnect = noted
link = open_reader(sys.argv[1]).connect()
session = FaceCheck.open(link)
"""


def test_a_program_that_ends_without_closing_leaves_no_power_on_the_card(
    bench: Bench, connected: Callable[..., PcscLink]
) -> None:
    connected().close()
    done = subprocess.run(
        [sys.executable, "-c", UNCLOSED, bench.selector], capture_output=True, text=True, timeout=120, check=True
    )
    assert (done.stdout, done.stderr) == (f"{pcsc_api.UNPOWER} True\n", "")


def test_a_connection_that_takes_too_long_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, connected: Callable[..., PcscLink]
) -> None:
    balance = Balance(monkeypatch)
    bench.card()
    reader = PcscReader(bench.selector)
    assert reader.wait_for_card(30)
    connect = pcsc_api.connect

    def slow(context: int, name: str, mode: int = pcsc_api.EXCLUSIVE) -> tuple[int, int]:
        time.sleep(0.4)
        return connect(context, name, mode)

    with monkeypatch.context() as patch:
        patch.setattr(pcsc_api, "connect", slow)
        began = time.monotonic()
        with pytest.raises(LinkTimeout):
            reader.connect(timeout=0.1)
        assert time.monotonic() - began < 1.3 + SLACK
    with reader.connect() as link:
        assert FACE.check(link).result.verified
    assert balance.even


def test_a_connection_that_fails_by_a_deadline_of_the_driver_leaves_no_thread(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(context: int, name: str, mode: int = pcsc_api.EXCLUSIVE) -> tuple[int, int]:
        raise pcsc_error(pcsc_api.TIMEOUT, Doing.CONNECT)

    monkeypatch.setattr(pcsc_api, "connect", late)
    connection = CardConnection(bench.selector)
    with pytest.raises(LinkTimeout):
        connection.connect(2)
    assert f"mnverify {bench.selector}" not in [thread.name for thread in threading.enumerate()]


def test_close_from_another_thread_during_an_exchange(
    connected: Callable[..., PcscLink], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcsc_link, "CLOSE_SECONDS", 0.2)
    link = connected(exchange_timeout=30, slow_at={1: 0.8})
    gate = gate_on(link)
    answers = []
    under_way = threading.Event()
    transmit = pcsc_api.transmit

    def told(handle: int, protocol: int, command: bytes) -> tuple[int, bytes]:
        under_way.set()
        return transmit(handle, protocol, command)

    monkeypatch.setattr(pcsc_api, "transmit", told)
    thread = threading.Thread(target=lambda: answers.append(gate.transmit(SELECT).hex()))
    thread.start()
    assert under_way.wait(30)
    began = time.monotonic()
    link.close()
    assert time.monotonic() - began < 1.5 + SLACK
    thread.join(30)
    assert answers == ["9000"]
    with PcscReader(bench.selector).connect() as again:
        assert FACE.check(again).result.verified


# -- what the driver says


def test_a_driver_that_carries_no_extended_length_saves_the_attempt(
    connected: Callable[..., PcscLink], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def control(handle: int, code: int) -> bytes:
        asked.append(code)
        if code == pcsc_api.feature_request():
            return bytes.fromhex("120442330012")
        return bytes.fromhex("0A0400000000")

    capabilities = LinkCapabilities()
    monkeypatch.setattr(pcsc_api, "control", control)
    monkeypatch.setattr(pcsc_link, "remembered", lambda name: capabilities)
    with connected(extended=False) as link:
        assert link.capabilities.extended is False
        assert FACE.check(link).result.verified
    with connected(extended=False) as link:
        pass
    assert asked == [pcsc_api.feature_request(), 0x42330012]  # once


def test_a_driver_that_says_it_carries_extended_length_is_left_to_the_card(
    connected: Callable[..., PcscLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    def control(handle: int, code: int) -> bytes:
        return bytes.fromhex("120442330012" if code == pcsc_api.feature_request() else "0A0400000100")

    capabilities = LinkCapabilities()
    monkeypatch.setattr(pcsc_api, "control", control)
    monkeypatch.setattr(pcsc_link, "remembered", lambda name: capabilities)
    with connected() as link:
        assert link.capabilities.extended is None
        assert FACE.check(link).result.verified
        assert link.capabilities.extended is True


def test_vpcd_says_nothing_of_extended_length(
    connected: Callable[..., PcscLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    capabilities = LinkCapabilities()
    monkeypatch.setattr(pcsc_link, "remembered", lambda name: capabilities)
    with connected() as link:
        assert link.capabilities.extended is None


# -- exchanges that the reader breaks


@pytest.mark.parametrize("code", [0x80100016, 0x80100013, 0x80100008, 0x80100004, 0x1F, 0x57])
def test_a_result_code_that_leaves_the_card_as_it_was(
    connected: Callable[..., PcscLink], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected() as link:
        gate = gate_on(link)
        with monkeypatch.context() as patch:
            patch.setattr(pcsc_api, "transmit", lambda handle, protocol, command: (code, b""))
            with pytest.raises(LinkCorrupt) as caught:
                gate.transmit(SELECT)
            assert f"0x{code:08X}" in caught.value.text.ja
        assert gate.transmit(SELECT).hex() == "9000"


@pytest.mark.parametrize("code", [0x80100068, 0x80100069, 0x80100067])
def test_a_result_code_after_which_the_card_is_another(
    connected: Callable[..., PcscLink], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected() as link:
        gate = gate_on(link)
        with monkeypatch.context() as patch:
            patch.setattr(pcsc_api, "transmit", lambda handle, protocol, command: (code, b""))
            with pytest.raises(CardLost):
                gate.transmit(SELECT)
        with pytest.raises(CardLost):
            gate.transmit(SELECT)
        link.reset()
        assert gate.transmit(SELECT).hex() == "9000"


def test_a_broken_reader_that_carries_only_short_answers_is_read_all_the_same(
    connected: Callable[..., PcscLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An extended command ends with NOT_TRANSACTED, as libccid does it where the reader has no extended length."""
    transmit = pcsc_api.transmit

    def short_only(handle: int, protocol: int, command: bytes) -> tuple[int, bytes]:
        if len(command) > 5 and command[4] == 0:
            return 0x80100016, b""
        return transmit(handle, protocol, command)

    capabilities = LinkCapabilities()
    monkeypatch.setattr(pcsc_link, "remembered", lambda name: capabilities)
    monkeypatch.setattr(pcsc_api, "transmit", short_only)
    with connected() as link:
        assert FACE.check(link).result.verified
        assert link.capabilities.extended is False


# -- without the package


def test_without_pyscard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    with pytest.raises(MissingExtra, match=r"\[pcsc\]"):
        pcsc_readers()
    with pytest.raises(MissingExtra):
        PcscReader("x").connect()


# -- a virtual reader that is occupied


def test_a_card_for_an_occupied_virtual_reader_is_refused_in_time(bench: Bench, service: PcscService) -> None:
    bench.card()
    assert PcscReader(bench.selector).wait_for_card(30)
    card = VirtualAuthority.laboratory().issue(persona())
    with VpcdPlug(card, service.ports[0], "127.0.0.1") as plug:
        began = time.monotonic()
        with pytest.raises(ReaderInUse, match=str(service.ports[0])):
            plug.require_noticed(1.5)
        assert time.monotonic() - began < 1.5 + SLACK
    with VpcdPlug(card, service.ports[1], "127.0.0.1") as plug:
        plug.require_noticed()
