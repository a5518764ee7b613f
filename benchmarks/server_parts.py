"""What the endpoint is measured with and against: the bare library, the bare transaction, running services."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mnverify.evidence import Evidence
from mnverify.receipts import ReceiptKeys
from mnverify.server.config import ServerConfig
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage.challenges import Challenge
from mnverify.server.storage.tables import CHALLENGES
from mnverify.server.storing import open_database, open_secret
from mnverify.server.use_cases.manage_keys import NewKey, add_api_key
from mnverify.server.words import Identifier, Word, new_id
from mnverify.values import Role
from mnverify.verification import TrustStore, verify
from tests.server.phone import authority, evidence_for

CHALLENGE = bytes(range(32))
SEEDED = 12_000
ROOT = Path(__file__).resolve().parents[1]
CORES = sorted(os.sched_getaffinity(0))
"""What is measured has the first core alone; generator and database have the last one."""


class Place(NamedTuple):
    """A database with a key and unused challenges, all of the same 32 bytes, so that one evidence answers them all."""

    folder: Path
    config: ServerConfig
    key: NewKey
    challenges: list[Identifier]


class Served(NamedTuple):
    """A running service."""

    host: str
    port: int
    place: Place
    process_id: int


@cache
def evidence() -> dict[str, Any]:
    """A card face with its photo."""
    return evidence_for(CHALLENGE)


def new_place(folder: Path, database: str | None, seeded: int = SEEDED) -> Place:
    """A new database, SQLite where none is named."""
    folder = folder / secrets.token_hex(4)
    folder.mkdir()
    ServiceSecret.create(folder / "keys" / "secret")
    ReceiptKeys.create_first(folder / "keys" / "receipt-keys")
    url = database or f"sqlite:///{folder / 'bench.db'}"
    config = ServerConfig(database=url, keys_folder=str(folder / "keys"))
    with open_database(config) as opened:
        secret = open_secret(config, opened, lambda _: None)
        now = datetime.now(UTC)
        key = add_api_key(opened, secret, now, relying_party="bench", role=Role.GENERAL, rate_per_minute=10_000_000)
    place = Place(folder, config, key, [])
    add_challenges(place, seeded)
    return place


def add_challenges(place: Place, count: int) -> None:
    """More unused challenges, also while the service runs."""
    made = [new_id() for _ in range(count)]
    rows = [_challenge(one, place.key)._asdict() for one in made]
    with open_database(place.config) as opened:
        for begin in range(0, count, 1000):
            with opened.begin() as connection:
                connection.execute(CHALLENGES.insert(), rows[begin : begin + 1000])
    place.challenges.extend(made)


def _challenge(challenge_id: Identifier, key: NewKey) -> Challenge:
    now = int(time.time() * 1000)
    return Challenge(challenge_id, key.key.family, Word("bench"), None, None, CHALLENGE, now, now + 36_000_000, None)


class Bare(NamedTuple):
    """What something costs without the service around it.

    Attributes:
        rate: a second.
        cpu: seconds of processor time for each.
    """

    rate: float
    cpu: float


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """This process, and those that it starts meanwhile, on one core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(process_id: int) -> float:
    """Processor time of a process, user and system (Linux)."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare_library(seconds: float) -> Bare:
    """Verifications a second, JSON to verdict, in this process, on the first core."""
    with on_core(CORES[0]):
        return _bare_library(seconds)


def _bare_library(seconds: float) -> Bare:
    text = json.dumps(evidence())
    trust = TrustStore.from_json(json.dumps(authority().trust_anchors()))
    at = datetime.now(UTC).replace(microsecond=0)
    if not verify(Evidence.from_json(text), trust=trust, at=at, challenge=CHALLENGE).verified:
        raise RuntimeError("what is measured is not verified")
    count, began, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() < began + seconds:
        for _ in range(50):
            verify(Evidence.from_json(text), trust=trust, at=at, challenge=CHALLENGE)
        count += 50
    return Bare(count / (time.perf_counter() - began), (time.process_time() - used) / count)


def bare_transactions(place: Place, seconds: float) -> Bare:
    """Claim-and-audit transactions a second by the driver alone: one request, one transaction, one connection, first core."""
    with on_core(CORES[0]):
        return _bare_transactions(place, seconds)


def _bare_transactions(place: Place, seconds: float) -> Bare:
    import psycopg

    stored = ("x" * 22, "f" * 300, "e" * 64, "r" * 900)
    now = int(time.time() * 1000)
    count, began, used = 0, time.perf_counter(), time.process_time()
    with psycopg.connect(place.config.database, autocommit=False) as connection:
        for challenge_id in place.challenges:
            with connection.transaction():
                claimed = connection.execute(
                    _CLAIM, (now, challenge_id, place.key.key.family, now, place.key.key.id)
                ).fetchone()
                connection.execute(_STORE, (new_id(), challenge_id, now, place.key.key.id, now, *stored[1:]))
                head = connection.execute("SELECT seq, hash FROM audit_head FOR UPDATE").fetchone()
                if claimed is None or head is None:
                    raise RuntimeError("nothing was claimed")
                connection.execute(
                    "INSERT INTO audit VALUES (%s, %s, %s, %s)", (head[0] + 1, now, stored[1], stored[2])
                )
                connection.execute("UPDATE audit_head SET seq = %s, hash = %s", (head[0] + 1, stored[2]))
            count += 1
            if time.perf_counter() - began > seconds:
                break
        taken = time.perf_counter() - began
    return Bare(count / taken, (time.process_time() - used) / count)


_CLAIM = (
    "UPDATE challenges SET used_at = %s WHERE id = %s AND family = %s AND used_at IS NULL AND expires_at > %s "
    "AND EXISTS (SELECT 1 FROM api_keys WHERE api_keys.id = %s AND revoked_at IS NULL) RETURNING challenge, purpose, reference"
)
_STORE = (
    "INSERT INTO verifications (id, challenge_id, challenge_issued_at, relying_party, key_id, at, domain, role, environment, "
    "verdict, outcome, evidence_sha256, receipt) VALUES (%s, %s, %s, 'bench', %s, %s, 'face-check', 'general', 'virtual', "
    "'verified', %s, %s, %s)"
)


def serve(place: Place, workers: int) -> Iterator[Served]:
    """The service as people run it."""
    command = [sys.executable, "-m", "mnverify", "serve", "--port", "0", "--trust", "virtual"]
    command += ["--database", place.config.database, "--keys-folder", str(place.config.keys_folder)]
    yield from _running([*command, "--workers", str(workers)], place, one=workers == 1)


def serve_stubbed(place: Place, workers: int) -> Iterator[Served]:
    """The service with its storage stubbed: everything else is as people run it."""
    command = [sys.executable, "-m", "benchmarks.server_stubbed", place.config.database, str(place.config.keys_folder)]
    yield from _running([*command, str(workers)], place, one=workers == 1)


def _running(command: list[str], place: Place, *, one: bool) -> Iterator[Served]:
    """A running service; of one worker it has the first core alone, of several every core."""
    with (place.folder / "log").open("wb") as log, on_core(CORES[0]) if one else nullcontext():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, start_new_session=True)
    if process.stdout is None:
        raise AssertionError
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError((place.folder / "log").read_text())
        host, _, port = json.loads(line)["url"].removeprefix("http://").rpartition(":")
        yield Served(host, int(port), place, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        process.stdout.close()


def memory_kib(process_id: int) -> int:
    """Resident memory of a process (Linux)."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no such process")
