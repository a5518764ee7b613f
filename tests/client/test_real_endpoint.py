"""The client against ``mnverify serve`` in a process of its own, and against one whose first answers get lost on the way."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mnverify import FaceCheck, Purpose, VerificationNumberB
from mnverify.client import (
    ChallengeUsed,
    EvidenceRefused,
    NotAuthenticated,
    NotPermitted,
    Pace,
    RepeatRefused,
    UnknownToEndpoint,
    VerificationClient,
)
from mnverify.errors import NotVerifiedError
from mnverify.receipts import verify_receipt
from tests.support import forgery

PARTY, OTHER = "example-bank", "example-shop"
PACE = Pace(connect=5, answer=10, total=40, attempts=4, first_wait=0.05)


class Service(NamedTuple):
    """A running endpoint."""

    url: str
    environment: str
    folder: Path
    database: str

    def key(self, party: str, *more: str) -> str:
        return str(mnverify("keys", "add", party, "--database", self.database, *more)["key"])

    def client(self, key: str, party: str = PARTY, url: str | None = None) -> VerificationClient:
        return VerificationClient(
            url or self.url, key, relying_party=party, issuer=self.url, environment=self.environment, pace=PACE
        )


def mnverify(*words: str) -> Any:
    command = [sys.executable, "-m", "mnverify", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("endpoint")
    anchors = folder / "anchors.json"
    anchors.write_text(json.dumps(forgery.anchors()))
    database = f"sqlite:///{folder / 'test.db'}"
    command = [
        sys.executable,
        "-m",
        "mnverify",
        "serve",
        "--database",
        database,
        "--port",
        "0",
        "--trust",
        str(anchors),
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, "--reload-seconds", "0.2"], stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    with process, process.stdout:
        try:
            first = process.stdout.readline()
            assert first, (folder / "log").read_text()
            ready = json.loads(first)
            yield Service(ready["url"], ready["environment"], folder, database)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def api_key(served: Service) -> str:
    return served.key(PARTY)


@pytest.fixture
def client(served: Service, api_key: str) -> Iterator[VerificationClient]:
    with served.client(api_key) as made:
        yield made


def reading(challenge: bytes) -> str:
    card = forgery.card()
    with FaceCheck.open(card) as session:
        session.present(VerificationNumberB(card.credentials["verification-number-b"]))
        return session.read(Purpose.FACE, challenge=challenge).to_json()


def test_from_challenge_to_receipt(client: VerificationClient, served: Service) -> None:
    challenge = client.new_challenge(purpose="account-opening", reference="a-17", expires_in=120)
    verification = client.verify(challenge.id, reading(challenge.challenge), claims=["birth_date", "photo"])
    assert verification
    assert {check.id: check.outcome for check in verification.checks}["freshness"] == "pass"
    assert verification.fields["birth_date"].assurance == "signed"
    assert verification.receipt.claims["birth_date"].value == verification.fields["birth_date"].value
    assert (verification.receipt.reference, verification.receipt.purpose) == ("a-17", "account-opening")
    outcome = client.outcome(verification.id)
    assert outcome
    assert (outcome.reference, outcome.challenge_id) == ("a-17", challenge.id)
    assert outcome.receipt.claims == {}, "a receipt with claims is handed out and not kept"
    assert {event.event for event in client.events(verification.id)} >= {"challenge-issued", "evaluated"}
    offline = json.dumps(client.jwks())
    receipt = verify_receipt(verification.receipt_text, offline, issuer=served.url, relying_party=PARTY)
    assert receipt.verification_id == verification.id


def test_a_rejected_one(client: VerificationClient) -> None:
    old = reading(bytes(32))
    challenge = client.new_challenge()
    verification = client.verify(challenge.id, old)
    assert not verification
    with pytest.raises(NotVerifiedError, match="freshness"):
        verification.require()
    with pytest.raises(ChallengeUsed):
        client.verify(challenge.id, reading(challenge.challenge))


def test_the_same_call_again_is_byte_for_byte_the_same(client: VerificationClient) -> None:
    challenge = client.new_challenge(idempotency_key="once-1")
    assert client.new_challenge(idempotency_key="once-1") == challenge
    evidence = reading(challenge.challenge)
    first = client.verify(challenge.id, evidence, claims=["sex"], idempotency_key="once-2")
    again = client.verify(challenge.id, evidence, claims=["sex"], idempotency_key="once-2")
    assert again.receipt_text == first.receipt_text
    with pytest.raises(RepeatRefused) as caught:
        client.verify(challenge.id, evidence, claims=[], idempotency_key="once-2")
    assert caught.value.code == "idempotency-conflict"


def test_refusals_are_types(client: VerificationClient, served: Service) -> None:
    challenge = client.new_challenge()
    with pytest.raises(EvidenceRefused) as caught:
        client.verify(challenge.id, {"format": "mnverify.evidence/1"})
    assert caught.value.request_id
    with pytest.raises(UnknownToEndpoint):
        client.verify("A" * 22, reading(challenge.challenge))
    with pytest.raises(UnknownToEndpoint):
        client.outcome("A" * 22)
    with served.client("mnv_abcdefghjkmn_" + "A" * 43) as stranger, pytest.raises(NotAuthenticated):
        stranger.new_challenge()
    with served.client(served.key(PARTY, "--purpose", "age")) as limited, pytest.raises(NotPermitted) as refused:
        limited.new_challenge(purpose="account-opening")
    assert refused.value.code == "purpose-refused"


def test_another_relying_partys_ids_look_unknown(client: VerificationClient, served: Service) -> None:
    challenge = client.new_challenge()
    mine = client.verify(challenge.id, reading(challenge.challenge))
    with served.client(served.key(OTHER), OTHER) as other:
        for call in (other.outcome, other.events):
            with pytest.raises(UnknownToEndpoint):
                call(mine.id)


def test_verified_claims(served: Service, client: VerificationClient) -> None:
    challenge = client.new_challenge()
    with pytest.raises(NotPermitted) as caught:
        client.verify(challenge.id, reading(challenge.challenge), claims=["birth_date"], as_verified_claims=True)
    assert caught.value.code == "no-trust-framework"
    with served.client(served.key(PARTY, "--trust-framework", "jp_aml")) as bank:
        challenge = bank.new_challenge()
        verification = bank.verify(
            challenge.id,
            reading(challenge.challenge),
            claims=["birth_date"],
            as_verified_claims=True,
            face_compared=True,
        )
        challenge = bank.new_challenge()
        unsigned = bank.verify(challenge.id, reading(challenge.challenge), claims=["expiry"], as_verified_claims=True)
        assert unsigned
        assert (unsigned.verified_claims, unsigned.claims_refused) == (None, "verified-claims-refused")
    found = verification.verified_claims
    assert found is not None
    assert verification.claims_refused is None
    assert found["verification"]["trust_framework"] == "jp_aml"
    methods = [check["check_method"] for check in found["verification"]["evidence"][0]["check_details"]]
    assert methods == ["vcrypt", "pvp"]
    assert set(found["claims"]) == {"birthdate"}


def test_receipt_keys_change_and_the_client_goes_with_them(served: Service, client: VerificationClient) -> None:
    def one() -> Any:
        challenge = client.new_challenge()
        return client.verify(challenge.id, reading(challenge.challenge))

    before = one()
    folder = next(served.folder.rglob("receipt-key-*.json")).parent
    made = mnverify("receipt-keys", "make", "--folder", str(folder), "--json")
    mnverify("receipt-keys", "activate", made["kid"], "--folder", str(folder), "--json")
    until = time.monotonic() + 60
    while (after := one()).receipt.kid != made["kid"]:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert before.receipt.kid != after.receipt.kid
    assert client.check_receipt(before.receipt_text).verification_id == before.id


class Losing:
    """Something between client and endpoint that passes requests on and loses the first answers."""

    def __init__(self, url: str, lose: int) -> None:
        self._target = ("127.0.0.1", int(url.rpartition(":")[2]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.left = lose
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, inside: socket.socket) -> None:
        with suppress(OSError), inside, socket.create_connection(self._target) as outside:
            threading.Thread(target=self._pass, args=(inside, outside), daemon=True).start()
            while piece := outside.recv(65536):
                if self.left > 0:
                    self.left -= 1
                    return
                inside.sendall(piece)

    @staticmethod
    def _pass(inside: socket.socket, outside: socket.socket) -> None:
        with suppress(OSError):
            while piece := inside.recv(65536):
                outside.sendall(piece)

    def close(self) -> None:
        """Take no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # which wakes who waits in it
        self._accepting.join()
        self._listener.close()


def test_a_lost_answer_costs_no_challenge(served: Service, api_key: str) -> None:
    losing = Losing(served.url, lose=0)
    with served.client(api_key, url=losing.url) as client:
        challenge = client.new_challenge()
        losing.left = 2
        verification = client.verify(challenge.id, reading(challenge.challenge))
        assert losing.left == 0
        assert verification
        events = [event.event for event in client.events(verification.id)]
        assert events.count("evaluated") == 1
        assert events.count("answered-again") == 2
    losing.close()
