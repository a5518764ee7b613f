"""``card serve``: its one line, its end, its refusals; a process of its own, as other programs start it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mnverify.cli.commands.card_serve import limits_of
from mnverify.errors import UsageError
from mnverify.values import MyNumber
from mnverify.virtual import Limits, LongAnswer, VirtualAuthority, persona
from tests.cli.conftest import Ran
from tests.support.ports import tcp_ports, udp_port
from tests.virtual.plain import FACE
from tests.virtual.wires import BareReader, FakeVpcd

Run = Callable[..., Ran]
SELECT = b"\x00\xa4\x04\x0c\x0a" + FACE
COUNTER = bytes.fromhex("00200092")


class Served:
    """The process, once it has said its line."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mnverify", "card", "serve", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], 60)
        assert readable
        self.line = self.process.stdout.readline()
        assert self.line, self.process.communicate()[1]
        self.said: dict[str, Any] = json.loads(self.line)

    def end(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Exit status, and what else it said."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@contextlib.contextmanager
def served(*words: str) -> Iterator[Served]:
    running = Served(*words)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end()


@pytest.fixture
def vpcd() -> Iterator[FakeVpcd]:
    fake = FakeVpcd()
    yield fake
    fake.close()


def test_the_line_and_the_end(vpcd: FakeVpcd) -> None:
    with served("--pcsc", "--port", str(vpcd.port)) as running:
        card = VirtualAuthority.laboratory().issue(persona())
        anchors = Path(running.said.pop("anchors"))
        assert running.said == {
            "reader": "Virtual PCD 00 00",
            "persona": "sato-hanako",
            "name": persona().name,
            "address": persona().address,
            "birth_date": "1985-07-03",
            "sex": "female",
            "expiry": "2033-07-03",
            "my_number": persona().my_number.reveal(),
            "credentials": dict(card.credentials),
        }
        assert MyNumber(running.said["my_number"]) == persona().my_number
        assert json.loads(anchors.read_bytes()) == VirtualAuthority.laboratory().trust_anchors()
        assert stat.S_IMODE(anchors.parent.stat().st_mode) == 0o700
        vpcd.accept()
        assert vpcd.ask(SELECT) == b"\x90\x00"
        assert vpcd.ask(bytes.fromhex("00B08400000000"))[:-2] == card.files("face-check")["0004"]
        assert running.end() == (0, "", "")
        assert not anchors.parent.exists()
        assert vpcd.ended()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_before_nfcpy(number: int) -> None:
    port = udp_port()
    with served("--nfc-udp", f"localhost:{port}", "--persona", "sato-hanako", "--json") as running:
        assert running.said["reader"] == f"udp:localhost:{port}"
        folder = Path(running.said["anchors"]).parent
        with BareReader(port) as reader:
            assert reader.activated().exchange(SELECT) == b"\x90\x00"
        assert running.end(number) == (0, "", "")
        assert not folder.exists()


def test_an_end_in_the_middle_of_a_long_command(vpcd: FakeVpcd) -> None:
    with served("--pcsc", "--port", str(vpcd.port), "--fault", "slow@1:3600") as running:
        vpcd.accept()
        vpcd.say(SELECT)
        time.sleep(0.2)
        assert running.end(signal.SIGTERM) == (0, "", "")


def test_signals_go_back_to_whom_they_belonged(run: Run, vpcd: FakeVpcd) -> None:
    """In the process of a caller: the end of the command is not the end of the caller."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    threads = set(threading.enumerate())
    over = threading.Event()

    def interrupt() -> None:  # not before it takes signals: this process is the one that runs the tests
        while not over.wait(0.05):
            if signal.getsignal(signal.SIGTERM) != before[1] and not vpcd.nobody(0.05):
                time.sleep(0.2)
                os.kill(os.getpid(), signal.SIGTERM)
                return

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    try:
        ran = run("card", "serve", "--pcsc", "--port", str(vpcd.port))
    finally:
        over.set()
        interrupting.join()
    assert (ran.status, ran.out.count("\n"), ran.err) == (0, 1, "")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert set(threading.enumerate()) <= threads
    assert not Path(ran.document["anchors"]).exists()


def test_a_stranger_is_nobody(vpcd: FakeVpcd) -> None:
    with served("--pcsc", "--port", str(vpcd.port), "--stranger", "bank-card") as running:
        assert running.said["stranger"] == "bank-card"
        assert running.said["persona"] is None and running.said["my_number"] is None
        assert running.said["credentials"] == {}
        vpcd.accept()
        assert vpcd.ask(SELECT) == b"\x6a\x82"


def test_faults_are_played(vpcd: FakeVpcd) -> None:
    words = ["--fault", "status@2:6F00", "--fault", "garbage@3:0102", "--fault", "reset@4", "--fault", "torn@5:0.6"]
    with served("--pcsc", "--port", str(vpcd.port), *words, "--limit", "short"):
        vpcd.accept()
        assert vpcd.ask(SELECT) == b"\x90\x00"
        assert vpcd.ask(COUNTER) == b"\x6f\x00"
        assert vpcd.ask(COUNTER) == b"\x01\x02"
        assert vpcd.ask(COUNTER) == b"\x6a\x88"
        start = time.monotonic()
        vpcd.say(COUNTER)
        assert vpcd.ended()
        vpcd.accept()
        assert time.monotonic() - start >= 0.6
        assert vpcd.ask(bytes.fromhex("00B08400000000")) == b"\x67\x00"


def test_torn_away_for_good(vpcd: FakeVpcd) -> None:
    with served("--pcsc", "--port", str(vpcd.port), "--fault", "torn@1"):
        vpcd.accept()
        vpcd.say(SELECT)
        assert vpcd.ended() and vpcd.nobody(0.8)


# -- refusals, in this process


def test_no_vpcd(run: Run) -> None:
    port = tcp_ports()
    ran = run("card", "serve", "--pcsc", "--port", str(port))
    assert (ran.status, ran.out) == (3, "")
    assert f":{port}" in ran.err and "vsmartcard-vpcd" in ran.err and ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--pcsc", "--nfc-udp", "localhost:41999"],
        ["--nfc-udp", "localhost"],
        ["--nfc-udp", ":41999"],
        ["--nfc-udp", "localhost:0"],
        ["--nfc-udp", "localhost:65536"],
        ["--nfc-udp", "localhost:４１９９９"],
        ["--nfc-udp", "0.0.0.0:41999"],
        ["--nfc-udp", "192.0.2.7:41999"],
        ["--nfc-udp", "localhost:41999", "--port", "35963"],
        ["--pcsc", "--port", "0"],
        ["--pcsc", "--port", "65536"],
        ["--pcsc", "--persona", "nobody"],
        ["--pcsc", "--stranger", "library-card"],
        ["--pcsc", "--stranger", "passport", "--fault", "mute@1"],
        ["--pcsc", "--stranger", "passport", "--persona", "sato-hanako"],
        ["--pcsc", "--fault", "mute"],
        ["--pcsc", "--limit", "long"],
    ],
)
def test_wrong_usage(run: Run, words: list[str]) -> None:
    ran = run("card", "serve", *words)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err and "Traceback" not in ran.err


def test_a_port_with_a_name_is_out_of_nfcpys_reach(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getservbyport", lambda port: "echo")
    ran = run("card", "serve", "--nfc-udp", "localhost:41999", "--lang", "ja")
    assert (ran.status, ran.out) == (2, "")
    assert "41999" in ran.err and "echo" in ran.err


def test_a_taken_port(run: Run) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        port = udp_port()
        taken.bind(("127.0.0.1", port))
        ran = run("card", "serve", "--nfc-udp", f"127.0.0.1:{port}")
    assert (ran.status, ran.out) == (3, "")


# -- words


@pytest.mark.parametrize(
    ("faults", "limits", "expected", "back_after"),
    [
        ([], [], Limits(), None),
        (["torn@5"], [], Limits(lost_at=5), None),
        (["torn@5:1.5"], [], Limits(lost_at=5), 1.5),
        (["mute@3"], [], Limits(mute_at=3), None),
        (["slow@2:0.5", "slow@4:1"], [], Limits(slow_at={2: 0.5, 4: 1.0}), None),
        (["garbage@2", "garbage@3:00ff"], [], Limits(garbage_at={2: b"", 3: b"\x00\xff"}), None),
        (["reset@2", "reset@9"], [], Limits(reset_at=frozenset({2, 9})), None),
        (["status@7:6985"], [], Limits(status_at={7: 0x6985}), None),
        ([], ["short", "exact-le"], Limits(extended=False, exact_le=True), None),
        ([], ["max-response=231"], Limits(max_response=231), None),
        ([], ["max-response=231:cut"], Limits(max_response=231, long_answer=LongAnswer.CUT), None),
        ([], ["max-response=9:empty"], Limits(max_response=9, long_answer=LongAnswer.EMPTY), None),
        ([], ["max-response=9:get-response"], Limits(max_response=9), None),
        ([], ["tries=face-check/0012:2"], Limits(tries={"face-check/0012": 2}), None),
    ],
)
def test_words_of_faults_and_limits(
    faults: list[str], limits: list[str], expected: Limits, back_after: float | None
) -> None:
    assert limits_of(faults, limits) == (expected, back_after)


@pytest.mark.parametrize(
    "word",
    [
        "", "torn", "torn@", "torn@x", "torn@0", "torn@-1", "torn@1:", "torn@1:x", "torn@1:-1", "mute@1:2", "reset@1:2",
        "slow@1", "slow@1:", "slow@1:nan", "slow@1:inf", "slow@1:-1", "slow@1:1e9", "status@1", "status@1:69", "status@1:698500",
        "status@1:zzzz", "garbage@1:0", "garbage@1:zz", "garbage", "@1", "fly@1", "torn@１", "MUTE@1",
    ],
)  # fmt: skip
def test_no_such_fault(word: str) -> None:
    with pytest.raises(UsageError):
        limits_of([word], [])


@pytest.mark.parametrize(
    "word",
    [
        "", "long", "short=1", "exact-le=1", "max-response", "max-response=", "max-response=0", "max-response=-1",
        "max-response=9:", "max-response=9:torn", "tries=", "tries=face-check:1", "tries=face-check/0012", "tries=jpki/0012:1",
        "tries=face-check/zzzz:1", "tries=face-check/0012:x",
    ],
)  # fmt: skip
def test_no_such_limit(word: str) -> None:
    with pytest.raises(UsageError):
        limits_of([], [word])
