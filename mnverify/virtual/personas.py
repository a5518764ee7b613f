"""Invented people to issue virtual cards to. No real person; names, places, numbers and faces are made up.

Their 個人番号 have right check digits and a pattern (``98765432…``) that makes them easy to spot.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values import BirthDay, MyNumber, PartialDate, Sex, Wareki

_NO_NOTE = Text("", "")
BirthStyle = Literal["era", "gregorian"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """An invented holder of a card. Fine to show, apart from the number, which masks itself like a real one.

    Attributes:
        id: slug in romaji.
        name: the name as the chip holds it, parts parted by U+3000, a 通称 in full-width brackets after it.
        address: the address as the chip holds it.
        birth: date of birth; partial where the day, or month and day, is not known.
        sex: sex.
        expiry: last day of the card.
        security_code: the four digits on the front.
        pin: four digits, the 暗証番号 of the input-assist domain.
        my_number: the 個人番号.
        municipality_code: five digits of an invented municipality.
        birth_style: how the birth date is printed: ``era`` (昭和60年7月3日) or ``gregorian`` (1990年12月31日).
        alias: the 通称 alone, empty where there is none; it is part of ``name``.
        printed_address: the address of the main print, where it is not that of the chip any more.
        additional_entry: what the municipality wrote in the 追記欄, empty where it wrote nothing.
        photo: the id of the persona whose drawn face the card shows; empty for a card without a photo.
        note: what the persona is for.

    Raises:
        UsageError: a code or the PIN has not the right number of digits.
    """

    id: str
    name: str
    address: str
    birth: BirthDay
    sex: Sex
    expiry: date
    security_code: str
    pin: str
    my_number: MyNumber
    municipality_code: str
    birth_style: BirthStyle = "era"
    alias: str = ""
    printed_address: str = ""
    additional_entry: str = ""
    photo: str = "sato-hanako"
    note: Text = _NO_NOTE

    def __post_init__(self) -> None:
        for digits, length in ((self.security_code, 4), (self.pin, 4), (self.municipality_code, 5)):
            if len(digits) != length or not (digits.isascii() and digits.isdigit()):
                raise UsageError(
                    Text(
                        "A persona has a security code and a PIN of four digits, and a municipality code of five.",
                        "ペルソナのセキュリティコードと暗証番号は4桁、市区町村コードは5桁です。",
                    )
                )

    @property
    def birth_digits(self) -> str:
        """Six digits of the birth date as printed: the year of the era, or the last two of the Gregorian year; then month and
        day, ``00`` for what is not known."""
        first = self.birth.earliest if isinstance(self.birth, PartialDate) else self.birth
        year = Wareki.from_date(first).year if self.birth_style == "era" else first.year % 100
        return f"{year:02d}{self.birth_compact[4:]}"

    @property
    def birth_compact(self) -> str:
        """Eight digits of the birth date as the chip holds it, ``00`` for what is not known."""
        born = self.birth
        day = 0 if isinstance(born, PartialDate) else born.day
        return f"{born.year:04d}{born.month or 0:02d}{day:02d}"

    @property
    def birth_printed(self) -> str:
        """The birth date as the card's face has it."""
        born = self.birth
        if isinstance(born, PartialDate):
            year = f"{born.year}年"
            if self.birth_style == "era":
                year = str(Wareki.from_date(born.earliest)).partition("年")[0] + "年"
            return f"{year}月日不詳" if born.month is None else f"{year}{born.month}月日不詳"
        return str(Wareki.from_date(born)) if self.birth_style == "era" else f"{born.year}年{born.month}月{born.day}日"

    @property
    def verification_number_b(self) -> str:
        """照合番号B: birth digits, expiry year, security code."""
        return f"{self.birth_digits}{self.expiry.year:04d}{self.security_code}"

    @property
    def main_address(self) -> str:
        """The address of the main print."""
        return self.printed_address or self.address


@cache
def personas() -> tuple[Persona, ...]:
    """All invented people; the first is the plain one to begin with."""
    text = (files("mnverify.virtual") / "data" / "personas.json").read_text("utf-8")
    return tuple(_from_json(entry) for entry in json.loads(text))


def persona(persona_id: str = "sato-hanako") -> Persona:
    """One of the invented people.

    Raises:
        UsageError: there is no such persona.
    """
    for one in personas():
        if one.id == persona_id:
            return one
    known = ", ".join(one.id for one in personas())
    raise UsageError(
        Text(
            f"There is no persona {persona_id!r}. There are: {known}.",
            f"ペルソナ {persona_id!r} はありません。選べるもの: {known}",
        )
    )


def _from_json(entry: dict[str, Any]) -> Persona:
    converted = {
        "birth": _birth(entry["birth"]),
        "expiry": date.fromisoformat(entry["expiry"]),
        "sex": Sex.from_digit(entry["sex"]),
        "my_number": MyNumber(entry["my_number"]),
        "photo": entry.get("photo", entry["id"]),
        "note": Text(entry["note"]["en"], entry["note"]["ja"]),
    }
    return Persona(**(entry | converted))


def _birth(text: str) -> BirthDay:
    return date.fromisoformat(text) if len(text) == len("1985-07-03") else PartialDate.fromisoformat(text)
