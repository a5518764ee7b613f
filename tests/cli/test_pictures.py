"""Pictures: saved as PNG, all or none; and a line where one is missing."""

from __future__ import annotations

import builtins
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from mnverify.virtual import VirtualAuthority, VirtualCard, persona
from tests.cli.conftest import Ran, flat

Run = Callable[..., Ran]
READER = f"virtual:{persona().id}"


@pytest.fixture
def read(run: Run, card: VirtualCard) -> Run:
    """Read the card face of the default persona."""

    def reader(*words: str) -> Ran:
        return run("read", "face-check", "--reader", READER, *words, stdin=card.credentials["verification-number-b"])

    return reader


@pytest.fixture
def without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where ``mnverify`` was installed without any extra."""
    real = builtins.__import__

    def bare(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] == "PIL":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr("builtins.__import__", bare)
    for name in [name for name in sys.modules if name.split(".")[0] == "PIL"]:
        monkeypatch.delitem(sys.modules, name)


def test_they_are_saved_as_png_for_their_owner(read: Run, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    ran = read("--trust", "virtual", "--save-images", str(folder))
    assert ran.status == 0, ran.err
    assert sorted(os.listdir(folder)) == ["address.png", "name.png", "photo.png", "security_code.png"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with Pillow.open(path) as picture:
            picture.load()
            assert picture.format == "PNG"
            assert picture.size == {"photo.png": (378, 472)}.get(path.name, picture.size)


def test_the_pictures_are_those_of_the_card(read: Run, tmp_path: Path, card: VirtualCard) -> None:
    from mnverify import Evidence, TrustStore, verify

    kept = tmp_path / "evidence.json"
    read("--trust", "virtual", "-o", str(kept), "--save-images", str(tmp_path))
    import json

    trust = TrustStore.from_json(json.dumps(VirtualAuthority.laboratory().trust_anchors()))
    fields = verify(Evidence.from_json(kept.read_bytes()), trust=trust).fields
    for name, field in (("photo.png", "photo"), ("name.png", "name_image")):
        image = fields[field].value
        with Pillow.open(tmp_path / name) as saved:
            assert saved.convert("L").tobytes() == image.open().convert("L").tobytes()  # type: ignore[union-attr]


def test_nothing_is_saved_of_a_rejected_card(read: Run, tmp_path: Path) -> None:
    ran = read("--save-images", str(tmp_path / "pictures"))  # production anchors
    assert ran.status == 1
    assert os.listdir(tmp_path) == []


def test_the_number_is_saved_in_its_role_only(run: Run, card: VirtualCard, tmp_path: Path) -> None:
    ran = run("read", "face-check", "--reader", READER, "--trust", "virtual", "--role", "my-number-office", "--credential",
              "verification-number-a", "--save-images", str(tmp_path), stdin=card.credentials["verification-number-a"])  # fmt: skip
    assert ran.status == 0, ran.err
    assert "my_number.png" in os.listdir(tmp_path)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_images_without_json_is_an_error(run: Run, lang: str) -> None:
    for words in (("verify", "evidence.json"), ("read", "face-check", "--reader", READER)):
        ran = run(*words, "--images", "--lang", lang, stdin="60070320334102")
        assert (ran.status, ran.out) == (2, "")
        assert "--save-images" in ran.err


@pytest.mark.parametrize(("lang", "says"), [("en", "This needs Pillow"), ("ja", "Pillow がインストールされていない")])
def test_a_missing_picture_is_explained_in_a_line(
    read: Run,
    card: VirtualCard,
    issued: Callable[[VirtualCard], VirtualCard],
    without_pillow: None,
    lang: str,
    says: str,
) -> None:
    issued(card)
    ran = read("--trust", "virtual", "--lang", lang)
    assert ran.status == 0, ran.err
    assert flat(ran.out).count(flat(says)) == 1
    assert "Name, Address, Security code" in ran.out or lang == "ja"
    assert ".[pcsc]" in ran.out or ".[virtual]" in ran.out


def test_without_pillow_nothing_is_read_to_be_saved(read: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnverify.cli.pictures.find_spec", lambda name: None)
    ran = read("--json", "--save-images", str(tmp_path / "pictures"))
    assert (ran.status, ran.document["error"]["code"]) == (2, "missing-package")
    assert os.listdir(tmp_path) == []
