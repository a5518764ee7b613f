"""The whole way, over nfcpy's simulated reader, to a card in another process."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mnverify.card import Gate
from mnverify.errors import CardLost, LinkCorrupt, LinkError, NoCard, NotMyNumberCard, TooManyCards
from mnverify.masked import MaskedBytes
from mnverify.readers import CardLink
from mnverify.readers.nfc import iso_dep
from mnverify.readers.nfc.iso_dep import IsoDep
from mnverify.readers.nfc.link import NfcLink
from mnverify.readers.nfc.reader import NfcReader
from mnverify.values.terms import Domain, Role
from mnverify.virtual import Picc
from tests.readers.readings import FULL_TRIES, READINGS, Bench, Reading, nothing_left_behind
from tests.support.host import CardHost
from tests.support.sending import SELECT, send
from tests.support.slack import SLACK


@pytest.fixture
def bench(host: CardHost, udp_port: int) -> Iterator[Bench]:
    """A simulated reader, and a card that is not on it yet."""
    name = f"udp-{udp_port}"
    host.plug(name, "nfc-udp", udp_port)
    host.card(name)
    yield Bench(host, name, f"udp:127.0.0.1:{udp_port}")
    host.remove(name)


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.name)
def test_every_reading(bench: Bench, reading: Reading) -> None:
    bench.card()
    with nothing_left_behind(), NfcReader(bench.selector) as reader:
        assert reader.wait_for_card(30)
        with reader.connect() as link:
            checked = reading.check(link)
            assert checked.result.verified
            assert checked.evidence.domain == reading.domain
            assert link.reader_name == reader.info.name == bench.selector
            assert link.capabilities.extended
    assert bench.exchanges() <= reading.exchanges
    assert bench.tries() == FULL_TRIES


def test_face_check_takes_seven_exchanges_and_many_readings_no_more(bench: Bench) -> None:
    bench.card()
    with nothing_left_behind(), NfcReader(bench.selector) as reader:
        for count in range(1, 21):
            with reader.connect() as link:
                assert READINGS[0].check(link).result.verified
            assert bench.exchanges() == 7 * count


@pytest.mark.parametrize("frame_size", [16, 64, 256])
def test_whatever_the_card_takes_and_asks_for(host: CardHost, udp_port: int, frame_size: int) -> None:
    asks = {"in_command": 1, "before_answer": 2, "in_chain": 1, "multiplier": 3}
    host.plug("asks", "nfc-udp", udp_port, frame_size=frame_size, wtx=asks)
    bench = Bench(host, "asks", f"udp:127.0.0.1:{udp_port}")
    bench.card()
    with NfcReader(bench.selector) as reader, reader.connect() as link:
        assert READINGS[2].check(link).result.verified
    assert bench.exchanges() <= READINGS[2].exchanges
    host.remove("asks")


def test_a_card_that_leaves_and_comes_back(bench: Bench) -> None:
    bench.card()
    with nothing_left_behind(), NfcReader(bench.selector) as reader:
        with reader.connect() as link:
            assert send(link) == b"\x90\x00"
            bench.host.remove(bench.plug)
            began = time.monotonic()
            for _ in range(2):
                with pytest.raises(CardLost):
                    send(link)
            assert time.monotonic() - began < 1.5 + SLACK
            with pytest.raises(NoCard):
                link.reset()
            with pytest.raises(CardLost):
                send(link)
            bench.host.insert(bench.plug)
            link.reset()
            assert READINGS[0].check(link).result.verified
        with reader.connect() as link:
            assert READINGS[1].check(link).result.verified


@pytest.mark.parametrize(
    ("limits", "kind"),
    [({"mute_at": 4}, CardLost), ({"lost_at": 4}, CardLost), ({"garbage_at": {3: b"\x90"}}, LinkCorrupt)],
    ids=["mute", "lost", "garbage"],
)
def test_a_fault_in_mid_reading_and_the_next_reading(
    bench: Bench, limits: dict[str, Any], kind: type[LinkError]
) -> None:
    bench.card(**limits)
    with nothing_left_behind(), NfcReader(bench.selector) as reader:
        with reader.connect() as link, pytest.raises(LinkError) as caught:
            READINGS[0].check(link)
        assert type(caught.value) is kind
        bench.put_back()
        assert bench.tries() == FULL_TRIES
        with reader.connect() as link:
            assert READINGS[0].check(link).result.verified


def test_no_card_and_strangers(bench: Bench) -> None:
    with nothing_left_behind(), NfcReader(bench.selector) as reader:
        with pytest.raises(NoCard):
            reader.connect()
        bench.host.stranger(bench.plug, "bank-card")
        bench.host.insert(bench.plug)
        with reader.connect() as link, pytest.raises(NotMyNumberCard):
            READINGS[0].check(link)
        bench.card()
        with reader.connect() as link:
            assert READINGS[0].check(link).result.verified


def test_two_cards(host: CardHost, udp_port: int) -> None:
    host.plug("two", "nfc-udp", udp_port, twin="bank-card")
    host.card("two")
    host.insert("two")
    with nothing_left_behind(), NfcReader(f"udp:127.0.0.1:{udp_port}") as reader:
        assert reader.wait_for_card(30)
        for _ in range(2):
            with pytest.raises(TooManyCards):
                reader.connect()
    assert host.state("two")["exchanges"] == 0
    host.remove("two")


def test_waiting_for_a_card_and_for_its_removal(bench: Bench) -> None:
    with nothing_left_behind(), NfcReader(bench.selector) as reader:
        began = time.monotonic()
        assert not reader.wait_for_card(0.1)
        assert time.monotonic() - began < 1.5 + SLACK, "nfcpy takes a second to see nothing"
        timer = threading.Timer(0.3, lambda: bench.host.insert(bench.plug))
        timer.start()
        assert reader.wait_for_card(30)
        timer.join()
        with reader.connect() as link:
            assert link.is_present()
            assert not reader.wait_for_removal(0)
            bench.host.remove(bench.plug)
            assert reader.wait_for_removal(30)
            assert not link.is_present()


class Air:
    """A card over UDP whose frames a test may hold back, double or break."""

    def __init__(self, port: int, picc: Picc, meddle: Callable[[bytes, bytes | None], list[bytes]]) -> None:
        self._picc, self._meddle = picc, meddle
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            datagram, reader = self._socket.recvfrom(1024)
            if not datagram:
                return
            if datagram == b"RFOFF":
                self._picc.field_off()
                continue
            frame = bytes.fromhex(datagram.split()[1].decode())
            for answer in self._meddle(frame, self._picc.receive(frame)):
                self._socket.sendto(answer, reader)

    def close(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()


@contextmanager
def air(port: int, chip: object, meddle: Callable[[bytes, bytes | None], list[bytes]]) -> Iterator[NfcReader]:
    field = Air(port, Picc(chip), meddle)  # type: ignore[arg-type]
    try:
        with nothing_left_behind(), NfcReader(f"udp:127.0.0.1:{port}") as reader:
            yield reader
    finally:
        field.close()


class Counter:
    """A chip that answers every command with its number."""

    def __init__(self) -> None:
        self.ran = 0

    def transmit(self, command: bytes) -> bytes:
        self.ran += 1
        return bytes([self.ran]) + b"\x90\x00"

    def reset(self) -> None:
        pass


def on_wire(answer: bytes | None) -> list[bytes]:
    return [] if answer is None else [b"106B " + answer.hex().encode()]


def test_an_old_answer_is_never_given_to_a_new_command(udp_port: int) -> None:
    chip, doubled = Counter(), [2]

    def meddle(frame: bytes, answer: bytes | None) -> list[bytes]:
        twice = frame[0] == 0x02 and doubled.pop() if doubled else False
        return on_wire(answer) * (2 if twice else 1)

    with air(udp_port, chip, meddle) as reader, reader.connect() as link:
        assert send(link) == b"\x01\x90\x00"
        with pytest.raises(CardLost):
            send(link)
        link.reset()  # a new socket: what came late for the old one finds nobody
        assert send(link) == b"\x03\x90\x00"


@pytest.mark.parametrize("broken", [b"106B 0", b"106B", b"106B zz", b"\xff\xfe 00", b"106B 00 00"])
def test_datagrams_that_are_no_frames_are_garbled_ones(udp_port: int, broken: bytes) -> None:
    chip, to_break = Counter(), [True]

    def meddle(frame: bytes, answer: bytes | None) -> list[bytes]:
        if frame[0] & 0xE2 == 0x02 and to_break and to_break.pop():
            return [broken]
        return on_wire(answer)

    with air(udp_port, chip, meddle) as reader, reader.connect() as link:
        assert send(link) == b"\x01\x90\x00"
        assert send(link) == b"\x02\x90\x00"
    assert chip.ran == 2


def test_the_field_of_the_card_goes_off_as_the_reader_says(udp_port: int) -> None:
    chip = Counter()

    def meddle(frame: bytes, answer: bytes | None) -> list[bytes]:
        return [b"RFOFF"] if frame[0] == 0x03 else on_wire(answer)

    with air(udp_port, chip, meddle) as reader, reader.connect() as link:
        assert send(link) == b"\x01\x90\x00"
        with pytest.raises(CardLost):
            send(link)


def unpermitted(link: CardLink, command: bytes) -> bytes:
    """What the card answers to a command that no gate has let through."""
    assert isinstance(link, NfcLink)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iso_dep, "redeem", lambda command, slot: MaskedBytes(command))
        return link._card.transceive(command, 1, link)


def test_a_selection_is_gone_after_close(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the card missed the S(DESELECT): the field goes off."""
    monkeypatch.setattr(IsoDep, "deselect", lambda self: None)
    bench.card()
    asked = bytes.fromhex("00200092")  # the counter of number B, which needs the application selected
    with NfcReader(bench.selector) as reader:
        with reader.connect() as link, Gate(link, Domain.FACE_CHECK, Role.GENERAL) as gate:
            gate.transmit(SELECT)
            taken = gate.transmit(asked)
            assert taken == b"\x63\xca"
            assert unpermitted(link, asked) == taken
        with reader.connect() as link:
            assert unpermitted(link, asked) != taken


def test_wtx_of_a_slow_card_is_waited_for(host: CardHost, udp_port: int) -> None:
    host.plug("slow", "nfc-udp", udp_port, fwi=4)
    bench = Bench(host, "slow", f"udp:127.0.0.1:{udp_port}")
    bench.card(slow_at={4: 0.7, 6: 0.4})
    with NfcReader(bench.selector) as reader, reader.connect(exchange_timeout=30) as link:
        assert READINGS[0].check(link).result.verified
    assert bench.exchanges() == 7
    host.remove("slow")


UNCLOSED = """
import os, sys
from mnverify.card import FaceCheck
from mnverify.readers.nfc import api as nfc_api
from mnverify.readers import open_reader
close = nfc_api.Frontend.close
def noted(frontend):
    close(frontend)
    os.write(1, b"closed")
nfc_api.Frontend.close = noted
reader = open_reader(sys.argv[1])
session = FaceCheck.open(reader.connect())
"""


def test_a_program_that_ends_without_closing_leaves_no_field_on(bench: Bench) -> None:
    bench.card()
    done = subprocess.run(
        [sys.executable, "-c", UNCLOSED, bench.selector], capture_output=True, text=True, timeout=120, check=True
    )
    assert (done.stdout, done.stderr) == ("closed", "")
