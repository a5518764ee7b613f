"""One kiosk and one browser for a module, one page and one pair of hands for a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.samples.nfc_kiosk.bench import CHROMIUM, PATIENCE, Hands, KioskProcess
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService


@pytest.fixture(scope="module")
def kiosk(service: PcscService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    """A running kiosk with its defaults, over the PC/SC service of the tests."""
    with KioskProcess(tmp_path_factory.mktemp("kiosk"), reader=service.readers[0]) as running:
        yield running


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser writes, should it."""
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def browser(profile: Path) -> Iterator[BrowserContext]:
    """Debian's Chromium, with the profile on disk."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=["--no-sandbox"],
            viewport={"width": 1280, "height": 800},
            reduced_motion="reduce",
            timeout=PATIENCE * 1000,
        )
        context.set_default_timeout(PATIENCE * 1000)
        yield context
        context.close()


@pytest.fixture
def page(browser: BrowserContext, kiosk: KioskProcess) -> Iterator[Page]:
    """The page of the kiosk; no error of its script passes unseen."""
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(kiosk.url)
    yield page
    page.close()
    assert errors == []


@pytest.fixture
def hands(page: Page, host: CardHost, service: PcscService) -> Iterator[Hands]:
    """Whoever is there; they take their card with them and leave the kiosk at its start."""
    hands = Hands(page, host, service)
    yield hands
    hands.leave()
    if page.locator("body").get_attribute("data-state") != "idle":
        page.keyboard.press("Escape")
