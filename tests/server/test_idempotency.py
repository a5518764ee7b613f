"""An answer that was lost can be asked for again, with the same key and the same body, and nothing personal is kept for that."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.server.endpoint import Endpoint, add_key


def test_the_same_request_gets_the_same_answer(endpoint: Endpoint, key: Any) -> None:
    body = endpoint.body(endpoint.challenge(key), claims=["birth_date"])
    headers = {"Idempotency-Key": "a-1"}
    first = endpoint.post("/v1/verifications", key, json=body, headers=headers)
    again = endpoint.post("/v1/verifications", key, json=body, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()  # the receipt too, to the byte
    events = endpoint.get(f"/v1/verifications/{first.json()['id']}/events", key).json()["events"]
    assert [event["event"] for event in events] == ["challenge-issued", "evaluated", "answered-again"]


def test_another_body_is_a_conflict_and_uses_nothing_up(endpoint: Endpoint, key: Any) -> None:
    headers = {"Idempotency-Key": "b-1"}
    first = endpoint.body(endpoint.challenge(key))
    assert endpoint.post("/v1/verifications", key, json=first, headers=headers).status_code == 200
    changed = endpoint.post("/v1/verifications", key, json={**first, "claims": ["sex"]}, headers=headers)
    assert (changed.status_code, changed.json()["code"]) == (409, "idempotency-conflict")
    other = endpoint.body(endpoint.challenge(key))
    refused = endpoint.post("/v1/verifications", key, json=other, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency-conflict")
    assert endpoint.post("/v1/verifications", key, json=other).status_code == 200  # its challenge is still good
    assert endpoint.post("/v1/verifications", key, json=first).json()["code"] == "challenge-used"  # without the key


def test_a_challenge_is_asked_for_once(endpoint: Endpoint, key: Any) -> None:
    headers = {"Idempotency-Key": "c-1"}
    first = endpoint.post("/v1/challenges", key, json={"reference": "x"}, headers=headers)
    again = endpoint.post("/v1/challenges", key, json={"reference": "x"}, headers=headers)
    assert first.json() == again.json() and first.status_code == again.status_code == 201
    other = endpoint.post("/v1/challenges", key, json={"reference": "y"}, headers=headers)
    assert other.json()["code"] == "idempotency-conflict"


def test_another_party_may_use_the_same_word(endpoint: Endpoint, key: Any) -> None:
    neighbour = add_key(endpoint.database, "neighbour")
    headers = {"Idempotency-Key": "d-1"}
    assert endpoint.post("/v1/challenges", key, json={}, headers=headers).status_code == 201
    assert endpoint.post("/v1/challenges", neighbour, json={"reference": "z"}, headers=headers).status_code == 201


def test_many_at_once_get_one_answer(database: str, tmp_path: Path) -> None:
    with Endpoint(database, folder=tmp_path) as endpoint:
        key = add_key(database)
        for round_number in range(5):
            body = endpoint.body(endpoint.challenge(key))
            headers = {"Idempotency-Key": f"e-{round_number}"}
            answers: list[Any] = []

            def post(body: Any = body, headers: Any = headers, answers: list[Any] = answers) -> None:
                import requests

                sent = {**headers, **key.headers}
                answers.append(requests.post(f"{endpoint.url}/v1/verifications", json=body, headers=sent, timeout=30))

            threads = [threading.Thread(target=post) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert {answer.json().get("code", "answered") for answer in answers} == {"answered"}
            assert len({answer.text for answer in answers}) == 1


def test_a_repeat_is_known_again_in_both_databases(database: str, tmp_path: Path) -> None:
    key = add_key(database)
    with Endpoint(database, folder=tmp_path) as endpoint:
        body, headers = endpoint.body(endpoint.challenge(key)), {"Idempotency-Key": "f"}
        first = endpoint.post("/v1/verifications", key, json=body, headers=headers)
        assert first.status_code == 200, first.text
        assert endpoint.post("/v1/verifications", key, json=body, headers=headers).json() == first.json()
