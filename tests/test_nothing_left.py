"""After a reading the process holds nothing of the holder: no object, no cache, no traceback, no log, no file.

What can be reached is walked (everything that Python's collector knows, and what that refers to). Memory that was freed is not:
Python cannot overwrite what it gave back, so pieces of a reading stay in the heap until something else is written there. That is in
the threat model.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from mnverify.values.dates import compact_digits
from mnverify.virtual import VirtualAuthority, VirtualCard, persona
from tests.support import forgery

ROOT = Path(__file__).resolve().parents[1]
PERSONA = "yoshida-takatsugu"  # none that docstrings take their examples from
SECONDS = 120  # a process that hangs is killed, and the test fails


def data_of(card: VirtualCard) -> dict[str, bytes]:
    """Every datum of the holder, by name."""
    holder = card.persona
    wanted: dict[str, bytes] = {kind: digits.encode() for kind, digits in card.credentials.items()}
    wanted |= {
        "name": holder.name.encode(),
        "family name": holder.name.split("　")[0].encode(),
        "address": holder.address.encode(),
        "birth date": compact_digits(holder.birth).encode(),
        "birth date in ISO": holder.birth.isoformat().encode(),
        "number": holder.my_number.reveal().encode(),
        "half of the number": holder.my_number.reveal()[:8].encode(),
    }
    face, age = card.files("face-check")["0002"], card.files("face-check")["0001"]
    for name, tag in (("name image", 0xDF25), ("address image", 0xDF26), ("photo", 0xDF27), ("code image", 0xDF2A)):
        image = forgery.value(face, tag)
        wanted[name] = image[len(image) // 2 :][:24]
    wanted["card key"] = forgery.value(face, 0xDF24)[20:60]
    wanted["input-assist card key"] = forgery.value(card.files("input-assist")["0007"], 0xDF51)[20:60]
    wanted["signature of the face"] = forgery.value(face, 0xDF28)[:24]
    wanted["signature of the age record"] = forgery.value(age, 0xDF13)[:24]
    wanted["digest of the number"] = forgery.value(card.files("input-assist")["0003"], 0xDF31)
    return wanted


def run(card: VirtualCard, *options: str, folder: Path) -> dict[str, Any]:
    """The process, served with the card; what it found of the holder in itself."""
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.support.reading_process", *options]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stdout and process.stderr

        def give(line: str) -> None:
            assert process.stdin
            process.stdin.write(line + "\n")
            process.stdin.flush()

        alarm = threading.Timer(SECONDS, process.kill)
        alarm.start()
        give(json.dumps(dict(card.credentials)))
        give(json.dumps(forgery.anchors()))
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == ">":
                give(card.transmit(bytes.fromhex(rest)).hex())
            elif word == "reset":
                card.reset()
                give("ok")
            elif word == "plant":
                give(card.persona.name.encode().hex())
            elif word == "done":
                break
        give(json.dumps({name: datum.hex() for name, datum in data_of(card).items()}))
        found = process.stdout.readline()
        alarm.cancel()
        if not found:
            raise AssertionError(process.stderr.read())
        return json.loads(found)  # type: ignore[no-any-return]


def test_nothing_of_the_holder_is_left(tmp_path: Path) -> None:
    card = VirtualAuthority.laboratory().issue(persona(PERSONA))
    done = run(card, folder=tmp_path)
    assert done["found"] == {}
    assert done["counts"]["alive"] > 10_000 and done["failures"] > 60


def test_what_is_left_is_found(tmp_path: Path) -> None:
    """The same process, with one thing kept in each place on purpose: the search is one that can fail."""
    card = VirtualAuthority.laboratory().issue(persona(PERSONA))
    done = run(card, "--plant", folder=tmp_path)
    assert {place: set(names) for place, names in done["found"].items()} == {
        "said": {"name", "family name"},
        "alive": {"name", "family name"},
        "files": {"name", "family name"},
        "logs": {"name", "family name"},
    }
