"""A clock that was wrong once: when it is right again, nobody is shut out, nothing lives on, and the purge goes on."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mnverify.server.background import purge_if_due
from mnverify.server.config import ServerConfig
from mnverify.server.storage.rates import Taken, take
from mnverify.server.storing import open_database
from mnverify.server.use_cases.operate import metrics
from tests.server.endpoint import add_key, keys_folder, query
from tests.server.phone import evidence_for
from tests.server.test_inside import Inside, purged_once, running

NOW = 1_780_000_000.0
DAY = 86_400


@pytest.fixture
def config(database: str) -> ServerConfig:
    """Each kind of database."""
    folder = None if database.startswith("sqlite") else str(keys_folder(database))
    return ServerConfig(database=database, trust="virtual", issuer="https://x.example", keys_folder=folder)


@pytest.fixture
def take_at(config: ServerConfig) -> Callable[[float], Taken]:
    """Takes a request of a key that has two in a minute, at a moment."""
    family = add_key(config.database).id

    def taken(now: float) -> Taken:
        with open_database(config) as opened, opened.begin() as connection:
            return take(connection, family, 2, now, 1)

    return taken


def test_a_rate_that_was_taken_ahead_is_owed_for_a_minute(take_at: Callable[[float], Taken]) -> None:
    assert [take_at(NOW + DAY).requests for _ in range(3)] == [1, 1, 0]
    refused = take_at(NOW)
    assert refused.requests == 0 and refused.wait <= 31
    assert take_at(NOW + 29).requests == 0
    assert [take_at(NOW + 30).requests for _ in range(2)] == [1, 0]
    assert [take_at(NOW + 60).requests for _ in range(2)] == [1, 0]


def test_two_clocks_that_differ_a_little_let_nobody_off(take_at: Callable[[float], Taken]) -> None:
    ahead = NOW + 50
    assert [take_at(ahead).requests for _ in range(3)] == [1, 1, 0]
    for _ in range(5):  # in turn on the machine whose clock is behind, and on the one whose clock is ahead
        assert take_at(NOW).requests == 0
        assert take_at(ahead).requests == 0


async def _verify(inside: Inside, key: Any, challenge: dict[str, Any]) -> tuple[int, str | None]:
    body = {"challenge_id": challenge["id"], "evidence": evidence_for(b64decode(challenge["challenge"]))}
    status, told = await inside.ask("POST", "/v1/verifications", key, body)
    return status, told.get("code")


def test_a_challenge_that_a_clock_ahead_issued_is_over_when_it_is_right_again(config: ServerConfig) -> None:
    async def run() -> None:
        one, other, asked = add_key(config.database), add_key(config.database), {"expires_in": 60}
        async with running(config) as inside:
            inside.later = timedelta(days=1)
            _, far = await inside.ask("POST", "/v1/challenges", one, asked, **{"idempotency-key": "k"})
            inside.later = timedelta(seconds=50)
            _, near = await inside.ask("POST", "/v1/challenges", other, {"expires_in": 60})
            inside.later = timedelta()
            await _verify(inside, one, far)  # finds what the rate owes to the wrong clock
            status, told = await inside.ask("POST", "/v1/challenges", one, asked, **{"idempotency-key": "k"})
            assert (status, told["code"]) == (404, "challenge-unknown")  # not the one that is over already
            assert await _verify(inside, one, far) == (410, "challenge-expired")
            assert await _verify(inside, other, near) == (200, None)  # as much as two machines may differ
            assert query(config.database, f"SELECT used_at FROM challenges WHERE id = '{far['id']}'") == [(None,)]

    asyncio.run(run())


def test_a_purge_while_the_clock_was_ahead_does_not_put_the_next_one_off(tmp_path: Path) -> None:
    config = ServerConfig(database=f"sqlite:///{tmp_path / 'service.db'}", trust="virtual", issuer="https://x.example")

    def last() -> int:
        return int(query(config.database, "SELECT last_purge_at FROM service")[0][0])

    async def run() -> None:
        add_key(config.database)
        async with running(config) as inside:
            await purged_once(config)
            inside.later = timedelta(days=365)
            purge_if_due(inside.service)
            ahead = last()
            inside.later = timedelta()
            age = [line for line in metrics(inside.service, None).decode().splitlines() if "purge_age_seconds " in line]  # type: ignore[arg-type]
            assert float(age[-1].split()[1]) > 364 * DAY  # the alarm for it goes off
            purge_if_due(inside.service)
            assert last() < ahead - 364 * DAY * 1000
            at = last()
            purge_if_due(inside.service)  # and not again before its time
            assert last() == at

    asyncio.run(run())
