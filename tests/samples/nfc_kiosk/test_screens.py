"""Every screen, looked at by axe-core: in both languages, light and dark, lying and upright. And what a keyboard alone can do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from samples.nfc_kiosk.words import Action, Mode, Problem, State
from tests.samples.nfc_kiosk.bench import CHROMIUM, ROOT, KioskProcess
from tests.samples.nfc_kiosk.screens import DEMO, Walker, walk, warned

LYING, UPRIGHT = {"width": 1280, "height": 800}, {"width": 1080, "height": 1920}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WORDS = ROOT / "samples" / "nfc_kiosk" / "page" / "words"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    with KioskProcess(tmp_path_factory.mktemp("demo"), DEMO, camera="off") as running:
        yield running


def walker_of(chromium: Browser, demo: KioskProcess, size: Any, **context: Any) -> Walker:
    page = chromium.new_page(viewport=size, reduced_motion="reduce", **context)
    return Walker(page, demo)


def violations(page: Page) -> list[str]:
    """What axe finds, with the element."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def fits(page: Page) -> bool:
    """Whether nothing of the screen is beyond its edge sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("ja", "light", LYING), ("en", "dark", LYING), ("ja", "dark", UPRIGHT)]
)
def test_no_screen_has_a_barrier(language: str, scheme: str, size: Any, chromium: Browser, demo: KioskProcess) -> None:
    walker = walker_of(chromium, demo, size, color_scheme=scheme)
    seen: dict[str, list[str]] = {}
    for name in walk(walker):
        if walker.page.locator("html").get_attribute("lang") != language:
            walker.page.evaluate(f"document.querySelector('[data-language=\"{language}\"]').click()")
            walker.page.wait_for_selector(f'html[lang="{language}"]')
        seen[name] = violations(walker.page)
        assert fits(walker.page), name
    assert {name: found for name, found in seen.items() if found} == {}
    assert len(seen) >= 22
    walker.page.close()


def test_the_warning_has_no_barrier(chromium: Browser, tmp_path: Path) -> None:
    with KioskProcess(tmp_path, DEMO, camera="off", wipe_after=25, warn_before=20) as impatient:
        walker = walker_of(chromium, impatient, LYING)
        warned(walker)
        walker.page.wait_for_selector("#silence[open]")
        assert violations(walker.page) == []
        walker.page.keyboard.press("Enter")  # the way on has the focus
        walker.page.wait_for_selector("#silence:not([open])", state="attached")
        walker.at("printed")
        walker.at("idle")  # nobody did anything again
        walker.page.close()


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("image-alt", "document.querySelector('#screen').append(document.createElement('img'))"),
        ("color-contrast", "document.querySelector('h1').style.color = '#c8c8c8'"),
        ("button-name", "document.querySelector('.mode').replaceChildren()"),
        ("html-has-lang", "document.documentElement.removeAttribute('lang')"),
    ],
)
def test_a_barrier_that_was_planted_is_found(rule: str, fault: str, chromium: Browser, demo: KioskProcess) -> None:
    walker = walker_of(chromium, demo, LYING)
    walker.page.evaluate(f"(() => {{ {fault}; }})()")
    assert any(found.startswith(f"{rule}:") for found in violations(walker.page))
    walker.page.close()


def test_a_visit_with_the_keyboard_alone(chromium: Browser, demo: KioskProcess) -> None:
    walker = walker_of(chromium, demo, LYING)
    walker.choose()
    page, keys = walker.page, walker.page.keyboard
    focus_on(page, ".mode")
    keys.press("Enter")
    walker.at("printed")
    walker.panel("/demo/typed")
    typed = walker.panel("/demo/typed")
    focus_on(page, 'input[name="era"]')
    for _ in range(6):
        if page.evaluate("document.activeElement.value") == typed["era"] and page.evaluate(
            "document.activeElement.checked"
        ):
            break
        keys.press("ArrowRight")
    for name in ("year", "month", "day", "expiry_year", "security_code"):
        keys.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
        keys.type(typed[name])
    keys.press("Enter")
    walker.at("confirm")
    assert page.evaluate("document.activeElement.dataset.do") == "confirm"
    keys.press("Enter")
    walker.at("place-card")
    walker.put()
    walker.at("verdict")
    focus_on(page, "#not-same")
    keys.press("Space")
    page.wait_for_selector('#not-same[aria-pressed="true"]')
    keys.press("Tab")
    assert page.evaluate("document.activeElement.dataset.do") == "finish"
    keys.press("Enter")
    walker.at("idle")
    walker.take()
    page.close()


def focus_on(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus, and its edge is seen."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            width = page.evaluate(
                """() => {
                    const one = document.activeElement;
                    return getComputedStyle(one.matches(".era input") ? one.parentElement : one).outlineWidth;
                }"""
            )
            assert width == "4px"
            return
    raise AssertionError(f"no way to {selector} by the keyboard")


def test_the_screen_s_own_keypad(chromium: Browser, demo: KioskProcess) -> None:
    walker = walker_of(chromium, demo, LYING, has_touch=True)
    walker.choose()
    walker.begin("face")
    walker.at("printed")
    page = walker.page
    for way in page.locator('#ways:visible [data-way="typed"]').all():
        way.click()
    page.locator('.era:has([value="showa"])').tap()
    page.locator('input[name="year"]').tap()
    for digit in "60":
        page.locator("#keypad .key", has_text=digit).first.tap()
    page.locator(".key").last.tap()  # the next field
    page.locator("#keypad .key", has_text="7").tap()
    page.locator("#keypad .key").nth(9).tap()  # delete
    page.locator("#keypad .key", has_text="8").tap()
    found = page.evaluate("[...document.querySelectorAll('.dates input')].map((one) => one.value)")
    assert found == ["60", "8", ""]
    walker.finish()
    page.close()


def test_the_language_changes_in_mid_visit_and_goes_home_after_it(chromium: Browser, demo: KioskProcess) -> None:
    walker = walker_of(chromium, demo, LYING)
    walker.choose()
    walker.begin("face")
    walker.at("printed")
    walker.type()
    walker.page.locator('[data-language="en"]').click()
    walker.page.wait_for_selector('html[lang="en"]')
    assert walker.page.locator("h1").inner_text() == "What is printed on the card?"
    assert walker.page.locator('input[name="year"]').input_value() == "60"
    walker.page.locator("#next").click()
    walker.at("confirm")
    assert "昭和60年7月3日" in walker.page.locator("#values").inner_text()
    walker.do("confirm")
    walker.put()
    walker.at("verdict")
    text = walker.page.locator("#screen").inner_text()
    assert "3 July 1985" in text and "female" in text and "signed" in text
    walker.finish()
    walker.page.wait_for_selector('html[lang="ja"]')
    walker.page.close()


def keys_of(words: Any, path: str = "") -> set[str]:
    """Every sentence of a language, by its path."""
    if isinstance(words, str):
        return {path}
    return {key for name, inner in words.items() for key in keys_of(inner, f"{path}.{name}")}


def test_every_language_has_every_sentence() -> None:
    found = {path.stem: keys_of(json.loads(path.read_text("utf-8"))) for path in WORDS.glob("*.json")}
    assert set(found) == {"en", "ja"}
    assert found["en"] == found["ja"] and len(found["en"]) > 180


def test_no_sentence_stands_in_a_script_or_style() -> None:
    for path in (WORDS.parent).glob("*.[jc]s*"):
        assert not any("\u3040" <= one <= "\u9fff" for one in path.read_text("utf-8")), path.name


def test_words_that_are_asked_for_are_there() -> None:
    """Every path that the page or the service can ask for."""
    there = keys_of(json.loads((WORDS / "ja.json").read_text("utf-8")))
    page = (WORDS.parent / "index.html").read_text("utf-8")
    asked = {f".{path}" for path in re.findall(r'data-(?:word|label|alt)="([^"]+)"', page)}
    asked |= {f".problem.{one.value}.heading" for one in Problem} | {f".problem.{one.value}.help" for one in Problem}
    asked |= {f".problem.{one.value}" for one in Action} | {f".mode.{one.value}.help" for one in Mode}
    asked |= {f".step.{one.value}" for one in (State.PRINTED, State.CONFIRM, State.PLACE_CARD, State.VERDICT)}
    assert asked - there == set()
