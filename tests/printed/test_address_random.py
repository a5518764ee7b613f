"""Addresses made of parts: one place in two notations is never a mismatch, other numbers are never a match, and time is bounded."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from mnverify.printed.text import compare_addresses
from mnverify.printed.variants import Likeness

PLACES = (
    *(
        "見本県架空市中央",
        "港区六本木",
        "千代田区三番町",
        "港区麻布十番",
        "架空市虹ヶ丘",
        "札幌市北九条東",
        "中央区八丁堀",
    ),
    *(
        "夢見郡遠山町大字上北山",
        "架空市代々木",
        "架空市八千代台",
        "架空市一の宮",
        "架空市四ツ谷町",
        "架空市百合が丘",
        "架空市万代",
    ),
)
BUILDINGS = (
    *("", "", "コーポあおぞら", "ハイツ・アルカンシェル", "ＡＢＣビル", "メゾンⅡ", "第2ビル", "サンハイツＡ棟"),
    *("グランドパレスみはらし台", "　市営住宅"),
)
NUMBERS = (1, 2, 3, 4, 8, 10, 11, 12, 20, 21, 22, 23, 30, 101, 102, 112, 120, 203, 1002)
KANJI = "〇一二三四五六七八九"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
Numbers = tuple[int, ...]


def in_kanji(value: int) -> str:
    found = ""
    for size, sign in ((1000, "千"), (100, "百"), (10, "十")):
        many, value = divmod(value, size)
        found += ("" if many == 1 else KANJI[many]) + sign if many else ""
    return found + (KANJI[value] if value else "")


def digit_by_digit(value: int) -> str:
    return "".join(KANJI[int(digit)] for digit in str(value))


def wide(value: int) -> str:
    return str(value).translate(WIDE)


def written(chance: Random, place: str, numbers: Numbers, building: str, room: int) -> str:
    """The address in a notation by chance."""
    style: Callable[[int], str] = chance.choice((str, wide, in_kanji, digit_by_digit))
    labels = ("丁目", *chance.choice((("番", "号"), ("番地", ""))))[-len(numbers) - (len(numbers) < 3) :]
    match chance.randrange(3):
        case 0:
            house = chance.choice("-－‐−ー").join(map(style, numbers))
        case 1:
            house = "の".join(map(style, numbers))
        case _:
            house = "".join(style(number) + label for number, label in zip(numbers, labels, strict=False))
    place = place.replace(*chance.choice((("ヶ", "が"), ("大字", ""), ("", ""), ("", ""))))
    between = chance.choice(("", " ", "　")) if building else chance.choice((" ", "　", "-"))
    ending = f"{chance.choice((str, wide))(room)}{chance.choice(('', '号', '号室'))}" if room else ""
    parts = [place, chance.choice(("", " ", "　")), house, building and chance.choice(("", "　")) + building]
    return "".join((*parts, ending and between + ending))


def drawn(chance: Random) -> tuple[str, Numbers, str, int]:
    numbers = tuple(chance.choice(NUMBERS) for _ in range(chance.choice((1, 2, 2, 3, 3))))
    return chance.choice(PLACES), numbers, chance.choice(BUILDINGS), chance.choice((0, 0, 101, 203, 1205))


def altered(chance: Random, numbers: Numbers) -> Numbers:
    """Other numbers: one changed, two drawn together, or one taken apart."""
    at = chance.randrange(len(numbers))
    before, one, after = numbers[:at], str(numbers[at]), numbers[at + 1 :]
    match chance.randrange(3):
        case 0 if after and len(one + str(after[0])) < 5:
            return (*before, int(one + str(after[0])), *after[1:])
        case 1 if len(one) > 1 and one[1] != "0" and len(numbers) < 3:
            return (*before, int(one[0]), int(one[1:]), *after)
        case _:
            return (*before, chance.choice([number for number in NUMBERS if number != int(one)]), *after)


@pytest.mark.parametrize("read", [False, True])
def test_one_place_in_two_notations_is_never_a_mismatch(read: bool) -> None:
    chance = Random(20261130)
    found: Counter[Likeness] = Counter()
    for _ in range(1500):
        parts = drawn(chance)
        one, other = written(chance, *parts), written(chance, *parts)
        likeness = compare_addresses(one, other, read=read).likeness
        assert likeness is not Likeness.DIFFERENT, (one, other)
        found[likeness] += 1
    assert found[Likeness.SAME] > found[Likeness.DOUBTFUL]


@pytest.mark.parametrize("read", [False, True])
def test_other_numbers_are_never_a_match(read: bool) -> None:
    chance = Random(20261201)
    found: Counter[Likeness] = Counter()
    for _ in range(1500):
        place, numbers, building, room = drawn(chance)
        others = altered(chance, numbers)
        if not building and (*numbers, room or 0) == (*others, room or 0):
            continue
        one, other = written(chance, place, numbers, building, room), written(chance, place, others, building, room)
        likeness = compare_addresses(one, other, read=read).likeness
        assert likeness > Likeness.VARIANT, (one, other)
        found[likeness] += 1
    assert found[Likeness.DIFFERENT] > 10 * found[Likeness.DOUBTFUL] or read


def numbers_of(text: str) -> list[str]:
    """The runs of digits and numerals in a text, each with its value: read by other rules than those under test."""
    runs: list[str] = []
    for before, sign in zip(" " + text, text, strict=False):
        if sign not in "0123" + KANJI + "十百千万":
            continue
        if runs and before in "0123" + KANJI + "十百千万":
            runs[-1] += sign
        else:
            runs.append(sign)
    return [value_of(run) for run in runs]


def value_of(run: str) -> str:
    if run.isascii() or any(sign.isascii() for sign in run):
        return run
    if all(sign in KANJI for sign in run):
        return "".join(str(KANJI.index(sign)) for sign in run)
    total = large = current = 0
    for sign in run:
        if sign in KANJI:
            current = KANJI.index(sign)
        elif sign == "万":
            large, total, current = (total + current) * 10000, 0, 0
        else:
            total, current = total + (current or 1) * {"十": 10, "百": 100, "千": 1000}[sign], 0
    return str(large + total + current)


SIGNS = [*"0123〇一二三十百千万-のノ 番号室・字西ー々第条[]、", "番地", "丁目", "号室", "大字"]


def test_signs_set_at_random_match_only_where_they_say_the_same_numbers() -> None:
    chance = Random(7)
    compared = 0
    for _ in range(12000):
        one = [chance.choice(SIGNS) for _ in range(chance.randint(2, 8))]
        other = list(one)
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(other))
            other[at : at + chance.randint(0, 1)] = [chance.choice((*SIGNS, " ", "-", "の", "・"))]
        first, second = "架空市" + "".join(one), "架空市" + "".join(other)
        if numbers_of(first) != numbers_of(second):
            compared += 1
            assert compare_addresses(first, second).likeness > Likeness.VARIANT, (first, second)
    assert compared > 3000


HOSTILE = (
    *(
        "十",
        "一",
        "一 ",
        "-一",
        "一の",
        "百十",
        "二丁目",
        "ニ-",
        "・",
        "々",
        "[",
        "1号",
        "一 二",
        "邉",
        "ー一",
        "ヶ",
        "〇",
    ),
    "村01一号1々万",
)


@pytest.mark.parametrize("length", [250, 256, 400, 8000])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_takes_long(hostile: str, length: int) -> None:
    """Up to the longest address all readings are tried, and beyond it none: time grows with the length, and not with its square."""
    text = f"1 {hostile * length}"[:length]
    for other in ("見本県架空市中央1丁目2番3号", f"{text[:-1]}山", f"{text.replace('号', '室')[:-1]}山"):
        for read in (False, True):
            took = []
            for _ in range(3):  # one of them without the garbage of other tests
                before = time.thread_time()
                assert compare_addresses(text, other, read=read).likeness > Likeness.VARIANT
                took.append(time.thread_time() - before)
                if took[-1] < 0.5:
                    break
            assert min(took) < 0.5
