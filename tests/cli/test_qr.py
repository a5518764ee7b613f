"""``mnverify qr``: what it prints, and that no other role sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.printed.backs import back, code_image, file_of, number_of

Run = Callable[..., Ran]
NUMBER = number_of(1)
OFFICE = ("--role", "my-number-office")


@pytest.fixture
def scan(tmp_path: Path) -> str:
    path = tmp_path / "back.png"
    path.write_bytes(file_of(back(NUMBER), dpi=(300, 300)))
    return str(path)


def test_json(run: Run, scan: str) -> None:
    ran = run("qr", scan, *OFFICE, "--json")
    assert ran.status == 0
    assert ran.document == {"my_number": NUMBER, "version": 1, "size_mm": pytest.approx(8.89, abs=0.1)}


@pytest.mark.parametrize(("lang", "word"), [("en", "width of the code"), ("ja", "QR コードの1辺")])
def test_for_people(run: Run, scan: str, lang: str, word: str) -> None:
    ran = run("qr", scan, *OFFICE, "--lang", lang)
    assert ran.status == 0 and word in ran.out
    assert f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}" in ran.out


def test_without_a_scale_the_size_is_null(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(file_of(back(NUMBER), "JPEG"))
    assert run("qr", str(path), *OFFICE, "--json").document["size_mm"] is None
    assert "not checked" in run("qr", str(path), *OFFICE).out
    assert run("qr", str(path), *OFFICE, "--json", "--dpi", "300").document["size_mm"] == pytest.approx(8.89, abs=0.1)


@pytest.mark.parametrize("image", ["no-such-file.jpg", None])
def test_the_role_is_asked_first(run: Run, scan: str, image: str | None) -> None:
    ran = run("qr", image or scan, "--json")
    assert ran.status == 4
    assert ran.document["error"]["code"] == "not-for-role"
    assert NUMBER not in ran.out + ran.err


def test_what_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "back.png"
    path.write_bytes(file_of(back(NUMBER, code=code_image(NUMBER, module=6)), dpi=(300, 300)))
    ran = run("qr", str(path), *OFFICE, "--json")
    assert (ran.status, ran.document["error"]["code"]) == (1, "code-refused")
    assert NUMBER not in ran.out + ran.err
    path.write_bytes(b"no picture")
    ran = run("qr", str(path), *OFFICE, "--json")
    assert (ran.status, ran.document["error"]["code"]) == (2, "unusable-picture")
    assert run("qr", str(tmp_path / "none.png"), *OFFICE).status == 2
    path.write_bytes(file_of(back(NUMBER, code=code_image(NUMBER).point(lambda _: 200))))
    assert run("qr", str(path), *OFFICE, "--json").document["error"]["code"] == "code-not-found"
