"""Challenge, verification, receipt, stored outcome, audit: on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from mnverify.client import VerificationClient
from tests.server.endpoint import Endpoint, add_key, keys_at, mnverify
from tests.server.phone import ASSIST, evidence_for


def payload_of(receipt: str) -> dict[str, Any]:
    """What a receipt says, its signature not judged."""
    middle = receipt.split(".")[1]
    document: dict[str, Any] = json.loads(b64decode(middle.replace("-", "+").replace("_", "/") + "==="))
    return document


def test_the_whole_way(database: str, tmp_path: Path) -> None:
    key = add_key(database, "example-bank", "general", "--purpose", "account-opening", "--purpose", "other")
    stranger = add_key(database, "somebody-else")
    with Endpoint(database, "--issuer", "https://verify.example.jp", folder=tmp_path) as endpoint:
        assert endpoint.ready["environment"] == "virtual"
        challenge = endpoint.challenge(key, purpose="account-opening", reference="application 4711", expires_in=60)
        assert len(b64decode(challenge["challenge"])) == 32
        answer = endpoint.post("/v1/verifications", key, json=endpoint.body(challenge, claims=["birth_date"]))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["verdict"] == "verified"
        assert {check["id"]: check["outcome"] for check in told["checks"]}["freshness"] == "pass"
        assert told["fields"]["birth_date"] == {"value": "1985-07-03", "assurance": "signed"}
        assert answer.headers["Cache-Control"] == "no-store"

        handed_out = payload_of(told["receipt"])
        assert handed_out["claims"]["birth_date"]["value"] == "1985-07-03"
        assert (handed_out["iss"], handed_out["aud"]) == ("https://verify.example.jp", "example-bank")
        assert (handed_out["reference"], handed_out["challenge_id"]) == ("application 4711", challenge["id"])

        stored = endpoint.get(f"/v1/verifications/{told['id']}", key).json()
        assert stored["verdict"] == "verified" and stored["reference"] == "application 4711"
        assert "fields" not in stored and "claims" not in payload_of(stored["receipt"])
        assert [check["code"] for check in stored["checks"]] == [check["code"] for check in told["checks"]]
        assert stored["evidence_sha256"] == payload_of(stored["receipt"])["evidence_sha256"]
        assert endpoint.get(f"/v1/verifications/{told['id']}", stranger).status_code == 404
        assert endpoint.get(f"/v1/verifications/{told['id']}/events", stranger).status_code == 404
        events = endpoint.get(f"/v1/verifications/{told['id']}/events", key).json()["events"]
        assert [event["event"] for event in events] == ["challenge-issued", "evaluated"]
        assert endpoint.stop() == 0
    whole = mnverify("audit", "verify", "--json", "--database", database, *keys_at(database))
    assert whole == {"whole": True, "findings": []}


def test_the_client_of_the_package_goes_the_whole_way(endpoint: Endpoint, key: Any) -> None:
    with VerificationClient(endpoint.url, key.key, relying_party="example-bank", environment="virtual") as client:
        challenge = client.new_challenge(reference="r1")
        verification = client.verify(challenge.id, evidence_for(challenge.challenge), claims=["birth_date"])
        assert verification.verdict == "verified"


def test_a_general_keys_input_assist_leaves_nothing_derived(endpoint: Endpoint, key: Any) -> None:
    told = endpoint.verify(key, domain=ASSIST).json()
    assert told["verdict"] == "verified" and told["fields"]["name"]["value"]
    stored = endpoint.get(f"/v1/verifications/{told['id']}", key).json()
    assert stored["evidence_sha256"] is None
    assert "evidence_sha256" not in payload_of(stored["receipt"])


def test_verified_claims_only_where_the_operator_said_so(endpoint: Endpoint, key: Any) -> None:
    bank = add_key(endpoint.database, "example-bank", "general", "--trust-framework", "jp_aml")
    body = endpoint.body(endpoint.challenge(bank), claims=["birth_date"], face_compared=True)
    told = endpoint.post("/v1/verifications?format=verified_claims", bank, json=body).json()
    assert told["verdict"] == "verified", told
    assert told["verified_claims"]["verification"]["trust_framework"] == "jp_aml" and "fields" not in told
    body = endpoint.body(endpoint.challenge(bank), domain=ASSIST, claims=["name"], face_compared=True)
    told = endpoint.post("/v1/verifications?format=verified_claims", bank, json=body).json()
    assert told["verdict"] == "verified" and "verified_claims" not in told  # there is no face to compare with
    assert told["verified_claims_refused"]["code"]
    challenge = endpoint.challenge(key)
    refused = endpoint.post("/v1/verifications?format=verified_claims", key, json=endpoint.body(challenge))
    assert (refused.status_code, refused.json()["code"]) == (403, "no-trust-framework")
    assert endpoint.post("/v1/verifications", key, json=endpoint.body(challenge)).status_code == 200


def test_japanese_where_it_is_asked_for(endpoint: Endpoint, key: Any) -> None:
    answer = endpoint.get("/v1/verifications/nothing", key, headers={"Accept-Language": "ja, en;q=0.5"})
    assert answer.status_code == 404 and answer.headers["Content-Language"] == "ja"
    assert "何も" in answer.json()["detail"]


@pytest.mark.parametrize("person", ["ri-mirei", "taisho-centenarian", "nagai-jusho"])
def test_an_office_may_send_the_number(endpoint: Endpoint, office: Any, person: str) -> None:
    challenge = endpoint.challenge(office)
    body = endpoint.body(challenge, person, ASSIST, role="my-number-office")
    told = endpoint.post("/v1/verifications", office, json=body).json()
    assert told["verdict"] == "verified" and "my_number" in told["fields"]
    assert "my_number" not in json.dumps(endpoint.get(f"/v1/verifications/{told['id']}", office).json())


def test_the_schema_is_from_migrations_alone(database: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mnverify", "serve", "--check", "--no-migrate", "--trust", "virtual"]
    command += ["--database", database, *keys_at(database)]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "mnverify migrate" in refused.stderr
    assert mnverify("migrate", "--json", "--database", database, *keys_at(database)) == {"migrated": True}
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
