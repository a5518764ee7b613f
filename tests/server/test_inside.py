"""What cannot be seen from outside: a commit that fails, the door, the types of the logs, the configuration."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import pickle
import typing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from starlette.types import Message

from mnverify.cli.inputs import trust_store
from mnverify.errors import UsageError
from mnverify.server import log
from mnverify.server.app import create_app
from mnverify.server.config import ServerConfig
from mnverify.server.service import Service
from mnverify.server.words import Identifier
from tests.server.endpoint import Key, add_key, query
from tests.server.phone import evidence_for


class Inside:
    """The application in this process.

    Attributes:
        service: its parts.
        now: what time it is, if not what it is.
    """

    def __init__(self, config: ServerConfig) -> None:
        self.later = timedelta()
        self.service: Service
        self.door = create_app(
            config, load=trust_store, clock=lambda: datetime.now(UTC) + self.later, opened=self._opened
        )

    def _opened(self, service: Service) -> None:
        self.service = service

    async def ask(self, method: str, path: str, key: Key | None, body: Any = None, **headers: str) -> tuple[int, Any]:
        """One request; status 0 where nothing was sent."""
        content = b"" if body is None else json.dumps(body).encode()
        sent: list[Message] = []
        given = {"host": "x", **headers, **({"authorization": f"Bearer {key.key}"} if key else {})}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.door(scope, receive, send)
        return (sent[0]["status"], json.loads(sent[1]["body"])) if sent else (0, None)

    async def verify(self, key: Key, **headers: str) -> tuple[int, Any]:
        """Challenge and verification."""
        from base64 import b64decode

        _, challenge = await self.ask("POST", "/v1/challenges", key, {})
        body = {"challenge_id": challenge["id"], "evidence": evidence_for(b64decode(challenge["challenge"]))}
        return await self.ask("POST", "/v1/verifications", key, body, **headers)


async def purged_once(config: ServerConfig) -> None:
    """Wait for the purge with which a service begins; the next one is an interval away."""
    while query(config.database, "SELECT last_purge_at FROM service")[0][0] is None:
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(config: ServerConfig) -> AsyncIterator[Inside]:
    """The application with its lifespan."""
    inside = Inside(config)
    started, end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        if started.is_set():
            await end.wait()
            return {"type": "lifespan.shutdown"}
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        assert not message["type"].endswith("failed"), message
        (ended if started.is_set() else started).set()

    task = asyncio.create_task(
        inside.door({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    )
    await started.wait()
    try:
        yield inside
    finally:
        end.set()
        await task


@pytest.fixture
def config(tmp_path: Path) -> ServerConfig:
    """An embedded database."""
    return ServerConfig(database=f"sqlite:///{tmp_path / 'service.db'}", trust="virtual", issuer="https://x.example")


def test_no_receipt_leaves_for_what_was_not_committed(config: ServerConfig) -> None:
    async def run() -> None:
        key = add_key(config.database)
        async with running(config) as inside:
            assert (await inside.verify(key))[0] == 200
            failing = True

            def fail(_: Any) -> None:
                if failing:
                    raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

            _, challenge = await inside.ask("POST", "/v1/challenges", key, {})
            from base64 import b64decode

            body = {"challenge_id": challenge["id"], "evidence": evidence_for(b64decode(challenge["challenge"]))}
            event.listen(inside.service.database.engine, "commit", fail)
            status, told = await inside.ask("POST", "/v1/verifications", key, body)
            assert (status, told["code"]) == (503, "database-unavailable")
            assert "receipt" not in told and "verdict" not in told
            assert query(config.database, "SELECT count(*) FROM verifications") == [(1,)]
            failing = False
            status, told = await inside.ask("POST", "/v1/verifications", key, body)  # the challenge is still good
            assert status == 200 and told["verdict"] == "verified"

    asyncio.run(run())


def test_a_challenge_ends_when_it_says(config: ServerConfig) -> None:
    async def run() -> None:
        key = add_key(config.database)
        async with running(config) as inside:
            _, challenge = await inside.ask("POST", "/v1/challenges", key, {"expires_in": 60})
            body = {"challenge_id": challenge["id"], "evidence": evidence_for(bytes(32))}
            inside.later = timedelta(seconds=61)
            status, told = await inside.ask("POST", "/v1/verifications", key, body)
            assert (status, told["code"]) == (410, "challenge-expired")
            inside.later = timedelta(seconds=20)
            assert (await inside.ask("POST", "/v1/verifications", key, body))[0] == 200

    asyncio.run(run())


def test_an_idempotency_key_is_kept_no_longer_than_the_challenge(config: ServerConfig) -> None:
    async def run() -> None:
        key = add_key(config.database)
        async with running(config) as inside:
            status, _ = await inside.verify(key, **{"idempotency-key": "k"})
            assert status == 200
            inside.later = timedelta(seconds=301)
            status, told = await inside.verify(key, **{"idempotency-key": "k"})  # a new request may have it
            assert (status, told["verdict"]) == (200, "verified")

    asyncio.run(run())


def test_more_than_the_service_takes_is_told_so(config: ServerConfig) -> None:
    async def run() -> None:
        key = add_key(config.database)
        async with running(replace(config, max_in_flight=2)) as inside:
            answers = await asyncio.gather(*(inside.ask("POST", "/v1/challenges", key, {}) for _ in range(6)))
            assert sorted(status for status, _ in answers) == [201, 201, 503, 503, 503, 503]
            assert {told["code"] for status, told in answers if status == 503} == {"busy"}
            assert (await inside.ask("GET", "/healthz", None))[0] == 200

    asyncio.run(run())


def test_what_was_not_foreseen_shows_nothing(
    config: ServerConfig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("佐藤花子 1985-07-03 987654320119")

    async def run() -> None:
        key = add_key(config.database)
        monkeypatch.setattr("mnverify.server.use_cases.verify_evidence.verify", fail)
        async with running(config) as inside:
            status, told = await inside.verify(key)
            assert (status, told["code"]) == (500, "internal")
            assert "佐藤" not in json.dumps(told, ensure_ascii=False)
            assert query(config.database, "SELECT count(*) FROM challenges WHERE used_at IS NOT NULL") == [(0,)]

    asyncio.run(run())
    told = capsys.readouterr().err
    assert "RuntimeError" in told and "verify_evidence.py:" in told
    for never in ("佐藤", "1985-07-03", "987654320119"):
        assert never not in told


PLAIN = (int, float)
NAMED = (Identifier, log.Code, log.Place)


@pytest.mark.parametrize("kind", [log.RequestServed, log.Happened, log.Foreign])
def test_a_line_of_log_is_made_of_allowed_types(kind: type) -> None:
    def allowed(annotation: Any) -> bool:
        if annotation is type(None) or annotation in PLAIN or annotation in NAMED:
            return True
        if get_origin(annotation) is Literal:
            return True
        parts = [part for part in get_args(annotation) if part is not ...]
        return bool(parts) and all(map(allowed, parts))

    for name, annotation in typing.get_type_hints(kind).items():
        assert allowed(annotation), f"{kind.__name__}.{name}: make it an id, a code, a number or a closed list"
    assert {field.name for field in dataclasses.fields(kind)} == set(typing.get_type_hints(kind))


def test_foreign_logs_are_told_without_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    handler = log.ForeignHandler()
    try:
        raise ValueError("佐藤花子")
    except ValueError:
        record = logging.getLogger("uvicorn.error").makeRecord(
            "uvicorn.error", logging.ERROR, __file__, 7, "for %s", ("佐藤花子",), __import__("sys").exc_info()
        )
    handler.emit(record)
    told = capsys.readouterr().err
    assert "佐藤" not in told and json.loads(told)["kind"] == "ValueError"


@pytest.mark.parametrize(
    "values",
    [
        {"prot": 1},
        {"port": "8080"},
        {"port": 65_536},
        {"workers": 0},
        {"behind_proxy": 1},
        {"tls_key": "key.pem"},
        {"host": "0.0.0.0"},
        {"retention_days": {"a b": 1}},
        {"retention_days": {"default": 0}},
        {"retention_days": {"default": "90"}},
        {"trust": None},
    ],
)
def test_a_configuration_that_cannot_be_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ServerConfig().with_values(values)


def test_a_configuration_goes_to_other_processes(tmp_path: Path) -> None:
    path = tmp_path / "service.toml"
    path.write_text('port = 0\nworkers = 2\n[retention_days]\ndefault = 30\n"account-opening" = 2557\n')
    config = ServerConfig.from_file(path)
    assert pickle.loads(pickle.dumps(config)) == config
    assert config.retention_seconds("account-opening") == 2557 * 86_400
    assert config.retention_seconds("other") == config.retention_seconds(None) == 30 * 86_400


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", ""])
def test_a_database_that_cannot_be_is_refused(url: str) -> None:
    from mnverify.server.storage.database import Database

    with pytest.raises(UsageError):
        Database(url, threads=1, wait_seconds=1)


def test_importing_the_application_reads_and_opens_nothing() -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.addaudithook(lambda name, args: print(name, args[0]) if name in ('socket.connect', 'sqlite3.connect')"
        " or (name == 'open' and str(args[1]) in ('w', 'a', 'wb')) else None);"
        "import mnverify.server.app, mnverify.server.runner"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
