"""The report: one page that shows what was asked for, loads nothing, runs nothing, and is escaped."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Pillow

from mnverify.printed import Comparison, Policy, PrintedData, compare
from mnverify.printed.report import ReportPictures, html_report
from mnverify.values import Domain, Role
from mnverify.virtual import persona, personas
from tests.printed.chips import chip, printed_of, rejected

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FACE = Domain.FACE_CHECK
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Tags with their attributes, the text, and whether every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def report(comparison: Comparison, printed: PrintedData, **more: Any) -> str:
    return html_report(comparison, printed, made_at=AT, **more)


def of_persona(persona_id: str = "sato-hanako", domain: Domain = FACE, **more: Any) -> str:
    printed = printed_of(persona(persona_id))
    return report(compare(chip(persona_id, domain), printed), printed, **more)


def png(colour: int = 200) -> bytes:
    out = BytesIO()
    Pillow.new("L", (40, 50), colour).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("someone", personas(), ids=lambda one: one.id)
def test_every_card_gives_a_whole_page_in_both_languages(someone: Any, lang: str) -> None:
    for domain in Domain:
        page = Page(of_persona(someone.id, domain, lang=lang))
        assert page.open == []
        assert page.of("html") == [{"lang": lang}]
        assert someone.main_address in page.text
        assert "昭和" not in page.text or "昭和" in someone.birth_printed or lang == "ja" or "(昭和" in page.text


def test_it_loads_nothing_and_runs_nothing() -> None:
    text = of_persona(pictures=ReportPictures(png(), {"name": png(1), "photo": png(2)}))
    page = Page(text)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "embed", "form", "a", "base"}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "href", "srcset")]
        if "src" in attributes:
            assert tag == "img"
            assert re.match(r"data:image/(png|jpeg);base64,", attributes["src"] or "")
    assert not re.search(r"https?://|url\(|@import", text)


def test_the_policy_of_its_content_allows_this_style_and_pictures_inside_alone() -> None:
    text = of_persona()
    policy = next(a["content"] for a in Page(text).of("meta") if a.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_what_is_printed_is_escaped() -> None:
    wicked = "<script>alert(1)</script>\"'&<img src=x onerror=y>"
    printed = printed_of(persona("sato-hanako"), name=wicked, address=wicked, additional_entry=[wicked])
    text = report(compare(chip("sato-hanako"), printed), printed)
    page = Page(text)
    assert not page.of("script")
    assert wicked in page.text
    assert all((image["src"] or "").startswith("data:") for image in page.of("img"))


def test_pictures_of_chip_and_print_stand_side_by_side() -> None:
    pictures = ReportPictures(png(9), {"name": png(1), "photo": png(2), "address": b"GIF89a no picture of ours"})
    page = Page(of_persona(pictures=pictures))
    labels = [image["alt"] for image in page.of("img")]
    assert labels[:2] == ["Photo (Print)", "Photo (Chip)"]
    assert {"name (Print)", "name (Chip)", "address (Chip)", "security code (Chip)"} < set(labels)
    assert "address (Print)" not in labels
    shown = [b64decode((image["src"] or "").partition(",")[2]) for image in page.of("img")]
    assert png(1) in shown
    assert chip("sato-hanako", FACE).name_image.data in shown  # type: ignore[union-attr]
    dots = next(image for image in page.of("img") if image["alt"] == "name (Chip)")
    assert (dots["width"], dots["height"]) == ("432", "24")


def test_fields_that_were_not_asked_for_are_not_shown() -> None:
    printed = PrintedData({"birth_date": "昭和60年7月3日"})
    page = Page(report(compare(chip("sato-hanako"), printed), printed))
    assert "佐藤" not in page.text
    assert "架空" not in page.text
    assert "1985-07-03" in page.text
    face = Page(report(compare(chip("sato-hanako", FACE), printed), printed))
    assert [image["alt"] for image in face.of("img")] == ["Photo (Chip)"]


@pytest.mark.parametrize(
    ("require", "printed_photo", "photo", "shown"),
    [
        (None, False, None, True),
        (["birth_date"], False, None, False),
        (["birth_date", "photo"], False, None, True),
        (["birth_date"], True, None, True),
        (["birth_date"], False, True, True),
        (None, True, False, False),
    ],
)
def test_photos_are_shown_where_they_were_asked_for(
    require: list[str] | None, printed_photo: bool, photo: bool | None, shown: bool
) -> None:
    printed = PrintedData({"birth_date": "昭和60年7月3日"})
    pictures = ReportPictures(None, {"photo": png()} if printed_photo else {})
    found = compare(chip("sato-hanako", FACE), printed, policy=Policy(require))
    page = Page(report(found, printed, pictures=pictures, photo=photo))
    assert bool(page.of("img")) is shown
    assert ("Photo" in page.text) is shown


def test_the_number_reaches_no_report() -> None:
    someone = persona("sato-hanako")
    for domain in Domain:
        printed = printed_of(someone, Role.MY_NUMBER_OFFICE)
        found = compare(chip(someone.id, domain, Role.MY_NUMBER_OFFICE), printed)
        text = report(found, printed)
        assert "my_number" not in text
        assert someone.my_number.reveal() not in text
        assert "個人番号" in text
        if domain is FACE:
            image = chip(someone.id, domain, Role.MY_NUMBER_OFFICE).my_number_image
            assert image is not None
            assert b64encode(image.data).decode() not in text


def test_a_rejected_verification_shows_no_content() -> None:
    printed = printed_of(persona("sato-hanako"))
    found = compare(rejected("sato-hanako", FACE), printed)
    page = Page(report(found, printed, pictures=ReportPictures(png(), {"name": png()})))
    assert "could not be verified" in page.text
    assert not page.of("img")
    assert "佐藤" not in page.text


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_it_says_what_came_of_it_how_it_is_vouched_for_and_what_is_not_known(lang: str) -> None:
    printed = printed_of(persona("sato-hanako"), address="見本県架空市東町１番地")
    found = compare(chip("sato-hanako"), printed)
    page = Page(report(found, printed, lang=lang))
    for field in found.fields.values():
        assert field.code in page.text or field.code == "not-printed"
        assert field.detail.in_language(lang) in page.text or field.code == "not-printed"
    for limit in found.verification.limits.values():
        assert limit.in_language(lang) in page.text
    assert {"en": "Print and chip differ", "ja": "券面とチップが不一致"}[lang] in page.text
    assert {"en": "signed by the issuer", "ja": "発行者の署名あり"}[lang] in page.text
    assert {"en": "not a card in circulation", "ja": "実際のカードではありません"}[lang] in page.text
