"""The audit trail against whoever can write the database: nothing is made good again, and nothing is purged unseen."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mnverify.cli import main
from mnverify.server.audit_file import Finding, check_export, check_kept, export_lines
from mnverify.server.background import purge_if_due
from mnverify.server.config import ServerConfig
from mnverify.server.problems import DatabaseUnavailable
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage import purge as storage_purge
from mnverify.server.storage.audit import AuditEntry, append, read_head, read_lines
from mnverify.server.storage.database import Database
from mnverify.server.storing import open_database, open_secret
from mnverify.server.use_cases.manage_keys import add_api_key
from mnverify.server.use_cases.purge import Done, run_purge
from mnverify.values import Role
from tests.server.endpoint import add_key, keys_folder, mnverify, query
from tests.server.test_inside import purged_once, running

NOW = datetime(2026, 6, 1, 12, 0, 0, 500_000, UTC)
OLD = NOW - timedelta(days=20 * 365)
LATER = NOW + timedelta(days=20 * 365)


class Trail:
    """A database with an audit trail, and who may write it.

    Attributes:
        config: of the service.
        database: open.
        secret: of the service.
    """

    def __init__(self, config: ServerConfig, database: Database, secret: ServiceSecret) -> None:
        self.config, self.database, self.secret = config, database, secret

    def add(self, *moments: datetime) -> None:
        """An entry for each moment."""
        for at in moments:
            add_api_key(self.database, self.secret, at, relying_party="bank", role=Role("general"))

    def query(self, sql: str) -> list[Any]:
        """What an administrator of the database does."""
        return query(self.config.database, sql)

    def seqs(self) -> list[int]:
        """Numbers of the entries that are there."""
        return [row[0] for row in self.query("SELECT seq FROM audit ORDER BY seq")]

    def findings(self) -> list[Finding]:
        """What ``audit verify`` finds."""
        with self.database.read() as connection:
            return check_kept(read_head(connection), read_lines(connection), self.secret)

    def export(self) -> list[str]:
        """The lines of ``audit export``."""
        with self.database.read() as connection:
            return list(export_lines(read_head(connection), read_lines(connection)))

    def purge(self, at: datetime = NOW) -> Done:
        """A purge."""
        return run_purge(self.database, self.secret, self.config, at)

    def hash_of(self, seq: int) -> str:
        """The hash of an entry."""
        return str(self.query(f"SELECT hash FROM audit WHERE seq = {seq}")[0][0])


@contextmanager
def trail_in(url: str) -> Iterator[Trail]:
    """The trail of a database."""
    config = ServerConfig(database=url, keys_folder=None if url.startswith("sqlite") else str(keys_folder(url)))
    with open_database(config) as database:
        yield Trail(config, database, open_secret(config, database, lambda _: None))


@pytest.fixture
def trail(database: str) -> Iterator[Trail]:
    """A trail in each kind of database."""
    with trail_in(database) as made:
        yield made


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Trail]:
    """A trail of five entries in SQLite, where a column holds whatever is put into it."""
    with trail_in(f"sqlite:///{tmp_path / 'service.db'}") as made:
        made.add(*[NOW] * 5)
        yield made


def forge(trail: Trail, how: str) -> None:
    """Take entries out, and make the head say so."""
    if how == "end":
        trail.query(f"UPDATE audit_head SET seq = 3, hash = '{trail.hash_of(3)}'")
        trail.query("DELETE FROM audit WHERE seq > 3")
    elif how == "beginning":
        trail.query(f"UPDATE audit_head SET base_seq = 2, base_hash = '{trail.hash_of(2)}'")
        trail.query("DELETE FROM audit WHERE seq <= 2")
    else:
        trail.query(f"UPDATE audit_head SET mac = '{how}'")


@pytest.mark.parametrize("how", ["end", "beginning", "", "0" * 64, "é" * 64])
def test_a_forged_head_is_never_made_good_again(trail: Trail, how: str) -> None:
    trail.add(*[OLD] * 5)
    forge(trail, how)
    assert [finding.code for finding in trail.findings()] == ["head-changed"]
    before = trail.seqs()
    trail.add(OLD, OLD)
    assert trail.seqs() == [*before, before[-1] + 1, before[-1] + 2]  # the service goes on
    assert [finding.code for finding in trail.findings()] == ["head-changed"]
    done = trail.purge()
    assert (done.purged.audit, done.audit_intact) == (0, False)
    assert trail.seqs()[: len(before)] == before
    assert "head-changed" in [finding.code for finding in trail.findings()]


def test_a_service_with_a_forged_head_answers_and_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = ServerConfig(database=f"sqlite:///{tmp_path / 'service.db'}", trust="virtual", issuer="https://x.example")

    async def run() -> None:
        key = add_key(config.database)
        async with running(config) as inside:
            await purged_once(config)
            assert (await inside.verify(key))[0] == 200
            query(config.database, f"UPDATE audit_head SET mac = '{'0' * 64}'")
            assert "audit-changed" not in capsys.readouterr().err
            for _ in range(3):
                assert (await inside.verify(key))[0] == 200
            assert capsys.readouterr().err.count('"event":"audit-changed"') == 1
            inside.later = timedelta(days=1)
            purge_if_due(inside.service)
            assert capsys.readouterr().err.count('"event":"audit-changed"') == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = 'x'",
        "UPDATE audit_head SET mac = CAST(x'ff41' AS TEXT)",
    ],
)
def test_a_head_that_nothing_can_follow_stores_nothing(embedded: Trail, sql: str) -> None:
    embedded.query(sql)
    with pytest.raises(DatabaseUnavailable):
        embedded.add(NOW)
    with pytest.raises(DatabaseUnavailable):
        embedded.purge()
    assert embedded.query("SELECT count(*) FROM api_keys") == [(5,)]
    assert embedded.findings() == [Finding(1, "head-changed")]
    assert check_export(embedded.export(), embedded.secret) == [Finding(1, "unreadable")]


def test_the_column_beside_an_entry_takes_nothing_out_of_the_trail(trail: Trail) -> None:
    trail.add(*[NOW] * 4)
    trail.query("UPDATE audit SET at = 0 WHERE seq = 3")
    assert trail.findings() == [Finding(3, "changed")]
    assert trail.purge(NOW + timedelta(days=1)).purged.audit == 0
    trail.query("UPDATE audit SET at = 0")
    done = trail.purge(NOW + timedelta(days=1))
    assert (done.purged.audit, done.audit_intact, trail.seqs()) == (0, False, [1, 2, 3, 4])
    assert [finding.code for finding in trail.findings()] == ["changed"] * 4


def test_a_column_put_off_keeps_nothing_unseen(trail: Trail) -> None:
    trail.add(*[OLD] * 3)
    trail.query("UPDATE audit SET at = at + 1000 WHERE seq = 2")
    assert trail.findings() == [Finding(2, "changed")]
    assert trail.purge() == (storage_purge.Purged(0, 0, 0, 0, 0, 1), False)


def test_a_clock_that_was_behind_once_takes_nothing_with_it(trail: Trail) -> None:
    trail.add(NOW, NOW, OLD, NOW)
    done = trail.purge()
    assert (done.purged.audit, done.audit_intact, trail.seqs()) == (0, True, [1, 2, 3, 4])
    assert trail.findings() == []


def test_the_oldest_run_is_purged_and_the_rest_is_whole(trail: Trail) -> None:
    trail.add(OLD, OLD, OLD, NOW, OLD, NOW)
    done = trail.purge()
    assert (done.purged.audit, done.audit_intact, trail.seqs()) == (
        3,
        True,
        [4, 5, 6, 7],
    )  # the last tells of the purge
    assert trail.findings() == []
    done = trail.purge(LATER)
    assert (done.purged.audit, trail.seqs()) == (4, [8])
    assert trail.findings() == []


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM audit WHERE seq = 3",
        "UPDATE audit SET entry = replace(entry, 'bank', 'mine') WHERE seq = 3",
        "UPDATE audit SET hash = '" + "0" * 64 + "' WHERE seq = 3",
        "UPDATE audit SET seq = 9 WHERE seq = 3",
    ],
)
def test_a_purge_removes_nothing_from_a_broken_place_on(trail: Trail, sql: str) -> None:
    trail.add(*[OLD] * 5)
    trail.query(sql)
    left = [seq for seq in trail.seqs() if seq > 2]
    before = {finding.code for finding in trail.findings()}
    done = trail.purge()
    assert (done.purged.audit, done.audit_intact, trail.seqs()[: len(left)]) == (
        2,
        False,
        sorted([*left, 6])[: len(left)],
    )
    assert before <= {finding.code for finding in trail.findings()}


def test_a_long_trail_is_purged_in_steps_each_of_which_is_told(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    trail.add(*[OLD] * 5, NOW)
    monkeypatch.setattr(storage_purge, "_AUDIT_LINES", 2)
    done = trail.purge()
    assert (done.purged.audit, done.audit_intact, trail.seqs()) == (5, True, [6, 7, 8, 9])
    told = [
        json.loads(row[0])["counts"]["audit"]
        for row in trail.query("SELECT entry FROM audit WHERE seq > 6 ORDER BY seq")
    ]
    assert told == [2, 2, 1]
    assert trail.findings() == []


def test_what_is_read_is_of_one_moment(trail: Trail) -> None:
    trail.add(NOW, NOW)
    with trail.database.read() as connection:
        headed = read_head(connection)
        with trail.database.begin() as other:
            append(other, trail.secret, AuditEntry("purge", "2026-06-01T12:00:00Z"), 1_780_315_200_000)
        assert check_kept(headed, read_lines(connection), trail.secret) == []
    assert trail.findings() == []
    assert trail.seqs() == [1, 2, 3]


def changed(line: str, **values: object) -> str:
    """A line with other values, written as exports are."""
    return json.dumps({**json.loads(line), **values}, separators=(",", ":"))


HEAD_CHANGES: dict[str, Callable[[str], str]] = {
    "member added": lambda line: changed(line, note="forged"),
    "space added": lambda line: line.replace(":", ": ", 1),
    "member twice": lambda line: line.replace('{"format"', '{"seq":1,"format"'),
    "mac not ASCII": lambda line: changed(line, mac="é" * 64),
    "mac a number": lambda line: changed(line, mac=1),
    "base_seq a text": lambda line: changed(line, base_seq="0"),
    "base_seq true": lambda line: changed(line, base_seq=False),
    "base_hash half a character": lambda line: changed(line, base_hash="\ud800"),
    "hash a number": lambda line: changed(line, hash=3),
    "no object": lambda _: "null",
}
LINE_CHANGES: dict[str, Callable[[str], str]] = {
    "member added": lambda line: changed(line, note="forged: approved"),
    "space added": lambda line: line + " ",
    "entry twice": lambda line: line.replace('"entry"', '"entry":"{\\"event\\":\\"purge\\"}","entry"', 1),
    "letters written otherwise": lambda line: line.replace("bank", "b\\u0061nk"),
    "hash not ASCII": lambda line: changed(line, hash="é" * 64),
    "hash in capitals": lambda line: changed(line, hash=json.loads(line)["hash"].upper()),
    "a bit of the hash": lambda line: line[:-5] + "\ufffd" + line[-4:],
    "entry with half a character": lambda line: changed(line, entry=json.loads(line)["entry"] + "\ud800"),
    "seq true": lambda line: changed(line, seq=True),
    "no object": lambda _: "null",
}


@pytest.mark.parametrize(
    ("place", "what"),
    [
        *((0, what) for what in HEAD_CHANGES),
        *((3, what) for what in LINE_CHANGES),
        *((1, what) for what in LINE_CHANGES),
    ],
)
def test_an_export_is_what_was_written_to_the_letter(embedded: Trail, place: int, what: str) -> None:
    lines = embedded.export()
    assert check_export([line + "\n" for line in lines], embedded.secret) == []
    lines[place] = (HEAD_CHANGES if place == 0 else LINE_CHANGES)[what](lines[place])
    found = check_export([line + "\n" for line in lines], embedded.secret)
    assert found and found[0].line == place + 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET hash = x'00' WHERE seq = 3",
        "UPDATE audit SET hash = 'ééé' WHERE seq = 3",
        "UPDATE audit SET entry = x'00' WHERE seq = 3",
        "UPDATE audit SET entry = CAST(x'ff41' AS TEXT) WHERE seq = 3",
        "UPDATE audit SET hash = CAST(x'ff41' AS TEXT) WHERE seq = 3",
        "UPDATE audit SET entry = 7 WHERE seq = 3",
        "UPDATE audit SET at = 'x' WHERE seq = 3",
        "UPDATE audit SET seq = 'x' WHERE seq = 3",
        "UPDATE audit_head SET mac = x'00'",
        "UPDATE audit_head SET base_seq = 'x'",
        "UPDATE audit_head SET hash = x'00'",
    ],
)
def test_whatever_is_put_into_the_database_is_a_finding(embedded: Trail, sql: str) -> None:
    embedded.query(sql)
    assert embedded.findings()
    exported = embedded.export()
    assert check_export(exported, embedded.secret)
    done = embedded.purge(LATER)
    assert not done.audit_intact and done.purged.audit <= 2


def test_the_command_finds_what_was_put_there(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    add_key(database)
    with sqlite3.connect(tmp_path / "service.db") as connection:
        connection.execute("UPDATE audit SET hash = x'00'")
    told = mnverify("audit", "verify", "--json", "--database", database)
    assert told == {"whole": False, "findings": [{"line": 1, "code": "unreadable"}]}


def test_standard_input_that_is_no_text_is_a_finding(
    embedded: Trail, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = "".join(line + "\n" for line in embedded.export()).encode()
    for content, status in ((whole, 0), (whole.replace(b"bank", b"b\xffnk", 1), 1), (b"\xff\xfe\n", 1)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="ascii"))
        assert main(["audit", "verify", "-", "--database", embedded.config.database]) == status
    assert "line 2" in capsys.readouterr().out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_an_export_onto_a_full_disk_is_no_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    add_key(database)
    monkeypatch.setattr("mnverify.cli.commands.audit._target", lambda _: open("/dev/full", "w", encoding="utf-8"))  # noqa: SIM115
    assert main(["audit", "export", "--database", database, "-o", "x"]) == 2
    assert "could not be written" in capsys.readouterr().err
