"""What the pages take for granted: a reader with a card on it, people who type, files that were read elsewhere."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mnverify import Evidence, Presence, open_reader
from mnverify.virtual import VirtualAuthority, VirtualCard, persona
from mnverify.virtual.print import photograph, print_front
from tests.printed.backs import back, file_of
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

from .blocks import Command

TYPED = {"face-check": "verification-number-b", "input-assist": "pin", "age": "birth-date"}


def sato() -> VirtualCard:
    """The card of the invented person whom the pages speak of."""
    return VirtualAuthority.laboratory().issue(persona("sato-hanako"))


def lay_out(folder: Path) -> None:
    """The files that the commands speak of: evidence that was read elsewhere, and anchors of one's own, and an archive."""
    authority = VirtualAuthority.laboratory()
    card = authority.issue(persona())
    files = {name: card.files("face-check")[name] for name in ("0002", "0004")}
    presence = Presence(bytes(32), card.sign("face-check", bytes(32)))
    evidence = Evidence(
        domain="face-check", role="general", credential="verification-number-b", files=files, presence=presence
    )
    (folder / "evidence.json").write_text(evidence.to_json(), encoding="utf-8")
    authority.write_trust_anchors(folder / "anchors.json")
    (folder / "front.jpg").write_bytes(front())
    (folder / "back.png").write_bytes(file_of(back(card_number()), dpi=(300, 300)))
    printed = {"birth_date": "昭和60年7月3日", "sex": "女", "expiry": "2033年7月3日"}
    (folder / "printed.json").write_text(json.dumps(printed), encoding="utf-8")
    (folder / "kept").mkdir()
    row = {"id": "a", "evidence": evidence.to_json()}
    (folder / "kept" / "2026.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")


@functools.cache
def front() -> bytes:
    """A photo of a front, small enough to be made at once."""
    drawn = print_front(persona("sato-hanako"), dpi=300)
    return photograph(drawn, "scan", seed=1).jpeg


def card_number() -> str:
    """The 個人番号 on the picture of a back that the pages speak of."""
    return persona("sato-hanako").my_number.reveal()


@contextlib.contextmanager
def card_on_a_reader(service: PcscService, host: CardHost) -> Iterator[None]:
    """As the pages have it: one card, on the first reader, and the service has seen it."""
    host.plug("page", "pcsc", service.ports[0])
    host.card("page", "sato-hanako")
    host.insert("page")
    try:
        with open_reader(service.readers[0]) as reader:
            assert reader.wait_for_card(60)
        yield
    finally:
        host.remove("page")
        with open_reader(service.readers[0]) as reader:
            assert reader.wait_for_removal(60)


@contextlib.contextmanager
def udp_ports_of_the_pages() -> Iterator[None]:
    """The pages name their ports, so one page at a time has them."""
    with open(Path(tempfile.gettempdir()) / "mnverify-documents.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def path_with_mnverify(folder: Path, service: PcscService) -> str:
    """A search path on which ``mnverify`` is this one. The pages serve on vpcd's own port; the tests' service listens elsewhere."""
    program = folder / "bin" / "mnverify"
    program.parent.mkdir()
    port = f'case "$*" in "card serve"*--pcsc*) set -- "$@" --port {service.ports[0]};; esac'
    program.write_text(f'#!/bin/sh\n{port}\nexec {sys.executable} -m mnverify "$@"\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return f"{program.parent}{os.pathsep}{os.environ['PATH']}"


class Shell:
    """Runs commands of a page in one folder, as somebody at a terminal would; what serves goes on in the background."""

    def __init__(self, folder: Path, service: PcscService) -> None:
        self.folder = folder
        self._serving: list[subprocess.Popen[str]] = []
        self._environment = {**os.environ, "PATH": path_with_mnverify(folder, service), "LANG": "C.UTF-8"}

    def run(self, command: Command) -> None:
        """Run one, and compare what it says.

        Raises:
            AssertionError: it failed otherwise than by a verdict, or said something else.
        """
        words = command.line.split("  #")[0]
        if " serve" in f" {words.removeprefix('mnverify')}":
            self._serve(words)
            return
        done = subprocess.run(
            ["bash", "-c", words],
            cwd=self.folder,
            env=self._environment,
            input=_typed(words),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in (0, 1), f"{words}: {done.stderr}"
        assert "Traceback" not in done.stderr
        printed = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
        for line in command.says:
            assert "…" in line or line.strip() in printed, f"{words} does not say {line!r} but {printed}"

    def close(self) -> None:
        """End what serves."""
        for process in self._serving:
            process.terminate()
            process.communicate(timeout=60)
        self._serving.clear()

    def _serve(self, words: str) -> None:
        self.close()
        process = subprocess.Popen(
            ["bash", "-c", f"exec {words}"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._serving.append(process)
        assert process.stdout is not None
        if not process.stdout.readline():
            raise AssertionError(f"{words}: {process.communicate(timeout=60)[1]}")


def _typed(words: str) -> str:
    """What a person would type at the prompt."""
    for word, kind in TYPED.items():
        if f"mnverify read {word}" in words or f"mnverify {word}" in words:
            return sato().credentials[kind] + "\n"
    return ""


class Typist:
    """Answers prompts of a program: number B, or the date where it is asked for."""

    def __init__(self) -> None:
        self._credentials: Any = sato().credentials

    def __call__(self, prompt: str = "") -> str:
        return str(self._credentials["birth-date" if "生年月日" in prompt else "verification-number-b"])
