"""No frame between application and card shows what is read or presented: error reporters take tracebacks with all locals."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from mnverify.errors import MnverifyError
from mnverify.readers.nfc.reader import NfcReader
from mnverify.values.terms import Domain
from mnverify.virtual import UdpPlug, VirtualAuthority, VirtualCard, persona
from tests.readers.readings import READINGS, Bench, Reading
from tests.support.by_chance import without_addresses
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService
from tests.support.ports import udp_port

WINDOW = 6  # bytes
FAULTS = ("torn", "refused")


@pytest.fixture(scope="module", params=["pcsc", "nfc-udp"])
def bench(request: pytest.FixtureRequest, host: CardHost) -> Iterator[Bench]:
    """A reader of each stack."""
    plug = f"frames-{request.param}"
    if request.param == "pcsc":
        service: PcscService = request.getfixturevalue("service")
        host.plug(plug, "pcsc", service.ports[0])
        selector = service.readers[0]
    else:
        port = udp_port()
        host.plug(plug, "nfc-udp", port)
        selector = f"udp:127.0.0.1:{port}"
    yield Bench(host, plug, selector)
    host.remove(plug)


@cache
def secrets() -> tuple[bytes, ...]:
    """Pieces of everything that is personal on the card: what opens it, and its files, but for filler and keys' frames."""
    card = VirtualAuthority.laboratory().issue(persona("sato-hanako"))
    found = {digits.encode() for digits in card.credentials.values() if len(digits) > 4}
    for domain in Domain:
        for content in card.files(domain).values():
            pieces = (content[at : at + WINDOW] for at in range(len(content) - WINDOW + 1))
            found.update(piece for piece in pieces if len(set(piece)) == WINDOW)
    return tuple(found)


def places(error: BaseException) -> dict[str, str]:
    """Every local of every frame of an error, and of whatever stands behind it, suppressed contexts too: place and ``repr``."""
    told: dict[str, str] = {}
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        waiting += [one.__context__, one.__cause__]
        told[f"{type(one).__name__} {len(told)}"] = f"{one} {one.args!r}"
        for frame in traceback.StackSummary.extract(traceback.walk_tb(one.__traceback__), capture_locals=True):
            if any(room in frame.filename for room in ("/tests/", "/mnverify/virtual/", "/mnverify/card/")):
                continue  # the test knows it, the virtual card is the other side, and sessions have tests of their own
            for name, value in (frame.locals or {}).items():
                told[f"{frame.filename}:{frame.lineno} {frame.name}: {name} ({len(told)})"] = without_addresses(value)
    return told


def leaking(error: BaseException) -> list[str]:
    """The places of an error that show anything of the secrets."""
    return [place for place, value in places(error).items() if leaks(value)]


NUMBERS = re.compile(r"\d{1,3}(?:, \d{1,3})+")


def leaks(text: str) -> list[bytes]:
    """What of the secrets stands in a text: as it is, in a repr of bytes, in hex, or as a list of numbers."""
    plain = text.encode()
    lists = b" ".join(bytes(int(number) & 0xFF for number in found.split(", ")) for found in NUMBERS.findall(text))
    hexadecimal = text.lower()
    return [
        secret
        for secret in secrets()
        if secret in plain or secret in lists or secret.hex() in hexadecimal or repr(secret)[2:-1] in text
    ]


def test_the_search_finds_what_is_shown() -> None:
    secret = secrets()[0]

    def show(secret: bytes) -> None:
        raise ValueError

    for form in (secret, bytearray(secret), list(secret), secret.hex(), (1, [*secret, 4])):
        assert secret in leaks(f"form = {form!r}")
    assert leaks("form = MaskedBytes(7 bytes)") == []


def limits_for(fault: str, at: int) -> dict[str, Any]:
    """The limits of a card that has the fault at its ``at``-th command."""
    limits: dict[str, dict[str, Any]] = {
        "torn": {"lost_at": at},
        "refused": {"status_at": {at: 0x6982}},
    }
    return limits[fault]


@pytest.mark.parametrize("reading", (READINGS[0], READINGS[2]), ids=lambda reading: reading.name)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_mid_reading(bench: Bench, reading: Reading, fault: str) -> None:
    failed = 0
    for at in range(reading.exchanges - 3, reading.exchanges + 1):  # from VERIFY on
        bench.card(**limits_for(fault, at))
        error: BaseException | None = None
        with bench.reader() as reader:
            assert reader.wait_for_card(30)
            with reader.connect(exchange_timeout=5) as link:
                try:
                    reading.check(link)
                except MnverifyError as raised:
                    error = raised
        if error is not None:
            failed += 1
            assert leaking(error) == [], f"{fault} at {at}"
    assert failed >= 2


@pytest.mark.parametrize("kind", [KeyboardInterrupt, OSError, RuntimeError])
def test_a_driver_that_is_interrupted_or_fails(monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]) -> None:
    import nfc.clf

    port = udp_port()
    card: VirtualCard = VirtualAuthority.laboratory().issue(persona("sato-hanako"))
    exchange = nfc.clf.ContactlessFrontend.exchange
    due: list[int] = []  # exchanges until it fails

    def failing(clf: object, send_data: bytes, timeout: float) -> object:
        frame = bytearray(send_data)  # as drivers have it
        due[0] -= 1
        if due[0] == 0:
            raise kind(str(len(frame)))
        return exchange(clf, send_data, timeout)

    monkeypatch.setattr(nfc.clf.ContactlessFrontend, "exchange", failing)
    for at in (2, 4, 6):  # SELECT, VERIFY, and in mid-reading
        due[:] = [at]
        with UdpPlug(card, "127.0.0.1", port), NfcReader(f"udp:127.0.0.1:{port}") as reader:
            try:
                with reader.connect() as link:
                    READINGS[0].check(link)
            except (MnverifyError, kind) as error:
                assert not any("nfc/clf" in place for place in places(error))
                assert leaking(error) == [], f"at {at}"
