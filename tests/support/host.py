"""Virtual cards in a process of their own (``tools/card_host.py``), as tests and benchmarks use them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_ROOT = Path(__file__).resolve().parent.parent.parent
_END_SECONDS = 5.0


class CardHost:
    """The process; each call is one question to it.

    Raises:
        RuntimeError: it did not start, or refused what it was asked.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.card_host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
            start_new_session=True,  # an interrupt at the terminal is for the tests, which end it
        )
        try:
            self._answer()  # it says by itself that it is there
        except BaseException:
            self.close()
            raise

    def plug(self, name: str, via: str, port: int, **options: Any) -> None:
        """A plug on port ``port``, ``via`` "pcsc" or "nfc-udp". Options of the plug: ``watchdog``, ``back_after``; of "nfc-udp"
        also ``frame_size``, ``fwi``, ``wtx`` (numbers by the names of `Extensions`) and ``twin`` (a word of `STRANGERS`)."""
        self._ask("plug", name, via=via, port=port, **options)

    def card(self, name: str, persona: str = "sato-hanako", flaws: Sequence[str] = (), **limits: Any) -> None:
        """A new card for that plug, with flaws by the words of `Flaw` and limits as `Limits` has them. It is out until
        `insert`."""
        plain = {key: _plain(value) for key, value in limits.items()}
        self._ask("card", name, persona=persona, flaws=list(flaws), limits=plain)

    def stranger(self, name: str, word: str) -> None:
        """Another card for that plug. It is out until `insert`."""
        self._ask("card", name, stranger=word)

    def insert(self, name: str, *, at_once: bool = False) -> None:
        """Put the card on the reader; ``at_once``: sooner after a removal than pcscd can have noticed it."""
        self._ask("insert", name, at_once=at_once)

    def remove(self, name: str) -> None:
        """Take it off."""
        self._ask("remove", name)

    def state(self, name: str) -> dict[str, Any]:
        """Counts, tries left, and whether the card is on the reader."""
        return self._ask("state", name)

    def close(self) -> None:
        """End the process; a process that does not end within five seconds is killed."""
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError
        try:
            if self._process.poll() is None:
                self._process.stdin.write('{"do":"quit"}\n')
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _ask(self, do: str, name: str, **more: Any) -> dict[str, Any]:
        if self._process.stdin is None:
            raise AssertionError
        self._process.stdin.write(json.dumps({"do": do, "id": name, **more}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        if self._process.stdout is None:
            raise AssertionError
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the card host has ended")
        answer: dict[str, Any] = json.loads(line)
        if not answer.pop("ok"):
            raise RuntimeError(answer["error"])
        return answer


def _plain(value: Any) -> Any:
    """A limit as JSON has it: bytes in hex, sets as lists, keys as text."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return value
