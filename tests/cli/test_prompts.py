"""Prompts at a real terminal: what is shown while it is typed, what is asked back, and that nothing is spent on a slip."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mnverify.virtual import VirtualCard, persona
from tests.cli.conftest import Ran

HOLDER = persona()
READER = f"virtual:{HOLDER.id}"
FACE = ("read", "face-check", "--reader", READER, "--trust", "virtual", "--json")
AGE = ("age", "--at-least", "20", "--reader", READER, "--trust", "virtual", "--json")
PIN = ("read", "input-assist", "--reader", READER, "--trust", "virtual", "--json")


class Terminal:
    """``python -m mnverify`` at a terminal of its own; standard output goes elsewhere."""

    def __init__(self, *words: str) -> None:
        self.ours, theirs = pty.openpty()
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "", "TERM": "xterm", "COLUMNS": "80"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mnverify", *words],
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # it becomes the controlling terminal
        )
        os.close(theirs)
        self.screen = ""

    def wait_for(self, words: str) -> None:
        """Read the screen until it says so."""
        until = time.monotonic() + 90
        while words not in self.screen:
            assert time.monotonic() < until, f"{words!r} did not come: {self.screen!r}"
            self._read(until)

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def answer(self, prompt: str, text: str) -> None:
        """Wait for a prompt, and type a line."""
        self.wait_for(prompt)
        self.screen = self.screen.partition(prompt)[2]
        self.type(f"{text}\n")

    def end(self) -> Ran:
        """What it came to; standard error is the rest of the screen."""
        out = self.process.communicate(timeout=120)[0].decode()
        while self._read(time.monotonic() + 0.2):
            pass
        os.close(self.ours)
        return Ran(self.process.returncode, out, self.screen)

    def _read(self, until: float) -> bool:
        ready = select.select([self.ours], [], [], max(0, until - time.monotonic()))[0]
        try:
            text = os.read(self.ours, 4096).decode(errors="replace") if ready else ""
        except OSError:  # the other end is closed
            text = ""
        self.screen += text
        return bool(text)


EXPIRY, CODE = str(HOLDER.expiry.year), HOLDER.security_code


@pytest.mark.parametrize("birth", ["昭和60年7月3日", "S60.7.3", "600703"])
def test_number_b_in_its_three_parts_is_shown_while_it_is_typed(birth: str) -> None:
    terminal = Terminal(*FACE)
    terminal.answer("14 digits of number B: ", birth)
    terminal.answer("four digits: ", EXPIRY)
    terminal.wait_for(EXPIRY)
    terminal.answer("on the front, four digits: ", CODE)
    terminal.wait_for(CODE)
    ran = terminal.end()
    assert ran.status == 0, ran
    assert ran.document["verdict"] == "verified"


@pytest.mark.parametrize(
    "text", ["60070320334102", "600703 2033 4102", "600703-2033-4102", "６００７０３　２０３３　４１０２"]
)
def test_number_b_in_one(text: str) -> None:
    terminal = Terminal(*FACE, "--lang", "ja")
    terminal.answer("（14桁）: ", text)
    assert terminal.end().document["verdict"] == "verified"


def test_a_gregorian_looking_birth_date_is_asked_back_before_a_try_is_spent() -> None:
    terminal = Terminal(*FACE, "-v")
    terminal.answer("14 digits of number B: ", "850703")
    terminal.answer("as on cards of foreign residents? [y/N] ", "")
    terminal.answer("14 digits of number B: ", "85070320334102")
    terminal.answer("as on cards of foreign residents? [y/N] ", "n")
    terminal.answer("14 digits of number B: ", "60070320334102")
    ran = terminal.end()
    assert ran.status == 0, ran
    assert ran.err.count("VERIFY") >= 1 and "63C" not in ran.err.replace("63CA", "")  # 63CA: ten tries, none was spent


def test_a_date_that_is_never_confirmed_is_never_sent() -> None:
    terminal = Terminal(*AGE)
    for _ in range(3):
        terminal.answer(" or 600703): ", "850703")
        terminal.answer("[y/N] ", "")
    ran = terminal.end()
    assert (ran.status, ran.document["error"]["code"]) == (2, "credential-format")
    assert "was not confirmed" in ran.document["error"]["message"]


def test_a_holder_whose_card_prints_gregorian_years_says_so() -> None:
    foreign = persona("garcia-maria")
    terminal = Terminal("age", "--at-least", "20", "--reader", "virtual:garcia-maria", "--trust", "virtual", "--json")
    terminal.answer(" or 600703): ", foreign.birth_digits)
    terminal.answer("[y/N] ", "y")
    assert terminal.end().document["old_enough"] is True


@pytest.mark.parametrize(("answer", "status"), [("はい", 0), ("y", 0), ("", 2)])
def test_a_gregorian_date_is_asked_back_too(answer: str, status: int) -> None:
    terminal = Terminal(*AGE, "--lang", "ja")
    terminal.answer(" など）: ", "1985-07-03")
    terminal.answer("[y/N] ", answer)
    if status:
        terminal.answer(" など）: ", "")
    ran = terminal.end()
    assert ran.status == status, ran


def test_a_wrong_form_is_asked_again_and_costs_nothing() -> None:
    terminal = Terminal(*FACE)
    terminal.answer("14 digits of number B: ", "nonsense")
    terminal.wait_for("Nothing was sent.")
    terminal.answer("14 digits of number B: ", "600703")
    terminal.answer("four digits: ", "33")
    terminal.answer("four digits: ", "2033年")
    terminal.answer("on the front, four digits: ", "410")
    terminal.answer("on the front, four digits: ", CODE)
    assert terminal.end().status == 0


def test_nobody_is_asked_for_ever() -> None:
    terminal = Terminal(*PIN)
    for _ in range(3):
        terminal.answer("not shown): ", "12")
    ran = terminal.end()
    assert (ran.status, ran.document["error"]["code"]) == (2, "credential-format")


def test_a_pin_is_not_shown_while_it_is_typed() -> None:
    terminal = Terminal(*PIN)
    terminal.answer("not shown): ", HOLDER.pin)
    ran = terminal.end()
    assert ran.status == 0, ran
    assert HOLDER.pin not in ran.err


def test_number_a_is_not_shown_while_it_is_typed() -> None:
    office = ("--credential", "verification-number-a", "--role", "my-number-office", "--no-presence")
    terminal = Terminal(*FACE, *office)
    terminal.answer("not shown): ", HOLDER.my_number.reveal())
    ran = terminal.end()
    assert ran.status == 0, ran
    assert HOLDER.my_number.reveal() not in ran.err


@pytest.mark.parametrize("words", [FACE, AGE, PIN], ids=["number B", "birth date", "PIN"])
def test_ctrl_c_is_clean(words: tuple[str, ...]) -> None:
    terminal = Terminal(*words)
    terminal.wait_for(": ")
    terminal.process.send_signal(signal.SIGINT)
    ran = terminal.end()
    assert (ran.status, ran.document["error"]["code"]) == (130, "interrupted")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("words", [FACE, AGE, PIN], ids=["number B", "birth date", "PIN"])
def test_the_end_of_the_input_is_clean(words: tuple[str, ...]) -> None:
    terminal = Terminal(*words)
    terminal.wait_for(": ")
    terminal.type("\x04")  # Ctrl+D
    ran = terminal.end()
    assert (ran.status, ran.document["error"]["code"]) == (2, "credential-format")
    assert "No number was given" in ran.err and "Traceback" not in ran.err


@pytest.mark.parametrize("text", ["60070320334102", "600703 2033 4102", "600703-2033-4102\nmore"])
def test_where_there_is_no_terminal_the_first_line_is_number_b(
    run: Callable[..., Ran], card: VirtualCard, text: str
) -> None:
    ran = run(*FACE, stdin=text)
    assert ran.status == 0, ran.err
    assert ran.err == ""


def test_prompts_leave_standard_output_alone(tmp_path: Path) -> None:
    terminal = Terminal(*AGE)
    terminal.answer(" or 600703): ", "S60.7.3")
    ran = terminal.end()
    assert ran.out.startswith("{") and ran.document["old_enough"] is True
