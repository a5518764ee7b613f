"""Permits at the bottom of each stack: plain bytes, another card's permit, a used or late one send nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mnverify.card import FaceCheck, Gate
from mnverify.errors import DomainBusy, GateError
from mnverify.link import CardSlot
from mnverify.masked import MaskedBytes
from mnverify.readers import CardLink
from mnverify.readers.nfc.link import NfcLink
from mnverify.readers.pcsc.link import PcscLink
from mnverify.readers.pcsc.texts import Doing
from mnverify.values.terms import Domain, Role
from tests.readers.readings import FULL_TRIES, Bench
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService
from tests.support.ports import udp_port
from tests.support.sending import SELECT

SELECT_ASSIST = bytes.fromhex("00a4040c0ad3921000310001010408")
COUNTER = bytes.fromhex("00200092")
VERIFY_B = bytes.fromhex("002000920e") + b"60070320334102"


@pytest.fixture(scope="module", params=["pcsc", "nfc-udp"])
def benches(request: pytest.FixtureRequest, host: CardHost) -> Iterator[tuple[Bench, Bench]]:
    """Two readers of each stack, a card on each."""
    found = []
    for at in range(2):
        plug = f"permits-{at}-{request.param}"
        if request.param == "pcsc":
            service: PcscService = request.getfixturevalue("service")
            host.plug(plug, "pcsc", service.ports[at])
            selector = service.readers[at]
        else:
            port = udp_port()
            host.plug(plug, "nfc-udp", port)
            selector = f"udp:127.0.0.1:{port}"
        found.append(Bench(host, plug, selector))
    for bench in found:
        bench.card()
    yield found[0], found[1]
    for bench in found:
        host.remove(bench.plug)


@pytest.fixture
def links(benches: tuple[Bench, Bench]) -> Iterator[tuple[CardLink, CardLink]]:
    """A link to each card."""
    with ExitStack() as stack:
        readers = [stack.enter_context(bench.reader()) for bench in benches]
        assert all(reader.wait_for_card(30) for reader in readers)
        one, two = (stack.enter_context(reader.connect()) for reader in readers)
        yield one, two
    assert [bench.tries() for bench in benches] == [FULL_TRIES, FULL_TRIES]


class Meddling:
    """A wrapper that does with a command what the test wants."""

    def __init__(self, link: CardLink) -> None:
        self.link = link
        self.act: Callable[[bytes], bytes] = link.transmit

    def transmit(self, command: bytes) -> bytes:
        return self.act(command)

    def reset(self) -> None:
        self.link.reset()


def lowest(link: CardLink) -> Callable[[bytes], bytes]:
    """The lowest function of a stack that takes an APDU."""
    if isinstance(link, NfcLink):
        return lambda command: link._card.transceive(command, 2, link)
    assert isinstance(link, PcscLink)
    return lambda command: link._connection.call(lambda handle: handle.exchange(command, link)[1], 2, Doing.EXCHANGE)


def ways(link: CardLink) -> tuple[Callable[[bytes], bytes], ...]:
    return link.transmit, lowest(link)


def open_gate(link: CardLink) -> tuple[Meddling, Gate]:
    """A gate whose card is selected, and the wrapper between the two."""
    wrapper = Meddling(link)
    gate = Gate(wrapper, Domain.FACE_CHECK, Role.GENERAL)
    gate.transmit(SELECT)
    return wrapper, gate


def test_plain_bytes(benches: tuple[Bench, Bench], links: tuple[CardLink, CardLink]) -> None:
    before = benches[0].exchanges()
    for way in ways(links[0]):
        for command in (SELECT, VERIFY_B, MaskedBytes(SELECT)):
            with pytest.raises(GateError):
                way(command)
    wrapper, gate = open_gate(links[0])
    with gate:
        for way in ways(links[0]):
            wrapper.act = lambda command, way=way: way(bytes(command))  # type: ignore[misc]
            with pytest.raises(GateError):
                gate.transmit(SELECT)
        wrapper.act = links[0].transmit
        gate.transmit(SELECT)
        assert gate.transmit(COUNTER) == b"\x63\xca"
    assert benches[0].exchanges() == before + 3


def test_a_permit_for_another_card(benches: tuple[Bench, Bench], links: tuple[CardLink, CardLink]) -> None:
    before = benches[1].exchanges()
    wrapper, gate = open_gate(links[0])
    with gate:
        for way in ways(links[1]):
            wrapper.act = way
            with pytest.raises(GateError):
                gate.transmit(SELECT)
    assert benches[1].exchanges() == before


def test_a_card_of_another_session(benches: tuple[Bench, Bench], links: tuple[CardLink, CardLink]) -> None:
    with FaceCheck.open(Meddling(links[1])):
        before = benches[1].exchanges()
        for way in ways(links[1]):
            wrapper = Meddling(links[0])
            wrapper.act = way
            with Gate(wrapper, Domain.FACE_CHECK, Role.GENERAL) as gate, pytest.raises(DomainBusy):
                gate.transmit(SELECT)
        assert benches[1].exchanges() == before


def in_another_name(link: CardLink, slot: CardSlot) -> Callable[[bytes], bytes]:
    """The lowest function, in the name of a slot of one's own."""
    if isinstance(link, NfcLink):
        return lambda command: link._card.transceive(command, 2, slot)
    assert isinstance(link, PcscLink)
    return lambda command: link._connection.call(lambda handle: handle.exchange(command, slot)[1], 2, Doing.EXCHANGE)


def test_a_card_in_another_name(benches: tuple[Bench, Bench], links: tuple[CardLink, CardLink]) -> None:
    """Or there would be a second session on the card, of the other application."""

    class Mine:
        def reset(self) -> None:
            pass

    _, gate = open_gate(links[0])
    with gate:
        before = benches[0].exchanges()
        mine, second = Mine(), Meddling(links[1])
        second.act = in_another_name(links[0], mine)
        with Gate(second, Domain.INPUT_ASSIST, Role.GENERAL) as other, pytest.raises(GateError):
            other.transmit(SELECT_ASSIST)
        assert benches[0].exchanges() == before
        assert gate.transmit(COUNTER) == b"\x63\xca"


def test_twice(benches: tuple[Bench, Bench], links: tuple[CardLink, CardLink]) -> None:
    wrapper, gate = open_gate(links[0])
    with gate:
        for way in ways(links[0]):
            before = benches[0].exchanges()

            def repeat(command: bytes, way: Callable[[bytes], bytes] = way) -> bytes:
                way(command)
                return way(command)

            wrapper.act = repeat
            with pytest.raises(GateError):
                gate.transmit(SELECT)
            assert benches[0].exchanges() == before + 1


def test_late(benches: tuple[Bench, Bench], links: tuple[CardLink, CardLink]) -> None:
    wrapper, gate = open_gate(links[0])
    kept: list[bytes] = []

    def keep(command: bytes) -> bytes:
        kept.append(command)
        return b"\x63\xca"

    with gate:
        wrapper.act = keep
        gate.transmit(COUNTER)
        before = benches[0].exchanges()
        for way in ways(links[0]):
            with pytest.raises(GateError):
                way(kept[0])
    for way in ways(links[0]):
        with pytest.raises(GateError):
            way(kept[0])
    assert benches[0].exchanges() == before
