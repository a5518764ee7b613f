"""What bad input gets: the status and the code, and that nothing of what was submitted comes back."""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from typing import Any

import pytest

from tests.server.endpoint import Endpoint, Key, add_key
from tests.server.phone import ASSIST, FACE, evidence_for
from tests.server.test_verifications import payload_of

MEMBERS = ["type", "title", "status", "detail", "code", "where", "request_id"]


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """A problem of the one shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    problem: dict[str, Any] = answer.json()
    assert list(problem) == MEMBERS
    assert (problem["code"], problem["status"], problem["type"]) == (code, status, f"urn:mnverify:problem:{code}")
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem


def test_replay(endpoint: Endpoint, key: Key) -> None:
    body = endpoint.body(endpoint.challenge(key))
    assert endpoint.post("/v1/verifications", key, json=body).status_code == 200
    refused(endpoint.post("/v1/verifications", key, json=body), 409, "challenge-used")


def test_a_failed_attempt_uses_the_challenge_up(endpoint: Endpoint, key: Key) -> None:
    challenge = endpoint.challenge(key)
    body = {"challenge_id": challenge["id"], "evidence": evidence_for(bytes(32))}  # an answer to another challenge
    told = endpoint.post("/v1/verifications", key, json=body).json()
    assert told["verdict"] == "rejected" and "fields" not in told
    refused(endpoint.post("/v1/verifications", key, json=endpoint.body(challenge)), 409, "challenge-used")


def test_expired(endpoint: Endpoint, key: Key) -> None:
    import sqlite3

    challenge = endpoint.challenge(key, expires_in=60)
    with sqlite3.connect(endpoint.database.removeprefix("sqlite:///")) as connection:  # a minute later
        connection.execute(
            "UPDATE challenges SET expires_at = ? WHERE id = ?", (time.time() * 1000 - 1, challenge["id"])
        )
    refused(endpoint.post("/v1/verifications", key, json=endpoint.body(challenge)), 410, "challenge-expired")


@pytest.mark.parametrize("seconds", [59, 901, 60.5, "300", True, None])
def test_a_lifetime_is_60_to_900_seconds(endpoint: Endpoint, key: Key, seconds: object) -> None:
    problem = refused(endpoint.post("/v1/challenges", key, json={"expires_in": seconds}), 422, "request-invalid")
    assert problem["where"] == "expires_in"


def test_unknown(endpoint: Endpoint, key: Key) -> None:
    body = endpoint.body(endpoint.challenge(key))
    refused(endpoint.post("/v1/verifications", key, json={**body, "challenge_id": "A" * 22}), 404, "challenge-unknown")
    neighbour = add_key(endpoint.database, "neighbour")
    refused(endpoint.post("/v1/verifications", neighbour, json=body), 404, "challenge-unknown")
    same_party = add_key(endpoint.database)  # a challenge is the key's, not the party's
    refused(endpoint.post("/v1/verifications", same_party, json=body), 404, "challenge-unknown")
    assert endpoint.post("/v1/verifications", key, json=body).status_code == 200  # nobody used it up
    refused(endpoint.get("/v1/nothing", key), 404, "unknown")
    refused(endpoint.get("/v1/challenges", key), 405, "method-not-allowed")


def _mutations() -> dict[str, tuple[Any, str]]:
    def changed(**members: Any) -> Any:
        return lambda evidence: {**evidence, **members}

    def file(content: str) -> Any:
        return lambda evidence: {**evidence, "files": {**evidence["files"], "0002": content}}

    def without(name: str) -> Any:
        return lambda evidence: {key: value for key, value in evidence.items() if key != name}

    return {
        "another format": (changed(format="mnverify.evidence/2"), "evidence.format"),
        "no domain": (without("domain"), "evidence"),
        "a stranger domain": (changed(domain="jpki"), "evidence.domain"),
        "not base64": (file("%%%%"), "evidence.files.0002"),
        "not canonical base64": (file("AAE"), "evidence.files.0002"),
        "a file that is none": (file(b64encode(b"\xff\x20\x05abc").decode()), "evidence.files.0002"),
        "no such file": (changed(files={"0009": "AAEC"}), "evidence.files"),
        "a list": (changed(files=[]), "evidence.files"),
        "a number": (changed(reader=5), "evidence"),
        "a moment that is none": (changed(read_at="yesterday"), "evidence.read_at"),
        "an unknown member": (changed(extra="x"), "evidence"),
    }


@pytest.mark.parametrize("name", list(_mutations()))
def test_what_is_not_evidence_is_told_with_its_place(endpoint: Endpoint, key: Key, name: str) -> None:
    change, place = _mutations()[name]
    challenge = endpoint.challenge(key)
    body = {"challenge_id": challenge["id"], "evidence": change(evidence_for(b64decode(challenge["challenge"])))}
    answer = endpoint.post("/v1/verifications", key, json=body)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["where"].startswith(place), problem
    told = endpoint.post("/v1/verifications", key, json=endpoint.body(challenge)).json()  # the challenge is still good
    events = endpoint.get(f"/v1/verifications/{told['id']}/events", key).json()["events"]
    assert [event["event"] for event in events] == ["challenge-issued", "attempt-refused", "evaluated"]
    assert events[1]["code"] == problem["code"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not-json"),
        (b"{", 400, "not-json"),
        (b"[]", 400, "not-json"),
        (b"\xff\xfe", 400, "not-json"),
        (b'{"challenge_id":"a","challenge_id":"b"}', 400, "not-json"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, 400, "not-json"),
        (b'{"challenge_id":1}', 422, "request-invalid"),
        (b'{"challenge_id":"AAAAAAAAAAAAAAAAAAAAAA"}', 422, "request-invalid"),
        (b'{"challenge_id":"AAAAAAAAAAAAAAAAAAAAAA","evidence":[]}', 422, "request-invalid"),
        (b'{"challenge_id":"AAAAAAAAAAAAAAAAAAAAAA","evidence":{},"x":1}', 422, "request-invalid"),
        (b'{"challenge_id":"AAAAAAAAAAAAAAAAAAAAAA","evidence":{},"printed":[]}', 422, "request-invalid"),
        (b'{"challenge_id":"AAAAAAAAAAAAAAAAAAAAAA","evidence":{},"claims":["my_number"]}', 422, "request-invalid"),
        (b'{"challenge_id":"AAAAAAAAAAAAAAAAAAAAAA","evidence":{},"claims":[[]]}', 422, "request-invalid"),
        (b'{"challenge_id":"AAAAAAAAAAAAAAAAAAAAAA","evidence":{},"face_compared":1}', 422, "request-invalid"),
        (b'{"challenge_id":"AAAAAAAAAAAAAAAAAAAAAA","evidence":{},"purpose":"\\u0000"}', 422, "request-invalid"),
    ],
)
def test_envelopes_are_read_strictly(endpoint: Endpoint, key: Key, body: bytes, status: int, code: str) -> None:
    answer = endpoint.post("/v1/verifications", key, data=body, headers={"Content-Type": "application/json"})
    refused(answer, status, code)


def test_a_huge_number_is_no_lifetime(endpoint: Endpoint, key: Key) -> None:
    for number in ("1e999", "-1e999", "1e300", "9" * 30, "NaN"):
        answer = endpoint.post("/v1/challenges", key, data=f'{{"expires_in":{number}}}'.encode())
        assert answer.status_code in (400, 422), answer.text


def test_too_big(endpoint: Endpoint, key: Key) -> None:
    body = endpoint.body(endpoint.challenge(key))
    padded = json.dumps(body).encode()
    padded += b" " * (64 * 1024 + 4096 - len(padded))
    assert (
        endpoint.post("/v1/verifications", key, data=padded, headers={"Content-Type": "application/json"}).status_code
        == 200
    )
    big = b"{" + b" " * (70 * 1024)
    refused(endpoint.post("/v1/verifications", key, data=big), 413, "body-too-large")
    pieces = (b" " * 8192 for _ in range(1000))  # chunked: no length is claimed
    refused(endpoint.post("/v1/verifications", key, data=pieces), 413, "body-too-large")
    assert endpoint.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer x",
        "Basic dXNlcjpwYXNz",
        "Bearer mnv_aaaaaaaaaaaa_" + "A" * 43,
        "Bearer mnv_" + "b" * 900,
    ],
)
def test_no_key_or_a_wrong_one(endpoint: Endpoint, key: Key, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = endpoint.post("/v1/challenges", json={}, headers=headers)
    refused(answer, 401, "key-refused")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    almost = {"Authorization": f"Bearer {key.key[:-1]}{'A' if key.key[-1] != 'A' else 'B'}"}
    refused(endpoint.post("/v1/challenges", json={}, headers=almost), 401, "key-refused")


@pytest.mark.parametrize("domain", [FACE, ASSIST])
def test_a_general_key_that_sends_the_number_is_refused_and_nothing_is_stored(
    endpoint: Endpoint, key: Key, domain: Any
) -> None:
    challenge = endpoint.challenge(key)
    before = _rows(endpoint)
    body = endpoint.body(challenge, domain=domain, role="my-number-office")
    answer = endpoint.post("/v1/verifications", key, json=body)
    assert answer.status_code == 403 and "role" in answer.json()["code"], answer.text
    assert _rows(endpoint) == before
    lying = {**body, "evidence": {**body["evidence"], "role": "general", "credential": _general(domain)}}
    assert endpoint.post("/v1/verifications", key, json=lying).status_code == 403
    assert _rows(endpoint) == before
    assert endpoint.post("/v1/verifications", key, json=endpoint.body(challenge)).status_code == 200


def _general(domain: Any) -> str:
    return "verification-number-b" if domain is FACE else "pin"


def _rows(endpoint: Endpoint) -> dict[str, int]:
    import sqlite3

    with sqlite3.connect(endpoint.database.removeprefix("sqlite:///")) as connection:
        tables = ("challenges", "verifications", "events", "audit", "repeats")
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_the_purpose_is_the_keys_and_the_challenges(endpoint: Endpoint) -> None:
    key = add_key(endpoint.database, "example-bank", "general", "--purpose", "age-check")
    refused(endpoint.post("/v1/challenges", key, json={"purpose": "marketing"}), 403, "purpose-refused")
    challenge = endpoint.challenge(key)
    assert challenge["purpose"] == "age-check"  # the only one the key is for
    body = endpoint.body(challenge, purpose="marketing")
    assert refused(endpoint.post("/v1/verifications", key, json=body), 422, "request-invalid")["where"] == "purpose"
    assert (
        endpoint.post("/v1/verifications", key, json=endpoint.body(challenge, purpose="age-check")).status_code == 200
    )


def test_too_many(endpoint: Endpoint) -> None:
    key = add_key(endpoint.database, "eager", rate="5")
    answers = [endpoint.post("/v1/challenges", key, json={}) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [201] * 5 + [429] * 3
    refused(answers[-1], 429, "rate-exceeded")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 12
    other = add_key(endpoint.database, "patient", rate="5")
    assert endpoint.post("/v1/challenges", other, json={}).status_code == 201


def test_forged_evidence_is_answered_and_rejected(endpoint: Endpoint, key: Key) -> None:
    challenge = endpoint.challenge(key)
    evidence = evidence_for(b64decode(challenge["challenge"]))
    raw = bytearray(b64decode(evidence["files"]["0002"]))
    raw[-300] ^= 1  # in the photo or the signature
    evidence["files"]["0002"] = b64encode(raw).decode()
    answer = endpoint.post("/v1/verifications", key, json={"challenge_id": challenge["id"], "evidence": evidence})
    assert answer.status_code == 200
    told = answer.json()
    failed = [check["id"] for check in told["checks"] if check["outcome"] == "fail"]
    assert told["verdict"] == "rejected" and "record-signature" in failed and "fields" not in told


def test_claims_of_rejected_evidence_are_in_no_receipt(endpoint: Endpoint, key: Key) -> None:
    challenge = endpoint.challenge(key)
    body = {"challenge_id": challenge["id"], "evidence": evidence_for(bytes(32)), "claims": ["birth_date"]}
    told = endpoint.post("/v1/verifications", key, json=body)
    receipt = payload_of(told.json()["receipt"])
    assert told.json()["verdict"] == "rejected" and "claims" not in receipt
    assert "1985-07-03" not in told.text + json.dumps(receipt)  # whole: a year alone may stand in a digest by chance


def test_other_media_types_and_encodings(endpoint: Endpoint, key: Key) -> None:
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "application/json; charset=shift_jis"}):
        refused(endpoint.post("/v1/challenges", key, data=b"{}", headers=headers), 415, "media-type")
    refused(endpoint.post("/v1/challenges", key, data=b"{}", headers={"Content-Encoding": "gzip"}), 415, "media-type")


@pytest.mark.parametrize("query", ["?format=xml", "?format=result&format=result", "?x=1"])
def test_queries_are_read_strictly(endpoint: Endpoint, key: Key, query: str) -> None:
    body = endpoint.body(endpoint.challenge(key))
    refused(endpoint.post(f"/v1/verifications{query}", key, json=body), 422, "request-invalid")


def test_no_refusal_repeats_what_was_sent(endpoint: Endpoint, key: Key) -> None:
    marked = "MARKED-VALUE-7c1f"
    challenge = endpoint.challenge(key)
    evidence = evidence_for(b64decode(challenge["challenge"]))
    bodies: list[Any] = [
        {"challenge_id": marked},
        {marked: 1},
        {"challenge_id": challenge["id"], "evidence": {**evidence, "domain": marked}},
        {"challenge_id": challenge["id"], "evidence": {**evidence, "reader": marked * 20}},
        {"challenge_id": challenge["id"], "evidence": {**evidence, "files": {"0002": marked}}},
        {"challenge_id": challenge["id"], "evidence": evidence, "purpose": f" {marked}"},
        {"challenge_id": challenge["id"], "evidence": evidence, "claims": [marked]},
    ]
    for body in bodies:
        answer = endpoint.post("/v1/verifications", key, json=body)
        assert answer.status_code in (400, 422), answer.text
        assert marked not in answer.text
    for path in (f"/v1/verifications/{marked}", f"/{marked}", f"/v1/verifications?{marked}=1"):
        assert marked not in endpoint.get(path, key).text
    assert marked not in endpoint.log
