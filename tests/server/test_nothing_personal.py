"""A full run with every persona; then everything that stays is searched for every datum of theirs: logs, database files, WAL,
metrics, error traces, temporary folders, PostgreSQL's own files. A planted datum shows that the search finds one."""

from __future__ import annotations

import json
import os
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mnverify.virtual import personas
from tests.server.endpoint import Endpoint, Key, add_key, keys_folder
from tests.server.phone import ASSIST, FACE, card_of, evidence_for
from tests.server.postgres import Postgres
from tests.support.by_chance import stands_in

_NOTHING = re.compile(rb"\0{64,}")  # databases keep room beforehand
SHORTEST = 6  # bytes: less is found anywhere


def data_of(person: str) -> dict[str, bytes]:
    """Everything that is to be found of a holder, by what it is."""
    card = card_of(person)
    holder = card.persona
    birth = str(holder.birth)
    found: dict[str, bytes] = {
        "name": holder.name.encode(),
        "address": holder.address.encode(),
        "birth date": birth.encode(),
        "birth digits": birth.replace("-", "").encode(),
        "number": holder.my_number.reveal().encode(),
        **{f"credential {kind}": value.encode() for kind, value in card.credentials.items() if len(value) >= SHORTEST},
    }
    for domain in (FACE, ASSIST):
        for name, content in card.files(domain.value).items():
            found |= {f"{domain} {name} at {at}": content[at : at + 24] for at in _windows(content)}
    return {
        what: value for what, value in found.items() if len(value.strip(b"\xff\0")) >= SHORTEST and len(set(value)) > 4
    }


def _windows(content: bytes) -> list[int]:
    """Where pieces of a file are taken: near its beginning, its end, and between."""
    last = len(content.rstrip(b"\xff")) - 40
    return sorted({last // 5, last // 3, last // 2, last * 3 // 4, last}) if last > 40 else []


def spellings(value: bytes) -> set[bytes]:
    """A datum plain, in hex, in base64 at each of its three places, and as JSON escapes it."""
    spelled = {value, value.hex().encode(), value.hex().upper().encode()}
    for shift in range(3):
        whole = b64encode(b"\0" * shift + value)
        inside = whole[(shift * 8 + 5) // 6 : len(whole) - 4]
        if len(inside) >= 8:
            spelled |= {inside, inside.replace(b"+", b"-").replace(b"/", b"_")}
    with suppress(UnicodeDecodeError):
        spelled.add(json.dumps(value.decode())[1:-1].encode())
    return {one for one in spelled if len(one) >= SHORTEST}


def kept(folders: list[Path], since: float = 0) -> Iterator[tuple[str, bytes]]:
    """Everything in some folders that was written since. What is gone when it is to be read does not stay."""
    for folder in folders:
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):
                if path.is_file() and path.stat().st_mtime >= since:
                    yield str(path), _NOTHING.sub(b"", path.read_bytes())


def search(data: dict[str, bytes], places: list[tuple[str, bytes]]) -> list[str]:
    """Where a datum is."""
    wanted = {one: what for what, value in data.items() for one in spellings(value)}
    return [
        f"{what} in {place}" for one, what in wanted.items() for place, content in places if stands_in(one, content)
    ]


def full_run(endpoint: Endpoint, general: Key, office: Key) -> int:
    """Every persona, both domains and roles, good evidence and bad; tells how many were verified."""
    verified = 0
    for person in personas():
        for domain in (FACE, ASSIST):
            told = endpoint.verify(general, person.id, domain, claims=["name", "address", "birth_date", "sex"])
            verified += told.json()["verdict"] == "verified"
        challenge = endpoint.challenge(office)
        body = endpoint.body(challenge, person.id, ASSIST, role="my-number-office")
        verified += endpoint.post("/v1/verifications", office, json=body).json()["verdict"] == "verified"
        _bad(endpoint, general, person.id)
    return verified


def _bad(endpoint: Endpoint, key: Key, person: str) -> None:
    holder = card_of(person).persona
    challenge = endpoint.challenge(key)
    raw = b64decode(challenge["challenge"])
    evidence = evidence_for(raw, person)
    number = evidence_for(raw, person, ASSIST, role=_office())
    forged = bytearray(b64decode(evidence["files"]["0002"]))
    forged[-260] ^= 1
    bodies: list[Any] = [
        {"challenge_id": challenge["id"], "evidence": number},  # the number, with a general key
        {"challenge_id": challenge["id"], "evidence": {**evidence, "reader": holder.name * 20}},
        {"challenge_id": challenge["id"], "evidence": {**evidence, holder.name: 1}},
        {"challenge_id": holder.my_number.reveal(), "evidence": evidence},
        {"challenge_id": challenge["id"], "evidence": evidence, "purpose": holder.name},
        {"challenge_id": challenge["id"], "evidence": evidence, "printed": {"name": holder.name}},
        {"challenge_id": challenge["id"], "evidence": {**evidence, "files": {"0002": evidence["files"]["0002"][:-40]}}},
        {
            "challenge_id": challenge["id"],
            "evidence": {**evidence, "files": {**evidence["files"], "0002": b64encode(forged).decode()}},
        },
    ]
    for body in bodies:
        answer = endpoint.post("/v1/verifications", key, json=body, headers={"Idempotency-Key": os.urandom(8).hex()})
        assert answer.status_code in (200, 400, 403, 404, 409, 422), answer.text
    endpoint.post("/v1/challenges", key, json={"reference": holder.name, "purpose": holder.name})
    endpoint.get(f"/v1/verifications/{holder.name}", key)
    endpoint.get(f"/{holder.my_number.reveal()}?name={holder.name}", key)
    endpoint.post("/v1/verifications", Key("x", holder.my_number.reveal()), data=json.dumps(evidence)[:-50].encode())


def _office() -> Any:
    from mnverify.values import Role

    return Role.MY_NUMBER_OFFICE


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_of_anybody_stays(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    service, temporary = tmp_path / "service", tmp_path / "temporary"
    service.mkdir()
    temporary.mkdir()
    folders = [tmp_path]
    if kind == "sqlite":
        database = f"sqlite:///{service / 'service.db'}"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        database = postgres.new_database()
        folders += [postgres.folder, keys_folder(database)]
    began = time.time() - 2
    general, office = add_key(database), add_key(database, "example-office", "my-number-office")
    with Endpoint(database, "--workers", "2", folder=service, environment={"TMPDIR": str(temporary)}) as endpoint:
        assert full_run(endpoint, general, office) > 2 * len(personas())
        metrics = endpoint.get("/metrics").content
        assert b"mnverify_verifications_total" in metrics
        places = [("metrics", metrics), ("log", endpoint.log.encode())]
        if kind == "sqlite":
            places += kept(folders, began)  # with the WAL as it is under way; PostgreSQL keeps its own
        assert endpoint.stop() == 0
    places += kept(folders, began)
    assert any(place.endswith("-wal") for place, _ in places) or kind == "postgresql"
    everything = {f"{person.id} {what}": value for person in personas() for what, value in data_of(person.id).items()}
    assert search(everything, places) == []


def test_few_digits_are_found_where_they_stand_alone() -> None:
    credential = {"credential age": b"193803"}
    for content in (b'"193803"', b"\x0f193803\x00", b"age 193803.", b"=193803&", b"193803"):
        assert search(credential, [("log", content)]) == ["credential age in log"]
    for content in (b"9f193803ab", b"1764193803123", b"193803e"):
        assert not search(credential, [("log", content)])
    assert search({"number": b"123456789018"}, [("log", b"ff123456789018ff")])


@pytest.mark.parametrize("how", [0, 1, 2, 3])
def test_the_search_finds_what_is_there(tmp_path: Path, how: int) -> None:
    data = data_of("sato-hanako")
    for what in ("name", "birth date", "number", next(name for name in data if name.startswith("face-check 0002"))):
        spelled = sorted(spellings(data[what]))
        (tmp_path / "log").write_bytes(b"x" * 1000 + spelled[how % len(spelled)] + b"y" * 10)
        assert search({what: data[what]}, list(kept([tmp_path]))), what


def test_what_the_database_kept_would_be_found(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "service.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (?)", (json.dumps({"name": "佐藤　花子"}),))
    connection.close()
    assert search({"name": "佐藤　花子".encode()}, list(kept([tmp_path])))
