"""Whether each character of the chip's text is seen in the print: genuine prints may be raised to ``equal``, a variant never is."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from mnverify.errors import NotVerifiedError, UsageError
from mnverify.masked import MaskedText
from mnverify.printed import FieldOutcome, Policy, PrintedData, Source, compare
from mnverify.printed.glyph import TextFit, drawing, text_fits
from mnverify.printed.glyph.typefaces import FILES, typefaces
from mnverify.printed.scanning import Scan
from mnverify.printed.variants.candidates import candidates
from mnverify.values import Domain
from mnverify.virtual import Persona, persona, personas
from mnverify.virtual.print import PrintFlaw
from mnverify.virtual.print.fonts import Typeface
from mnverify.virtual.print.forgery import can_swap_variant, forged
from tests.printed.chips import chip, rejected
from tests.printed.lined_prints import (
    FACES,
    FONTS,
    as_read,
    both_ways,
    drawn,
    fits_of,
    held_by,
    scanned,
    seen,
    sheet,
)

# --- genuine prints ---

STAYED = [one for one in personas() if not one.printed_address]
"""Those whose print shows what the chip holds."""


@pytest.mark.parametrize(
    ("condition", "layout", "people", "names", "addresses"),
    [
        ("", "standard", STAYED[::2], 6, 0),
        ("", "mirrored", STAYED[1::2], 6, 0),
        ("", "compact", STAYED[:3], 2, 0),
        ("scan600", "compact", STAYED[3:6], 3, 1),
        ("phone", "mirrored", STAYED[:2], 2, 0),
    ],
)
def test_most_genuine_names_are_seen(
    condition: str, layout: str, people: Sequence[Persona], names: int, addresses: int
) -> None:
    """Of addresses fewer: one character of fifteen that looks like another is enough."""
    found: Counter[str] = Counter()
    for at, who in enumerate(people):
        fits = fits_of(held_by(who), scanned(who, layout, condition, seed=at))
        assert set(fits) == {"name", "address"}
        for name, fit in fits.items():
            found[name] += fit.every_character
            assert (fit.doubt is None) is fit.every_character
    assert found["name"] >= names and found["address"] >= addresses


# --- what only looks like it ---


@pytest.mark.parametrize(
    ("face", "condition", "part"),
    [*((face, "", at) for at, face in enumerate(FACES)), (FACES[0], "scan600", 2), (FACES[1], "phone", 3)],
)
def test_a_swapped_character_is_never_seen_and_the_printed_one_is(face: Typeface, condition: str, part: int) -> None:
    """Of a swapped one the reader says just what the chip has. Of each pair one way, the other in another typeface."""
    some = both_ways(face)[part::4]
    card, places, scale = sheet([printed for _, printed in some], face, condition)
    found: Counter[str] = Counter()
    for (held, printed), place in zip(some, places, strict=True):
        assert not seen({"name": held}, as_read(held, card, place, scale)), f"{printed} passed for {held}"
        found["own"] += bool(seen({"name": printed}, as_read(printed, card, place, scale)))
    assert len(some) >= 30 and found["own"] >= 0.8 * len(some)


SWAPPED = [one for one in personas() if can_swap_variant(one)]


@pytest.mark.parametrize("who", SWAPPED, ids=lambda one: one.id)
def test_a_forged_print_is_never_equal(who: Persona) -> None:
    """The print's own forgery, read as readers do, and read as the chip has it."""
    layout = ("standard", "mirrored")[SWAPPED.index(who) % 2]
    held, genuine = chip(who.id), scanned(who, layout).readings
    for seed in (1, 2):
        shown = forged(who, {PrintFlaw.SWAPPED_VARIANT}, seed)
        altered = {name for name in ("name", "address") if getattr(shown, name) != getattr(who, name)}
        assert altered or shown.additional_entry != who.additional_entry
        front = scanned(shown, layout)
        for readings in (front.readings, genuine):
            there: Any = SimpleNamespace(card=front.card, readings=readings)
            texts = {name: found[0].text for name, found in readings.items() if name in ("name", "address")}
            found = compare(held, picture(texts), fits=text_fits(held, there, fonts=FONTS)).fields
            assert all(not found[name].exact and found[name].code != "equal" for name in altered)


# --- nothing is guessed ---


@pytest.mark.parametrize(
    ("held", "printed", "read_as"),
    [
        ("山田太郎", "山田太郎", "山田太朗郎"),  # one character more
        ("山田太郎", "山田太郎", "山田太"),
        ("山田花子", "山田花子", "山田花見"),  # read as what is no variant of it
        ("山田\ue000郎", "山田太郎", "山田太郎"),  # 外字
        ("山田葛\U000e0100", "山田葛", "山田葛"),  # a selector says which form it is
        ("山田太郎", "山田太郎ー", "山田太郎"),  # more is printed than was read
        ("山田　太郎", "山田一太郎", "山田太郎"),
        ("山田太郎", "山田次郎", "山田太郎"),  # a reader that sees what is not there
        ("山\u3164郎", "山田郎", "山田郎"),  # a filler, which nobody sees
    ],
)
def test_what_is_not_sure_is_not_seen(held: str, printed: str, read_as: str) -> None:
    card, (place,), scale = sheet([printed], FACES[0], "")
    (fit,) = fits_of({"name": held}, as_read(read_as, card, place, scale)).values()
    assert not fit.every_character and fit.doubt is not None
    assert not any(one in fit.doubt.en + fit.doubt.ja + repr(fit) for one in set(held) if ord(one) > 0x7F)


def test_a_line_that_lies_nowhere_on_the_card() -> None:
    card, (place,), scale = sheet(["山田"], FACES[0], "")
    for where in (place._replace(x=9000), place._replace(x=-9000), place._replace(y=-9000), place._replace(width=0)):
        assert not seen({"name": "山田"}, as_read("山田", card, where, scale))
    assert seen({"name": "山田"}, as_read("山田", card, place, scale))


def test_below_300_dpi_nothing_is_seen() -> None:
    who = persona("sato-hanako")
    assert seen(held_by(who), scanned(who)) >= {"name"}
    front, lines = drawn(who, "standard", 150)
    card = front.pixels
    place = next(place for text, place in lines if text == who.name)
    fits = fits_of({"name": who.name}, as_read(who.name, card, place, 1.0))
    assert not fits["name"].every_character and "300 dpi" in str(fits["name"].doubt)


def test_typefaces_of_this_machine_and_none() -> None:
    """Those that the print needs are found by default; without any, a doubt says so."""
    found = [path.name for path in typefaces()]
    assert {path.name for path in FONTS} <= set(found)
    order = [name for names in FILES for name in names]
    assert found == sorted(found, key=order.index)
    who = persona("sato-hanako")
    there = scanned(who)
    assert text_fits(chip(who.id), there)["name"].every_character
    without = text_fits(chip(who.id), there, fonts=[])
    assert not any(fit.every_character for fit in without.values())
    assert "typeface" in without["name"].doubt.en  # type: ignore[union-attr]
    with pytest.raises(UsageError):
        text_fits(chip(who.id), there, fonts=[__file__])
    assert not text_fits(chip(who.id, Domain.FACE_CHECK), there)
    with pytest.raises(NotVerifiedError):
        text_fits(rejected(who.id), there)


def test_no_drawing_is_kept() -> None:
    who = persona("sato-hanako")
    text_fits(chip(who.id), scanned(who))
    assert drawing._drawn.cache_info().currsize == drawing._draws.cache_info().currsize == 0


# --- what comparing makes of it ---


@pytest.fixture(scope="module")
def sato() -> tuple[Scan, Mapping[str, TextFit]]:
    front = scanned(persona("sato-hanako"), "compact", "scan600", seed=2)
    return front, text_fits(chip("sato-hanako"), front, fonts=FONTS)


def test_equal_where_each_character_was_seen(sato: tuple[Scan, Mapping[str, TextFit]]) -> None:
    front, fits = sato
    before = compare(chip("sato-hanako"), front.printed)
    after = compare(chip("sato-hanako"), front.printed, fits=fits)
    assert before.fields["name"].code == "equal-up-to-variants" and not before.fields["name"].exact
    name = after.fields["name"]
    assert (name.outcome, name.code, name.method.value, name.exact) == (FieldOutcome.MATCH, "equal", "glyphs", True)
    changed = {field for field in after.fields if after.fields[field] != before.fields[field]}
    assert changed == {field for field, fit in fits.items() if fit.every_character}
    policy = Policy(["name"], demand_equal=True)
    assert compare(chip("sato-hanako"), front.printed, policy=policy, fits=fits)
    assert not compare(chip("sato-hanako"), front.printed, policy=policy)


def picture(texts: Mapping[str, str]) -> PrintedData:
    return PrintedData(texts, sources=dict.fromkeys(texts, Source.PICTURE), confidence=dict.fromkeys(texts, 0.99))


def fit(chip_has: str, printed: str, every: bool = True) -> dict[str, TextFit]:
    return {"name": TextFit(MaskedText(chip_has), MaskedText(printed), every)}


@pytest.mark.parametrize(
    ("who", "printed", "fits", "code"),
    [
        ("sato-hanako", "佐藤 花子", fit("佐藤　花子", "佐藤 花子"), "equal"),
        ("sato-hanako", "佐藤 花子", fit("佐藤　花子", "佐藤 花子", every=False), "equal-up-to-variants"),
        ("sato-hanako", "佐藤 花子", fit("佐藤　華子", "佐藤 花子"), "equal-up-to-variants"),  # of another chip
        ("sato-hanako", "佐藤 花子", fit("佐藤　花子", "佐藤花子"), "equal-up-to-variants"),  # of another picture
        ("sato-hanako", "佐藤 華子", fit("佐藤　花子", "佐藤 華子"), "different"),
        ("yoshida-takatsugu", "吉田 高次", fit("𠮷田　髙次", "吉田 高次"), "equal"),
        ("taisho-centenarian", "百瀬 卜メ", fit("百瀬　トメ", "百瀬 卜メ"), "uncertain"),
        ("kyuji-sachiko", "山田 幸子", fit("山田［本田］　幸子", "山田 幸子"), "part-missing"),
    ],
)
def test_nothing_but_what_was_read_as_equal_is_raised(
    who: str, printed: str, fits: dict[str, TextFit], code: str
) -> None:
    assert compare(chip(who), picture({"name": printed}), fits=fits).fields["name"].code == code


def test_what_was_typed_has_to_be_equal_itself() -> None:
    """A person saw 高 where the picture is said to show 髙: that is no ``equal``, in either order."""
    seen_name = picture({"name": "吉田 高次"})
    fits = fit("𠮷田　髙次", "吉田 高次")
    for typed, code in (("吉田　高次", "equal-up-to-variants"), ("𠮷田　髙次", "equal")):
        by_hand = PrintedData({"name": typed})
        for one, other in ((by_hand, seen_name), (seen_name, by_hand)):
            assert compare(chip("yoshida-takatsugu"), one, scan=other, fits=fits).fields["name"].code == code


def test_a_fit_shows_nothing_and_is_not_copied(sato: tuple[Scan, Mapping[str, TextFit]]) -> None:
    for one in sato[1].values():
        assert "佐" not in repr(one) and "見本" not in repr(one)
        with pytest.raises(TypeError):
            pickle.dumps(one)


# --- what may stand in a character's place ---


@pytest.mark.parametrize(
    ("character", "some"),
    [
        ("檜", "桧"), ("剥", "剝"), ("島", "嶋嶌"),
        ("高", "髙"), ("髙", "高"), ("崎", "﨑"), ("吉", "𠮷"), ("辺", "邉邊"), ("斉", "斎齊齋"), ("ニ", "二"),
        ("一", "ー－"), ("ー", "一"),
        ("０", "ＯＤ〇"), ("0", "OD"), ("１", "Ｉｌ"), ("ツ", "ッシ"), ("ッ", "ツ"), ("は", "ばぱ"), ("別", "别"), ("神", "\ufa19"),
    ],
)  # fmt: skip
def test_candidates(character: str, some: str) -> None:
    assert set(some) <= candidates(character) and character not in candidates(character)


def test_a_width_or_a_dash_of_another_kind_is_no_other_character() -> None:
    assert not candidates("ー") & set("－-―") and not candidates("ｶ") and "0" not in candidates("０")
