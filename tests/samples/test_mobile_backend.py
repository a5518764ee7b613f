"""The sample backend: its story runs as its README tells it, and it decides by the endpoint's signed answer alone."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mnverify.client import VerificationClient
from samples.mobile_backend.backend import MAX_EVIDENCE, Application, create_app
from samples.mobile_backend.rules import refusal
from tests.client import endpoint as faulty
from tests.client.conftest import QUICK
from tests.client.endpoint import API_KEY, Endpoint, http, instead
from tests.receipts.support import PARTY, result

ROOT = Path(__file__).resolve().parents[2]
READMES = sorted((ROOT / "samples" / "mobile_backend").glob("README*.md"))
EVIDENCE = '{"format": "mnverify.evidence/1"}'


def test_the_story_is_the_one_of_the_readmes() -> None:
    command = [sys.executable, "-m", "samples.mobile_backend"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if "→" in line]
    assert len(told) == 8
    for readme in READMES:
        assert "\n".join(told) in readme.read_text("utf-8"), readme.name
    assert "6 applications, 2 accounts opened" in done.stdout
    assert "3 say verified, 3 rejected" in done.stdout
    assert done.stderr == ""


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    made = Endpoint(tmp_path / "keys")
    yield made
    made.close()


@pytest.fixture
def client(endpoint: Endpoint) -> Iterator[VerificationClient]:
    with VerificationClient(
        endpoint.url, API_KEY, relying_party=PARTY, environment=result().environment, pace=QUICK
    ) as made:
        yield made


@pytest.fixture
def app(client: VerificationClient) -> Iterator[TestClient]:
    with TestClient(create_app(client)) as made:
        yield made


def applications(app: TestClient) -> dict[str, Application]:
    found: dict[str, Application] = app.app.state.applications  # type: ignore[attr-defined]
    return found


def apply(app: TestClient) -> str:
    answer = app.post("/applications")
    assert answer.status_code == 201
    assert set(answer.json()) == {"application", "challenge", "expires_at"}, "the challenge's id stays here"
    return str(answer.json()["application"])


def test_an_account_is_opened_and_only_a_receipt_without_content_is_kept(app: TestClient) -> None:
    application = apply(app)
    answer = app.post(f"/applications/{application}/evidence", content=EVIDENCE)
    assert answer.json() == {"application": application, "state": "opened", "reason": None}
    assert app.get(f"/applications/{application}").json()["state"] == "opened"
    one = applications(app)[application]
    fields = result().to_dict()["fields"]
    assert one.receipt
    assert one.verification_id == "ver_1"
    assert fields["birth_date"]["value"] not in repr(one)
    assert app.post(f"/applications/{application}/evidence", content=EVIDENCE).status_code == 409


def test_a_lost_answer_is_asked_for_again_with_the_same_key(app: TestClient, endpoint: Endpoint) -> None:
    application = apply(app)
    endpoint.faults = [faulty.lost] * QUICK.attempts
    lost = app.post(f"/applications/{application}/evidence", content=EVIDENCE)
    assert (lost.status_code, lost.headers["Retry-After"]) == (503, "5")
    assert applications(app)[application].state == "waiting"
    assert app.post(f"/applications/{application}/evidence", content=EVIDENCE).json()["state"] == "opened"
    assert len(endpoint.evaluated) == 1


def test_what_the_phone_gets_for_what_it_should_not_send(app: TestClient, endpoint: Endpoint) -> None:
    application = apply(app)
    place = f"/applications/{application}/evidence"
    assert app.post(place, content="{").status_code == 422
    assert app.post(place, content=b"x" * (MAX_EVIDENCE + 1)).status_code == 413
    endpoint.faults = [instead(http(422, {"code": "malformed-evidence"}))]
    assert app.post(place, content=EVIDENCE).status_code == 422
    assert app.post("/applications/none/evidence", content=EVIDENCE).status_code == 404
    assert app.get("/applications/none").status_code == 404
    endpoint.faults = [instead(http(403, {"code": "role"}))]
    assert app.post(place, content=EVIDENCE).status_code == 403
    assert applications(app)[application].state == "waiting"
    endpoint.faults = [instead(http(410, {"code": "challenge-expired"}))]
    assert app.post(place, content=EVIDENCE).json()["reason"] == "begin-again"


def test_another_reading_after_a_lost_answer_begins_again(app: TestClient, endpoint: Endpoint) -> None:
    application = apply(app)
    place = f"/applications/{application}/evidence"
    endpoint.faults = [faulty.lost] * QUICK.attempts
    assert app.post(place, content=EVIDENCE).status_code == 503
    endpoint.faults = [instead(http(409, {"code": "idempotency-conflict"}))]
    assert app.post(place, content=EVIDENCE).json()["reason"] == "begin-again"
    assert app.post(place, content=EVIDENCE).status_code == 409


def changed(client: VerificationClient, endpoint: Endpoint, change: Any, now: datetime) -> str | None:
    endpoint.change = lambda path, document: change(document) if "fields" in document else None
    return refusal(client.verify("cha_1", EVIDENCE), now)


def test_the_rules(client: VerificationClient, endpoint: Endpoint) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)

    def birth(value: str, assurance: str = "signed") -> Any:
        return lambda document: document["fields"].update(birth_date={"value": value, "assurance": assurance})

    assert changed(client, endpoint, lambda document: None, now) is None
    assert changed(client, endpoint, birth("2008-11-24"), now) is None
    assert changed(client, endpoint, birth("2008-11-25"), now) == "too-young"
    assert changed(client, endpoint, birth("2008-11-25"), datetime(2026, 11, 24, 15, tzinfo=UTC)) is None
    assert changed(client, endpoint, birth("1985-07"), now) == "birth-date-incomplete"
    assert changed(client, endpoint, birth("1985-07-03", "unsigned"), now) == "birth-date-not-signed"
    endpoint.result = result(tampered=True)
    assert changed(client, endpoint, lambda document: None, now) == "card-not-verified"


def test_verified_files_without_the_card_open_nothing(client: VerificationClient, endpoint: Endpoint) -> None:
    from mnverify import verify
    from tests.support import forgery

    files = forgery.evidence(forgery.card(), forgery.FACE, "0002", "0004")
    endpoint.result = verify(files, trust=forgery.trust())
    assert refusal(client.verify("cha_1", EVIDENCE), datetime.now(UTC)) == "card-not-present"


def test_the_sample_uses_what_is_public() -> None:
    for path in (ROOT / "samples" / "mobile_backend").glob("*.py"):
        for module in re.findall(r"^from (mnverify[\w.]*) import", path.read_text("utf-8"), re.MULTILINE):
            assert module in {"mnverify", "mnverify.client", "mnverify.errors", "mnverify.receipts", "mnverify.virtual"}
