"""An age: its boundaries, whose day counts, partial birth dates, and what the answer says that it cannot say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify import AgeAnswer, Role, TrustStore, VerificationResult, check_age, verify
from mnverify.errors import UsageError
from mnverify.evidence import Evidence
from mnverify.values.dates import PartialDate, age_on
from mnverify.verification.age import MAX_YEARS, at_least, day_in_japan
from mnverify.virtual.encoding import tlv
from tests.support import forgery
from tests.support.forgery import ASSIST, AT, FACE, JAPAN

CARD = forgery.card()
YES, NO, UNKNOWN = AgeAnswer.YES, AgeAnswer.NO, AgeAnswer.UNKNOWN


def partial(year: int, month: int | None = None) -> PartialDate:
    return PartialDate(year, month)


def result(at: datetime = AT, *, names: tuple[str, ...] = ("0001", "0004"), **more: Any) -> VerificationResult:
    arguments = forgery.parts(CARD, FACE, *names, **{"answered": CARD, **more})
    return verify(Evidence(**arguments), trust=forgery.trust(), at=at)


# whole birth dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "reached"),
    [
        (date(2006, 11, 29), date(2026, 11, 29)),
        (date(2006, 11, 30), date(2026, 11, 30)),
        (date(2006, 10, 31), date(2026, 10, 31)),
        (date(2006, 12, 31), date(2026, 12, 31)),
        (date(2006, 1, 1), date(2026, 1, 1)),
        (date(2006, 2, 28), date(2026, 2, 28)),
        (date(2004, 2, 28), date(2024, 2, 28)),  # a leap year: not the 29th
        (date(2004, 2, 29), date(2024, 2, 29)),  # the 20th birthday is there
        (date(2008, 2, 29), date(2028, 2, 29)),
        (date(2003, 3, 1), date(2023, 3, 1)),
    ],
)
def test_twenty_is_reached_on_the_birthday(birth: date, reached: date) -> None:
    day = timedelta(days=1)
    assert [at_least(birth, 20, reached + offset * day) for offset in (-2, -1, 0, 1)] == [NO, NO, YES, YES]


def test_who_was_born_on_29_february_is_older_on_1_march_of_a_common_year() -> None:
    birth = date(2008, 2, 29)
    assert [at_least(birth, 18, date(2026, month, day)) for month, day in ((2, 27), (2, 28), (3, 1))] == [NO, NO, YES]
    assert (
        at_least(birth, 92, date(2100, 2, 28)) is NO and at_least(birth, 92, date(2100, 3, 1)) is YES
    )  # 2100 is common


def test_who_is_not_born_yet_and_who_is_a_hundred_and_twenty() -> None:
    assert at_least(date(2027, 1, 1), 0, date(2026, 11, 22)) is NO
    assert at_least(date(2026, 11, 22), 0, date(2026, 11, 22)) is YES
    assert at_least(date(1906, 11, 22), 120, date(2026, 11, 22)) is YES


# whose day -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        (datetime(2005, 7, 2, 23, 59, 59, 999999, JAPAN), "no"),
        (datetime(2005, 7, 3, 0, 0, 0, 0, JAPAN), "yes"),
        (datetime(2005, 7, 2, 14, 59, 59, 999999, UTC), "no"),  # still the 2nd in Japan
        (datetime(2005, 7, 2, 15, 0, 0, 0, UTC), "yes"),  # the 3rd in Japan, the 2nd in UTC
        (datetime(2005, 7, 2, 8, 0, 0, 0, timezone(timedelta(hours=-7))), "yes"),
        (datetime(2005, 7, 3, 0, 30, 0, 0, timezone(timedelta(hours=14))), "no"),  # the 3rd there, the 2nd in Japan
    ],
)
def test_the_day_in_japan_counts(at: datetime, answer: str) -> None:
    """sato-hanako was born on 1985-07-03."""
    checked = check_age(result(at), 20)
    assert (checked.answer, checked.code, bool(checked)) == (answer, answer, answer == "yes")


@pytest.mark.parametrize(
    "zone", [UTC, JAPAN, timezone(timedelta(hours=9)), timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))]
)
def test_the_ends_of_time(zone: timezone) -> None:
    assert day_in_japan(datetime.max.replace(tzinfo=zone)) in (date.max, date(9999, 12, 31))
    assert day_in_japan(datetime.min.replace(tzinfo=zone)) in (date.min, date(1, 1, 1))
    assert not check_age(result(datetime.min.replace(tzinfo=zone)), 0)
    assert check_age(result(datetime.max.replace(tzinfo=zone)), MAX_YEARS)


# partial birth dates ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "day", "answer"),
    [
        (partial(2006, 11), date(2026, 10, 31), NO),
        (partial(2006, 11), date(2026, 11, 1), UNKNOWN),  # the first day it may be
        (partial(2006, 11), date(2026, 11, 29), UNKNOWN),
        (partial(2006, 11), date(2026, 11, 30), YES),  # the last day it may be
        (partial(2004, 2), date(2024, 2, 28), UNKNOWN),
        (partial(2004, 2), date(2024, 2, 29), YES),
        (partial(2008, 2), date(2026, 2, 28), UNKNOWN),  # 18; who was born on the 29th is not there yet
        (partial(2008, 2), date(2026, 3, 1), YES),
        (partial(2006), date(2025, 12, 31), NO),
        (partial(2006), date(2026, 1, 1), UNKNOWN),
        (partial(2006), date(2026, 12, 30), UNKNOWN),
        (partial(2006), date(2026, 12, 31), YES),
    ],
)
def test_a_partial_birth_date_gives_bounds(birth: PartialDate, day: date, answer: AgeAnswer) -> None:
    years = 18 if birth.latest.year == 2008 else 20
    assert at_least(birth, years, day) is answer


_days = st.dates(date(1868, 1, 1), date(2100, 12, 31))


@given(st.integers(1868, 2100), st.none() | st.integers(1, 12), _days, st.integers(0, 130))
def test_an_answer_holds_for_every_day_that_it_may_be(year: int, month: int | None, day: date, years: int) -> None:
    birth = partial(year, month)
    days = [birth.earliest + timedelta(days=n) for n in range((birth.latest - birth.earliest).days + 1)]
    holds = {age_on(one, day) >= years for one in days}
    expected = UNKNOWN if len(holds) == 2 else YES if holds == {True} else NO
    assert at_least(birth, years, day) is expected
    assert all(at_least(one, years, day) is (YES if age_on(one, day) >= years else NO) for one in days[:3])


@pytest.mark.parametrize(
    ("digits", "day", "answer"), [(b"20061100", 30, "yes"), (b"20061100", 29, "unknown"), (b"20060000", 30, "unknown")]
)
def test_a_partial_birth_date_of_a_card(digits: bytes, day: int, answer: str) -> None:
    signed = tlv(0xDF11, digits) + forgery.whole(CARD.files(FACE)["0001"], 0xDF12)
    signature = forgery.sign(forgery.private_key("municipality/99201/face-check"), signed)
    checked = result(datetime(2026, 11, day, 12, tzinfo=JAPAN), f0001=tlv(0xFF10, signed, tlv(0xDF13, signature)))
    assert checked.verified and isinstance(checked.birth_date, PartialDate)
    age = check_age(checked, 20)
    assert age.answer == answer and age.code == ("partial-birth-date" if answer == "unknown" else answer)
    assert "2006" not in str(age.to_dict())


# what it says ----------------------------------------------------------------------------------------


def test_the_answer_says_what_it_cannot_say() -> None:
    alone = check_age(result(), 20)
    assert {"age-holder", "age-expiry", "revocation", "relay"} <= alone.limits.keys() and "holder" not in alone.limits
    with_face = check_age(result(names=("0001", "0002", "0004")), 20)
    assert "age-holder" in with_face.limits and "age-expiry" not in with_face.limits
    for lang in ("en", "ja"):
        document = alone.to_dict(lang=lang)
        assert [one["code"] for one in document["limits"]] == list(alone.limits)
        assert [one["detail"] for one in document["limits"]] == [t.in_language(lang) for t in alone.limits.values()]
        assert (document["at_least"], document["old_enough"], document["answer"], document["code"]) == (
            20,
            True,
            "yes",
            "yes",
        )
        assert document["verdict"] == "verified" and "20" in document["detail"]
        assert "fields" not in document and "1985" not in str(document)


def test_no_answer() -> None:
    rejected = verify(Evidence(**forgery.parts(CARD, FACE, "0001", "0004")), trust=TrustStore.production(), at=AT)
    other = verify(Evidence(**forgery.parts(CARD, ASSIST, "0003", "0004")), trust=forgery.trust(), at=AT)
    office = forgery.parts(CARD, FACE, "0005", "0004", role=Role.MY_NUMBER_OFFICE)
    without = verify(Evidence(**office), trust=forgery.trust(), at=AT)
    for judged, code in ((rejected, "not-verified"), (other, "not-verified"), (without, "no-birth-date")):
        checked = check_age(judged, 0)
        assert (checked.answer, checked.code, checked.old_enough) == (UNKNOWN, code, None) and not checked
        assert checked.to_dict()["old_enough"] is None and checked.detail.ja.startswith("判定できません")


def test_an_answer_shows_no_birth_date() -> None:
    checked = check_age(result(), 20)
    assert "1985" not in repr(checked) + str(checked) + str(checked.to_dict())


@pytest.mark.parametrize("years", [-1, 151, 20.0, "20", None, True])
def test_ages_that_are_none(years: Any) -> None:
    with pytest.raises(UsageError):
        check_age(result(), years)
    with pytest.raises(UsageError):
        check_age("yes", 20)  # type: ignore[arg-type]
