"""What a service meets in earnest: slow and half requests, ten thousand connections, a full disk, a database that goes and comes.

It stays up or comes back, answers 503 with Retry-After where it cannot, loses no verification that it answered, and makes none of
one challenge twice.
"""

from __future__ import annotations

import json
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from mnverify.client import Pace, VerificationClient
from tests.server.endpoint import Endpoint, Key, add_key, keys_at, until
from tests.server.phone import evidence_for
from tests.server.postgres import Postgres

MANY = 10_000
PARTY = "example-bank"
PATIENT = Pace(connect=30, answer=60, total=180, attempts=60, first_wait=0.1, longest_wait=10)


def client_of(endpoint: Endpoint, key: Key, pace: Pace = PATIENT) -> VerificationClient:
    return VerificationClient(
        endpoint.url, key.key, relying_party=PARTY, environment=endpoint.ready["environment"], pace=pace
    )


def verify_once(client: VerificationClient) -> str:
    """The whole way; the id of what was answered."""
    challenge = client.new_challenge()
    verification = client.verify(challenge.id, evidence_for(challenge.challenge))
    assert verification
    return verification.id


def audited(endpoint: Endpoint, folder: Path) -> list[dict[str, Any]]:
    """The verifications in the audit, after the chain was found whole."""
    where = ["--database", endpoint.database, *keys_at(endpoint.database)]
    program = [sys.executable, "-m", "mnverify", "audit"]
    export = folder / f"audit-{time.monotonic_ns()}.jsonl"
    subprocess.run([*program, "export", "-o", str(export), *where], capture_output=True, check=True)
    subprocess.run([*program, "verify", str(export), *where], capture_output=True, check=True)
    entries = [json.loads(json.loads(line)["entry"]) for line in export.read_text().splitlines()[1:]]
    return [entry for entry in entries if entry["event"] == "verification"]


def nothing_lost_or_done_twice(
    endpoint: Endpoint, client: VerificationClient, answered: set[str], folder: Path
) -> None:
    entries = audited(endpoint, folder)
    assert {entry["verification_id"] for entry in entries} >= answered
    challenges = [entry["challenge_id"] for entry in entries]
    assert len(set(challenges)) == len(challenges)
    assert all(client.outcome(one) for one in answered)


def connect(endpoint: Endpoint) -> socket.socket:
    host, _, port = endpoint.url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def ended(connection: socket.socket, seconds: float) -> bool:
    """Whether the other side ends a connection in time, with or without an answer before."""
    until = time.monotonic() + seconds
    with suppress(ConnectionError):
        while (left := until - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                if not connection.recv(65536):
                    return True
            except TimeoutError:
                return False
        return False
    return True


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Endpoint]:
    """A service of little patience."""
    database = f"sqlite:///{tmp_path / 'service.db'}"
    limits = ("--header-seconds", "1", "--body-seconds", "1", "--max-connections", "400")
    with Endpoint(database, *limits, folder=tmp_path) as running:
        yield running


def test_slow_heads_and_half_bodies_are_ended_and_others_are_served_meanwhile(small: Endpoint) -> None:
    key = add_key(small.database)
    stop = threading.Event()
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(small)) for _ in range(100)]
        halves = [stack.enter_context(connect(small)) for _ in range(100)]
        head = f"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.key}\r\n"
        for connection in halves:
            body = 'Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"challenge_id":'
            connection.sendall((head + body).encode())

        def drip() -> None:
            for letter in head * 10:
                if stop.wait(0.2):
                    return
                for connection in slow:
                    with suppress(OSError):
                        connection.send(letter.encode())

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            with client_of(small, key) as client:
                answered = {verify_once(client) for _ in range(3)}
            assert all(ended(connection, 30) for connection in (*slow, *halves))
        finally:
            stop.set()
            dripping.join()
    assert len(answered) == 3
    assert small.process.poll() is None


def test_ten_thousand_connections(small: Endpoint) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < MANY + 500:
        pytest.skip("this user may not open so many files")
    key = add_key(small.database)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with ExitStack() as stack, client_of(small, key) as client:
            for _ in range(MANY):
                stack.enter_context(connect(small))
            verify_once(client)
            assert memory_of(small) < 400 * 1024
        with client_of(small, key) as client:
            verify_once(client)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert small.process.poll() is None


def memory_of(endpoint: Endpoint) -> int:
    """KiB that the process holds."""
    status = Path(f"/proc/{endpoint.process.pid}/status")
    if not status.exists():
        return 0
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1])


def test_a_full_disk(tmp_path: Path) -> None:
    """The kernel refuses every further byte; then there is room again."""
    with Endpoint(f"sqlite:///{tmp_path / 'service.db'}", folder=tmp_path) as endpoint:
        key = add_key(endpoint.database)
        hurried = Pace(connect=5, answer=20, total=20, attempts=1)
        with client_of(endpoint, key) as client, client_of(endpoint, key, hurried) as impatient:
            answered = {verify_once(client) for _ in range(3)}
            challenge = client.new_challenge()
            evidence = evidence_for(challenge.challenge)
            largest = max(path.stat().st_size for path in tmp_path.glob("service.db*") if path.is_file())
            resource.prlimit(endpoint.process.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
            refused = 0
            for _ in range(60):
                body = {"challenge_id": challenge.id, "evidence": evidence}
                answer = endpoint.post("/v1/challenges", key, json={})
                if answer.status_code == 503:
                    refused += 1
                    assert int(answer.headers["Retry-After"]) >= 1
                    assert answer.json()["code"] == "database-unavailable"
                    last = endpoint.post("/v1/verifications", key, json=body)
                    assert last.status_code == 503
                    assert endpoint.get("/healthz").status_code == 200
                    break
            assert refused, "the disk never was full"
            with pytest.raises(Exception, match="put the call off"):
                impatient.new_challenge()
            resource.prlimit(
                endpoint.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            )
            verification = client.verify(challenge.id, evidence)
            assert verification, "the challenge that met the full disk was not used up"
            answered |= {verification.id, verify_once(client)}
            nothing_lost_or_done_twice(endpoint, client, answered, tmp_path)
    with sqlite3.connect(tmp_path / "service.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


def test_a_database_that_is_killed_under_load_and_comes_back(tmp_path: Path) -> None:
    with Postgres() as postgres:
        database = postgres.new_database()
        key = add_key(database)
        with Endpoint(database, "--workers", "2", "--database-seconds", "2", folder=tmp_path) as endpoint:
            answered: set[str] = set()
            failures: list[BaseException] = []
            stop = threading.Event()

            def work() -> None:
                try:
                    with client_of(endpoint, key) as client:
                        while not stop.is_set():
                            answered.add(verify_once(client))
                except BaseException as error:  # noqa: BLE001 - told by the test
                    failures.append(error)

            workers = [threading.Thread(target=work) for _ in range(6)]
            for worker in workers:
                worker.start()
            for _ in range(3):
                before = len(answered)
                assert until(lambda before=before: len(answered) > before + 6, 120)
                postgres.stop(at_once=True)
                assert endpoint.get("/healthz").status_code == 200
                ready = endpoint.get("/readyz")
                assert ready.status_code == 503
                refused = endpoint.post("/v1/challenges", key, json={})
                assert (refused.status_code, refused.json()["code"]) == (503, "database-unavailable")
                assert int(refused.headers["Retry-After"]) >= 1
                postgres.start()
            before = len(answered)
            assert until(lambda: len(answered) > before + 6, 120), failures
            stop.set()
            for worker in workers:
                worker.join(120)
            assert failures == []
            assert len(answered) > 20
            assert endpoint.get("/readyz").status_code == 200
            with client_of(endpoint, key) as client:
                nothing_lost_or_done_twice(endpoint, client, answered, tmp_path)
