"""Whole visits in a browser, with virtual cards in pcscd: what people and cards do, what is said, and that nothing stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import pytest

from mnverify.virtual import Persona
from tests.samples.nfc_kiosk.bench import Hands, KioskProcess, left_on, traces, wait_until
from tests.support.pcsc_service import PcscService

PLAIN = "nagai-jusho"  # sato-hanako stands in docstrings of the package


@pytest.fixture(autouse=True)
def nothing_stays(hands: Hands, kiosk: KioskProcess) -> Iterator[list[Persona]]:
    """After each visit: page and storage, memory, log and files hold nothing of who was here."""
    holders: list[Persona] = []
    card = hands.card

    def noted(persona_id: str = PLAIN, flaws: tuple[str, ...] = (), **limits: object) -> Persona:
        holders.append(card(persona_id, flaws, **limits))
        return holders[-1]

    hands.card = noted  # type: ignore[method-assign]
    yield holders
    hands.leave()
    if hands.page.locator("body").get_attribute("data-state") not in ("idle", "problem"):
        hands.page.keyboard.press("Escape")
    hands.at("idle")
    assert holders
    for holder in holders:
        assert left_on(hands.page, holder) == []
        # The thread that waits for a card to come back lets go of the reading when the service of the readers answers it.
        wait_until(lambda holder=holder: kiosk.found(traces(holder)) == {}, "something of the visit stays")  # type: ignore[misc]


def rows(hands: Hands) -> dict[str, str]:
    """The outcome of each field on the verdict screen."""
    lines = hands.page.locator("#rows tr").all()
    return {line.locator("th").inner_text(): re.sub(r"\s+", " ", line.locator(".badge").inner_text()) for line in lines}


def test_a_genuine_card(hands: Hands, kiosk: KioskProcess) -> None:
    holder = hands.card(PLAIN)
    hands.to_the_card(holder)
    hands.at("place-card")
    hands.put()
    hands.at("verdict", "match")
    assert hands.heading() == "真正なカードです"
    text = hands.text()
    for shown in (
        "昭和42年2月14日（1967年2月14日）",
        "歳",
        "男",
        "2032年2月14日",
        "署名あり",
        "年のみ照合番号で裏付け",
    ):
        assert shown in text, shown
    compared = ["生年月日", "有効期限", "セキュリティコード"]
    assert rows(hands) == dict.fromkeys(["氏名", "住所", "性別"], "照合なし") | dict.fromkeys(compared, "一致")
    for image in hands.page.locator("#chip-photo, .strip").all():
        wait_until(partial(image.evaluate, "one => one.complete && one.naturalWidth > 0"), "a picture")
    hands.page.locator("summary").click()
    assert "目の前の人が本人かどうかは" in hands.text() and "紛失の届出" in hands.text()
    hands.page.locator("#same").click()
    hands.page.wait_for_selector('#same[aria-pressed="true"]')
    before = (kiosk.folder / "history.csv").exists()
    hands.finish()
    lines = (kiosk.folder / "history.csv").read_text("utf-8").splitlines()
    assert lines[0] == "time,verdict,expiry_year,same_person" and not (before and len(lines) < 2)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d,match,2032,yes", lines[-1])
    assert hands.tries() == 10


@pytest.mark.parametrize(
    ("flaws", "says"),
    [
        (("cloned-without-key",), "応答がこのカードの鍵によるものではありません"),
        (("swapped-photo",), "記録が発行者の署名と一致しません"),
        (("foreign-ca",), "信頼する認証局に含まれていません"),
    ],
)
def test_a_forged_chip(flaws: tuple[str, ...], says: str, hands: Hands) -> None:
    holder = hands.card(PLAIN, flaws)
    hands.to_the_card(holder)
    hands.put()
    hands.at("verdict", "rejected")
    assert hands.heading() == "このカードは確認できません"
    assert says in hands.text()
    assert not hands.page.locator("#chip-photo").is_visible() and not hands.page.locator("#clerk").is_visible()
    assert holder.name not in hands.page.content()
    hands.finish()


def test_an_expired_card(hands: Hands) -> None:
    holder = hands.card("kigen-setsuo")
    hands.to_the_card(holder)
    hands.put()
    hands.at("verdict", "rejected")
    assert hands.heading() == "有効期限が切れたカードです"
    hands.finish()


def test_a_holder_who_has_moved(hands: Hands) -> None:
    """The chip's address is shown as it is: the new one."""
    holder = hands.card("hikkoshi-ichiro")
    hands.to_the_card(holder)
    hands.put()
    hands.at("verdict", "match")
    assert hands.page.locator("#rows img[src*=address_image]").is_visible()
    hands.finish()


def test_a_wrong_code_twice(hands: Hands) -> None:
    holder = hands.card(PLAIN)
    hands.to_the_card(holder, security_code="9999")
    hands.put()
    hands.at("problem")
    assert hands.heading() == "入力とカードが一致しません"
    assert "カードに残っている回数：9回" in hands.text() and hands.tries() == 9
    hands.do("correct")
    hands.at("printed")
    assert hands.page.locator('input[name="security_code"]').input_value() == "9999"
    hands.page.locator('input[name="security_code"]').fill("8888")
    hands.page.locator("#next").click()
    hands.at("confirm")
    hands.do("confirm")
    hands.at("problem")
    assert hands.heading() == "係の者にお声がけください" and hands.tries() == 8
    assert hands.page.locator("#problem-actions button").count() == 1
    hands.finish()


def test_a_wrong_code_that_is_corrected(hands: Hands) -> None:
    holder = hands.card(PLAIN)
    hands.to_the_card(holder, security_code="9999")
    hands.put()
    hands.at("problem")
    hands.do("correct")
    hands.page.locator('input[name="security_code"]').fill(holder.security_code)
    hands.page.locator("#next").click()
    hands.do("confirm")
    hands.at("verdict", "match")
    hands.finish()


def test_the_floor_is_kept(hands: Hands) -> None:
    holder = hands.card(tries={"face-check/0012": 2})
    hands.to_the_card(holder)
    hands.put()
    hands.at("problem")
    assert hands.heading() == "係の者にお声がけください" and hands.tries() == 2
    hands.finish()


def test_a_card_that_is_pulled_and_put_back(hands: Hands) -> None:
    holder = hands.card(extended=False, lost_at=14)
    hands.to_the_card(holder)
    hands.put()
    hands.page.wait_for_selector("#torn:not([hidden])")
    assert "もう一度置いてください" in hands.page.locator("#torn").inner_text()
    assert 0 < int(hands.page.locator("#progress").get_attribute("aria-valuenow") or 0) < 100
    hands.put()
    hands.at("verdict", "match")
    assert hands.tries() == 10
    hands.finish()


def test_a_card_that_is_pulled_for_good(hands: Hands) -> None:
    holder = hands.card(extended=False, lost_at=14)
    hands.to_the_card(holder)
    hands.put()
    hands.page.wait_for_selector("#torn:not([hidden])")
    hands.finish()


def test_a_bank_card(hands: Hands) -> None:
    holder = hands.card(PLAIN)
    hands.to_the_card(holder)
    hands.host.stranger(hands.name, "bank-card")
    hands.put()
    hands.at("problem")
    assert hands.heading() == "マイナンバーカードではありません"
    hands.take()
    hands.at("place-card")
    hands.card(PLAIN)
    hands.put()
    hands.at("verdict", "match")
    hands.finish()


def test_a_dead_reader(hands: Hands, service: PcscService) -> None:
    """The service of the readers goes away in mid-visit, and comes back: the screen says so, and the visit goes on."""
    holder = hands.card(PLAIN)
    hands.to_the_card(holder)
    hands.at("place-card")
    service.stop()
    hands.at("problem")
    assert hands.heading() == "読み取り機の準備ができていません"
    service.start()
    hands.at("place-card")
    hands.host.plug(hands.name, "pcsc", service.ports[0])
    hands.card(PLAIN)
    hands.put()
    hands.at("verdict", "match")
    hands.finish()


def test_a_reader_that_dies_while_nobody_is_there(hands: Hands, service: PcscService) -> None:
    hands.card(PLAIN)
    service.kill()
    hands.at("problem")
    assert hands.page.locator("#problem-actions button").count() == 0
    service.start()
    hands.at("idle")


@pytest.mark.parametrize(
    ("who", "outcome", "says"),
    [(PLAIN, "yes", "はい"), ("reiwa-baby", "no", "いいえ"), ("tsukihi-fusho", "yes", "はい")],
)
def test_the_age_gate(who: str, outcome: str, says: str, hands: Hands) -> None:
    holder = hands.card(who)
    hands.begin("age")
    hands.at("age-birth")
    hands.type(holder)
    hands.page.locator("#next").click()
    hands.at("place-card")
    hands.put()
    hands.at("age-verdict", outcome)
    assert hands.heading() == says
    assert hands.tries("face-check/0011") == 10
    finish_with_nothing_else_known(hands, holder)


def test_the_age_gate_cannot_tell(hands: Hands) -> None:
    holder = hands.card(PLAIN, ("cloned-without-key",))
    hands.begin("age")
    hands.type(holder)
    hands.page.locator("#next").click()
    hands.put()
    hands.at("age-verdict", "unknown")
    assert hands.heading() == "判定できません"
    finish_with_nothing_else_known(hands, holder)


def finish_with_nothing_else_known(hands: Hands, holder: Persona) -> None:
    """Even the answer's own screen knows nothing but the answer."""
    assert left_on(hands.page, holder) == []
    hands.finish()


def test_an_early_card_is_read_when_it_is_asked_for(hands: Hands) -> None:
    holder = hands.card(PLAIN)
    hands.put()
    hands.page.wait_for_selector("#take-card:not([hidden])")
    hands.to_the_card(holder)
    hands.at("verdict", "match")
    hands.finish()


def test_cancel_at_every_screen(hands: Hands) -> None:
    holder = hands.card(PLAIN)
    hands.begin()
    hands.type(holder)
    hands.page.keyboard.press("Escape")
    hands.at("idle")
    hands.begin()
    hands.at("printed")
    assert hands.page.locator('input[name="year"]').input_value() == ""
    hands.type(holder)
    hands.page.locator("#next").click()
    hands.at("confirm")
    hands.finish()
    hands.to_the_card(holder)
    hands.at("place-card")
    hands.finish()
    assert hands.tries() == 10


def test_the_search_finds_what_is_there(hands: Hands, kiosk: KioskProcess) -> None:
    """The planted control: what is on the screen is found while it is there, and what is kept on purpose afterwards."""
    holder = hands.card(PLAIN)
    hands.to_the_card(holder)
    hands.put()
    hands.at("verdict")
    assert {"birth", "a picture"} <= set(left_on(hands.page, holder))
    there = kiosk.found(traces(holder))
    assert {"birth", "photo", "name picture", "address picture"} <= set(there["alive"])
    hands.finish()
    (kiosk.folder / "planted").write_text(holder.address, "utf-8")
    kiosk.ask("plant", what=holder.name.encode().hex())
    found = kiosk.found(traces(holder))
    (kiosk.folder / "planted").unlink()
    kiosk.ask("unplant")
    assert "name" in found["alive"] and "address" in found["files"]
