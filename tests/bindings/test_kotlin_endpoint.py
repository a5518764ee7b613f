"""Phone to endpoint, end to end: a real ``mnverify serve``, the sample's back end, and Kotlin on both sides of it."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnverify import FaceCheck, Purpose, VerificationNumberB
from mnverify.client import VerificationClient
from mnverify.virtual import Flaw, VirtualAuthority, VirtualCard, persona
from samples.mobile_backend.__main__ import PARTY, backend, endpoint
from tests.support import kotlin
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

pytestmark = kotlin.needs_build()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    with endpoint(tmp_path_factory.mktemp("endpoint")) as running:
        yield running


@pytest.fixture(scope="module")
def bank(served: tuple[str, str, str]) -> Iterator[str]:
    url, key, environment = served
    with (
        VerificationClient(url, key, relying_party=PARTY, environment=environment) as client,
        backend(client) as (address, _),
    ):
        yield address


@pytest.fixture(scope="module")
def service() -> Iterator[PcscService]:
    with PcscService() as running:
        yield running


class Program:
    """The relying party's program in Kotlin (``ClientProgram.kt``)."""

    def __init__(self, url: str, key: str, environment: str) -> None:
        classpath = ":".join(map(str, (kotlin.CLI, kotlin.KOTLIN / "client/target/classes", kotlin.CLIENT_TESTS)))
        self.process = subprocess.Popen(
            ["java", "-cp", classpath, "mnverify.client.ClientProgramKt"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(f"{url} {key} {PARTY} {environment}\n")

    def ask(self, *words: str) -> list[str]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def evidence_of(card: VirtualCard, challenge: bytes) -> str:
    with FaceCheck.open(card) as session:
        session.present(VerificationNumberB(card.credentials["verification-number-b"]))
        evidence = session.read(Purpose.FACE, challenge=challenge).to_json()
    return base64.b64encode(evidence.encode()).decode()


def test_the_client_and_a_real_endpoint(served: tuple[str, str, str]) -> None:
    program = Program(*served)
    try:
        laboratory, adult = VirtualAuthority.laboratory(), persona("sato-hanako")
        challenge_id, challenge = program.ask("challenge")
        genuine = evidence_of(laboratory.issue(adult), base64.b64decode(challenge))
        confirmed = program.ask("verify", challenge_id, genuine)
        assert confirmed[0] == "confirmed" and confirmed[2] == adult.birth.isoformat()
        assert program.ask("outcome", confirmed[1]) == ["verified"]
        assert program.ask("verify", challenge_id, genuine) == ["error", "challenge-used"]
        challenge_id, challenge = program.ask("challenge")
        assert program.ask("verify", challenge_id, genuine)[::2] == ["rejected", "freshness"]
        challenge_id, challenge = program.ask("challenge")
        forged = laboratory.issue(adult, flaws=[Flaw.SWAPPED_PHOTO])
        rejected = program.ask("verify", challenge_id, evidence_of(forged, base64.b64decode(challenge)))
        assert rejected[::2] == ["rejected", "record-signature"]
        assert program.ask("outcome", rejected[1]) == ["rejected"]
        nonsense = base64.b64encode(b'{"verified": true}').decode()
        assert program.ask("verify", program.ask("challenge")[0], nonsense) == ["error", "malformed-evidence"]
        assert program.ask("outcome", "none-such") == ["error", "unknown"]
    finally:
        program.close()


@pytest.mark.parametrize(
    ("holder", "limits", "status", "decision"),
    [
        ("sato-hanako", {}, 0, {"state": "opened"}),
        ("sato-hanako", {"lost_at": 5}, 0, {"state": "opened"}),
        ("reiwa-child", {}, 1, {"state": "refused", "reason": "too-young"}),
    ],
    ids=["adult", "torn", "child"],
)
def test_the_phone_of_the_sample(
    bank: str, service: PcscService, holder: str, limits: dict[str, Any], status: int, decision: dict[str, str]
) -> None:
    with CardHost() as host:
        host.plug("phone", "pcsc", service.ports[0], back_after=1.2)
        host.card("phone", holder, **limits)
        host.insert("phone")
        number = persona(holder).verification_number_b
        classpath: list[Path] = [kotlin.CLI, kotlin.PHONE]
        done = kotlin.java(classpath, "phone.PhoneKt", bank, service.readers[0], stdin=f"{number}\n")
    assert done.status == status, done
    told = json.loads(done.out.splitlines()[-1])
    assert {name: told[name] for name in decision} == decision
    assert number not in done.out + done.err
