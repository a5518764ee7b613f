"""Variants in tiers: what JIS unifies, what the registers relate pair by pair, look-alikes of our own, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.printed.variants import Likeness, characters, likeness
from mnverify.printed.variants.look_alikes import ALWAYS, MISREAD
from mnverify.printed.variants.other_forms import OTHER_FORMS
from mnverify.printed.variants.relation import table, unreadable

SAME, VARIANT, DOUBTFUL, DIFFERENT = Likeness

KNOWN = {
    VARIANT: ["髙高", "𠮷吉", "\ufa19神", "\uf9dc隆", "\u2f00一", "éE".upper(), "煮\ufa48"],
    DOUBTFUL: [
        *("﨑崎", "邉邊", "邉辺", "斎齋", "沢澤", "濱浜", "国國", "黒黑"),
        *("斉斎", "ニ二", "エ工", "-一", "0O", "三3", "ッツ", "〓髙"),
        *("LŁ", "OØ", "DĐ", "HĦ", "TŦ"),
        *("桧檜", "遥遙", "亘亙", "巌巖", "穣穰", "晃晄", "凛凜", "剥剝", "嘘噓", "叱𠮟", "鯵鰺", "嶋嶌", "々〻"),
    ],
    DIFFERENT: [
        "杉椙",
        "坂阪",
        "鍼針",
        "崎埼",
        "丘邱",
        "欣忻",
        "加伊",
        "太大",
        "藤籐",
        "東柬",
        "幹斡",
        "末未",
        "花華",
        "一二",
        "12",
        "AB",
        "あア",
    ],
}


@pytest.mark.parametrize(("expected", "pair"), [(tier, pair) for tier, pairs in KNOWN.items() for pair in pairs])
def test_each_tier(expected: Likeness, pair: str) -> None:
    one, other = pair[0], pair[1]
    assert likeness(one, other) is likeness(other, one) is expected


def test_a_selector_is_a_variant_of_its_base_and_stays_with_it() -> None:
    assert characters("葛\U000e0100城") == ["葛\U000e0100", "城"]
    assert likeness("葛\U000e0100", "葛") is VARIANT
    assert likeness("葛\U000e0100", "葛\U000e0101") is VARIANT
    assert likeness("葛\U000e0100", "城\U000e0100") is DIFFERENT


def test_related_characters_are_joined_pair_by_pair_and_never_by_closure() -> None:
    """瓣 and 辨 both fold to 弁; 弁 is a doubt with either, and the two are not joined by it."""
    assert likeness("瓣", "弁") is likeness("辨", "弁") is DOUBTFUL
    assert likeness("瓣", "辨") is likeness("瓣", "辨", read=True) is DIFFERENT


def test_forms_that_are_tied_through_a_third_alone_are_on_the_list_of_our_own() -> None:
    for one, other, third in ("濵濱浜", "﨑嵜崎", "栁桺柳"):
        assert likeness(one, third) is likeness(other, third) is DOUBTFUL
        assert likeness(one, other) is likeness(other, one) is DOUBTFUL
        assert not table().related(one, other)
    assert likeness("濵", "演") is likeness("濱", "賓") is DIFFERENT


@pytest.mark.parametrize("pair", ["東柬", "幹斡", "末未", "大太", "ハバ", "藤籐", "桒棄"])
def test_what_machines_misread_is_a_doubt_only_where_a_machine_read(pair: str) -> None:
    one, other = pair[0], pair[1]
    assert likeness(one, other, read=True) is DOUBTFUL


@pytest.mark.parametrize("pair", ["杉椙", "加伊", "花華", "一二", "12", "38", "AB"])
def test_reading_by_machine_excuses_no_other_character(pair: str) -> None:
    one, other = pair[0], pair[1]
    assert likeness(one, other, read=True) is (DOUBTFUL if unreadable(one) or unreadable(other) else DIFFERENT)


def test_groups_that_are_unified_are_small() -> None:
    groups: dict[str, set[str]] = {}
    for one, head in table()._unified.items():
        groups.setdefault(head, set()).add(one)
    assert max(map(len, groups.values())) <= 3
    assert sum(map(len, groups.values())) > 500


def test_no_digit_is_a_variant_of_another_character() -> None:
    others = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ一二三四五六七八九〇①②½"
    for one, other in combinations(others, 2):
        assert likeness(one, other, read=True) > VARIANT


@pytest.mark.parametrize("group", [*ALWAYS, *MISREAD])
def test_every_look_alike_is_a_doubt_and_no_match(group: str) -> None:
    for one, other in combinations(group, 2):
        assert likeness(one, other, read=True) in (DOUBTFUL, VARIANT)
        assert likeness(one, other) > SAME


@pytest.mark.parametrize("group", OTHER_FORMS)
def test_every_other_form_is_a_doubt_whoever_wrote_it(group: str) -> None:
    for one, other in combinations(group, 2):
        assert likeness(one, other) is likeness(other, one) is likeness(one, other, read=True) is DOUBTFUL


@pytest.mark.parametrize("text", ["\ufe00", "\ufe00山", "\U000e0100田", "\ufe0f\ufe0f"])
def test_a_selector_with_nothing_before_it_is_a_doubt(text: str) -> None:
    for other in ("山", "0", "\ufe01"):
        assert likeness(characters(text)[0], other) is likeness(other, characters(text)[0]) is DOUBTFUL
        assert likeness(characters(text)[0], other, read=True) is DOUBTFUL


@given(st.characters(), st.characters(), st.booleans())
def test_it_is_symmetric(one: str, other: str, read: bool) -> None:
    assert likeness(one, one, read=read) is SAME
    assert likeness(one, other, read=read) is likeness(other, one, read=read)


def test_the_table_is_loaded_on_use() -> None:
    code = (
        "import mnverify.printed as p, sys; from mnverify.printed.variants.relation import table, likeness; "
        "assert table.cache_info().currsize == 0; likeness('a', 'b'); assert table.cache_info().currsize == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_table_carries_its_notice() -> None:
    from importlib.resources import files

    data = files("mnverify.printed.variants") / "data"
    assert "Attribution-ShareAlike 2.1 Japan" in (data / "variants.txt").read_text("utf-8")[:400]
    assert "CC BY-SA 2.1 JP" in (data / "variants-licence.txt").read_text("utf-8")
