"""From a card through the TypeScript client to a real endpoint and back: challenge, reading, verdict, receipt."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnverify.receipts import verify_receipt
from mnverify.virtual import VirtualAuthority, persona
from tests.bindings.typescript import FOLDER, built
from tests.support.by_chance import stands_in
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

pytestmark = built
CARD = VirtualAuthority.laboratory().issue(persona("sato-hanako"))
PROGRAM = [sys.executable, "-m", "mnverify"]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("endpoint")
    database = ["--database", f"sqlite:///{folder}/endpoint.db"]
    serve = [*PROGRAM, "serve", *database, "--port", "0", "--trust", "virtual"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder) as server:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        made = subprocess.run(
            [*PROGRAM, "keys", "add", "example-bank", *database], capture_output=True, check=True, cwd=folder
        )
        yield {
            "url": url,
            "apiKey": json.loads(made.stdout)["key"],
            "relyingParty": "example-bank",
            "folder": str(folder),
        }
        server.terminate()


@pytest.fixture
def reader(service: PcscService, host: CardHost) -> Iterator[str]:
    host.plug("ts", "pcsc", service.ports[0])
    host.card("ts")
    host.insert("ts")
    yield service.readers[0]
    host.remove("ts")


def phone(endpoint: dict[str, str], reader: str, domain: str, kind: str, **more: Any) -> Any:
    asked = {
        **endpoint,
        "reader": reader,
        "domain": domain,
        "kind": kind,
        "environment": "virtual",
        "claims": [],
        **more,
    }
    done = subprocess.run(
        ["node", "test/support/phone.mjs", json.dumps(asked)],
        input=CARD.credentials[kind],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=FOLDER,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not stands_in(CARD.credentials[kind].encode(), (done.stdout + done.stderr).encode())
    return json.loads(done.stdout)


def test_a_face_check_end_to_end(endpoint: dict[str, str], reader: str) -> None:
    told = phone(endpoint, reader, "face-check", "verification-number-b", claims=["birth_date"], repeat=True)
    assert told["verdict"] == "verified"
    assert (told["checks"]["presence"], told["checks"]["freshness"]) == ("record", "ok")
    assert told["fields"]["birth_date"] == told["claims"]["birth_date"] == "1985-07-03"
    assert (told["same"], told["used"]) == (True, "challenge-used")
    jwks = subprocess.run(
        [sys.executable, "-c", f"import requests; print(requests.get('{endpoint['url']}/.well-known/jwks.json').text)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    receipt = verify_receipt(told["receipt"], jwks, issuer=endpoint["url"], relying_party="example-bank")
    assert receipt and receipt.claims["birth_date"].value == "1985-07-03"


def test_input_assist_travels_as_a_request_and_is_kept_nowhere(endpoint: dict[str, str], reader: str) -> None:
    told = phone(endpoint, reader, "input-assist", "pin", claims=["name"])
    assert told["verdict"] == "verified"
    assert told["checks"]["presence"] == "unbound", "nothing ties the answer to the files, for the endpoint"
    assert told["fields"]["name"] == told["claims"]["name"]
    signed = CARD.files("input-assist")["0003"][-256:]
    for path in Path(endpoint["folder"]).rglob("*"):
        assert path.is_dir() or signed not in path.read_bytes(), path


def test_another_challenge_is_rejected(endpoint: dict[str, str], reader: str) -> None:
    told = phone(endpoint, reader, "face-check", "verification-number-b", other=True)
    assert told["verdict"] == "rejected" and told["checks"]["freshness"] == "other-challenge"
    assert "fields" not in told


def test_another_environment_and_another_key_are_not_believed(endpoint: dict[str, str], reader: str) -> None:
    told = phone(endpoint, reader, "face-check", "verification-number-b", environment="production")
    assert told["error"] == "unexpected-answer"
    told = phone({**endpoint, "apiKey": "mnv_none"}, reader, "face-check", "verification-number-b")
    assert (told["error"], told["status"]) == ("request-refused", 401)
    told = phone({**endpoint, "relyingParty": "another-bank"}, reader, "face-check", "verification-number-b")
    assert (told["error"], told["reason"]) == ("receipt-refused", "relying-party")
