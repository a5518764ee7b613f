"""Kotlin reads cards through a real PC/SC service: with ``mnverify card serve`` in another process, and torn at every exchange."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mnverify.check import check_card
from mnverify.virtual import VirtualAuthority, persona
from tests.readers.readings import FULL_TRIES, READINGS, TRUST, Bench, Reading
from tests.support import kotlin
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

pytestmark = kotlin.needs_build()
BY_NAME = {reading.name: reading for reading in READINGS}
WAIT = "20"  # seconds for a card to be seen, on a busy machine


@pytest.fixture(scope="module")
def service() -> Iterator[PcscService]:
    with PcscService() as running:
        yield running


@pytest.fixture(scope="module")
def host() -> Iterator[CardHost]:
    with CardHost() as running:
        yield running


@pytest.fixture(scope="module")
def anchors() -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(VirtualAuthority.laboratory().trust_anchors(), file)
        file.flush()
        yield file.name


@pytest.fixture
def bench(service: PcscService, host: CardHost) -> Bench:
    host.plug("kotlin", "pcsc", service.ports[1], back_after=1.2)
    return Bench(host, "kotlin", f"pcsc:{service.readers[1]}")


@contextmanager
def served(service: PcscService) -> Iterator[dict[str, Any]]:
    """``mnverify card serve``: what it says of its card."""
    command = [sys.executable, "-m", "mnverify", "card", "serve", "--pcsc", "--port", str(service.ports[0])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def read(service: PcscService, trust: str, reading: Reading, number: str, *options: str, at: int = 1) -> kotlin.Done:
    words = ["age", "--at-least", "20"] if reading.name == "age" else ["read", reading.domain.value]
    if reading.name != "age":
        words += ["--credential", reading.kind.value, "--role", reading.role.value]
    where = ["--reader", service.readers[at], "--trust", trust]
    return kotlin.cli(*words, *where, *options, "--json", stdin=f"{number}\n")


def number_of(reading: Reading) -> str:
    return bytes(reading.credential().digits_for_card()).decode()


def exchanges_of_python(reading: Reading) -> int:
    """Commands that Python sends to such a card, over a link that carries extended length and says so to nobody before."""
    card, sent = VirtualAuthority.laboratory().issue(persona()), []

    class Counting:
        def transmit(self, command: bytes) -> bytes:
            sent.append(len(command))
            return card.transmit(command)

        def reset(self) -> None:
            card.reset()

    check_card(
        Counting(),
        reading.domain,
        reading.credential(),
        trust=TRUST,
        role=reading.role,
        purposes=(reading.purpose,) if reading.name == "age" else None,
        on_torn=lambda error: None,
    )
    return len(sent)


def test_a_served_card_is_read_and_verified(service: PcscService) -> None:
    with served(service) as card:
        numbers = card["credentials"]
        face = read(service, card["anchors"], BY_NAME["face"], numbers["verification-number-b"], "--wait", WAIT, at=0)
        assert face.status == 0, face
        assert face.json["fields"]["birth_date"] == {"value": card["birth_date"], "assurance": "signed"}
        assert face.json["fields"]["expiry"]["assurance"] == "corroborated"
        assert {c["id"]: c["code"] for c in face.json["checks"]}["presence"] == "record"
        attributes = read(service, card["anchors"], BY_NAME["attributes"], numbers["pin"], at=0)
        assert attributes.status == 0
        fields = {name: field["value"] for name, field in attributes.json["fields"].items()}
        assert fields == {name: card[name] for name in ("name", "address", "birth_date", "sex")}
        assert {c["id"]: c["code"] for c in attributes.json["checks"]}["presence"] == "session"
        age = read(service, card["anchors"], BY_NAME["age"], card["birth_date"], at=0)
        assert age.status == 0 and age.json["answer"] == "yes" and "fields" not in age.json
        assert card["birth_date"] not in age.out


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.name)
def test_as_many_exchanges_as_python(bench: Bench, service: PcscService, anchors: str, reading: Reading) -> None:
    bench.card()
    done = read(service, anchors, reading, number_of(reading), "--wait", WAIT)
    assert done.status == 0, done
    assert bench.exchanges() == exchanges_of_python(reading)


def test_a_wrong_number_costs_one_try_and_none_below_the_floor(
    bench: Bench, service: PcscService, anchors: str
) -> None:
    bench.card()
    pin = BY_NAME["attributes"]
    first = read(service, anchors, pin, "9999", "--wait", WAIT)
    assert first.status == 5 and first.json["error"] == {
        **first.json["error"],
        "code": "wrong-credential",
        "tries_left": 2,
    }
    second = read(service, anchors, pin, "9998")
    assert second.status == 5 and second.json["error"]["tries_left"] == 1
    third = read(service, anchors, pin, number_of(pin))
    assert third.status == 5 and third.json["error"]["code"] == "too-few-tries"
    assert bench.tries() == {**FULL_TRIES, "input-assist/0011": 1}
    malformed = read(service, anchors, pin, "12345")
    assert malformed.status == 2 and malformed.json["error"]["code"] == "credential-format"
    assert "12345" not in malformed.out + malformed.err
    assert bench.tries() == {**FULL_TRIES, "input-assist/0011": 1}


@pytest.mark.parametrize("at", range(1, 1 + BY_NAME["face"].exchanges))
def test_a_card_that_is_torn(bench: Bench, service: PcscService, anchors: str, at: int) -> None:
    """Without waiting it is an error of the link; where the card comes back it goes on, and no number is wasted."""
    face = BY_NAME["face"]
    bench.card(lost_at=at)
    torn = read(service, anchors, face, number_of(face), "--wait", WAIT)
    assert torn.status == 0, torn
    assert "fields" in torn.json
    assert bench.tries() == FULL_TRIES


def test_a_card_that_does_not_come_back(service: PcscService, host: CardHost, anchors: str) -> None:
    host.plug("gone", "pcsc", service.ports[0])
    bench, face = Bench(host, "gone", ""), BY_NAME["face"]
    bench.card(lost_at=5)
    assert read(service, anchors, face, number_of(face), at=0).status == 3
    for _ in range(10):  # until the service of the readers has seen that it left, which it looks for every 0.4 s
        missing = read(service, anchors, face, number_of(face), at=0)
        assert missing.status == 3 and missing.json["error"]["code"] in ("card-lost", "no-card")
        if missing.json["error"]["code"] == "no-card":
            break
    assert missing.json["error"]["code"] == "no-card"
    other = kotlin.cli("read", "face-check", "--reader", "none such", "--json", stdin=f"{number_of(face)}\n")
    assert other.status == 3 and other.json["error"]["code"] == "no-reader"


def test_without_a_service(service: PcscService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "none"))
    done = kotlin.cli("read", "face-check", "--json", stdin="60070320334102\n")
    assert done.status == 3 and done.json["error"]["code"] == "service-not-running"
