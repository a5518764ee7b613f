"""Verifications that wait together share a transaction, and nothing else: each is answered for itself, after the commit."""

from __future__ import annotations

import asyncio
import json
import threading
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from mnverify.cli.inputs import trust_store
from mnverify.server.audit_file import check_kept
from mnverify.server.batches import Batches
from mnverify.server.config import ServerConfig
from mnverify.server.door import Passing
from mnverify.server.opening import open_service
from mnverify.server.problems import DatabaseUnavailable
from mnverify.server.requests import Arrived
from mnverify.server.service import Service
from mnverify.server.storage import audit
from mnverify.server.use_cases import serve
from mnverify.server.words import Identifier
from tests.server.endpoint import Key, add_key, keys_folder, query
from tests.server.phone import evidence_for


class Caller:
    """What callers ask of a service in this process."""

    def __init__(self, database: str, key: Key | None = None) -> None:
        self.database = database
        self.key = key or add_key(database)
        folder = None if database.startswith("sqlite") else str(keys_folder(database))
        config = ServerConfig(database=database, keys_folder=folder, trust="virtual", issuer="https://x.example")
        self.service: Service = open_service(config, load=trust_store)

    @classmethod
    def beside(cls, caller: Caller) -> Caller:
        """Another process of the same service, as it were."""
        return cls(caller.database, caller.key)

    def arrived(self, body: Any, key: Key | None = None, repeat: str | None = None) -> Arrived:
        """A request."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        passing = Passing(Identifier("r" * 22))
        return Arrived(f"Bearer {(key or self.key).key}", repeat, "", (), content, passing)

    def challenge(self, **more: Any) -> dict[str, Any]:
        """A challenge."""
        return serve.challenge(self.service, self.arrived(more))

    def body(self, **more: Any) -> dict[str, Any]:
        """A body that is good."""
        challenge = self.challenge()
        evidence = evidence_for(b64decode(challenge["challenge"]))
        return {"challenge_id": challenge["id"], "evidence": evidence, **more}

    def told(self, *asked: Arrived) -> list[str]:
        """Of requests that wait together: the verdict, or the code of the refusal."""
        return [_word(one) for one in serve.verifications(self.service, asked)]


def _word(told: bytes | Exception) -> str:
    if isinstance(told, Exception):
        return str(getattr(told, "code", type(told).__name__))
    return str(json.loads(told)["verdict"])


@pytest.fixture
def caller(database: str) -> Iterator[Caller]:
    """A service in this process, on a database of each kind."""
    made = Caller(database)
    yield made
    made.service.close()


def _commits(service: Service) -> list[int]:
    seen: list[int] = []
    event.listen(service.database.engine, "commit", lambda _: seen.append(1))
    return seen


def _stored(caller: Caller) -> int:
    ((count,),) = query(caller.database, "SELECT count(*) FROM verifications")
    assert query(caller.database, "SELECT count(*) FROM audit WHERE entry LIKE '%\"verification\"%'") == [(count,)]
    assert query(caller.database, "SELECT count(*) FROM challenges WHERE used_at IS NOT NULL") == [(count,)]
    return int(count)


def test_one_commit_answers_all(caller: Caller) -> None:
    asked = [caller.arrived(caller.body(), repeat=f"k{number}") for number in range(6)]
    caller.told(caller.arrived(caller.body()))  # the key and a share of its rate are known from here on
    caller.service.keys._shares[caller.key.id] = _plenty()  # a first key's line is called by its id
    commits = _commits(caller.service)
    assert caller.told(*asked) == ["verified"] * 6
    assert len(commits) == 1
    assert _stored(caller) == 7
    assert len({one.passing.verification_id for one in asked}) == 6


def _plenty() -> Any:
    import time

    from mnverify.server.key_ring import _Share

    return _Share(1000, 1000, time.monotonic() + 60)


def test_one_that_fails_takes_nothing_from_the_others(caller: Caller) -> None:
    used = caller.body()
    assert caller.told(caller.arrived(used)) == ["verified"]
    caller.told(caller.arrived(first := caller.body(), repeat="taken"))
    assert first
    other = add_key(caller.database, "other-bank")
    purpose = caller.challenge(purpose="opening")
    mismatch = {
        "challenge_id": purpose["id"],
        "evidence": evidence_for(b64decode(purpose["challenge"])),
        "purpose": "x",
    }
    forged = caller.body()
    forged["evidence"]["presence"]["signature"] = caller.body()["evidence"]["presence"]["signature"]
    asked = [
        caller.arrived(caller.body()),
        caller.arrived(b"{"),
        caller.arrived(used),
        caller.arrived({**caller.body(), "challenge_id": "x" * 22}),
        caller.arrived(mismatch),
        caller.arrived(caller.body(), repeat="taken"),
        caller.arrived(caller.body(), key=other),
        caller.arrived(forged),
        caller.arrived({**caller.body(), "evidence": {}}),
        caller.arrived(caller.body(), repeat="new"),
    ]
    before = _stored(caller)
    assert caller.told(*asked) == [
        "verified",
        "not-json",
        "challenge-used",
        "challenge-unknown",
        "request-invalid",
        "idempotency-conflict",
        "challenge-unknown",
        "rejected",
        "malformed-evidence",
        "verified",
    ]
    assert _stored(caller) == before + 3
    assert caller.told(caller.arrived({**mismatch, "purpose": "opening"})) == [
        "verified"
    ]  # what failed used nothing up
    _check_chain(caller)


def _check_chain(caller: Caller) -> None:
    with caller.service.database.read() as connection:
        headed, lines = audit.read_head(connection), list(audit.read_lines(connection))
    assert check_kept(headed, lines, caller.service.secret) == []


def test_one_challenge_in_two_requests_serves_one(caller: Caller) -> None:
    body = caller.body()
    assert sorted(caller.told(caller.arrived(body), caller.arrived(body))) == ["challenge-used", "verified"]
    again = caller.body()
    asked = [caller.arrived(again, repeat="same") for _ in range(3)]
    assert caller.told(*asked) == ["verified"] * 3  # the same request, answered as often as it came
    assert len({one.passing.verification_id for one in asked}) == 1
    assert _stored(caller) == 2


def test_where_the_commit_fails_nobody_was_evaluated(caller: Caller) -> None:
    bodies = [caller.body() for _ in range(3)]
    caller.told(caller.arrived(caller.body()))
    caller.service.keys._shares[caller.key.id] = _plenty()  # a first key's line is called by its id
    failing = True

    def fail(_: Any) -> None:
        if failing:
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(caller.service.database.engine, "commit", fail)
    assert caller.told(*map(caller.arrived, bodies)) == ["database-unavailable"] * 3
    failing = False
    assert _stored(caller) == 1
    assert caller.told(*map(caller.arrived, bodies)) == ["verified"] * 3
    _check_chain(caller)


def test_batches_that_want_the_same_do_not_wait_in_a_circle(caller: Caller) -> None:
    other = Caller.beside(caller)
    told: list[str] = []
    try:
        for number in range(10):
            bodies = [caller.body() for _ in range(6)]
            asked = [caller.arrived(body, repeat=f"{number}-{place}") for place, body in enumerate(bodies)]
            both = [
                threading.Thread(target=lambda who=who, what=what: told.extend(who.told(*what)))
                for who, what in ((caller, asked), (other, asked[::-1]))
            ]
            for thread in both:
                thread.start()
            for thread in both:
                thread.join()
    finally:
        other.service.close()
    assert told == ["verified"] * 120  # one evaluation each, and the same answer to who came second
    assert _stored(caller) == 60
    _check_chain(caller)


# --- the hop ---------------------------------------------------------------------------------------------------------------


def test_what_waits_goes_together_and_comes_back_to_whom_it_belongs() -> None:
    async def run() -> None:
        seen: list[list[int]] = []
        go = threading.Event()

        def work(batch: Sequence[int]) -> list[int | Exception]:
            seen.append(list(batch))
            go.wait(30)
            return [ValueError() if number == 2 else number * 10 for number in batch]

        batches: Batches[int, int] = Batches(work, threads=1, most=4)
        futures = [batches.submit(0)]
        while not seen:
            await asyncio.sleep(0.001)
        futures += [batches.submit(number) for number in range(1, 7)]
        futures[3].cancel()  # whoever asked has gone
        go.set()
        told = await asyncio.gather(*futures, return_exceptions=True)
        assert [one for at, one in enumerate(told) if at not in (2, 3)] == [0, 10, 40, 50, 60]
        assert isinstance(told[2], ValueError) and isinstance(told[3], asyncio.CancelledError)
        assert seen == [[0], [1, 2, 3, 4], [5, 6]]
        await asyncio.to_thread(batches.close)

    asyncio.run(run())


def test_whatever_happens_in_the_thread_nobody_waits_for_ever() -> None:
    async def run() -> None:
        def work(batch: Sequence[int]) -> list[int | Exception]:
            raise RuntimeError

        batches: Batches[int, int] = Batches(work, threads=2, most=4)
        for _ in range(2):
            told = await asyncio.gather(*(batches.submit(number) for number in range(6)), return_exceptions=True)
            assert [type(one) for one in told] == [RuntimeError] * 6
        last = batches.submit(7)
        await asyncio.to_thread(batches.close)  # what was asked before is still answered
        assert isinstance((await asyncio.gather(last, return_exceptions=True))[0], RuntimeError)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("mnverify-batch")]

    asyncio.run(run())


def test_nobody_of_a_batch_waits_for_a_database_that_is_away(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [caller.body() for _ in range(4)]
    asked: list[str] = []

    def away(*_: object) -> None:
        asked.append("asked")
        raise DatabaseUnavailable(retry_after=2)

    monkeypatch.setattr(caller.service.keys, "admit", away)
    assert caller.told(*map(caller.arrived, bodies)) == ["database-unavailable"] * 4
    assert asked == ["asked"]
