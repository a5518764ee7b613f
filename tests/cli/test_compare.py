"""``compare``: exit 0 only where the evidence is verified and everything that has to match does."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnverify.values import Domain, Role
from mnverify.virtual import persona
from tests.cli.conftest import Ran, flat
from tests.printed.chips import evidence, printed_of

Run = Callable[..., Ran]
SATO = persona("sato-hanako")
FLAT: dict[str, Any] = {**printed_of(SATO).to_dict()["printed"]}
READ: dict[str, Any] = {
    "format": "mnverify.printed/1",
    "printed": FLAT,
    "confidence": dict.fromkeys(FLAT, 0.99),
    "places": {},
    "doubts": [],
}


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., list[str]]:
    """Evidence and printed data in files; what is returned are the words of the command."""

    def make(printed: Any, *, domain: Domain = Domain.FACE_CHECK, role: Role = Role.GENERAL) -> list[str]:
        found = evidence("sato-hanako", domain, role)
        (tmp_path / "evidence.json").write_text(found.to_json(), "utf-8")
        (tmp_path / "printed.json").write_text(json.dumps(printed), "utf-8")
        words = ["compare", str(tmp_path / "evidence.json"), str(tmp_path / "printed.json"), "--trust", "virtual"]
        return [*words, "--role", role.value]

    return make


def attributes(files: Callable[..., list[str]], printed: Any) -> list[str]:
    """Of the input-assist domain: evidence of that can be kept in the role that may see the number alone."""
    return files(printed, domain=Domain.INPUT_ASSIST, role=Role.MY_NUMBER_OFFICE)


def test_everything_that_both_have_agrees(run: Run, files: Callable[..., list[str]]) -> None:
    ran = run(*attributes(files, FLAT), "--json")
    assert ran.status == 0
    document = ran.document
    assert (document["format"], document["outcome"]) == ("mnverify.comparison/1", "match")
    assert document["verification"]["verdict"] == "verified"
    assert document["fields"]["name"] == {
        "outcome": "match",
        "code": "equal",
        "method": "text",
        "detail": "The print and the chip agree.",
    }


def test_data_that_a_machine_read_is_taken_as_such(run: Run, files: Callable[..., list[str]]) -> None:
    words = attributes(files, READ)
    assert run(*words, "--json").document["fields"]["name"]["code"] == "equal-up-to-variants"
    ran = run(*words, "--json", "--equal")
    assert (ran.status, ran.document["outcome"]) == (1, "uncertain")


@pytest.mark.parametrize("field", ["name", "address", "birth_date", "sex"])
def test_a_forged_field_ends_with_1(run: Run, files: Callable[..., list[str]], field: str) -> None:
    forged = {"name": "加藤　花子", "address": "見本県架空市中央1-23", "birth_date": "1985-07-04", "sex": "男"}[field]
    ran = run(*attributes(files, {**FLAT, field: forged}), "--json")
    assert (ran.status, ran.document["outcome"]) == (1, "mismatch")
    assert ran.document["fields"][field]["outcome"] == "mismatch"


def test_images_that_nobody_read_are_no_match_unless_they_need_not(run: Run, files: Callable[..., list[str]]) -> None:
    words = files(FLAT)
    ran = run(*words, "--json")
    assert (ran.status, ran.document["outcome"]) == (1, "uncertain")
    assert ran.document["fields"]["name"]["code"] == "image-only"
    ran = run(*words, "--json", "--require", "birth_date", "sex", "expiry")
    assert (ran.status, ran.document["outcome"]) == (0, "match")


def test_a_rejected_verification_ends_with_1_whatever_is_printed(run: Run, files: Callable[..., list[str]]) -> None:
    words = files(FLAT)
    words[words.index("virtual")] = "production"
    ran = run(*words, "--json", "--require", "sex")
    assert (ran.status, ran.document["outcome"], ran.document["fields"]) == (1, "uncertain", {})
    assert "fields" not in ran.document["verification"]
    spoken = run(*words)
    assert spoken.status == 1
    assert "Nothing was compared" in spoken.out


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_outcome_in_words(run: Run, files: Callable[..., list[str]], lang: str) -> None:
    ran = run(*attributes(files, FLAT), "--lang", lang)
    assert ran.status == 0
    head, label, counted = {
        "en": ("MATCH", "Birth date", "Had to match: name, address, birth date, sex"),
        "ja": ("一致", "生年月日", "一致を求めた項目: 氏名、住所、生年月日、性別"),
    }[lang]
    assert ran.out.startswith(head)
    assert label in ran.out
    assert flat(counted) in flat(ran.out)
    assert "佐藤" not in ran.out


def test_the_number_needs_the_role(run: Run, files: Callable[..., list[str]]) -> None:
    number = {"my_number": SATO.my_number.reveal()}
    ran = run(*files(number), "--json")
    assert (ran.status, ran.document["error"]["code"]) == (4, "not-for-role")
    assert SATO.my_number.reveal() not in ran.out + ran.err
    assert run(*attributes(files, number)).status == 0
    other = persona("ri-mirei").my_number.reveal()
    assert run(*attributes(files, {"my_number": other})).status == 1


@pytest.mark.parametrize(
    "printed", [[], {"nom": "x"}, {"name": 3}, {"name": "a\u0000"}, {"format": "x/1", "printed": {}}]
)
def test_what_is_no_printed_data_ends_with_2(run: Run, files: Callable[..., list[str]], printed: Any) -> None:
    ran = run(*files(printed), "--json")
    assert (ran.status, ran.document["error"]["code"]) == (2, "malformed-printed-data")


def test_printed_data_comes_from_standard_input_too_but_not_both(run: Run, files: Callable[..., list[str]]) -> None:
    words = attributes(files, FLAT)
    words[2] = "-"
    assert run(*words, stdin=json.dumps(FLAT)).status == 0
    words[1] = "-"
    assert run(*words, stdin=json.dumps(FLAT)).status == 2


def test_a_report_is_written_for_its_owner_and_over_nothing(
    run: Run, files: Callable[..., list[str]], tmp_path: Path
) -> None:
    target = tmp_path / "report.html"
    words = [*files(FLAT), "--report", str(target)]
    assert run(*words, "--json").document["outcome"] == "uncertain"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    page = target.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "佐藤" in page
    ran = run(*words)
    assert ran.status == 2
    assert "exists already" in ran.err
    assert target.read_text("utf-8") == page
    assert run(*words[:-1], str(tmp_path / "none" / "report.html")).status == 2


@pytest.mark.parametrize(("more", "shown"), [([], False), (["--photo"], True), (["--no-photo"], False)])
def test_a_report_has_the_photo_where_it_was_asked_for(
    run: Run, files: Callable[..., list[str]], tmp_path: Path, more: list[str], shown: bool
) -> None:
    target = tmp_path / "report.html"
    run(*files({"birth_date": "昭和60年7月3日"}), "--report", str(target), "--require", "birth_date", *more)
    assert ('alt="Photo (Chip)"' in target.read_text("utf-8")) is shown


def test_nothing_of_the_print_is_shown_in_an_error(run: Run, files: Callable[..., list[str]]) -> None:
    words = files({**FLAT, "name": "佐藤\n花子"})
    ran = run(*words, "-v")
    assert ran.status == 2
    assert "佐藤" not in ran.out + ran.err


def test_a_picture_of_the_face_is_read_and_compared_too(
    run: Run, files: Callable[..., list[str]], tmp_path: Path
) -> None:
    from mnverify.virtual.print import print_front

    (tmp_path / "front.png").write_bytes(print_front(SATO, dpi=300, seed=1).to_png())
    words = [*files({"birth_date": "昭和60年7月3日"}), "--image", str(tmp_path / "front.png")]
    ran = run(*words, "--json", "--report", str(tmp_path / "report.html"))
    assert (ran.status, ran.document["outcome"]) == (0, "match"), ran.out
    found = {name: field["code"] for name, field in ran.document["fields"].items()}
    assert found.pop("birth_date") == "equal"
    assert found.pop("photo") == "for-human"
    assert set(found) == {"name", "address", "sex", "expiry", "security_code"}
    assert set(found.values()) == {"equal-up-to-variants"}
    page = (tmp_path / "report.html").read_text("utf-8")
    assert {"name (Print)", "name (Chip)", "Photo (Print)", "Photo (Chip)"} <= set(re.findall(r'alt="([^"]+)"', page))
    forged = files({"birth_date": "昭和60年7月3日", "name": "佐藤　華子"})
    assert run(*forged, "--image", str(tmp_path / "front.png")).status == 1
    (tmp_path / "front.png").write_bytes(b"no picture")
    ran = run(*words, "--json")
    assert (ran.status, ran.document["error"]["code"]) == (2, "unusable-picture")


def test_a_text_of_the_chip_is_looked_for_in_the_picture(
    run: Run, files: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--equal`` is met where each character is seen; without a typeface it says why not."""
    from mnverify.printed.glyph import of_text
    from mnverify.virtual.print import print_front

    (tmp_path / "front.png").write_bytes(print_front(SATO, dpi=300, seed=1).to_png())
    words = [*attributes(files, {"sex": "女"}), "--image", str(tmp_path / "front.png"), "--require", "name", "--equal"]
    ran = run(*words, "--json")
    assert (ran.status, ran.document["outcome"]) == (0, "match"), ran.out
    name = ran.document["fields"]["name"]
    assert (name["code"], name["method"]) == ("equal", "glyphs")
    monkeypatch.setattr(of_text, "typefaces", lambda: ())
    ran = run(*words)
    assert ran.status == 1 and flat("No typeface is there to lay over the print.") in flat(ran.out)
    assert "佐藤" not in ran.out + ran.err
