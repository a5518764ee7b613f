"""From a persona to what a forger prints: the altered values."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values import MyNumber, PartialDate, check_digit
from mnverify.virtual.personas import Persona, personas
from mnverify.virtual.print.flaws import PrintFlaw

_PLAIN = "高吉崎辺辺浜沢斎広徳真瀬国桜県恵郎黒竜島富万栄会学"
_VARIANT = "髙𠮷﨑邊邉濱澤齋廣德眞瀨國櫻縣惠郞黑龍嶋冨萬榮會學"
VARIANTS = tuple(zip(_PLAIN, _VARIANT, strict=True))
"""Pairs of a character and a variant of it, both printable; a swap goes either way."""
_OTHERS = {
    "0123456789": "0123456789",
    "０１２３４５６７８９": "０１２３４５６７８９",
    "一二三四五六七八九": "二三四五六七八九",
    "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ": "ＡＥＨＫＭＮＲＴＷＸ",
}
_LETTERS = "田森林原野池橋谷浦岡藤花美香雄健"


def forged(holder: Persona, flaws: Collection[PrintFlaw], seed: int) -> Persona:
    """What a forger prints as the holder's data: the holder, with altered values in the place of the genuine ones.

    Args:
        holder: the holder.
        flaws: those that alter a value are played; others change nothing here.
        seed: chooses which digit or character, and by what.

    Raises:
        UsageError: the holder has nothing that such a flaw could alter.
    """
    made = holder
    for flaw, alter in _ALTERATIONS.items():
        if flaw in flaws:
            made = alter(made, random.Random(f"{flaw}/{holder.id}/{seed}"))  # noqa: S311 - which digit: no secret
    return made


def another_number(number: MyNumber, seed: int) -> MyNumber:
    """An invented 個人番号 with a right check digit that is not this one."""
    stem = f"98765{(int(number.reveal()[5:11]) + 7 + 13 * seed) % 1_000_000:06d}"
    return MyNumber(stem + check_digit(stem))


def can_swap_variant(holder: Persona) -> bool:
    """Whether name or address has a character with a variant in the table."""
    return any(_swaps(holder.name + _shown_address(holder)))


def _birth(holder: Persona, chance: random.Random) -> Persona:
    born = holder.birth
    if isinstance(born, PartialDate):
        return replace(holder, birth=PartialDate(born.year - chance.randint(1, 3), born.month))
    days = [born + timedelta(step) for step in (1, 2, 3, 10, -1, -2, -3, -10)]
    made = [replace(holder, birth=day) for day in days if (day.year, day.month) == (born.year, born.month)]
    same_era = [one for one in made if one.birth_printed[:2] == holder.birth_printed[:2]]
    return chance.choice(same_era)


def _expiry(holder: Persona, chance: random.Random) -> Persona:
    last = holder.expiry
    if chance.random() < 0.7:
        return replace(holder, expiry=last.replace(year=last.year + chance.choice((1, 2, 5)), day=min(last.day, 28)))
    return replace(holder, expiry=last.replace(day=last.day + (1 if last.day < 28 else -1)))


def _code(holder: Persona, chance: random.Random) -> Persona:
    return replace(holder, security_code=_altered(holder.security_code, chance.randrange(4), chance))


def _name(holder: Persona, chance: random.Random) -> Persona:
    places = [at for at, character in enumerate(holder.name) if character not in "　［］"]
    return replace(holder, name=_altered(holder.name, chance.choice(places), chance))


def _address(holder: Persona, chance: random.Random) -> Persona:
    """A number where there is one. Of who moved it is the 追記欄 that speaks for the new address."""
    address = _shown_address(holder)
    digits = [at for at, character in enumerate(address) if character in "０１２３４５６７８９"]
    altered = _altered(address, chance.choice(digits or [len(address) - 1]), chance)
    return _with_address(holder, altered)


def _variant(holder: Persona, chance: random.Random) -> Persona:
    in_name, in_address = _swaps(holder.name), _swaps(_shown_address(holder))
    if in_name:
        at, other = chance.choice(in_name)
        return replace(holder, name=holder.name[:at] + other + holder.name[at + 1 :])
    if in_address:
        at, other = chance.choice(in_address)
        address = _shown_address(holder)
        return _with_address(holder, address[:at] + other + address[at + 1 :])
    raise UsageError(
        Text(
            f"{holder.id} has no character in name or address of which a variant is known. Nothing was printed.",
            f"{holder.id} の氏名と住所には、異体字に替えられる文字がありません。何も印刷していません。",
        )
    )


def _shown_address(holder: Persona) -> str:
    return holder.additional_entry or holder.main_address


def _with_address(holder: Persona, address: str) -> Persona:
    if holder.additional_entry:
        return replace(holder, additional_entry=address)
    return replace(holder, address=address, printed_address="")


def _altered(text: str, at: int, chance: random.Random) -> str:
    others = next((others for kind, others in _OTHERS.items() if text[at] in kind), _LETTERS)
    return text[:at] + chance.choice([other for other in others if other != text[at]]) + text[at + 1 :]


def _swaps(text: str) -> list[tuple[int, str]]:
    either_way = [pair for one in VARIANTS for pair in (one, one[::-1])]
    return [(at, other) for at, character in enumerate(text) for mine, other in either_way if character == mine]


def another_face(holder: Persona, seed: int) -> str:
    """The id of another persona with a drawn face."""
    others = [one.photo for one in personas() if one.photo and one.photo != holder.photo]
    return others[seed % len(others)]


_ALTERATIONS: dict[PrintFlaw, Callable[[Persona, random.Random], Persona]] = {
    PrintFlaw.SWAPPED_VARIANT: _variant,
    PrintFlaw.ALTERED_NAME: _name,
    PrintFlaw.ALTERED_ADDRESS: _address,
    PrintFlaw.ALTERED_BIRTH: _birth,
    PrintFlaw.ALTERED_EXPIRY: _expiry,
    PrintFlaw.ALTERED_CODE: _code,
}
