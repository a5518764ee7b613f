"""When an account is opened: the relying party's own rules over what the endpoint says."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from mnverify.client import Verification

JAPAN = timezone(timedelta(hours=9))
LEAST_AGE = 18


def refusal(verification: Verification, now: datetime) -> str | None:
    """Why no account is opened, as a word for the app; ``None`` where one is.

    Args:
        verification: the endpoint's answer; its receipt was verified by the client.
        now: the moment of the decision, with a time zone.
    """
    if not verification:
        return "card-not-verified"
    outcomes = {check.id: (check.outcome, check.code) for check in verification.checks}
    # A file can be copied; a card that answers this very challenge was there when we asked.
    if outcomes["presence"] != ("pass", "record") or outcomes["freshness"][0] != "pass":
        return "card-not-present"
    birth_date = verification.fields["birth_date"]
    if birth_date.assurance != "signed" or birth_date.value is None:
        return "birth-date-not-signed"
    try:
        born = date.fromisoformat(birth_date.value)
    except ValueError:  # a card may hold only the year, or year and month: staff decide
        return "birth-date-incomplete"
    return None if _age(born, now.astimezone(JAPAN).date()) >= LEAST_AGE else "too-young"


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
