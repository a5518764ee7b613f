"""The command line on real stacks, as a person uses it: the card is served by another process of the same program."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.pcsc_service import PcscService
from tests.support.ports import udp_port as free_udp_port

MNVERIFY = [sys.executable, "-m", "mnverify"]


@contextmanager
def served(*words: str) -> Iterator[dict[str, Any]]:
    """``mnverify card serve`` in a process of its own; what its one line says."""
    process = subprocess.Popen([*MNVERIFY, "card", "serve", *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "it said nothing"
        yield json.loads(line)
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
    assert rest == "" and process.returncode == 0


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """One command."""
    return subprocess.run([*MNVERIFY, *words], input=stdin, capture_output=True, text=True, timeout=180, check=False)


def read(card: dict[str, Any], reader: str, *words: str, kind: str = "verification-number-b") -> Any:
    """A command that reads the card; its JSON, with exit status 0."""
    done = run(
        *words,
        "--reader",
        reader,
        "--trust",
        card["anchors"],
        "--wait",
        "60",
        "--json",
        stdin=card["credentials"][kind],
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("stack", ["pcsc", "nfc-udp"])
def test_every_reading(service: PcscService, tmp_path: Path, stack: str) -> None:
    port = free_udp_port()
    plug = ["--pcsc", "--port", str(service.ports[0])] if stack == "pcsc" else ["--nfc-udp", f"127.0.0.1:{port}"]
    reader = "0" if stack == "pcsc" else f"udp:127.0.0.1:{port}"
    with served(*plug, "--persona", "sato-hanako") as card:
        kept = tmp_path / "evidence.json"
        face = read(card, reader, "read", "face-check", "-o", str(kept), "--require-presence")
        assert face["verdict"] == "verified" and face["environment"] == "virtual"
        assert face["fields"]["birth_date"] == {"value": card["birth_date"], "assurance": "signed"}
        assert face["fields"]["expiry"]["value"] == card["expiry"]
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert run("verify", str(kept), "--trust", card["anchors"]).returncode == 0
        attributes = read(card, reader, "read", "input-assist", kind="pin")["fields"]
        assert attributes["name"]["value"] == card["name"] and attributes["address"]["value"] == card["address"]
        age = read(card, reader, "age", "--at-least", "20", kind="birth-date")
        assert age["old_enough"] is True and "fields" not in age
        office = ["--role", "my-number-office"]
        number = read(card, reader, "read", "input-assist", "--credential", "verification-number-a", *office,
                      kind="verification-number-a")  # fmt: skip
        assert number["fields"]["my_number"]["value"] == card["my_number"]
        tries = run("retries", "--reader", reader, "--json")
        assert json.loads(tries.stdout)["retries"]["face-check"]["verification-number-b"] == 10


def test_two_readers_at_once(service: PcscService) -> None:
    answers: dict[str, Any] = {}
    with (
        served("--pcsc", "--port", str(service.ports[0]), "--persona", "sato-hanako") as one,
        served("--pcsc", "--port", str(service.ports[1]), "--persona", other_person()) as two,
    ):
        cards = dict(zip(service.readers, (one, two), strict=True))

        def read_it(name: str, card: dict[str, Any]) -> None:
            answers[name] = [read(card, name, "read", "face-check") for _ in range(2)]

        threads = [threading.Thread(target=read_it, args=item) for item in cards.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({card["birth_date"] for card in cards.values()}) == 2
    for name, card in cards.items():
        assert [answer["fields"]["birth_date"]["value"] for answer in answers[name]] == 2 * [card["birth_date"]]


def other_person() -> str:
    """Someone else."""
    listed = json.loads(run("card", "list", "--json").stdout)["personas"]
    return next(str(one["id"]) for one in listed if one["id"] != "sato-hanako")


def test_the_list_of_readers(service: PcscService) -> None:
    done = run("readers", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)["readers"]
    assert [one["name"] for one in found] == list(service.readers)
    assert [one["index"] for one in found] == [0, 1] and {one["kind"] for one in found} == {"pcsc"}
    assert run("doctor").returncode == 0


def test_no_card_and_no_reader(service: PcscService) -> None:
    began = time.monotonic()
    done = run("read", "face-check", "--reader", service.readers[0], stdin="60070320334102")
    assert done.returncode == 3 and "No card" in done.stderr
    assert time.monotonic() - began < 25, (
        "it waits for a card only where it was told to, or at a terminal, half a minute"
    )
    done = run("read", "face-check", "--reader", "No such reader", "--json", stdin="60070320334102")
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["type"] == "NoReader"
    assert "60070320334102" not in done.stderr + done.stdout


def test_no_service(service: PcscService) -> None:
    service.stop()
    try:
        for words in (["read", "face-check"], ["age", "--at-least", "20"], ["retries"]):
            done = run(*words, "--json", stdin="60070320334102")
            assert done.returncode == 3
            assert json.loads(done.stdout)["error"]["type"] == "ServiceNotRunning"
        done = run("doctor", "--json")
        assert done.returncode == 3
        findings = {one["id"]: one for one in json.loads(done.stdout)["findings"]}
        assert any(one["outcome"] == "fail" and one["remedy"] for one in findings.values())
    finally:
        service.start()


def test_a_wrong_number_costs_one_try_and_no_more(service: PcscService) -> None:
    with served("--pcsc", "--port", str(service.ports[0])) as card:
        right = card["credentials"]["verification-number-b"]
        wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
        done = run("read", "face-check", "--reader", "0", "--wait", "60", stdin=wrong)
        assert done.returncode == 5 and "9 tries" in done.stderr
        assert wrong not in done.stderr + done.stdout
        tries = json.loads(run("retries", "--reader", "0", "--json").stdout)["retries"]["face-check"]
        assert tries["verification-number-b"] == 9
        assert read(card, "0", "read", "face-check")["verdict"] == "verified"


def test_a_torn_reading_writes_nothing(service: PcscService, tmp_path: Path) -> None:
    kept = tmp_path / "evidence.json"
    with served("--pcsc", "--port", str(service.ports[0]), "--fault", "torn@5") as card:
        done = run(
            "read", "face-check", "--reader", "0", "--trust", card["anchors"], "-o", str(kept), "--wait", "2",
            stdin=card["credentials"]["verification-number-b"],
        )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in done.stderr
