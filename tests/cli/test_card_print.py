"""``card print``: a picture, the truth about it, and what is refused before anything is written."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mnverify.cli.commands import card_print
from mnverify.virtual.print import CONDITIONS, PrintFlaw, layouts
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


def test_a_side_is_drawn(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "back.png"
    ran = run("card", "print", "--persona", "ri-mirei", "--side", "back", "-o", str(path))
    assert ran.status == 0 and "見本" in ran.out and "ri-mirei" in ran.out
    with Image.open(path) as picture:
        assert picture.format == "PNG" and picture.size == (1011, 638)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_truth_comes_with_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "photo.JPG"
    words = ["card", "print", "--condition", "webcam", "--seed", "3", "--flaw", "altered-code", "-o", str(path)]
    ran = run(*words, "--json")
    said = json.loads(ran.out)
    assert ran.status == 0 and said["altered"] == ["security_code"] and said["printed"]["security_code"] != "4102"
    assert len(said["corners"]) == 4 and set(said["outlines"]) == {*said["printed"], "photo"}
    with Image.open(path) as picture:
        assert picture.format == "JPEG" and picture.size == (1280, 720)
    drawn = json.loads(run("card", "print", "--dpi", "600", "-o", str(tmp_path / "a.png"), "--json").out)
    assert drawn["size"] == [2022, 1275] and all(len(place) == 4 for place in drawn["places"].values())
    first = path.read_bytes()
    assert run(*words).status == 0 and path.read_bytes() == first


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("-o", "card.jpg"), ".png"),
        (("-o", "card.png", "--condition", "phone"), ".jpg"),
        (("-o", "card.jpg", "--condition", "underwater"), "phone"),
        (("-o", "card.png", "--layout", "other"), "mirrored"),
        (("-o", "card.png", "--flaw", "other"), "altered-birth"),
        (("-o", "card.png", "--side", "back", "--flaw", "other-face"), "other-face"),
        (("-o", "card.png", "--persona", "nobody"), "sato-hanako"),
        (("-o", "card.png", "--dpi", "20000"), "--dpi"),
        (("-o", "nowhere/card.png"), "nowhere"),
        ((), "-o"),
    ],
)
def test_what_cannot_be_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for lang in ("en", "ja"):
        ran = run("card", "print", *words, "--lang", lang)
        assert ran.status == 2 and says in ran.err and not ran.out
    assert not list(tmp_path.iterdir())


def test_the_help_names_all_there_is() -> None:
    assert card_print._LAYOUTS == ", ".join(layouts())
    assert card_print._CONDITIONS == ", ".join(CONDITIONS)
    assert set(card_print._FLAWS.replace(";", ",").split(", ")) == {flaw.value for flaw in PrintFlaw}
