"""What a reading takes over a real PC/SC service and over NFC, and what it would take over the air.

Usage: python -m benchmarks.readers [--readings N]

* Milliseconds for each reading, from taking the card to letting go of it: over pcscd with its virtual reader (vpcd), and over
  nfcpy's UDP link with our own ISO-DEP. The card is in another process; what its signature takes is in the numbers.
* Exchanges and bytes on the link, counted by the card. They are exact.
* A model of a contactless link: 106 kbit/s, and 10 ms for each exchange. Beside it the plain way: SELECT EF before each file and
  key, and reads of 256 bytes.
* How long one command takes through pcscd, the virtual card included. Target: under 1 ms.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import NamedTuple

from mnverify.card import FaceCheck
from mnverify.readers import CardLink, open_reader
from mnverify.virtual import VirtualAuthority, VirtualCard, persona
from tests.readers.readings import READINGS, Reading
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService
from tests.support.ports import udp_port

BITS_PER_SECOND = 106_000
EXCHANGE_SECONDS = 0.010
COMMAND_TARGET = 1e-3  # seconds


class Count(NamedTuple):
    """What went over a link."""

    exchanges: int
    size: int

    @property
    def over_the_air(self) -> float:
        """Seconds that it takes in the model."""
        return self.exchanges * EXCHANGE_SECONDS + self.size * 8 / BITS_PER_SECOND


def plain_way(reading: Reading) -> Count:
    """The same reading as programs do it that know neither SFIs nor extended length, counted on the virtual card."""
    card = VirtualAuthority.laboratory().issue(persona())
    digits = card.credentials[reading.kind.value].encode()
    aid = {"face-check": "D3921000310001010402", "input-assist": "D3921000310001010408"}[reading.domain.value]
    keys = {
        "face-check": {"birth-date": 0x11, "verification-number-b": 0x12, "verification-number-a": 0x13},
        "input-assist": {"pin": 0x11, "verification-number-a": 0x14},
    }
    files = {"face": (2, 4), "age": (1, 4), "attributes": (2, 3, 4, 7), "number-image": (5, 4), "number": (1, 3, 4, 7)}
    _say(card, bytes.fromhex("00A4040C0A" + aid))
    _say(card, bytes([0x00, 0xA4, 0x02, 0x0C, 2, 0, keys[reading.domain.value][reading.kind.value]]))
    _say(card, b"\x00\x20\x00\x80")
    _say(card, bytes([0x00, 0x20, 0x00, 0x80, len(digits)]) + digits)
    for file_id in files[reading.name]:
        _say(card, bytes([0x00, 0xA4, 0x02, 0x0C, 2, 0, file_id]))
        _read_plainly(card)
    _say(card, bytes.fromhex("802A000033" + "3031300D060960864801650304020105000420" + 32 * "00" + "00"))
    return Count(card.log.exchanges, card.log.sent + card.log.received)


def _read_plainly(card: VirtualCard) -> None:
    head = _say(card, b"\x00\xb0\x00\x00\x08")
    at = 2 if head[0] & 0x1F == 0x1F else 1
    more = head[at] & 0x7F if head[at] & 0x80 else 0
    total = at + 1 + more + (int.from_bytes(head[at + 1 : at + 1 + more]) if more else head[at])
    for offset in range(0, total, 256):
        _say(card, bytes([0x00, 0xB0, offset >> 8, offset & 0xFF, min(256, total - offset) & 0xFF]))


def _say(card: VirtualCard, command: bytes) -> bytes:
    answer = card.transmit(command)
    if answer[-2] >> 4 not in (6, 9) or answer[-2:] in (b"\x6a\x82", b"\x69\x82"):
        raise RuntimeError(answer[-2:].hex())
    return answer


def our_way(host: CardHost, plug: str, selector: str, reading: Reading) -> Count:
    """The reading as it is, over a reader that is known to carry extended length."""
    host.card(plug)
    host.insert(plug)
    with open_reader(selector) as reader:
        reader.wait_for_card(5)
        with reader.connect() as link:
            reading.check(link)
    state = host.state(plug)
    return Count(state["exchanges"], state["sent"] + state["received"])


def readings(host: CardHost, plug: str, selector: str, reading: Reading, count: int) -> float:
    """Median seconds of a reading, from taking the card to letting go of it."""
    host.card(plug)
    host.insert(plug)
    taken = []
    with open_reader(selector) as reader:
        reader.wait_for_card(5)
        for _ in range(count):
            began = time.perf_counter()
            with reader.connect() as link:
                checked = reading.check(link)
            taken.append(time.perf_counter() - began)
            if not checked.result.verified:
                raise RuntimeError("not verified")
    return median(taken)


def one_command(link: CardLink, count: int = 300) -> float:
    """Median seconds of a question for the tries, which needs nothing of the card."""
    taken = []
    with FaceCheck.open(link) as session:
        for _ in range(count):
            began = time.perf_counter()
            session.retries()
            taken.append((time.perf_counter() - began) / 2)  # two keys are asked for
    return median(taken)


@contextmanager
def _stacks() -> Iterator[tuple[CardHost, dict[str, tuple[str, str]]]]:
    with PcscService() as service, CardHost() as host:
        port = udp_port()
        host.plug("pcsc", "pcsc", service.ports[0])
        host.plug("nfc", "nfc-udp", port)
        yield host, {"pcsc": ("pcsc", service.readers[0]), "nfc": ("nfc", f"udp:127.0.0.1:{port}")}


def main() -> None:
    """Measure, then print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readers", description="mnverify: what a reading takes")
    parser.add_argument("--readings", type=int, default=50, metavar="N")
    count = parser.parse_args().readings
    with _stacks() as (host, stacks):
        print(f"\n{'reading':14}{'pcscd':>10}{'NFC-UDP':>10}{'exchanges':>11}{'bytes':>8}{'model':>9}", end="")
        print(f"{'plain way: exchanges':>23}{'bytes':>8}{'model':>9}")
        for reading in READINGS:
            pcsc, nfc = (readings(host, *stack, reading, count) for stack in stacks.values())
            ours, plain = our_way(host, *stacks["pcsc"], reading), plain_way(reading)
            print(f"{reading.name:14}{pcsc * 1e3:7.1f} ms{nfc * 1e3:7.1f} ms{ours.exchanges:11}{ours.size:8}", end="")
            print(
                f"{ours.over_the_air * 1e3:6.0f} ms{plain.exchanges:23}{plain.size:8}{plain.over_the_air * 1e3:6.0f} ms"
            )
        host.card("pcsc")
        host.insert("pcsc")
        with open_reader(stacks["pcsc"][1]) as reader:
            reader.wait_for_card(5)
            with reader.connect() as link:
                taken = one_command(link)
    met = "met" if taken < COMMAND_TARGET else "MISSED"
    print(f"\none command through pcscd, the card included: {taken * 1e3:.2f} ms   < 1.00 ms   {met}")


if __name__ == "__main__":
    main()
