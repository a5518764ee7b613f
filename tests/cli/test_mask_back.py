"""``mnverify mask-back``: a whole file or none, without the number."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mnverify.cli.working import PATIENCE_SECONDS
from mnverify.printed.engine import TextLine
from tests.cli.conftest import Ran
from tests.printed.backs import HIGH, WIDE, back, file_of, number_of
from tests.printed.test_mask import Fake

Run = Callable[..., Ran]
NUMBER = number_of(3)


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("mnverify.printed.mask.rapid_engine", Fake)
    path = tmp_path / "back.png"
    path.write_bytes(file_of(back(NUMBER)))
    return str(path)


@pytest.mark.parametrize(("name", "kind"), [("m.png", "PNG"), ("m.jpg", "JPEG"), ("m.JPEG", "JPEG")])
def test_written_by_its_name(run: Run, picture: str, tmp_path: Path, name: str, kind: str) -> None:
    out = tmp_path / name
    ran = run("mask-back", picture, "-o", str(out), "--json")
    assert ran.status == 0
    assert ran.document == {"output": str(out), "codes": 1, "numbers": 1, "width": WIDE, "height": HIGH}
    assert Image.open(io.BytesIO(out.read_bytes())).format == kind
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o600


@pytest.mark.parametrize(("lang", "words"), [("en", "Look at"), ("ja", "目で確かめて")])
def test_for_people(run: Run, picture: str, tmp_path: Path, lang: str, words: str) -> None:
    ran = run("mask-back", picture, "-o", str(tmp_path / "m.png"), "--lang", lang)
    assert ran.status == 0 and words in ran.out.replace("\n", "")
    assert NUMBER not in ran.out + ran.err


def test_nothing_is_written_where_it_is_not_sure(run: Run, picture: str, tmp_path: Path) -> None:
    Path(picture).write_bytes(file_of(back(NUMBER, code=Image.new("L", (105, 105), 238))))
    before = sorted(tmp_path.iterdir())
    ran = run("mask-back", picture, "-o", str(tmp_path / "m.png"), "--json")
    assert (ran.status, ran.document["error"]["code"]) == (1, "not-masked")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["m.gif", "m", "m.png.txt", "none/m.png"])
def test_a_place_that_is_none_is_told_before_the_picture_is_opened(
    run: Run, picture: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr("mnverify.printed.mask.load_picture", opened)
    ran = run("mask-back", picture, "-o", str(tmp_path / name), "--json")
    assert (ran.status, ran.document["error"]["code"]) == (2, "usage")


def test_without_an_output_it_is_not_understood(run: Run, picture: str) -> None:
    assert run("mask-back", picture).status == 2


def test_a_full_disk_leaves_nothing(run: Run, picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr("mnverify.cli.files.os.fsync", full)
    ran = run("mask-back", picture, "-o", str(tmp_path / "m.png"))
    assert ran.status == 2 and "no space" in ran.err
    assert sorted(tmp_path.iterdir()) == before


class _Slow(Fake):
    """Reads nothing before the terminal has shown that something is going on, or what it waits for is over."""

    until: Callable[[], bool] = staticmethod(lambda: True)

    def read(self, pixels: Any) -> Sequence[TextLine]:
        deadline = time.monotonic() + 60
        while not self.until() and time.monotonic() < deadline:
            time.sleep(0.01)
        return super().read(pixels)


@pytest.mark.parametrize(("lang", "words"), [("en", "Looking for"), ("ja", "番号とコード")])
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_on_a_terminal_it_says_how_far_it_is(
    run: Run, picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: str, more: list[str]
) -> None:
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    shown = bytearray()

    def until() -> bool:
        with contextlib.suppress(BlockingIOError):
            shown.extend(os.read(ours, 100_000))
        return words.encode() in shown

    monkeypatch.setattr(_Slow, "until", staticmethod(until))
    monkeypatch.setattr("mnverify.printed.mask.rapid_engine", _Slow)
    monkeypatch.setenv("TERM", "xterm")
    with open(theirs, "w", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        ran = run("mask-back", picture, "-o", str(tmp_path / "m.png"), "--lang", lang, *more)
    until()
    os.close(ours)
    told = shown.decode()
    assert ran.status == 0 and words in told and words not in ran.out
    assert re.search(r" 0/3 \.", told)
    assert told.endswith(" \r") and "\n" not in told and NUMBER not in told


def test_in_a_pipe_it_says_nothing(run: Run, picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    monkeypatch.setattr(_Slow, "until", staticmethod(lambda: time.monotonic() > begun + PATIENCE_SECONDS + 0.3))
    monkeypatch.setattr("mnverify.printed.mask.rapid_engine", _Slow)
    ran = run("mask-back", picture, "-o", str(tmp_path / "m.png"))
    assert (ran.status, ran.err) == (0, "")
