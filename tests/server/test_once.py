"""Once means once: under races over several processes, and when processes die in the middle."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import threading
import time
from base64 import b64decode
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from tests.server.clients import Clients, request
from tests.server.endpoint import Endpoint, Key, add_key, keys_at, mnverify, query, until
from tests.server.phone import evidence_for
from tests.server.postgres import Postgres

ROUNDS, CLIENTS = 200, 64
KILLS, CALLERS = 20, 4


def test_of_64_clients_at_two_processes_one_is_evaluated(postgres: Postgres, tmp_path: Path) -> None:
    database = postgres.new_database()
    with Endpoint(database, folder=tmp_path) as one, Endpoint(database, folder=tmp_path) as other:
        key = add_key(database)
        evaluated = asyncio.run(_race([one.url, other.url], one, key))
    assert evaluated == ROUNDS
    assert query(database, "SELECT count(*) FROM verifications") == [(ROUNDS,)]
    whole = mnverify("audit", "verify", "--json", "--database", database, *keys_at(database))
    assert whole["whole"], whole


async def _race(urls: list[str], endpoint: Endpoint, key: Key) -> int:
    evidence = evidence_for(bytes(32))  # an answer to another challenge: a failed attempt uses it up as well
    evaluated = 0
    async with Clients(urls, CLIENTS) as clients:
        for _ in range(ROUNDS):
            challenge = await asyncio.to_thread(endpoint.challenge, key)
            body = {"challenge_id": challenge["id"], "evidence": evidence}
            answers = await clients.all_at_once(request(urls[0], "/v1/verifications", key, body))
            statuses = Counter(answer.status for answer in answers)
            assert statuses == {200: 1, 409: CLIENTS - 1}, statuses
            assert {answer.body["code"] for answer in answers if answer.status == 409} == {"challenge-used"}
            evaluated += 1
    return evaluated


def test_processes_that_are_killed_under_load_lose_nothing_and_serve_nothing_twice(
    postgres: Postgres, tmp_path: Path
) -> None:
    database = postgres.new_database()
    key = add_key(database)
    answered: dict[str, str] = {}  # verification by challenge, as callers were told
    ended = threading.Event()
    with Endpoint(database, "--workers", "3", folder=tmp_path) as endpoint:
        callers = [threading.Thread(target=_call, args=(endpoint.url, key, answered, ended)) for _ in range(CALLERS)]
        for caller in callers:
            caller.start()
        killed = 0
        for _ in range(KILLS):
            before = len(answered)
            assert until(lambda before=before: len(answered) > before + 2, 120)  # it is under load
            time.sleep(random.uniform(0, 0.05))  # wherever in a request that is
            assert until(lambda: _workers(endpoint))
            os.kill(random.choice(_workers(endpoint)), signal.SIGKILL)
            killed += 1
        assert until(lambda: len(_workers(endpoint)) == 3, 60)
        ended.set()
        for caller in callers:
            caller.join()
        assert endpoint.get("/readyz").status_code == 200
    assert killed == KILLS and len(answered) > KILLS
    _judge(database, answered)


def _call(url: str, key: Key, answered: dict[str, str], ended: threading.Event) -> None:
    """What a backend does: it asks again, with the same Idempotency-Key, where a process died before it answered."""
    number = 0
    while not ended.is_set():
        number += 1
        challenge = _insist(f"{url}/v1/challenges", key, {}, f"c{threading.get_ident()}-{number}", ended)
        if challenge is None:
            return
        body = {"challenge_id": challenge["id"], "evidence": evidence_for(b64decode(challenge["challenge"]))}
        told = _insist(f"{url}/v1/verifications", key, body, f"v{threading.get_ident()}-{number}", ended)
        if told is None:
            return
        assert told["verdict"] == "verified"
        assert challenge["id"] not in answered
        answered[challenge["id"]] = told["id"]


def _insist(url: str, key: Key, body: Any, repeat: str, ended: threading.Event) -> dict[str, Any] | None:
    while not ended.is_set():
        try:
            answer = requests.post(url, json=body, headers={**key.headers, "Idempotency-Key": repeat}, timeout=30)
        except requests.RequestException:
            continue
        if answer.status_code in (200, 201):
            told: dict[str, Any] = answer.json()
            return told
        assert answer.status_code == 503, answer.text
    return None


def _workers(endpoint: Endpoint) -> list[int]:
    children = Path(f"/proc/{endpoint.process.pid}/task/{endpoint.process.pid}/children").read_text().split()
    found = []
    for child in children:
        try:
            if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text():
                found.append(int(child))
        except OSError:
            continue
    return found


def _judge(database: str, answered: dict[str, str]) -> None:
    whole = mnverify("audit", "verify", "--json", "--database", database, *keys_at(database))
    assert whole["whole"], whole
    entries = [json.loads(entry) for (entry,) in query(database, "SELECT entry FROM audit ORDER BY seq")]
    stored = dict(query(database, "SELECT challenge_id, id FROM verifications"))
    used = query(database, "SELECT count(*) FROM challenges WHERE used_at IS NOT NULL")
    audited = {entry["challenge_id"]: entry["verification_id"] for entry in entries if entry["event"] == "verification"}
    assert answered.items() <= audited.items()  # every answer is in the audit trail
    assert stored == audited and used == [(len(stored),)]  # and nothing is half done
    assert len(set(stored.values())) == len(stored)
