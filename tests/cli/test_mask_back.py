"""``mnverify mask-back``: a whole file or none, without the number."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

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
