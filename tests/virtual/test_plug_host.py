"""Cards in another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mnverify.virtual import LongAnswer
from tests.support.host import CardHost
from tests.support.ports import udp_port

from .plain import FACE
from .wires import BareReader, FakeVpcd

SELECT = b"\x00\xa4\x04\x0c\x0a" + FACE


@pytest.fixture(scope="module")
def host() -> Iterator[CardHost]:
    with CardHost() as running:
        yield running


def test_a_card_with_limits_of_every_form(host: CardHost) -> None:
    port = udp_port()
    host.plug("a", "nfc-udp", port, fwi=4, frame_size=32, wtx={"before_answer": 1}, watchdog=2.0, back_after=0.1)
    host.card(
        "a",
        "sato-hanako",
        extended=False,
        max_response=100,
        long_answer=LongAnswer.CUT,
        slow_at={2: 0.05},
        status_at={3: 0x6985},
        garbage_at={4: b"\x01"},
        reset_at=frozenset({5}),
        tries={"face-check/0012": 2},
    )
    assert host.state("a")["inserted"] is False
    host.insert("a")
    with BareReader(port) as reader:
        pcd = reader.activated()
        assert pcd.exchange(SELECT) == b"\x90\x00"
        assert pcd.exchange(SELECT) == b"\x90\x00"
        assert pcd.exchange(bytes.fromhex("00200092")) == b"\x69\x85"
        assert pcd.exchange(bytes.fromhex("00200092")) == b"\x01"
        assert pcd.exchange(bytes.fromhex("00200092")) == b"\x6a\x88"
        pcd.exchange(SELECT)
        assert pcd.exchange(bytes.fromhex("00200092")) == b"\x63\xc2"
        assert len(pcd.exchange(bytes.fromhex("00B0840000"))) == 102
        assert pcd.exchange(bytes.fromhex("00B08400000000")) == b"\x67\x00"
        assert reader.extensions >= 9
    state = host.state("a")
    assert state["inserted"] is True
    assert state["exchanges"] == len(state["headers"]) == 9
    assert state["headers"][2] == "00200092"
    assert state["retries"] == {
        "face-check/0011": 10, "face-check/0012": 2, "face-check/0013": 10,
        "input-assist/0011": 3, "input-assist/0014": 10, "input-assist/0015": 10,
    }  # fmt: skip
    assert (state["touches"], state["number_touches"]) == ([], [])
    assert state["sent"] == 3 * len(SELECT) + 4 * 4 + 5 + 7
    assert state["received"] == 2 * 7 + 1 + 102
    host.remove("a")
    assert host.state("a")["inserted"] is False


def test_in_and_out_and_another_card(host: CardHost) -> None:
    vpcd = FakeVpcd()
    try:
        host.plug("b", "pcsc", vpcd.port)
        host.card("b")
        host.insert("b")
        vpcd.accept()
        assert vpcd.ask(SELECT) == b"\x90\x00"
        host.stranger("b", "bank-card")
        assert vpcd.ended()
        host.insert("b")
        vpcd.accept()
        assert vpcd.ask(SELECT) == b"\x6a\x82"
        host.remove("b")
        assert vpcd.ended()
        assert host.state("b") == {"inserted": False}
    finally:
        vpcd.close()


def test_two_cards_in_one_field(host: CardHost) -> None:
    port = udp_port()
    host.plug("twins", "nfc-udp", port, twin="transit-card")
    host.card("twins")
    host.insert("twins")
    with BareReader(port) as reader:
        assert reader.air(b"\x05\x00\x00") != reader.frame()
    host.remove("twins")


def test_refusals_are_told_and_nothing_ends(host: CardHost) -> None:
    host.plug("c", "nfc-udp", udp_port())
    asked: list[Callable[[], object]] = [
        lambda: host.insert("nobody"),
        lambda: host.insert("c"),
        lambda: host.plug("d", "bluetooth", 1),
        lambda: host.card("c", "nobody"),
        lambda: host.card("c", colour="red"),
        lambda: host.card("c", mute_at=0),
        lambda: host.stranger("c", "library-card"),
    ]
    for wrong in asked:
        with pytest.raises(RuntimeError, match="Error"):
            wrong()
    host.plug("e", "pcsc", 1)
    host.card("e")
    with pytest.raises(RuntimeError, match="ServiceNotRunning"):
        host.insert("e")


def test_its_end() -> None:
    host = CardHost()
    host.plug("a", "nfc-udp", udp_port())
    host.card("a", seconds_per_command=3600.0)
    host.insert("a")
    host.close()
    host.close()
    with pytest.raises((RuntimeError, ValueError)):
        host.insert("a")
