"""The endpoint as people run it: ``mnverify serve`` in a process of its own, and what is asked of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import requests
from sqlalchemy import NullPool, create_engine, make_url, text

from mnverify.receipts import ReceiptKeys
from mnverify.server.config import ServerConfig
from mnverify.server.secret import ServiceSecret
from mnverify.server.storing import open_database, open_secret
from mnverify.server.use_cases.manage_keys import add_api_key
from mnverify.values import Role
from tests.server.phone import FACE, evidence_for

START_SECONDS = 60.0
RATE = "1000000"


def mnverify(*words: str) -> dict[str, Any]:
    """Run a command that answers with one JSON object."""
    done = subprocess.run([sys.executable, "-m", "mnverify", *words], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{words[:2]}: {done.stdout}{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


class Key(NamedTuple):
    """An API key."""

    id: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """What a request carries."""
        return {"Authorization": f"Bearer {self.key}"}


def add_key(
    database: str,
    name: str = "example-bank",
    role: str = "general",
    *more: str,
    rate: str = RATE,
    at: datetime | None = None,
) -> Key:
    """Make a key, now or at another moment."""
    words = ["--purpose", "--trust-framework"]
    given = {word: [more[at + 1] for at in range(0, len(more), 2) if more[at] == word] for word in words}
    folder = None if database.startswith("sqlite") else str(keys_folder(database))
    config = ServerConfig(database=database, keys_folder=folder)
    with open_database(config) as opened:
        made = add_api_key(
            opened,
            open_secret(config, opened, lambda _: None),
            at or datetime.now(UTC),
            relying_party=name,
            role=Role(role),
            purposes=given["--purpose"],
            trust_frameworks=given["--trust-framework"],
            rate_per_minute=int(rate),
        )
    return Key(made.key.id, made.secret)


def keys_at(database: str) -> list[str]:
    """Options that name the folder of a PostgreSQL database's keys; SQLite's is beside it."""
    return [] if database.startswith("sqlite") else ["--keys-folder", str(keys_folder(database))]


def keys_folder(database: str) -> Path:
    """The folder of a PostgreSQL database's keys, made where it is missing."""
    name = database.rpartition("/")[2] if "?" not in database else database.split("?")[0].rpartition("/")[2]
    folder = Path(tempfile.gettempdir()) / f"mnverify-test-keys-{os.getpid()}-{name}"
    if not folder.exists():
        ServiceSecret.create(folder / "secret")
        ReceiptKeys.create_first(folder / "receipt-keys")
    return folder


def query(database: str, sql: str) -> list[Any]:
    """Rows of a database, whatever the service thinks of them."""
    url = make_url(database).set(drivername="sqlite" if database.startswith("sqlite") else "postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(sql))
        return list(result) if result.returns_rows else []


class Endpoint:
    """A running service.

    Args:
        database: URL.
        more: further options of ``serve``.
        folder: where its output goes.
    """

    def __init__(
        self, database: str, *more: str, folder: Path, trust: str = "virtual", environment: dict[str, str] | None = None
    ) -> None:
        self.database = database
        self._count = len(list(folder.glob("serve-*")))
        self.log_path = folder / f"serve-{self._count}.log"
        command = [sys.executable, "-m", "mnverify", "serve", "--port", "0", "--database", database, "--trust", trust]
        command += [*keys_at(database), *more]
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        if self.process.stdout is None:
            raise AssertionError
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"it did not start: {self.log}")
        self.ready: dict[str, str] = json.loads(line)
        self.url = self.ready["url"]
        self.session = requests.Session()

    @property
    def log(self) -> str:
        """What it wrote on standard error."""
        return self.log_path.read_text("utf-8", "replace")

    def post(self, path: str, key: Key | None = None, **more: Any) -> requests.Response:
        """Post; ``json``, ``data``, ``headers`` as requests has them."""
        headers = {**(key.headers if key else {}), **more.pop("headers", {})}
        return self.session.post(self.url + path, headers=headers, timeout=30, **more)

    def get(self, path: str, key: Key | None = None, **more: Any) -> requests.Response:
        """Get."""
        headers = {**(key.headers if key else {}), **more.pop("headers", {})}
        return self.session.get(self.url + path, headers=headers, timeout=30, **more)

    def challenge(self, key: Key, **more: Any) -> dict[str, Any]:
        """A new challenge."""
        answer = self.post("/v1/challenges", key, json=more)
        if answer.status_code != 201:
            raise AssertionError(answer.text)
        made: dict[str, Any] = answer.json()
        return made

    def body(
        self, challenge: dict[str, Any], person: str = "sato-hanako", domain: Any = FACE, **more: Any
    ) -> dict[str, Any]:
        """The body of a verification of fresh evidence."""
        role = {"role": more.pop("role")} if "role" in more else {}
        evidence = evidence_for(b64decode(challenge["challenge"]), person, domain, **role)
        return {"challenge_id": challenge["id"], "evidence": evidence, **more}

    def verify(self, key: Key, person: str = "sato-hanako", domain: Any = FACE, **more: Any) -> requests.Response:
        """The whole way: challenge, card, verification."""
        return self.post("/v1/verifications", key, json=self.body(self.challenge(key), person, domain, **more))

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_SECONDS)

    def kill(self) -> None:
        """SIGKILL, with its workers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(START_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.session.close()
        if self.process.poll() is None:
            self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()


def until(true: Any, seconds: float = 20.0) -> bool:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return bool(true())
