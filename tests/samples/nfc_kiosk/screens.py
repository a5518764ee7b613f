"""A walk through every screen of the kiosk, in the demonstration: for the tests that look at each, and for the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page

from tests.samples.nfc_kiosk.bench import PATIENCE, KioskProcess, wait_until

DEMO = "samples.nfc_kiosk.demo"
MINUTES = 180_000  # ms; a busy machine takes its time to read a picture


class Walker:
    """Somebody at the demonstration, with its panel in the other hand.

    Args:
        page: of the demonstration; its panel is closed.
    """

    def __init__(self, page: Page, kiosk: KioskProcess) -> None:
        self.page, self.kiosk = page, kiosk
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(kiosk.url)
        page.wait_for_selector("body:not([data-state=starting])")
        self.panel("/do/finish", {})
        self.take()
        self.at("idle")

    def panel(self, path: str, body: dict[str, str] | None = None) -> Any:
        """What the panel does."""
        return self.page.evaluate(
            """async ([path, body]) => {
                const csrf = document.querySelector('meta[name="csrf"]').content;
                const headers = {"x-nfc-kiosk": csrf, "content-type": "application/json"};
                const answer = await fetch(path, body ? {method: "POST", headers, body: JSON.stringify(body)} : {});
                return answer.status === 200 ? answer.json() : null;
            }""",
            [path, body],
        )

    def choose(self, **choice: str) -> None:
        """Another card."""
        plain = {"persona": "sato-hanako", "fault": "none", "print_flaw": "none", "condition": "scan"}
        self.panel("/demo/choose", {**plain, **choice})

    def put(self) -> None:
        """The card on the reader."""
        self.panel("/demo/put", {})

    def take(self) -> None:
        """Off again."""
        self.panel("/demo/take", {})

    def at(self, state: str) -> None:
        """Wait until the kiosk is there."""
        self.page.wait_for_selector(f'body[data-state="{state}"]', timeout=PATIENCE * 1000)

    def do(self, action: str) -> None:
        """Press a button."""
        self.page.locator(f'#screen [data-do="{action}"]').click()

    def begin(self, mode: str) -> None:
        """From the start screen."""
        self.page.locator(f'.mode:has([data-word="mode.{mode}.heading"])').click()

    def type(self, **other: str) -> None:
        """What is printed."""
        for way in self.page.locator('#ways:visible [data-way="typed"]').all():
            way.click()
        for name, value in {**self.panel("/demo/typed"), **other}.items():
            if name == "era":
                self.page.locator(f'input[name="era"][value="{value}"]').check(force=True)
            elif self.page.locator(f'input[name="{name}"]').is_visible():
                self.page.locator(f'input[name="{name}"]').fill(value)

    def to_the_card(self, **other: str) -> None:
        """From the start until the card is asked for."""
        self.begin("face")
        self.at("printed")
        self.type(**other)
        self.page.locator("#next").click()
        self.at("confirm")
        self.do("confirm")

    def finish(self) -> None:
        """Back to the start."""
        self.do("finish")
        self.at("idle")
        self.take()
        self.page.wait_for_selector("#take-card", state="hidden")


def walk(walker: Walker) -> Iterator[str]:
    """Every screen, by a name; it is on the page while the caller has it."""
    for part in (_face, _verdicts, _problems, _age, _number):
        yield from part(walker)


def _face(walker: Walker) -> Iterator[str]:
    yield "idle"
    walker.choose(fault="slow")
    walker.begin("face")
    walker.at("printed")
    walker.page.locator('#ways:visible [data-way="typed"]').all()
    walker.type()
    walker.page.locator('input[name="security_code"]').focus()
    yield "printed"
    walker.type(month="13", security_code="41")
    walker.page.locator("#next").click()
    walker.page.wait_for_selector("#mistake:not([hidden])")
    yield "printed-wrong"
    walker.type()
    walker.page.locator("#next").click()
    walker.at("confirm")
    yield "confirm"
    walker.do("confirm")
    walker.at("place-card")
    yield "place-card"
    walker.put()
    walker.at("reading")
    progress = walker.page.locator("#progress")
    wait_until(lambda: int(progress.get_attribute("aria-valuenow") or 0) > 30, "the reading goes on")
    yield "reading"
    walker.at("verdict")
    _pictures_are_there(walker)
    walker.page.locator("#same").click()
    walker.page.wait_for_selector('#same[aria-pressed="true"]')
    yield "verdict-typed"
    walker.finish()
    walker.page.locator("#show-history").click()
    walker.page.wait_for_selector("#history[open]")
    yield "history"
    walker.page.locator("#history-close").click()


def _verdicts(walker: Walker) -> Iterator[str]:
    for name, choice in (
        ("verdict-rejected", {"fault": "cloned"}),
        ("verdict-expired", {"persona": "kigen-setsuo"}),
    ):
        walker.choose(**choice)
        walker.to_the_card()
        walker.put()
        walker.at("verdict")
        yield name
        walker.finish()


def _problems(walker: Walker) -> Iterator[str]:
    walker.choose()
    walker.to_the_card(security_code="9999")
    walker.put()
    walker.at("problem")
    yield "problem-wrong-number"
    walker.do("correct")
    walker.type(security_code="8888")
    walker.page.locator("#next").click()
    walker.at("confirm")
    walker.do("confirm")
    walker.at("problem")
    yield "problem-ask-staff"
    walker.finish()
    walker.choose(fault="bank-card")
    walker.to_the_card()
    walker.put()
    walker.at("problem")
    yield "problem-not-my-number-card"
    walker.finish()
    walker.choose(fault="pulled")
    walker.to_the_card()
    walker.put()
    walker.page.wait_for_selector("#torn:not([hidden])")
    yield "torn"
    walker.finish()
    walker.choose(fault="no-reader")
    walker.at("problem")
    yield "problem-no-reader"
    walker.choose()
    walker.at("idle")


def _age(walker: Walker) -> Iterator[str]:
    for who, fault, name in (
        ("sato-hanako", "none", "yes"),
        ("reiwa-baby", "none", "no"),
        ("sato-hanako", "cloned", "unknown"),
    ):
        walker.choose(persona=who, fault=fault)
        walker.begin("age")
        walker.at("age-birth")
        walker.type()
        if name == "yes":
            yield "age-birth"
        walker.page.locator("#next").click()
        walker.at("place-card")
        walker.put()
        walker.at("age-verdict")
        yield f"age-{name}"
        walker.finish()


def _number(walker: Walker) -> Iterator[str]:
    walker.choose()
    walker.begin("number")
    walker.at("printed")
    for way in walker.page.locator('#ways:visible [data-way="typed"]').all():
        way.click()
    walker.page.locator("#my-number").fill("987654320119")
    yield "number-printed"
    walker.page.locator("#next").click()
    walker.at("confirm")
    yield "number-confirm"
    walker.do("confirm")
    walker.at("place-card")
    walker.put()
    walker.at("verdict")
    _pictures_are_there(walker)
    yield "number-verdict"
    walker.finish()


def warned(walker: Walker) -> str:
    """The warning before everything is forgotten, in a demonstration that is impatient."""
    walker.begin("face")
    walker.page.wait_for_selector("#silence[open]", timeout=PATIENCE * 1000)
    return "silence"


def seen(walker: Walker) -> Iterator[str]:
    """What the camera adds, in a demonstration that has one: the real reading of pictures, which takes its time."""
    for name, choice in (
        ("verdict-match", {"persona": "hikkoshi-ichiro"}),
        ("verdict-mismatch", {"print_flaw": "altered-address"}),
    ):
        walker.choose(**choice)
        walker.begin("face")
        walker.at("printed")
        walker.page.wait_for_selector("#preview:not([hidden])")
        _pictures_are_there(walker)
        if name == "verdict-match":
            yield "printed-camera"
        walker.page.wait_for_selector('body[data-state="confirm"]', timeout=MINUTES)
        walker.do("confirm")
        walker.at("place-card")
        walker.put()
        walker.page.wait_for_selector('body[data-state="verdict"]', timeout=MINUTES)
        _pictures_are_there(walker)
        yield name
        walker.finish()


def _pictures_are_there(walker: Walker) -> None:
    images = walker.page.locator("#screen img[src]")
    loaded: Callable[[], bool] = lambda: bool(  # noqa: E731 - one expression, said once
        images.evaluate_all("all => all.every((one) => one.hidden || (one.complete && one.naturalWidth > 0))")
    )
    wait_until(loaded, "the pictures")
