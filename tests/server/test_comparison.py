"""``printed`` in a verification: a comparison in the answer, outcomes and codes in the store, content nowhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mnverify.client import VerificationClient
from mnverify.virtual import persona
from tests.printed.chips import printed_of
from tests.server.endpoint import Endpoint, Key, add_key
from tests.server.phone import ASSIST, evidence_for
from tests.server.test_verifications import payload_of

SATO = persona("sato-hanako")
FLAT: dict[str, Any] = printed_of(SATO).to_dict()["printed"]
FORGED = {**FLAT, "name": "偽名　華子", "address": "見本県架空市中央一丁目２３号"}
READ = {"format": "mnverify.printed/1", "printed": FLAT, "confidence": dict.fromkeys(FLAT, 0.99)}
NUMBER = {"my_number": SATO.my_number.reveal()}


def verified(endpoint: Endpoint, key: Key, printed: Any, **more: Any) -> Any:
    """An answer to a verification with printed data."""
    body = endpoint.body(endpoint.challenge(key), **more)
    return endpoint.post("/v1/verifications", key, json={**body, "printed": printed})


@pytest.mark.parametrize(
    ("printed", "outcome", "code"), [(FLAT, "match", "equal"), (READ, "match", "equal-up-to-variants")]
)
def test_chip_and_print_are_compared(endpoint: Endpoint, key: Key, printed: Any, outcome: str, code: str) -> None:
    told = verified(endpoint, key, printed, domain=ASSIST).json()
    assert told["verdict"] == "verified"
    assert set(told["comparison"]) == {"format", "outcome", "fields"}
    assert (told["comparison"]["format"], told["comparison"]["outcome"]) == ("mnverify.comparison/1", outcome)
    assert told["comparison"]["fields"]["name"]["code"] == code
    assert told["comparison"]["fields"]["security_code"]["code"] == "not-in-chip"


def test_a_name_that_was_not_read_in_a_picture_is_no_match_and_is_kept_so(endpoint: Endpoint, key: Key) -> None:
    texts = {name: text for name, text in FLAT.items() if name != "name"}
    read = {**READ, "printed": texts, "confidence": dict.fromkeys(texts, 0.99)}
    told = verified(endpoint, key, read, domain=ASSIST).json()
    assert told["comparison"]["outcome"] == "uncertain"
    assert {told["comparison"]["fields"]["name"][part] for part in ("outcome", "code")} == {"not-compared", "not-read"}
    assert endpoint.get(f"/v1/verifications/{told['id']}", key).json()["comparison"] == told["comparison"]
    assert verified(endpoint, key, texts, domain=ASSIST).json()["comparison"]["outcome"] == "match"  # typed: a part


def test_a_mismatch_changes_no_verdict_and_stands_in_no_receipt(endpoint: Endpoint, key: Key) -> None:
    told = verified(endpoint, key, FORGED, domain=ASSIST).json()
    assert (told["verdict"], told["comparison"]["outcome"]) == ("verified", "mismatch")
    stored = endpoint.get(f"/v1/verifications/{told['id']}", key).json()
    assert stored["comparison"] == told["comparison"]
    assert "comparison" not in json.dumps(payload_of(told["receipt"]))


def test_the_face_check_s_images_are_not_compared(endpoint: Endpoint, key: Key) -> None:
    told = verified(endpoint, key, FLAT).json()
    assert told["comparison"]["outcome"] == "uncertain"
    found = {name: field["code"] for name, field in told["comparison"]["fields"].items()}
    assert found["name"] == found["address"] == found["security_code"] == "image-only"
    assert found["birth_date"] == found["sex"] == found["expiry"] == "equal"
    assert found["photo"] == "for-human"


def test_nothing_is_compared_with_what_was_rejected(endpoint: Endpoint, key: Key) -> None:
    body = endpoint.body(endpoint.challenge(key))
    body["evidence"]["presence"] = endpoint.body(endpoint.challenge(key))["evidence"]["presence"]
    told = endpoint.post("/v1/verifications", key, json={**body, "printed": FLAT}).json()
    assert (told["verdict"], told["comparison"]["outcome"], told["comparison"]["fields"]) == (
        "rejected",
        "uncertain",
        {},
    )


def test_without_printed_data_there_is_no_comparison(endpoint: Endpoint, key: Key) -> None:
    told = endpoint.verify(key).json()
    assert "comparison" not in told
    assert "comparison" not in endpoint.get(f"/v1/verifications/{told['id']}", key).json()


@pytest.mark.parametrize(
    ("printed", "where"),
    [
        ([], "printed"),
        ("x", "printed"),
        (None, "printed"),
        ({"nom": "x"}, "printed"),
        ({"name": 1}, "printed.name"),
        ({"name": "a\u0007"}, "printed.name"),
        ({"additional_entry": "x"}, "printed.additional_entry"),
        ({"format": "mnverify.printed/2", "printed": {}}, "printed.format"),
        ({"name": "漢" * 401}, "printed.name"),
    ],
)
def test_what_is_no_printed_data_is_refused_and_spends_no_challenge(
    endpoint: Endpoint, key: Key, printed: Any, where: str
) -> None:
    body = endpoint.body(endpoint.challenge(key))
    refused = endpoint.post("/v1/verifications", key, json={**body, "printed": printed})
    assert refused.status_code == 422, refused.text
    assert refused.json()["where"] == where
    assert "漢漢" not in refused.text
    assert endpoint.post("/v1/verifications", key, json=body).json()["verdict"] == "verified"


def test_the_number_is_refused_in_role_general_and_leaves_nothing(endpoint: Endpoint, key: Key) -> None:
    challenge = endpoint.challenge(key)
    body = {**endpoint.body(challenge), "printed": {**FLAT, **NUMBER}}
    refused = endpoint.post("/v1/verifications", key, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-for-role")
    assert NUMBER["my_number"] not in refused.text
    told = endpoint.get("/metrics").text
    assert NUMBER["my_number"] not in told
    body.pop("printed")
    told = endpoint.post("/v1/verifications", key, json=body).json()
    assert [e["event"] for e in endpoint.get(f"/v1/verifications/{told['id']}/events", key).json()["events"]] == [
        "challenge-issued",
        "evaluated",
    ]


def test_the_number_needs_evidence_of_its_role_too(endpoint: Endpoint) -> None:
    office = add_key(endpoint.database, "example-office", "my-number-office")
    refused = verified(endpoint, office, NUMBER, domain=ASSIST)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-for-role")
    found = verified(endpoint, office, {"sex": "女"}, domain=ASSIST).json()
    assert found["comparison"]["outcome"] == "match"


def test_a_repeated_request_is_answered_with_the_same_comparison(endpoint: Endpoint, key: Key) -> None:
    body = {**endpoint.body(endpoint.challenge(key), domain=ASSIST), "printed": FORGED}
    first, second = (
        endpoint.post("/v1/verifications", key, json=body, headers={"Idempotency-Key": "k" * 24}) for _ in range(2)
    )
    assert first.status_code == second.status_code == 200, second.text
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["comparison"] == second.json()["comparison"]
    other = endpoint.post(
        "/v1/verifications", key, json={**body, "printed": FLAT}, headers={"Idempotency-Key": "k" * 24}
    )
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-conflict")


def test_the_answer_s_language_is_the_request_s(endpoint: Endpoint, key: Key) -> None:
    body = {**endpoint.body(endpoint.challenge(key), domain=ASSIST), "printed": FLAT}
    told = endpoint.post("/v1/verifications", key, json=body, headers={"Accept-Language": "ja"}).json()
    assert "一致" in told["comparison"]["fields"]["name"]["detail"]


def test_nothing_of_the_print_is_kept(database: str, tmp_path: Path) -> None:
    """The database with its journals, and what the service wrote, hold nothing of either side."""
    key = add_key(database, "example-bank")
    with Endpoint(database, folder=tmp_path) as endpoint:
        for printed in (FLAT, FORGED, {"name": 1}, {**FLAT, **NUMBER}):
            verified(endpoint, key, printed, domain=ASSIST)
        assert endpoint.stop() == 0
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"additional-entry" not in content or b"comparison" in content
    for text in ("佐藤", "偽名", "華子", "架空市", "昭和60年7月3日", NUMBER["my_number"]):
        assert text.encode() not in content
        assert json.dumps(text)[1:-1].encode() not in content


def test_the_client_of_the_package_sends_printed_data(endpoint: Endpoint, key: Key) -> None:
    with VerificationClient(endpoint.url, key.key, relying_party="example-bank", environment="virtual") as client:
        challenge = client.new_challenge()
        found = client.verify(
            challenge.id, evidence_for(challenge.challenge), printed={"birth_date": "S60.7.3", "sex": "男"}
        )
        assert found.verdict == "verified"
        assert found.comparison is not None
        assert found.comparison["outcome"] == "mismatch"
        assert found.comparison["fields"]["birth_date"]["outcome"] == "match"


def test_the_service_loads_nothing_of_the_card_or_of_pictures() -> None:
    code = (
        "import sys, mnverify.server.app, mnverify.server.use_cases.serve; from mnverify.printed.variants.relation import table; "
        "table(); wrong = [m for m in sys.modules if m.split('.')[0] in "
        "('PIL', 'numpy', 'cv2', 'rapidocr', 'onnxruntime', 'zxingcpp', 'smartcard', 'nfc') "
        "or m.startswith(('mnverify.card', 'mnverify.readers', 'mnverify.virtual'))]; assert not wrong, wrong"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
