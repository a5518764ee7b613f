"""``age``: yes, no, or that it cannot be told, with what the answer cannot say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date

import pytest

from mnverify.virtual import VirtualAuthority, VirtualCard, persona, personas
from tests.cli.conftest import Ran, flat

Run = Callable[..., Ran]
READER = f"virtual:{persona().id}"
WORDS = ("age", "--reader", READER, "--trust", "virtual")
NOW = ("--at", "2026-12-01T12:00:00+09:00")  # cards expire, from 2028 on


@pytest.mark.parametrize(
    ("years", "at", "status"),
    [
        ("41", "2026-07-02T23:59:59+09:00", 1),
        ("41", "2026-07-02T15:00:00+00:00", 0),  # midnight of the birthday in Japan
        ("41", "2026-07-02T14:59:59+00:00", 1),
        ("40", "2026-07-02T23:59:59+09:00", 0),
    ],
)
def test_the_birthday_is_that_of_japan(run: Run, years: str, at: str, status: int) -> None:
    ran = run(*WORDS, "--at-least", years, "--at", at, "--json", stdin="1985-07-03")
    assert (ran.status, ran.document["old_enough"]) == (status, not status)


@pytest.mark.parametrize(
    ("lang", "yes", "no"),
    [("en", "YES: the holder is 20 or older.", "NO: the holder is younger than 99."),
     ("ja", "はい。20歳以上です。", "いいえ。99歳未満です。")],
)  # fmt: skip
def test_in_words(run: Run, lang: str, yes: str, no: str) -> None:
    assert run(*WORDS, "--at-least", "20", "--lang", lang, stdin="600703").out.startswith(yes)
    assert run(*WORDS, "--at-least", "99", "--lang", lang, stdin="600703").out.startswith(no)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_its_limits_are_the_same_in_text_and_json(run: Run, lang: str) -> None:
    words = (*WORDS, "--at-least", "20", "--lang", lang)
    text = run(*words, stdin="600703").out
    limits = {limit["code"]: limit["detail"] for limit in run(*words, "--json", stdin="600703").document["limits"]}
    assert {"age-holder", "age-expiry", "revocation"} <= set(limits)
    for detail in limits.values():
        assert flat(detail) in flat(text)


def test_a_card_that_is_not_verified_gives_no_answer(run: Run) -> None:
    words = ("age", "--reader", READER, "--at-least", "20")
    ran = run(*words, "--json", stdin="600703")
    assert (ran.status, ran.document["old_enough"], ran.document["answer"]) == (1, None, "unknown")
    text = run(*words, stdin="600703").out
    assert text.startswith("Cannot tell: the card was not verified.") and "Issuer" in text


@pytest.mark.parametrize(
    "at",
    [
        "9999-12-31T23:59:59+00:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00+00:00",
    ],
)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_ends_of_time_are_no_traceback(run: Run, card: VirtualCard, at: str, lang: str) -> None:
    young = at.startswith("0001")
    assert run(*WORDS, "--at-least", "20", f"--at={at}", "--lang", lang, stdin="600703").status == (1 if young else 0)
    ran = run("read", "face-check", "--reader", READER, "--trust", "virtual", f"--at={at}", "--lang", lang,
              stdin=card.credentials["verification-number-b"])  # fmt: skip
    assert ran.status == (0 if young else 1)


@pytest.mark.parametrize("expiry", [date(9999, 12, 31), date(2119, 1, 1), date(2118, 12, 31)])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_expiry_that_a_card_can_hold_is_shown(
    run: Run, issued: Callable[[VirtualCard], VirtualCard], expiry: date, lang: str
) -> None:
    holder = dataclasses.replace(persona(), expiry=expiry)
    card = issued(VirtualAuthority.laboratory().issue(holder))
    ran = run("read", "face-check", "--reader", READER, "--trust", "virtual", "--credential", "verification-number-a",
              "--role", "my-number-office", "--lang", lang, stdin=card.credentials["verification-number-a"])  # fmt: skip
    assert ran.status == 0, ran.err
    assert expiry.isoformat() in ran.out


def test_the_birth_date_is_nowhere(run: Run) -> None:
    for extra in ((), ("--json",), ("-v",)):
        ran = run(*WORDS, "--at-least", "20", *extra, stdin="600703")
        for form in ("1985", "600703", "昭和"):
            assert form not in ran.out + ran.err


@pytest.mark.parametrize(
    ("holder", "at", "years", "answer"),
    [
        ("hi-fusho", "2026-03-15T12:00:00+09:00", "88", None),  # born on some day of March 1938
        ("hi-fusho", "2026-03-31T12:00:00+09:00", "88", True),
        ("hi-fusho", "2026-02-28T12:00:00+09:00", "88", False),
        ("tsukihi-fusho", "2026-07-01T12:00:00+09:00", "74", None),  # born on some day of 1952
        ("tsukihi-fusho", "2026-12-31T12:00:00+09:00", "74", True),
    ],
)
def test_a_birth_date_that_is_not_complete_bounds_the_age(
    run: Run, holder: str, at: str, years: str, answer: bool | None
) -> None:
    words = ("age", "--reader", f"virtual:{holder}", "--trust", "virtual", "--at-least", years, "--at", at)
    ran = run(*words, "--json", stdin=persona(holder).birth_digits)
    assert (ran.document["old_enough"], ran.status) == (answer, 0 if answer else 1)
    if answer is None:
        assert ran.document["code"] == "partial-birth-date"
        for lang, says in (("en", "Cannot tell"), ("ja", "判定できません")):
            assert run(*words, "--lang", lang, stdin=persona(holder).birth_digits).out.startswith(says)


@pytest.mark.parametrize(
    ("holder", "lang", "shown"),
    [
        ("hi-fusho", "en", "1938-03 (昭和13年3月日不詳), day not known"),
        ("hi-fusho", "ja", "1938-03 (昭和13年3月日不詳)  発行者"),
        ("tsukihi-fusho", "en", "1952 (昭和27年月日不詳),"),
    ],
)
def test_a_birth_date_that_is_not_complete_is_shown_as_such(run: Run, holder: str, lang: str, shown: str) -> None:
    words = ("read", "face-check", "--reader", f"virtual:{holder}", "--trust", "virtual", "--lang", lang, *NOW)
    out = run(*words, stdin=persona(holder).verification_number_b).out
    assert flat(shown) in flat("".join(character for character in out if character not in "▀▄█"))


@pytest.mark.parametrize("holder", [one.id for one in personas()])
def test_every_holder_s_card_is_read_in_both_languages(run: Run, holder: str) -> None:
    number = persona(holder).verification_number_b
    for lang in ("en", "ja"):
        words = ("read", "face-check", "--reader", f"virtual:{holder}", "--trust", "virtual", "--lang", lang, *NOW)
        ran = run(*words, stdin=number)
        assert ran.err == "" and ran.status == (1 if holder == "kigen-setsuo" else 0), ran
