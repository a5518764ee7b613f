"""A database that only reads, is damaged or locked; one that is not there; and a key that was revoked a moment ago."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mnverify.cli import main
from mnverify.server.config import ServerConfig
from mnverify.server.use_cases.manage_keys import revoke_api_key
from tests.server.endpoint import Endpoint, Key, add_key, keys_at, keys_folder, query, until
from tests.server.phone import evidence_for
from tests.server.postgres import Postgres
from tests.server.test_inside import running


def _up(endpoint: Endpoint) -> float:
    answer = endpoint.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if line.startswith("mnverify_database_up ")]
    return float(lines[0].split()[1])


def _refuses(endpoint: Endpoint, key: Key) -> None:
    """Everything that has to write is put off, and whoever asks whether it is ready is told."""
    for _ in range(3):
        answer = endpoint.post("/v1/challenges", key, json={})
        assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
        assert answer.headers["Retry-After"]
        assert endpoint.get("/readyz").status_code == 503
        assert endpoint.get("/healthz").status_code == 200
        assert _up(endpoint) == 0


def test_a_server_that_became_a_copy_is_told_and_left(postgres: Postgres, tmp_path: Path) -> None:
    database = postgres.new_database()
    name = database.split("?")[0].rpartition("/")[2]
    key = add_key(database)
    with Endpoint(database, folder=tmp_path) as endpoint:
        body = endpoint.body(endpoint.challenge(key))
        query(database, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        query(database, others)
        assert until(lambda: endpoint.get("/readyz").status_code == 503)
        _refuses(endpoint, key)
        late = endpoint.post("/v1/verifications", key, json=body)
        assert (late.status_code, late.json()["code"]) == (503, "database-unavailable")
        query(database, f'BEGIN READ WRITE; ALTER DATABASE "{name}" RESET default_transaction_read_only; COMMIT')
        assert until(lambda: endpoint.get("/readyz").status_code == 200)  # by itself: nobody else asks it now
        assert endpoint.post("/v1/verifications", key, json=body).status_code == 200
        assert '"event":"failed"' not in endpoint.log


def test_a_missing_right_is_told_and_comes_back(postgres: Postgres, tmp_path: Path) -> None:
    database = postgres.new_database()
    role = f"weak_{database.split('?')[0].rpartition('/')[2]}"
    add_key(database)
    key = add_key(database)
    rights = f"ON ALL TABLES IN SCHEMA public TO {role}"
    query(
        database, f"CREATE ROLE {role} LOGIN; GRANT ALL {rights}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}"
    )
    with Endpoint(database.replace("mnverify@", f"{role}@"), *keys_at(database), folder=tmp_path) as endpoint:
        body = endpoint.body(endpoint.challenge(key))
        query(database, f"REVOKE INSERT ON audit FROM {role}")
        for _ in range(2):
            answer = endpoint.post("/v1/verifications", key, json=body)
            assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
            assert "a right" in answer.json()["detail"]
        assert endpoint.log.count('"kind":"DatabaseUnfit"') == 2
        query(database, f"GRANT INSERT ON audit TO {role}")
        assert endpoint.post("/v1/verifications", key, json=body).status_code == 200


@pytest.mark.parametrize("words", [("keys", "list"), ("audit", "verify"), ("purge",), ("serve", "--check")])
def test_a_command_without_the_right_to_a_table_says_so(
    postgres: Postgres, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    database = postgres.new_database()
    role = f"nobody_{database.split('?')[0].rpartition('/')[2]}"
    add_key(database)
    query(database, f"CREATE ROLE {role} LOGIN")
    assert main([*words, "--database", database.replace("mnverify@", f"{role}@"), *keys_at(database)]) == 2
    assert "a right" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("rotate",), ("revoke",)])
@pytest.mark.parametrize("name", ["b\udcff", "", "x" * 5000])
def test_an_id_that_is_none_is_of_no_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], name: str
) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    add_key(database)
    assert main(["keys", *words, "--database", database, name]) == 2
    assert "no such key" in capsys.readouterr().err


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    database, path = f"sqlite:///{tmp_path / 'service.db'}", tmp_path / "service.db"
    key = add_key(database)
    with Endpoint(database, folder=tmp_path) as endpoint:
        assert endpoint.verify(key).status_code == 200
        query(database, "PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(path.stat().st_size - 4096))
        assert until(lambda: endpoint.get("/readyz").status_code == 503)
        _refuses(endpoint, key)
        assert '"event":"failed"' not in endpoint.log
    assert main(["audit", "verify", "--database", database]) == 2


def test_a_file_that_another_one_writes_for_long_is_not_ready(tmp_path: Path) -> None:
    config = ServerConfig(database=f"sqlite:///{tmp_path / 'service.db'}", trust="virtual", issuer="https://x.example")

    async def run() -> None:
        add_key(config.database)
        async with running(replace(config, database_seconds=0.3)) as inside:
            assert (await inside.ask("GET", "/readyz", None))[0] == 200
            other = sqlite3.connect(tmp_path / "service.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            status, told = await inside.ask("GET", "/readyz", None)
            assert (status, told["code"]) == (503, "database-unavailable")
            other.execute("ROLLBACK")
            other.close()
            assert (await inside.ask("GET", "/readyz", None))[0] == 200

    asyncio.run(run())


def test_a_revoked_key_gets_no_answer_again(database: str) -> None:
    folder = None if database.startswith("sqlite") else str(keys_folder(database))
    config = ServerConfig(
        database=database, trust="virtual", issuer="https://x.example", keys_folder=folder, key_cache_seconds=60
    )

    async def run() -> None:
        key = add_key(database)
        async with running(config) as inside:
            _, challenge = await inside.ask("POST", "/v1/challenges", key, {})
            body = {"challenge_id": challenge["id"], "evidence": evidence_for(b64decode(challenge["challenge"]))}
            for _ in range(2):
                status, told = await inside.ask("POST", "/v1/verifications", key, body, **{"idempotency-key": "x"})
                assert status == 200 and "fields" in told
            revoke_api_key(inside.service.database, inside.service.secret, datetime.now(UTC), key_id=key.id)
            status, told = await inside.ask("POST", "/v1/verifications", key, body, **{"idempotency-key": "x"})
            assert (status, told["code"]) == (401, "key-refused")  # this process knows the key still
            assert "fields" not in told

    asyncio.run(run())


COMMANDS = [
    ("audit", "verify"),
    ("audit", "verify", "FILE"),
    ("audit", "export"),
    ("purge",),
    ("keys", "list"),
    ("keys", "rotate", "87rtepjjtenp"),
    ("keys", "revoke", "87rtepjjtenp"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_makes_a_database_where_there_is_none(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "export").write_text("")
    words = [str(tmp_path / "export") if word == "FILE" else word for word in command]
    before = sorted(tmp_path.iterdir())
    assert main([*words, "--database", f"sqlite:///{tmp_path / 'sorver.db'}"]) == 2
    told = capsys.readouterr()
    assert "sorver.db" in told.err and not told.out
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_begins_a_database_that_nobody_used(
    command: tuple[str, ...], database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if database.startswith("sqlite"):
        (tmp_path / "service.db").touch()
    (tmp_path / "export").write_text("")
    words = [str(tmp_path / "export") if word == "FILE" else word for word in command]
    assert main([*words, "--database", database, *keys_at(database)]) == 2
    told = capsys.readouterr()
    assert "keys add" in told.err and not told.out
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("service.db-")) in (
        ["export"],
        ["export", "service.db"],
    )
    assert not (tmp_path / "service.db-keys").exists()
    kind = "sqlite_master" if database.startswith("sqlite") else "pg_tables"
    column = "tbl_name" if database.startswith("sqlite") else "tablename"
    assert query(database, f"SELECT 1 FROM {kind} WHERE {column} IN ('service', 'alembic_version')") == []


def test_a_database_that_is_gone_is_not_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    add_key(database)
    for path in tmp_path.glob("service.db*"):
        if path.is_file():
            path.unlink()
    words = ["--database", database, "--keys-folder", str(tmp_path / "service.db-keys")]
    assert main(["audit", "verify", "--json", *words]) == 2
    assert "whole" not in capsys.readouterr().out
    assert not (tmp_path / "service.db").exists()


@pytest.mark.parametrize("first", [("keys", "add", "bank", "--role", "general"), ("migrate",)])
def test_the_first_commands_begin_a_database(first: tuple[str, ...], tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    assert main([*first, "--database", database]) == 0
    assert main(["keys", "list", "--database", database]) == (0 if first[0] == "keys" else 2)
