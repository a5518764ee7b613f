"""The TypeScript command line on a real stack: a virtual card through the PC/SC service, held by another process."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mnverify.virtual import VirtualAuthority, persona
from tests.bindings.typescript import answer, built, run
from tests.cli.test_real_readers import run as run_python
from tests.cli.test_real_readers import served
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

pytestmark = built
CREDENTIALS = VirtualAuthority.laboratory().issue(persona("sato-hanako")).credentials


@pytest.fixture(scope="module")
def anchors(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(VirtualAuthority.laboratory().write_trust_anchors(tmp_path_factory.mktemp("trust") / "anchors.json"))


@pytest.fixture(autouse=True)
def taken_off(request: pytest.FixtureRequest) -> Iterator[None]:
    """Also where a test fails: the next one finds an empty reader."""
    yield
    if "host" in request.fixturenames:
        with suppress(RuntimeError):
            request.getfixturevalue("host").remove("ts")


def read(
    reader: str, anchors: str, *words: str, kind: str = "verification-number-b"
) -> subprocess.CompletedProcess[str]:
    more = ("--reader", reader, "--trust", anchors, "--wait", "20", "--json")
    return run(*words, *more, stdin=CREDENTIALS[kind] + "\n")


def without_moment(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "at"}


def test_every_reading_comes_to_what_python_makes_of_it(service: PcscService, tmp_path: Path) -> None:
    reader = service.readers[0]
    kept = tmp_path / "evidence.json"
    commands = {
        ("read", "face-check", "--require-presence"): "verification-number-b",
        ("read", "input-assist"): "pin",
        ("age", "--at-least", "20"): "birth-date",
        (
            "read",
            "input-assist",
            "--credential",
            "verification-number-a",
            "--role",
            "my-number-office",
        ): "verification-number-a",
    }
    with served("--pcsc", "--port", str(service.ports[0]), "--persona", "sato-hanako") as card:
        for words, kind in commands.items():
            ours = read(reader, card["anchors"], *words, kind=kind)
            assert ours.returncode == 0, ours.stderr
            theirs = run_python(
                *words,
                "--reader",
                reader,
                "--trust",
                card["anchors"],
                "--wait",
                "20",
                "--json",
                stdin=CREDENTIALS[kind],
            )
            assert without_moment(answer(ours)) == without_moment(json.loads(theirs.stdout))
        done = read(reader, card["anchors"], "read", "face-check", "-o", str(kept))
        assert done.returncode == 0 and stat.S_IMODE(kept.stat().st_mode) == 0o600
        again = run_python("verify", str(kept), "--trust", card["anchors"], "--json")
        assert json.loads(again.stdout)["verdict"] == "verified" and json.loads(kept.read_text())["reader"] == reader
        young = read(reader, card["anchors"], "age", "--at-least", "149", kind="birth-date")
        assert (young.returncode, answer(young)["answer"]) == (1, "no")


def test_what_may_not_be_kept_or_asked_is_refused(
    service: PcscService, host: CardHost, anchors: str, tmp_path: Path
) -> None:
    host.plug("ts", "pcsc", service.ports[0])
    host.card("ts")
    host.insert("ts")
    kept = tmp_path / "evidence.json"
    reader = service.readers[0]
    done = read(reader, anchors, "read", "input-assist", "-o", str(kept), kind="pin")
    assert (done.returncode, answer(done)["error"]["code"]) == (4, "not-storable")
    done = read(
        reader, anchors, "read", "face-check", "--credential", "verification-number-a", kind="verification-number-a"
    )
    assert (done.returncode, answer(done)["error"]["code"]) == (4, "not-for-role")
    done = run("read", "face-check", "--reader", reader, "--trust", anchors, "--json", stdin="6007032033410\n")
    assert (done.returncode, answer(done)["error"]["code"]) == (2, "credential-format")
    assert not kept.exists() and host.state("ts")["exchanges"] == 0
    host.remove("ts")


def test_a_wrong_number_costs_one_try_and_below_the_floor_none(
    service: PcscService, host: CardHost, anchors: str
) -> None:
    reader, right = service.readers[0], CREDENTIALS["verification-number-b"]
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    host.plug("ts", "pcsc", service.ports[0])
    for tries, credential, status, code, left in (
        (10, wrong, 5, "wrong-credential", 9),
        (1, right, 5, "too-few-tries", 1),
        (0, right, 5, "credential-blocked", 0),
    ):
        host.card("ts", tries={"face-check/0012": tries})
        host.insert("ts")
        words = ("read", "face-check", "--reader", reader, "--trust", anchors, "--wait", "20", "--json")
        done = run(*words, stdin=credential + "\n")
        assert (done.returncode, answer(done)["error"]["code"]) == (status, code), done.stderr
        assert answer(done)["error"]["tries_left"] == left == host.state("ts")["retries"]["face-check/0012"]
        assert credential not in done.stdout + done.stderr
        host.remove("ts")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("read", "face-check", "--require-presence"), "verification-number-b"),
        (("read", "input-assist"), "pin"),
        (("age", "--at-least", "20"), "birth-date"),
    ],
    ids=["face-check", "input-assist", "age"],
)
def test_a_card_torn_at_every_exchange(
    service: PcscService, host: CardHost, anchors: str, words: tuple[str, ...], kind: str
) -> None:
    """It is put back, and the reading goes on; no more than one try is ever spent, and none is left spent."""
    host.plug("ts", "pcsc", service.ports[0], back_after=1.2)
    exchanges, at = 99, 1
    while at <= exchanges:
        host.card("ts", lost_at=at, extended=at % 2 == 1)
        host.insert("ts")
        done = read(service.readers[0], anchors, *words, kind=kind)
        assert done.returncode == 0, (at, done.stderr)
        if at == 1:
            exchanges = 8
        assert answer(done).get("verdict", "verified") == "verified"
        state = host.state("ts")
        assert at % 2 or state["exchanges"] > at, "it was not torn"
        assert state["touches"] == [] and set(state["retries"].values()) <= {3, 10}
        host.remove("ts")
        at += 1
    assert at > 8


def test_a_card_that_does_not_come_back(service: PcscService, host: CardHost, anchors: str) -> None:
    host.plug("ts", "pcsc", service.ports[0])
    host.card("ts", lost_at=5)
    host.insert("ts")
    words = ("read", "face-check", "--reader", service.readers[0], "--trust", anchors, "--json")
    done = run(*words, "--wait", "1", stdin=CREDENTIALS["verification-number-b"] + "\n")
    assert done.returncode == 3 and answer(done)["error"]["code"] in ("card-lost", "no-card")
    host.remove("ts")


def test_no_card_and_no_reader(service: PcscService, anchors: str) -> None:
    words = ("read", "face-check", "--reader", service.readers[0], "--trust", anchors, "--json")
    for _ in range(10):  # until the service of the readers has seen that an earlier card left
        done = run(*words, stdin="60070320334102\n")
        if answer(done)["error"]["code"] != "card-lost":
            break
    assert (done.returncode, answer(done)["error"]["code"]) == (3, "no-card")
    done = run(
        "read", "face-check", "--reader", "No such reader", "--trust", anchors, "--json", stdin="60070320334102\n"
    )
    assert (done.returncode, answer(done)["error"]["code"]) == (3, "no-reader")
    assert "60070320334102" not in done.stdout + done.stderr


def test_no_service(service: PcscService, anchors: str) -> None:
    service.stop()
    try:
        done = run("read", "face-check", "--trust", anchors, "--json", stdin="60070320334102\n")
        assert (done.returncode, answer(done)["error"]["code"]) == (3, "service-not-running")
    finally:
        service.start()


def test_another_kind_of_card(service: PcscService, host: CardHost, anchors: str) -> None:
    host.plug("ts", "pcsc", service.ports[0])
    host.stranger("ts", "bank-card")
    host.insert("ts")
    done = read(service.readers[0], anchors, "read", "face-check")
    assert (done.returncode, answer(done)["error"]["code"]) == (3, "not-my-number-card"), done.stderr
    host.remove("ts")
