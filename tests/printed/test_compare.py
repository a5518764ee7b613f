"""Chip against print, field by field and as a whole."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.errors import NotVerifiedError, RoleError, UsageError
from mnverify.masked import MaskedText
from mnverify.printed import (
    Comparison,
    FieldOutcome,
    Policy,
    PrintedData,
    ReadText,
    Source,
    compare,
    compare_domains,
    comparing,
)
from mnverify.printed.glyph.outcome import GlyphCell, GlyphOutcome, GlyphWitness
from mnverify.printed.text import Agreement, compare_addresses
from mnverify.printed.words import DETAILS
from mnverify.values import Domain, Role, Sex
from mnverify.verification import TrustStore, verify
from mnverify.virtual import Persona, VirtualAuthority, persona, personas
from tests.printed.chips import chip, printed_of, rejected
from tests.support.forgery import evidence as evidence_of

MATCH, MISMATCH, UNCERTAIN, NOT_COMPARED = FieldOutcome
OFFICE = Role.MY_NUMBER_OFFICE
FACE = Domain.FACE_CHECK


def codes(comparison: Comparison) -> dict[str, str]:
    return {name: field.code for name, field in comparison.fields.items()}


def read_as(printed: PrintedData, confidence: float = 0.99, role: Role = Role.GENERAL) -> PrintedData:
    """The same data as a machine read it."""
    texts = {name: getattr(printed, name) for name in printed.fields() if name != "additional_entry"}
    return PrintedData(
        texts,
        additional_entry=printed.additional_entry,
        sources=dict.fromkeys(printed.fields(), Source.PICTURE),
        confidence=dict.fromkeys(printed.fields(), confidence),
        role=role,
    )


@pytest.mark.parametrize("someone", personas(), ids=lambda one: one.id)
def test_a_genuine_print_matches_its_chip(someone: Persona) -> None:
    found = compare(chip(someone.id), printed_of(someone))
    assert found.outcome is MATCH
    assert bool(found)
    moved = bool(someone.printed_address)
    assert found.fields["address"].code == ("additional-entry" if moved else "equal")
    assert {name: codes(found)[name] for name in ("name", "birth_date", "sex")} == dict.fromkeys(
        ("name", "birth_date", "sex"), "equal"
    )
    assert found.fields["expiry"].code == found.fields["security_code"].code == "not-in-chip"
    assert found.required() == ("name", "address", "birth_date", "sex")


@pytest.mark.parametrize("someone", personas(), ids=lambda one: one.id)
def test_a_genuine_print_that_a_machine_read_is_equal_up_to_variants_at_best(someone: Persona) -> None:
    found = compare(chip(someone.id), read_as(printed_of(someone)))
    assert found.outcome is MATCH
    assert not any(field.exact for field in found.fields.values())
    assert found.fields["name"].code == "equal-up-to-variants"
    assert (
        compare(chip(someone.id), read_as(printed_of(someone)), policy=Policy(demand_equal=True)).outcome is UNCERTAIN
    )


@pytest.mark.parametrize("someone", personas(), ids=lambda one: one.id)
@pytest.mark.parametrize("other", personas(), ids=lambda one: one.id)
def test_the_print_of_another_never_matches(someone: Persona, other: Persona) -> None:
    if other.id == someone.id:
        return
    for printed in (printed_of(other), read_as(printed_of(other))):
        found = compare(chip(someone.id), printed)
        assert found.outcome is MISMATCH
        assert found.fields["name"].outcome is MISMATCH
        assert found.fields["address"].outcome is MISMATCH


FORGED = (
    ("name", "佐藤　華子", MISMATCH, "different"),
    ("name", "伊藤　花子", MISMATCH, "different"),
    ("address", "見本県架空市中央一丁目２番４号", MISMATCH, "different"),
    ("address", "見本県架空市中央一丁目２３号", MISMATCH, "different"),
    ("birth_date", "昭和60年7月4日", MISMATCH, "different"),
    ("birth_date", "昭和61年7月3日", MISMATCH, "different"),
    ("birth_date", "昭和60年7月日不詳", UNCERTAIN, "part-missing"),
    ("birth_date", "昔", UNCERTAIN, "unreadable"),
    ("sex", "男", MISMATCH, "different"),
    ("sex", "？", UNCERTAIN, "unreadable"),
)


@pytest.mark.parametrize(("field", "text", "outcome", "code"), FORGED)
def test_a_forged_field_never_matches(field: str, text: str, outcome: FieldOutcome, code: str) -> None:
    found = compare(chip("sato-hanako"), printed_of(persona("sato-hanako"), more={field: text}))
    assert (found.fields[field].outcome, found.fields[field].code) == (outcome, code)
    assert found.outcome is outcome
    assert not found
    read = compare(chip("sato-hanako"), read_as(printed_of(persona("sato-hanako"), more={field: text})))
    assert read.fields[field].outcome in (outcome, UNCERTAIN)  # a digit that a reader may have dropped is a doubt
    unsure = compare(chip("sato-hanako"), read_as(printed_of(persona("sato-hanako"), more={field: text}), 0.4))
    assert unsure.fields[field].outcome is UNCERTAIN


def test_a_swapped_variant_is_never_equal() -> None:
    someone = persona("yoshida-takatsugu")
    for name in ("吉田　髙次", "𠮷田　高次", "吉田　高次"):
        found = compare(chip(someone.id), printed_of(someone, name=name))
        assert (found.outcome, found.fields["name"].code, found.fields["name"].exact) == (
            MATCH,
            "equal-up-to-variants",
            False,
        )
        assert (
            compare(chip(someone.id), printed_of(someone, name=name), policy=Policy(demand_equal=True)).outcome
            is UNCERTAIN
        )
    exact = compare(chip(someone.id), printed_of(someone), policy=Policy(demand_equal=True))
    assert exact.outcome is MATCH


def test_the_era_has_to_be_the_day_s_own() -> None:
    someone = persona("heisei-gannen")
    found = compare(chip(someone.id), printed_of(someone, birth_date="昭和64年1月8日"))
    assert (found.outcome, found.fields["birth_date"].code) == (UNCERTAIN, "era-differs")


# 追記欄 -----------------------------------------------------------------------------------------------

MOVED = persona("hikkoshi-ichiro")


@pytest.mark.parametrize(
    "lines",
    [
        [MOVED.address],
        [f"令和５年４月１日　住所変更　{MOVED.address}"],
        ["令和５年４月１日　転入", MOVED.address],
        [MOVED.address[:9], MOVED.address[9:]],
        ["見本県架空市別町１番地", f"R5.4.1 転居 {MOVED.address}　公印"],
    ],
)
def test_the_newest_address_may_stand_in_the_note_area(lines: list[str]) -> None:
    found = compare(chip(MOVED.id), printed_of(MOVED, additional_entry=lines))
    assert (found.outcome, found.fields["address"].code) == (MATCH, "additional-entry")
    assert found.fields["additional_entry"].outcome is MATCH
    assert "追記欄" in found.fields["address"].detail.ja
    assert (
        compare(chip(MOVED.id), printed_of(MOVED, additional_entry=lines), policy=Policy(demand_equal=True)).outcome
        is MATCH
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "different"),
        (["令和５年４月１日　住所変更"], "different"),
        (["見本県夢見郡遠山町新居２０番地６"], "different"),
        (["見本県夢見郡遠山町新居２番地０５"], "different"),
    ],
)
def test_a_main_print_that_differs_unexplained_is_a_mismatch(lines: list[str], code: str) -> None:
    found = compare(chip(MOVED.id), printed_of(MOVED, additional_entry=lines))
    assert (found.outcome, found.fields["address"].code) == (MISMATCH, code)


def test_an_entry_that_the_chip_does_not_have_is_a_doubt() -> None:
    someone = persona("sato-hanako")
    found = compare(chip(someone.id), printed_of(someone, additional_entry=["見本県架空市東町９番地"]))
    assert (found.outcome, found.fields["address"].code) == (UNCERTAIN, "additional-entry-newer")
    back = ["令和2年1月1日 見本県架空市東町９番地", f"令和3年1月1日 {someone.address}"]
    assert compare(chip(someone.id), printed_of(someone, additional_entry=back)).outcome is MATCH


LATER = [
    ["令和6年5月1日 転居 見本県架空市東町９番地"],
    ["令和6年5月1日 転居 見本県架空市", "東町９番地"],
    ["令和6年5月1日 転居", "見本県架空市東町", "9番地"],
    ["令和六年五月一日 転居 見本県架空市東町九番地"],
    ["令和6年5月1日 転居 緑ヶ丘二丁目3番4号"],
    ["令和6年5月1日 緑ヶ丘二丁目3番4号"],
    ["令和6年5月1日 転居", "緑ヶ丘2-3-4"],
    ["R6.5.1 転居 緑ヶ丘 甲"],
    ["令和6年5月1日 国外転出"],
    ["令和6年5月1日国外転出架空市長印"],
]


@pytest.mark.parametrize("later", LATER)
def test_what_the_chip_has_is_old_where_a_later_address_stands_on_the_card(later: list[str]) -> None:
    someone = persona("sato-hanako")
    main = compare(chip(someone.id), printed_of(someone, additional_entry=later))
    assert (main.outcome, main.fields["address"].code) == (UNCERTAIN, "additional-entry-newer")
    entry = [f"令和5年4月1日 転居 {someone.address}", *later]
    moved = printed_of(someone, address="見本県架空市西町１番地", additional_entry=entry)
    found = compare(chip(someone.id), moved)
    assert (found.outcome, found.fields["address"].code) == (UNCERTAIN, "additional-entry-newer")
    assert found.fields["additional_entry"].outcome is not MATCH


@pytest.mark.parametrize("word", ["氏名変更", "氏名", "離婚", "通称", "旧氏", "帰化"])
def test_and_where_a_later_name_does(word: str) -> None:
    someone = persona("sato-hanako")
    later = f"令和6年5月1日 {word} 見本 花子"
    assert codes(compare(chip(someone.id), printed_of(someone, additional_entry=[later])))["name"] == (
        "additional-entry-newer"
    )
    entries = [f"令和5年4月1日 氏変更 {someone.name}", later]
    found = compare(chip(someone.id), printed_of(someone, name="鈴木　花子", additional_entry=entries))
    assert (found.outcome, found.fields["name"].code) == (UNCERTAIN, "additional-entry-newer")


@pytest.mark.parametrize(
    "later",
    [
        "令和6年4月1日 氏名変更 見本 花子 架空市長 印 令和6年4月1日",
        "有効期間満了日 令和12年3月1日",
        "令和6年4月1日 住所変更",
        "転居 R6.4.1",
        "令和6年4月1日 転居届出 架空市長 公印",
    ],
)
def test_a_date_beside_a_mayors_seal_is_no_address(later: str) -> None:
    someone = persona("sato-hanako")
    assert codes(compare(chip(someone.id), printed_of(someone, additional_entry=[later])))["address"] == "equal"


def test_what_was_typed_is_compared_with_the_note_area_that_the_picture_shows() -> None:
    typed = printed_of(MOVED, additional_entry=[])
    scan = PrintedData(
        {"address": MOVED.main_address},
        additional_entry=(MOVED.additional_entry,),
        sources=dict.fromkeys(("address", "additional_entry"), Source.PICTURE),
        confidence=dict.fromkeys(("address", "additional_entry"), 0.99),
    )
    assert codes(compare(chip(MOVED.id), typed))["address"] == "different"
    found = compare(chip(MOVED.id), typed, scan=scan)
    assert (found.fields["address"].outcome, found.fields["address"].code) == (MATCH, "additional-entry")


def test_a_long_note_area_is_compared_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(one: str, other: str, *, read: bool = False) -> Agreement:
        asked.append(len(other))
        return compare_addresses(one, other, read=read)

    monkeypatch.setitem(comparing._BY_TEXT, "address", counted)
    someone = persona("sato-hanako")
    compare(chip(someone.id), printed_of(someone, additional_entry=["一" * 400] * 20))
    assert asked and len(asked) <= 1 + 2 * 2 * 57  # lines alone and joined, as written and bare, for address and 追記欄
    assert max(asked) <= 2 * len(someone.address) + 100


def test_a_new_name_may_stand_in_the_note_area() -> None:
    someone = persona("sato-hanako")
    printed = printed_of(someone, name="鈴木　花子", additional_entry=["令和5年4月1日 氏変更 佐藤 花子"])
    found = compare(chip(someone.id), printed)
    assert (found.outcome, found.fields["name"].code) == (MATCH, "additional-entry")


# face-check -------------------------------------------------------------------------------------------


def seen_in(someone: Persona, confidence: float = 0.998, **changed: str) -> dict[str, ReadText]:
    texts = {"name": someone.name, "address": someone.address, "security_code": someone.security_code, **changed}
    return {name: ReadText(MaskedText(text), confidence) for name, text in texts.items()}


@pytest.mark.parametrize("someone", personas(), ids=lambda one: one.id)
def test_images_that_nobody_read_are_not_compared_and_keep_the_whole_from_matching(someone: Persona) -> None:
    found = compare(chip(someone.id, FACE), printed_of(someone))
    assert {codes(found)[name] for name in ("name", "address", "security_code")} == {"image-only"}
    assert found.outcome is UNCERTAIN
    without = printed_of(someone, name=None, address=None, security_code=None, additional_entry=[])
    assert compare(chip(someone.id, FACE), without).outcome is MATCH
    assert (
        compare(chip(someone.id, FACE), printed_of(someone), policy=Policy(["birth_date", "sex", "expiry"])).outcome
        is MATCH
    )


@pytest.mark.parametrize("someone", personas(), ids=lambda one: one.id)
def test_images_that_were_read_are_compared_up_to_variants(someone: Persona) -> None:
    found = compare(chip(someone.id, FACE), printed_of(someone), read=seen_in(someone))
    assert found.outcome is MATCH
    assert found.fields["name"].code == found.fields["security_code"].code == "equal-up-to-variants"
    assert found.fields["name"].method == "recognition"
    assert not found.fields["security_code"].exact
    forged = compare(chip(someone.id, FACE), printed_of(someone, security_code="9999"), read=seen_in(someone))
    assert forged.fields["security_code"].outcome is MISMATCH
    unsure = compare(chip(someone.id, FACE), printed_of(someone, security_code="9999"), read=seen_in(someone, 0.5))
    assert unsure.fields["security_code"].outcome is UNCERTAIN


def test_one_character_that_an_image_was_misread_in_is_no_difference() -> None:
    """Of five characters at 0.957 on average the one that differs may be at 0.785. Where all differ they are sure."""
    someone = replace(persona("showa-64"), name="髙橋　桜子")
    verified = chip("showa-64", FACE)
    for name, confidence, code in (
        ("高橘 桜子", 0.957, "low-confidence"),
        ("高橘 桜子", 0.99, "different"),
        ("佐藤 花恵", 0.98, "different"),
    ):
        read = seen_in(someone, confidence, name=name)
        assert codes(compare(verified, printed_of(someone), read=read))["name"] == code
    for digits, code in (("6407", "low-confidence"), ("9999", "different")):
        found = compare(verified, printed_of(someone), read=seen_in(someone, 0.96, security_code=digits))
        assert codes(found)["security_code"] == code


def test_the_sentence_on_expiry_says_that_nothing_signs_it() -> None:
    found = compare(chip("sato-hanako", FACE), printed_of(persona("sato-hanako")))
    assert found.fields["expiry"].outcome is MATCH
    assert "No signature" in found.fields["expiry"].detail.en
    assert "署名はありません" in found.fields["expiry"].detail.ja


def test_the_photo_is_for_a_person_and_never_counts_by_itself() -> None:
    found = compare(chip("sato-hanako", FACE), printed_of(persona("sato-hanako")))
    assert (found.fields["photo"].outcome, found.fields["photo"].method) == (NOT_COMPARED, "human")
    asked = compare(chip("sato-hanako", FACE), printed_of(persona("sato-hanako")), policy=Policy(["photo"]))
    assert asked.outcome is UNCERTAIN
    assert "photo" not in compare(chip("reiwa-baby", FACE), printed_of(persona("reiwa-baby"))).fields


# 個人番号 ----------------------------------------------------------------------------------------------


def number_of(someone: Persona, source: Source) -> PrintedData:
    number = {"my_number": someone.my_number.reveal()}
    sure = {"my_number": 0.99}
    return PrintedData(number, sources={"my_number": source}, confidence=sure, role=OFFICE)


def test_the_number_is_compared_pairwise() -> None:
    someone, other = persona("sato-hanako"), persona("ri-mirei")
    verified = chip(someone.id, role=OFFICE)
    printed, qr, forged = (
        number_of(*one) for one in ((someone, Source.TYPED), (someone, Source.QR), (other, Source.QR))
    )
    for one in (compare(verified, printed), compare(verified, qr), compare(verified, printed, scan=qr)):
        assert (one.outcome, one.fields["my_number"].code, one.fields["my_number"].method) == (MATCH, "equal", "digits")
    for one in (
        compare(verified, forged),
        compare(verified, printed, scan=forged),
        compare(verified, forged, scan=printed),
    ):
        assert (one.outcome, one.fields["my_number"].code) == (MISMATCH, "different")


def test_print_and_code_that_differ_are_told_whatever_the_chip_gave() -> None:
    someone, other = persona("sato-hanako"), persona("ri-mirei")
    verified = chip(someone.id, FACE, OFFICE)  # the chip has the number as an image, which nobody read
    printed, forged = number_of(someone, Source.TYPED), number_of(other, Source.QR)
    found = compare(verified, printed, scan=forged)
    assert (found.outcome, found.fields["my_number"].code) == (MISMATCH, "different-pair")
    assert compare(verified, printed, scan=number_of(someone, Source.QR)).fields["my_number"].code == "image-only"


def test_the_number_is_refused_in_role_general_before_anything_is_compared() -> None:
    for verified in (chip("sato-hanako"), rejected("sato-hanako")):
        with pytest.raises(RoleError):
            compare(verified, number_of(persona("sato-hanako"), Source.QR))


# the whole ---------------------------------------------------------------------------------------------


def test_a_rejected_verification_compares_nothing_and_never_matches() -> None:
    for policy in (Policy(), Policy(["birth_date"])):
        found = compare(rejected("sato-hanako"), printed_of(persona("sato-hanako")), policy=policy)
        assert (found.outcome, dict(found.fields), bool(found)) == (UNCERTAIN, {}, False)
        assert "fields" not in found.to_dict()["verification"]


def test_nothing_in_common_is_no_match() -> None:
    assert compare(chip("sato-hanako"), PrintedData({})).outcome is UNCERTAIN
    assert compare(chip("sato-hanako"), PrintedData({"expiry": "2033年7月3日"})).outcome is UNCERTAIN


def test_what_is_required_and_missing_is_no_match() -> None:
    only = PrintedData({"sex": "女"})
    assert compare(chip("sato-hanako"), only).outcome is MATCH
    assert compare(chip("sato-hanako"), only, policy=Policy(["sex", "name"])).outcome is UNCERTAIN
    assert compare(chip("sato-hanako"), only, policy=Policy(["expiry"])).outcome is UNCERTAIN


def test_fields_that_are_not_required_are_shown_and_do_not_count() -> None:
    printed = printed_of(persona("sato-hanako"), address="見本県架空市東町１番地")
    found = compare(chip("sato-hanako"), printed, policy=Policy(["name", "birth_date"]))
    assert (found.outcome, found.fields["address"].outcome) == (MATCH, MISMATCH)


@pytest.mark.parametrize("names", [[], ["photograph"], ["name", "x"]])
def test_an_empty_or_unknown_policy_is_refused(names: list[str]) -> None:
    with pytest.raises(UsageError):
        Policy(names)


def test_a_picture_besides_has_to_agree_too() -> None:
    someone = persona("sato-hanako")
    typed, verified = printed_of(someone), chip("sato-hanako")
    assert compare(verified, typed, scan=read_as(typed)).fields["name"].code == "equal"
    forged = read_as(printed_of(someone, name="佐藤　華子"))
    assert compare(verified, typed, scan=forged).outcome is MISMATCH
    unsure = read_as(printed_of(someone, name="佐藤　華子"), 0.3)
    assert compare(verified, typed, scan=unsure).outcome is UNCERTAIN


def test_two_results_are_held_side_by_side_on_birth_date_and_sex_alone() -> None:
    same = compare_domains(chip("sato-hanako", FACE), chip("sato-hanako"))
    assert {name: field.outcome for name, field in same.items()} == {"birth_date": MATCH, "sex": MATCH}
    other = compare_domains(chip("sato-hanako", FACE), chip("showa-64"))
    assert {name: field.outcome for name, field in other.items()} == {"birth_date": MISMATCH, "sex": MATCH}
    with pytest.raises(UsageError):
        compare_domains(chip("sato-hanako"), chip("sato-hanako", FACE))
    with pytest.raises(NotVerifiedError):
        compare_domains(rejected("sato-hanako", FACE), chip("sato-hanako"))


def test_the_document_has_its_members_and_no_content_beyond_the_verification() -> None:
    someone = persona("sato-hanako")
    found = compare(chip(someone.id), printed_of(someone, expiry="2033年7月3日", name="鈴木　一"))
    document = found.to_dict(lang="ja")
    assert set(document) == {"format", "outcome", "verification", "fields"}
    assert document["format"] == "mnverify.comparison/1"
    assert document["outcome"] == "mismatch"
    assert set(document["fields"]["name"]) == {"outcome", "code", "method", "detail"}
    assert document["verification"] == found.verification.to_dict(lang="ja")
    text = json.dumps(found.summary(), ensure_ascii=False)
    assert not [one for one in ("佐藤", "鈴木", "1985", "架空", "2033", "4102") if one in text]


def test_nothing_shows_or_copies_content() -> None:
    found = compare(chip("sato-hanako"), printed_of(persona("sato-hanako")))
    assert "佐藤" not in repr(found)
    assert "佐藤" not in repr(seen_in(persona("sato-hanako")))
    for how in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            how(found)


def test_every_code_has_a_sentence_in_both_languages() -> None:
    assert all(text.en and text.ja and text.en != text.ja for text in DETAILS.values())


TEXTS = st.text(alphabet="佐藤花子見本県架空市中央一丁目２番３号0123456789昭和60年月日男女 　-", max_size=20)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "address", "birth_date", "sex", "expiry"), TEXTS)))
def test_whatever_is_printed_it_never_raises_and_matches_only_what_is_the_same(texts: dict[str, Any]) -> None:
    someone = persona("sato-hanako")
    found = compare(chip(someone.id), PrintedData(texts))
    if found.fields.get("name") and found.fields["name"].outcome is MATCH:
        assert texts["name"].replace(" ", "").replace("　", "") == "佐藤花子"


def test_comparing_loads_no_reader_of_pictures_and_nothing_of_the_card_s_side() -> None:
    code = (
        "import sys; import mnverify.printed as p; p.compare; p.PrintedData; p.Policy; import mnverify.printed.report; "
        "wrong = [m for m in sys.modules if m.split('.')[0] in ('PIL', 'numpy', 'cv2', 'rapidocr', 'onnxruntime', 'zxingcpp') "
        "or m.startswith(('mnverify.card', 'mnverify.readers', 'mnverify.virtual'))]; assert not wrong, wrong; "
        "assert set(p.__all__) == set(p._LAZY); [getattr(p, name) for name in p.__all__]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# characters as pictures --------------------------------------------------------------------------------


def witness(outcome: GlyphOutcome, *cells: GlyphOutcome) -> GlyphWitness:
    return GlyphWitness(outcome, tuple(GlyphCell(one) for one in cells or (outcome,)))


AGREES, DIFFERS, UNCLEAR = GlyphOutcome


@pytest.mark.parametrize(
    ("name", "read", "seen", "outcome", "code"),
    [
        ("佐藤　花子", True, witness(AGREES), MATCH, "equal-up-to-variants"),
        ("佐藤　花子", True, witness(UNCLEAR), MATCH, "equal-up-to-variants"),
        ("佐藤　花子", True, witness(DIFFERS), UNCERTAIN, "glyphs-differ"),
        ("佐藤　華子", True, witness(DIFFERS), MISMATCH, "different"),
        ("佐藤　華子", True, witness(UNCLEAR), MISMATCH, "different"),
        ("佐藤　華子", True, witness(AGREES), UNCERTAIN, "glyphs-agree"),
        ("佐藤　花子", False, witness(AGREES), MATCH, "glyphs-only"),
        ("佐藤　花子", False, witness(AGREES, AGREES, UNCLEAR), NOT_COMPARED, "image-only"),
        ("佐藤　花子", False, witness(DIFFERS), NOT_COMPARED, "image-only"),
    ],
)
def test_shapes_are_a_second_witness_beside_reading(
    name: str, read: bool, seen: GlyphWitness, outcome: FieldOutcome, code: str
) -> None:
    someone = persona("sato-hanako")
    texts = seen_in(someone) if read else None
    given = printed_of(someone, name=name) if read else read_as(printed_of(someone, name=name))
    found = compare(chip(someone.id, FACE), given, read=texts, glyphs={"name": seen})
    assert (found.fields["name"].outcome, found.fields["name"].code) == (outcome, code)
    assert not found.fields["name"].exact


def test_shapes_that_agree_excuse_no_address_and_no_digits() -> None:
    someone = persona("sato-hanako")
    forged = printed_of(someone, address="見本県架空市中央一丁目２番４号", security_code="4103")
    seen = {"address": witness(AGREES), "security_code": witness(AGREES)}
    found = compare(chip(someone.id, FACE), forged, read=seen_in(someone), glyphs=seen)
    assert found.fields["address"].outcome is found.fields["security_code"].outcome is MISMATCH
    unread = compare(chip(someone.id, FACE), forged, glyphs=seen)
    assert unread.fields["address"].code == unread.fields["security_code"].code == "image-only"


def test_shapes_say_nothing_of_text_that_the_chip_holds_as_text() -> None:
    someone = persona("sato-hanako")
    forged = printed_of(someone, name="佐藤　華子")
    found = compare(chip(someone.id), forged, glyphs={"name": witness(AGREES)})
    assert found.fields["name"].outcome is MISMATCH


# what a picture of the front shows, and nobody could read ----------------------------------------------

EVERY_FRONT = ("name", "address", "birth_date", "sex", "expiry")


def without(printed: PrintedData, *names: str) -> PrintedData:
    """The same as a machine read it, some of it not legible."""
    return read_as(PrintedData({name: getattr(printed, name) for name in printed.fields() if name not in names}))


@pytest.mark.parametrize("domain", Domain)
@pytest.mark.parametrize("name", EVERY_FRONT)
def test_a_field_of_every_front_that_was_not_read_in_its_picture_keeps_the_whole_from_matching(
    domain: Domain, name: str
) -> None:
    someone = persona("sato-hanako")
    verified, read = chip(someone.id, domain), seen_in(someone) if domain is FACE else None
    if name not in verified.fields and f"{name}_image" not in verified.fields:
        return  # an expiry is not in the other domain
    whole, seen = printed_of(someone), without(printed_of(someone), name)
    assert compare(verified, read_as(whole), read=read).outcome is MATCH
    found = compare(verified, seen, read=read)
    assert (found.fields[name].outcome, found.fields[name].code) == (NOT_COMPARED, "not-read")
    assert found.outcome is UNCERTAIN and not found
    assert name in found.required()
    typed = PrintedData({"birth_date": "1985-07-03"} if name != "birth_date" else {"sex": "女"})
    assert compare(verified, typed, scan=seen, read=read).outcome is UNCERTAIN
    if getattr(whole, name) is not None and read is None:  # what was typed is known, read or not
        known = PrintedData({name: getattr(whole, name)})
        assert compare(verified, known, scan=seen).outcome is MATCH


def test_dates_alone_of_a_picture_never_match() -> None:
    someone = persona("sato-hanako")
    only = without(printed_of(someone), "name", "address", "sex", "security_code")
    typed = PrintedData({"birth_date": "1985-07-03"})
    for domain in Domain:
        verified = chip(someone.id, domain)
        assert compare(verified, typed).outcome is MATCH
        for found in (
            compare(verified, only),
            compare(verified, typed, scan=only),
            compare(verified, typed, scan=PrintedData({})),
        ):
            assert found.outcome is UNCERTAIN


def test_a_line_of_the_note_area_that_is_something_else_is_no_name_that_was_read() -> None:
    seen = without(printed_of(MOVED), "name")
    entry = PrintedData(
        {name: getattr(seen, name) for name in seen.fields()},
        additional_entry=(MOVED.additional_entry,),
        sources=dict.fromkeys((*seen.fields(), "additional_entry"), Source.PICTURE),
        confidence=dict.fromkeys((*seen.fields(), "additional_entry"), 0.99),
    )
    found = compare(chip(MOVED.id), entry)
    assert (found.outcome, found.fields["name"].outcome) == (UNCERTAIN, NOT_COMPARED)
    assert found.fields["name"].code == "not-read" and found.fields["address"].code == "additional-entry"


def test_a_mismatch_stays_one_whatever_was_not_read() -> None:
    forged = without(printed_of(persona("sato-hanako"), birth_date="昭和61年7月3日"), "name")
    assert compare(chip("sato-hanako"), forged).outcome is MISMATCH


def test_what_the_caller_names_is_what_counts_read_or_not() -> None:
    seen = without(printed_of(persona("sato-hanako")), "name", "address")
    assert compare(chip("sato-hanako"), seen, policy=Policy(["birth_date", "sex"])).outcome is MATCH
    assert compare(chip("sato-hanako"), seen, policy=Policy(["birth_date", "name"])).outcome is UNCERTAIN


def test_what_was_typed_may_be_a_part_and_a_code_of_four_digits_is_often_not_legible() -> None:
    someone = persona("sato-hanako")
    typed = PrintedData({"birth_date": someone.birth_printed})
    assert codes(compare(chip(someone.id), typed))["name"] == "not-printed"
    assert compare(chip(someone.id), typed).outcome is MATCH
    seen = compare(chip(someone.id, FACE), without(printed_of(someone), "security_code"), read=seen_in(someone))
    assert (seen.outcome, seen.fields["security_code"].code) == (MATCH, "not-printed")


def test_a_back_shows_no_address_and_a_code_no_name() -> None:
    someone = persona("sato-hanako")
    verified = chip(someone.id, role=OFFICE)
    back = PrintedData(
        {"my_number": someone.my_number.reveal(), "name": someone.name, "birth_date": someone.birth_printed},
        role=OFFICE,
    )
    found = compare(verified, read_as(back, role=OFFICE))
    assert found.outcome is MATCH and found.fields["address"].code == "not-printed"
    assert compare(verified, number_of(someone, Source.QR), scan=read_as(back, role=OFFICE)).outcome is MATCH
    unread = read_as(PrintedData({"name": someone.name, "birth_date": someone.birth_printed}), role=OFFICE)
    assert compare(verified, unread).outcome is UNCERTAIN  # nothing says that it is a back


@pytest.mark.parametrize(
    ("sex", "outcome"), [(Sex.FEMALE, UNCERTAIN), (Sex.UNKNOWN, MATCH), (Sex.NOT_APPLICABLE, MATCH)]
)
def test_a_sex_that_is_none_may_be_on_no_print(sex: Sex, outcome: FieldOutcome) -> None:
    someone = replace(persona("sato-hanako"), sex=sex)
    authority = VirtualAuthority.laboratory()
    held = evidence_of(authority.issue(someone), Domain.INPUT_ASSIST, "0002", "0003", "0004", "0007")
    trust = TrustStore.from_object(authority.trust_anchors())
    verified = verify(held, trust=trust, at=datetime(2025, 1, 1, tzinfo=UTC)).require()
    assert verified.fields["sex"].value is sex
    assert compare(verified, without(printed_of(someone), "sex")).outcome is outcome
