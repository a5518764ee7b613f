"""The card before nfcpy's simulated reader: nfcpy itself, and a client of the bare wire."""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnverify.errors import ReaderInUse, UsageError
from mnverify.virtual import Extensions, Limits, Stranger, UdpPlug, VirtualCard
from tests.support.ports import udp_port

from .pcd import EchoCard, pattern
from .plain import FACE, laboratory_card, object_end, present, say, select
from .reading import Wire, read_everything
from .wires import PATIENCE, BareReader

SELECT = b"\x00\xa4\x04\x0c\x0a" + FACE
AN_END = 60.0  # seconds: it ends by itself, however busy the machine is; without an end it would be an hour
VERIFY_B = 0x12
UNHURRIED = 14  # frame waiting time of 4.9 s: it asks for more only where it is told to, on busy machines too


@pytest.fixture
def port() -> int:
    return udp_port()


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No thread, no socket of a plug."""
    before = set(threading.enumerate())
    yield
    gc.collect()  # a socket left open is a warning, and so an error
    assert set(threading.enumerate()) <= before


@pytest.fixture(scope="module")
def nfc() -> Any:
    import nfc

    logging.captureWarnings(False)
    return nfc


def exchange_of(tag: Any) -> Callable[[bytes], bytes]:
    return lambda command: bytes(tag.transceive(command))


def out(plug: UdpPlug) -> bool:
    return not plug.inserted


# -- nfcpy


@contextlib.contextmanager
def activated(nfc: Any, port: int) -> Iterator[Any]:
    with nfc.ContactlessFrontend(f"udp:localhost:{port}") as frontend:
        target = frontend.sense(nfc.clf.RemoteTarget("106B"))
        assert target is not None
        yield nfc.tag.activate(frontend, target)


def test_nfcpy_reads_a_file_with_its_own_commands(nfc: Any, port: int) -> None:
    card = laboratory_card()
    with UdpPlug(card, "localhost", port), activated(nfc, port) as tag:
        assert tag.type == "Type4Tag"
        tag.send_apdu(0x00, 0xA4, 0x04, 0x0C, FACE)
        tag.send_apdu(0x00, 0xA4, 0x02, 0x0C, b"\x00\x04")
        content = card.files("face-check")["0004"]
        end = object_end(content)
        got = b""
        while len(got) < end:
            got += bytes(tag.send_apdu(0, 0xB0, len(got) >> 8, len(got) & 0xFF, mrl=min(256, end - len(got))))
        assert got == content[:end]
        assert tag.is_present


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("frame_size", [16, 256])
def test_nfcpy_reads_everything(nfc: Any, port: int, extended: bool, frame_size: int) -> None:
    card = laboratory_card()
    with UdpPlug(card, "127.0.0.1", port, frame_size=frame_size), activated(nfc, port) as tag:
        read_everything(card, exchange_of(tag), extended=extended)
    assert card.touches == ()


def test_another_session_of_nfcpy_finds_the_card_reset(nfc: Any, port: int) -> None:
    card = laboratory_card()
    with UdpPlug(card, "localhost", port):
        for _ in range(2):
            with activated(nfc, port) as tag:
                wire = Wire(card, exchange_of(tag))
                assert say(wire, "00200092") == "6A88", "nothing is selected"
                select(wire, FACE)
                assert say(wire, "00200092") == "63CA"
                assert present(wire, VERIFY_B, card.credentials["verification-number-b"]) == "9000"


def test_nfcpy_waits_for_a_slow_card(nfc: Any, port: int) -> None:
    card = laboratory_card(limits=Limits(slow_at={1: 0.4}))
    with UdpPlug(card, "localhost", port), activated(nfc, port) as tag:
        assert bytes(tag.transceive(SELECT)) == b"\x90\x00"


def test_a_forbidden_application_is_selected_too_for_others(nfc: Any, port: int) -> None:
    card = laboratory_card()
    with UdpPlug(card, "localhost", port), activated(nfc, port) as tag:
        assert bytes(tag.transceive(bytes.fromhex("00A4040C0AD392F000260100000001"))) == b"\x90\x00"
    assert [touch.what for touch in card.touches] == ["SELECT of JPKI (公的個人認証AP)"]


# -- the wire


def test_the_field_goes_off(port: int) -> None:
    card = laboratory_card()
    with UdpPlug(card, "localhost", port), BareReader(port) as reader:
        pcd = reader.activated()
        assert pcd.exchange(SELECT) == b"\x90\x00"
        before = pcd.pupi
        reader.socket.send(b"RFOFF")
        reader.socket.settimeout(0.1)
        assert reader.air(b"\x02" + SELECT) is None
        reader.socket.settimeout(PATIENCE)
        pcd = reader.activated()
        assert pcd.pupi != before
        assert pcd.exchange(bytes.fromhex("00200092")) == b"\x6a\x88"


def test_a_reader_that_died_left_the_field_on(port: int) -> None:
    card = laboratory_card()
    with UdpPlug(card, "localhost", port):
        with BareReader(port) as reader:
            reader.activated().exchange(SELECT)
        with BareReader(port) as reader:
            assert reader.activated().exchange(bytes.fromhex("00200092")) == b"\x6a\x88"
            reader.activated().exchange(SELECT)
            assert reader.activated().exchange(bytes.fromhex("00200092")) == b"\x6a\x88", "one that begins anew"


def test_halt_lasts_for_a_reader_and_not_for_the_next(port: int) -> None:
    with UdpPlug(EchoCard(), "localhost", port):
        with BareReader(port) as reader:
            reader.activated()
            assert reader.air(b"\xc2") == b"\xc2"
            assert reader.nothing(b"\x05\x00\x00")
            assert reader.air(b"\x05\x00\x08") is not None
            reader.nothing(b"\x1d" + bytes(8))
        with BareReader(port) as reader:
            reader.activated()


def test_a_slow_card_asks_for_time(port: int) -> None:
    card = laboratory_card(limits=Limits(slow_at={2: 0.3}))
    with UdpPlug(card, "localhost", port, fwi=4), BareReader(port) as reader:
        pcd = reader.activated()
        pcd.exchange(SELECT)
        quick = reader.extensions
        start = time.monotonic()
        assert pcd.exchange(bytes.fromhex("00200092")) == b"\x63\xca"
        assert time.monotonic() - start >= 0.3
        assert reader.extensions - quick >= 5
        assert card.log.exchanges == 2


def test_time_asked_for_in_the_chain(port: int) -> None:
    wtx = Extensions(before_answer=1, in_chain=2)
    with UdpPlug(EchoCard(), "localhost", port, wtx=wtx, fwi=UNHURRIED), BareReader(port) as reader:
        pcd = reader.activated()
        assert pcd.exchange((600).to_bytes(2)) == pattern(600)
        assert reader.extensions == 1 + 2 * 2


def test_no_longer_than_the_watchdog(port: int) -> None:
    card = laboratory_card(limits=Limits(slow_at={1: 3600.0}))
    with UdpPlug(card, "localhost", port, fwi=4, watchdog=2.0), BareReader(port, 5.0) as reader:
        pcd = reader.activated()
        start = time.monotonic()
        block: bytes | None = b"\x02" + SELECT
        while block is not None:
            assert time.monotonic() - start < AN_END
            block = reader.air(block)
            assert block in (b"\xf2\x04", None)
        assert time.monotonic() - start >= 2.0
        pcd = reader.activated()
        assert pcd.exchange(SELECT) == b"\x90\x00", "its power was cut, and it works"


def test_mute_is_silence_until_a_new_session(port: int) -> None:
    card = laboratory_card(limits=Limits(mute_at=2))
    with UdpPlug(card, "localhost", port, fwi=UNHURRIED), BareReader(port) as reader:
        reader.activated().exchange(SELECT)
        assert reader.nothing(b"\x03\x00\x20\x00\x92")
        assert reader.nothing(b"\xb3")
        assert reader.activated().exchange(SELECT) == b"\x90\x00"


def test_taken_out_and_put_back(port: int) -> None:
    card = laboratory_card()
    plug = UdpPlug(card, "localhost", port)
    with BareReader(port) as reader:
        assert out(plug) and reader.silent()
        plug.insert()
        plug.insert()
        reader.socket.settimeout(PATIENCE)
        pcd = reader.activated()
        pcd.exchange(SELECT)
        plug.remove()
        plug.remove()
        assert out(plug) and reader.silent()
        plug.insert()
        reader.socket.settimeout(PATIENCE)
        assert reader.activated().exchange(bytes.fromhex("00200092")) == b"\x6a\x88"
    plug.close()
    plug.close()
    assert out(plug)
    with pytest.raises(UsageError):
        plug.insert()


@pytest.mark.parametrize("back_after", [None, 2.0])
def test_a_card_that_leaves_by_itself(port: int, back_after: float | None) -> None:
    card = laboratory_card(limits=Limits(lost_at=2))
    with (
        UdpPlug(card, "localhost", port, back_after=back_after, fwi=UNHURRIED) as plug,
        BareReader(port) as reader,
    ):
        reader.activated().exchange(SELECT)
        assert reader.nothing(b"\x03\x00\x20\x00\x92")
        end = time.monotonic() + AN_END
        while not out(plug) and time.monotonic() < end:
            time.sleep(0.01)
        assert out(plug) and reader.silent()
        end = time.monotonic() + (0.5 if back_after is None else AN_END)
        while out(plug) and time.monotonic() < end:
            reader.silent()
        assert plug.inserted is (back_after is not None)
        plug.insert()
        reader.socket.settimeout(PATIENCE)
        assert reader.activated().exchange(SELECT) == b"\x90\x00"


def test_taken_out_in_mid_command_it_stays_where_it_was_put(port: int) -> None:
    card = laboratory_card(limits=Limits(slow_at={1: 3600.0}))
    with UdpPlug(card, "localhost", port) as plug, BareReader(port) as reader:
        reader.activated()
        assert reader.air(b"\x02" + SELECT) == b"\xf2\x04"
        start = time.monotonic()
        plug.remove()
        assert time.monotonic() - start < AN_END
        assert out(plug) and reader.silent()
        plug.insert()
        assert not out(plug)
        reader.socket.settimeout(PATIENCE)
        assert reader.activated().exchange(SELECT) == b"\x90\x00"
        assert not out(plug)


def test_closed_in_mid_command(port: int) -> None:
    card = laboratory_card(limits=Limits(seconds_per_command=3600.0))
    plug = UdpPlug(card, "localhost", port)
    plug.insert()
    with BareReader(port) as reader:
        for _ in range(2):  # the second waits behind the first
            reader.activated()
            assert reader.air(b"\x02" + SELECT) == b"\xf2\x04"
    start = time.monotonic()
    plug.close()
    assert time.monotonic() - start < AN_END


def test_two_cards_in_the_field(port: int) -> None:
    first, second = EchoCard(), Stranger.named("transit-card")
    with UdpPlug(first, "localhost", port, twin=second, fwi=UNHURRIED), BareReader(port) as reader:
        one, other = reader.air(b"\x05\x00\x00"), reader.frame()
        assert one is not None and other is not None
        assert one[0] == other[0] == 0x50 and one[1:5] != other[1:5]
        assert reader.air(b"\x1d" + other[1:5] + b"\x00\x08\x01\x00") == b"\x00"
        assert reader.air(b"\x02\x00\x00\x00\x01") == b"\x02\x6e\x00"
        reader.socket.settimeout(0.05)
        assert reader.frame() is None
    assert first.commands == []


# -- what does not belong there


def test_only_this_machine() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "", "host.invalid", "::1"):
        with pytest.raises(UsageError):
            UdpPlug(EchoCard(), host, 41999)


def test_a_port_that_is_taken(port: int) -> None:
    with UdpPlug(EchoCard(), "localhost", port), pytest.raises(ReaderInUse):
        UdpPlug(EchoCard(), "localhost", port)
    with pytest.raises(ReaderInUse):
        UdpPlug(EchoCard(), "localhost", 65536)
    with UdpPlug(EchoCard(), "localhost", port):
        pass


@pytest.mark.parametrize(
    "datagram",
    [
        b"", b"106B", b"106B ", b"106B 0", b"106B 05001", b"106B zz", b"106A 26", b"212B 050010", b"106B 05 00 10",
        b"106B 0x05", b"106b 050010", b"\xff\xfe", "106B ０５".encode(), b"106B " + b"00" * 30000, b" 106A 050010",
    ],
)  # fmt: skip
def test_no_frame_no_answer(port: int, datagram: bytes) -> None:
    with UdpPlug(EchoCard(), "localhost", port), BareReader(port) as reader:
        reader.socket.send(datagram)
        assert reader.air(b"\x05\x00\x10") is not None
        reader.socket.settimeout(0.02)
        assert reader.frame() is None, "one answer, to the one frame"


@pytest.fixture(scope="module")
def lasting() -> Iterator[tuple[UdpPlug, VirtualCard, int]]:
    card, port = laboratory_card(), udp_port()
    with UdpPlug(card, "localhost", port) as plug:
        with BareReader(port) as reader:
            reader.activated().exchange(SELECT)  # the thread of its commands begins here
        yield plug, card, port


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(
        st.one_of(st.binary(max_size=2000), st.binary(max_size=30).map(lambda b: b"106B " + b.hex().encode())),
        max_size=20,  # as much as waits in a socket that nobody reads for a while
    )
)
def test_nothing_ends_it(lasting: tuple[UdpPlug, VirtualCard, int], datagrams: list[bytes]) -> None:
    plug, _, port = lasting
    with BareReader(port) as stranger:
        for datagram in datagrams:
            stranger.socket.send(datagram)
    with BareReader(port) as reader:
        assert reader.activated().exchange(SELECT) == b"\x90\x00"
    assert not out(plug)
