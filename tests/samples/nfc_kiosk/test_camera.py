"""The camera: what is read from rendered prints opens the card and is compared with it; and nothing of a frame stays.

Two visits go through the real reading of pictures; the booth and its sources are tried with a reading that is made up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, sync_playwright

from mnverify.virtual import persona
from tests.samples.nfc_kiosk.bench import CHROMIUM, KioskProcess, wait_until
from tests.samples.nfc_kiosk.screens import DEMO, Walker

MINUTES = 180_000  # ms; a busy machine takes its time to read a picture


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    with KioskProcess(tmp_path_factory.mktemp("demo"), DEMO, camera="on") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def seen(walker: Walker) -> None:
    """From the start until the camera has read the card, and its number is confirmed."""
    walker.begin("face")
    walker.at("printed")
    walker.page.wait_for_selector("#preview:not([hidden])")
    walker.page.wait_for_selector('body[data-state="confirm"]', timeout=MINUTES)
    walker.do("confirm")
    walker.at("place-card")
    walker.put()
    walker.page.wait_for_selector('body[data-state="verdict"]', timeout=MINUTES)


def result_of(walker: Walker, name: str) -> str:
    """The comparison of a field."""
    found = walker.page.locator("#rows tr", has=walker.page.locator("th", has_text=name)).locator(".badge")
    return found.inner_text()


def test_a_holder_who_has_moved_and_whose_card_says_so(chromium: Browser, demo: KioskProcess) -> None:
    """追記欄: the chip's address is not the one of the main print, and yet it is a match."""
    walker = Walker(chromium.new_page(viewport={"width": 1280, "height": 800}), demo)
    walker.choose(persona="hikkoshi-ichiro")
    seen(walker)
    assert walker.page.locator("body").get_attribute("data-outcome") == "match"
    assert result_of(walker, "住所") in ("一致", "異体字まで一致")
    for picture in ("photo", "print-photo"):
        loaded = walker.page.locator(f'#screen img[src$="/{picture}"]')
        wait_until(partial(loaded.evaluate, "image => image.naturalWidth > 50"), picture)
    walker.finish()
    content = walker.page.locator("#screen").inner_html()  # the panel names everybody
    holder = persona("hikkoshi-ichiro")
    assert holder.name not in content and holder.address not in content and "/pictures/" not in content
    walker.page.close()


def test_a_forged_print_over_a_genuine_chip(chromium: Browser, demo: KioskProcess) -> None:
    """Another address is printed: it differs by itself, and what the clerk says of the face is kept beside it."""
    walker = Walker(chromium.new_page(viewport={"width": 1280, "height": 800}), demo)
    walker.choose(print_flaw="altered-address")
    seen(walker)
    assert walker.page.locator("body").get_attribute("data-outcome") in ("mismatch", "uncertain")
    assert result_of(walker, "住所") in ("不一致", "要確認")
    walker.page.locator("#not-same").click()
    walker.page.wait_for_selector('#not-same[aria-pressed="true"]')
    walker.finish()
    history = json.loads(walker.page.evaluate("fetch('/history').then((one) => one.text())"))["lines"][0]
    assert history["same_person"] == "no" and history["verdict"] in ("mismatch", "uncertain")
    walker.page.close()


def test_a_photo_that_was_swapped_in_the_print(chromium: Browser, demo: KioskProcess) -> None:
    """Everything else is genuine, so no check finds it: both photos are shown side by side, and the clerk's word is kept."""
    walker = Walker(chromium.new_page(viewport={"width": 1280, "height": 800}), demo)
    walker.choose(print_flaw="other-face")
    seen(walker)
    for picture in ("photo", "print-photo"):
        loaded = walker.page.locator(f'#screen img[src$="/{picture}"]')
        wait_until(partial(loaded.evaluate, "image => image.naturalWidth > 50"), picture)
        assert loaded.is_visible()
    walker.page.locator("#not-same").click()
    walker.page.wait_for_selector('#not-same[aria-pressed="true"]')
    walker.finish()
    history = json.loads(walker.page.evaluate("fetch('/history').then((one) => one.text())"))["lines"][0]
    assert history["same_person"] == "no"
    walker.page.close()


def test_the_code_on_the_back(chromium: Browser, demo: KioskProcess) -> None:
    """The counter for the number: the QR code is read, the card opened with it, and the number seen while it is held."""
    walker = Walker(chromium.new_page(viewport={"width": 1280, "height": 800}), demo)
    walker.choose()
    walker.begin("number")
    walker.page.wait_for_selector('body[data-state="confirm"]', timeout=MINUTES)
    page = walker.page
    assert "QRコード" in page.locator("#held-source").inner_text()
    assert page.locator("#held-number").inner_text() == "•••• •••• ••••"
    page.locator("#hold").hover()
    page.mouse.down()
    wait_until(lambda: page.locator("#held-number").inner_text() == "9876 5432 0119", "the number")
    page.mouse.up()
    wait_until(lambda: "9876" not in page.content(), "and it is gone")
    walker.do("confirm")
    walker.put()
    walker.at("verdict")
    assert page.locator("body").get_attribute("data-outcome") == "match"
    walker.finish()
    page.close()


def test_a_way_without_the_camera(chromium: Browser, demo: KioskProcess) -> None:
    walker = Walker(chromium.new_page(viewport={"width": 1280, "height": 800}), demo)
    walker.choose(condition="no-card")
    walker.to_the_card()
    walker.put()
    walker.at("verdict")
    assert walker.page.locator("body").get_attribute("data-outcome") == "match"
    assert walker.page.locator("#print-photo").is_hidden()
    walker.finish()
    walker.page.close()
