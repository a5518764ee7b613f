"""The kiosk of the how-to, whole: its program, over a PC/SC service, until it is told to stop."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

from .bench import card_on_a_reader
from .blocks import ROOT, blocks

PAGES = ["docs/how-to/kiosk-raspberry-pi.md", "docs/how-to/kiosk-raspberry-pi.ja.md"]
PATIENCE = 120.0  # seconds


def program(page: str) -> dict[str, Any]:
    """What the page's blocks define."""
    names: dict[str, Any] = {"__name__": "kiosk"}
    with contextlib.redirect_stdout(io.StringIO()):
        for block in blocks(ROOT / page, "python"):
            exec(compile(block.body, page, "exec"), names)
    return names


@pytest.mark.parametrize("page", PAGES)
def test_it_runs_until_it_is_stopped(page: str, service: PcscService, host: CardHost) -> None:
    kiosk = program(page)
    keys = iter(["600703"])
    asked = kiosk["ask"]
    kiosk["ask"] = lambda: asked(lambda prompt: next(keys))
    screen = io.StringIO()
    before = signal.getsignal(signal.SIGTERM)
    stopper = threading.Thread(target=stop_when, args=(lambda: "YES" in screen.getvalue(),))
    try:
        with card_on_a_reader(service, host), contextlib.redirect_stdout(screen):
            stopper.start()
            kiosk["main"](kiosk["laboratory"])
    finally:
        signal.signal(signal.SIGTERM, before)
        stopper.join(PATIENCE)
    assert "Lay your card" in screen.getvalue() and "YES" in screen.getvalue()
    assert host.state("page")["retries"]["face-check/0011"] == 10


def stop_when(done: Callable[[], bool]) -> None:
    """As systemd would, once the answer is on the screen."""
    end = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        (["600703"], "600703"),
        (["昭和60年7月3日"], "600703"),
        (["850703", "1"], "850703"),  # a foreign resident's card
        (["850703", "", "600703"], "600703"),
        (["12", "600703"], "600703"),
        (["990231", ""], None),
        ([""], None),
    ],
)
def test_it_asks_for_what_is_printed(page: str, typed: list[str], digits: str | None) -> None:
    keys = iter(typed)
    answer = program(page)["ask"](lambda prompt: next(keys))
    assert (answer is None) if digits is None else (answer == type(answer)(digits))
    assert next(keys, None) is None


def test_five_tries_are_left_after_one_was_wrong() -> None:
    kiosk = program(PAGES[0])
    for tries, shown, left in [(6, "does not match", 5), (5, "Not checked", 5), (0, "Not checked", 0)]:
        card = kiosk["authority"].issue(
            kiosk["persona"]("sato-hanako"), limits=kiosk["Limits"](tries={"face-check/0011": tries})
        )
        assert shown in kiosk["say"](card, kiosk["BirthDate"]("600704"), kiosk["laboratory"])
        assert card.retries("face-check", "0011") == left
