"""A picture of a face, read: by a scripted engine where the rules matter, and by the real one on a few printed cards."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mnverify import VerificationNumberB
from mnverify.errors import CardNotFound, DoubtfulPrint, PictureError, RoleError
from mnverify.printed import PrintedData, Source, scan
from mnverify.printed.engine import Quad, TextLine
from mnverify.printed.finders import MOST, find_finders
from mnverify.printed.outline import Outline, OutlineSearch
from mnverify.printed.pictures import load_picture
from mnverify.printed.scanning import Scan
from mnverify.printed.voting import vote
from mnverify.printed.which_side import has_code
from mnverify.values.my_number import check_digit
from mnverify.virtual import Persona, persona
from mnverify.virtual.print import Photograph, photograph, print_back, print_front
from tests.printed.backs import code_image
from tests.printed.faces import AGAIN, ASPECT, FACE, ScriptedEngine, blank_card, laid, made_lines, turned_corners
from tests.support.by_chance import without_addresses

TODAY = date(2026, 11, 24)
CORNERS = turned_corners((800, 600), 1100, 3)
PICTURE = laid(blank_card(), CORNERS)
NUMBER = "98765432011" + check_digit("98765432011")
BACK = (("個人番号", 300, 100), (f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}", 300, 140), ("氏名", 300, 220), ("佐藤 花子", 300, 260),
        ("生年月日", 300, 320), ("昭和60年7月3日", 300, 360))  # fmt: skip


def scripted(
    words: Sequence[tuple[str, float, float]] = FACE, again: Sequence[tuple[str, float]] = AGAIN, role: str = "general"
) -> Scan:
    return scan(PICTURE, engine=ScriptedEngine(made_lines(words), again), role=role, today=TODAY)


def expected_in_picture(x: float, y: float, width: int) -> tuple[float, float]:
    """A point of the straight card, so many pixels wide, in ``PICTURE``."""
    (ax, ay), (bx, by), _, (dx, dy) = CORNERS
    across, down = x / width, y / (width / ASPECT)
    return ax + (bx - ax) * across + (dx - ax) * down, ay + (by - ay) * across + (dy - ay) * down


def test_fields_and_where_they_are() -> None:
    found = scripted()
    printed = found.printed
    assert (printed.name, printed.address, printed.sex) == ("佐藤 花子", "見本県架空市中央一丁目2番3号", "女")
    assert (printed.birth_date, printed.expiry, printed.security_code) == ("昭和60年7月3日", "2033年7月3日", "4102")
    assert set(printed.sources.values()) == {Source.PICTURE} and min(printed.confidence.values()) > 0.9
    assert np.abs(np.array(found.corners) - np.array(CORNERS)).max() < 6
    # The code stands at 9.8 % and 87 % of the card, which is turned by 3 degrees.
    place, card = printed.places["security_code"], found.places_on_card["security_code"]
    assert card.x == pytest.approx(100, abs=2) and card.y == pytest.approx(560, abs=2)
    x, y = expected_in_picture(100, 560 + 30, found.card.shape[1])
    assert place.x == pytest.approx(x, abs=8) and place.y + place.height == pytest.approx(y, abs=10)
    assert found.card.shape[1] == pytest.approx(1100, abs=8) and found.card.shape[2] == 3


def test_number_b() -> None:
    assert scripted().number_b() == VerificationNumberB("60070320334102")


def test_number_b_of_a_card_that_prints_gregorian_years() -> None:
    words = [("1978年11月23日生" if text.startswith("昭和") else text, x, y) for text, x, y in FACE]
    again = [("1978年11月23日", 0.99), *AGAIN[1:]]
    assert scripted(words, again).number_b() == VerificationNumberB("78112320334102")


def test_number_b_of_a_day_that_nobody_knows() -> None:
    words = [("昭和13年3月日不詳生" if text.startswith("昭和") else text, x, y) for text, x, y in FACE]
    assert scripted(words, [("昭和13年3月日不詳", 0.99), *AGAIN[1:]]).number_b() == VerificationNumberB(
        "13030020334102"
    )


@pytest.mark.parametrize(
    ("again", "doubtful"),
    [
        ([("昭和50年7月3日", 0.99), *AGAIN[1:]], "birth_date"),
        ([("1985年7月3日", 0.99), *AGAIN[1:]], "birth_date"),  # the same day, in the other calendar
        ([("昭和6O年7月3日", 0.99), *AGAIN[1:]], "birth_date"),
        ([("", 0.0), *AGAIN[1:]], "birth_date"),
        ([AGAIN[0], ("2038年7月3日", 0.99), *AGAIN[2:]], "expiry"),
        ([*AGAIN[:2], ("4702", 0.99), AGAIN[3]], "security_code"),
        ([*AGAIN[:3], ("4107", 0.99)], "security_code"),
        ([*AGAIN[:3], ("410", 0.99)], "security_code"),
        ([*AGAIN[:3], ("4102", 0.4)], "security_code"),
    ],
)
def test_two_readings_that_differ_are_a_doubt(again: list[tuple[str, float]], doubtful: str) -> None:
    found = scripted(again=again)
    assert found.printed.confidence[doubtful] < 0.5 and found.printed.doubts and doubtful not in found.sure
    with pytest.raises(DoubtfulPrint) as caught:
        found.number_b()
    assert caught.value.fields == (doubtful,) and caught.value.code == "doubtful-print"
    assert caught.value.details() == {"fields": doubtful} and "Type it" in caught.value.advice.en


@pytest.mark.parametrize("missing", ["昭和60年7月3日生", "2033年7月3日まで有効", "4102"])
def test_number_b_of_what_was_not_read(missing: str) -> None:
    words = [word for word in FACE if word[0] != missing]
    again = [one for one in AGAIN if one[0] not in missing]
    with pytest.raises(DoubtfulPrint) as caught:
        scripted(words, again).number_b()
    assert len(caught.value.fields) == 1 and missing not in str(caught.value)


def test_a_card_on_its_head_is_turned() -> None:
    """By the direction of its lines; corners, places and crops then begin at the card's own upper left."""
    size = scripted().card.shape
    engine = ScriptedEngine(made_lines(on_its_head=(size[1], size[0])), AGAIN)
    found = scan(PICTURE, engine=engine, today=TODAY)
    upright = scripted()
    assert found.printed.name == "佐藤 花子" and len(engine.asked) == 1
    assert found.corners == (*upright.corners[2:], *upright.corners[:2])
    assert np.array_equal(found.card, upright.card[::-1, ::-1])
    assert found.places_on_card == upright.places_on_card


def test_an_engine_that_reads_upright_text_only() -> None:
    engine = ScriptedEngine([made_lines([("卅", 9, 9)]), made_lines()], AGAIN)
    assert scan(PICTURE, engine=engine, today=TODAY).printed.security_code == "4102" and len(engine.asked) == 2


def test_a_card_that_stands_upright_in_the_picture() -> None:
    picture = laid(blank_card(), turned_corners((600, 800), 1100, 90), size=(1200, 1600))
    engine = ScriptedEngine(made_lines(), AGAIN)
    assert scan(picture, engine=engine, today=TODAY).number_b() == VerificationNumberB("60070320334102")
    (size,) = engine.asked
    assert size[0] > size[1]


def test_a_back_is_refused_to_general() -> None:
    with pytest.raises(RoleError) as caught:
        scripted(BACK)
    assert NUMBER not in str(caught.value) and "裏面" in caught.value.text.ja
    ours = [frame for frame, _ in traceback.walk_tb(caught.tb) if "/mnverify/" in frame.f_code.co_filename]
    frames = without_addresses("".join(repr(frame.f_locals) for frame in ours))
    assert ours
    assert NUMBER not in frames and NUMBER[:4] not in frames and "佐藤" not in frames


def test_a_back_in_the_role_that_may() -> None:
    found = scripted(BACK, AGAIN, "my-number-office")
    assert found.printed.my_number == NUMBER and found.printed.name == "佐藤 花子" and NUMBER not in repr(found)
    assert vote([found], 1).printed.my_number == found.printed.my_number


GROUPS = NUMBER[:4], NUMBER[4:8], NUMBER[8:]
MISREAD = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
BESIDE = ((300, 140), (420, 140), (540, 140))
Words = Sequence[tuple[str, float, float]]


@pytest.mark.parametrize(
    "number",
    [
        [(MISREAD, *BESIDE[0])],
        [(f"{GROUPS[0]} {GROUPS[1]} {GROUPS[2][:3]}O", *BESIDE[0])],
        [("   ".join(GROUPS), *BESIDE[0])],
        [(one, *at) for one, at in zip(GROUPS, BESIDE, strict=True)],
        [(f"{GROUPS[0]} {GROUPS[1]}", *BESIDE[0]), (GROUPS[2], *BESIDE[2])],
        [(f"個人番号 {MISREAD}", *BESIDE[0])],
        [(f"{GROUPS[0]} {GROUPS[1]}", *BESIDE[0])],  # the rest is under a finger
        [],
    ],
)
@pytest.mark.parametrize("without", [("個人番号",), ()])
def test_a_back_is_refused_however_its_number_is_read(number: Words, without: tuple[str, ...]) -> None:
    words = [word for word in [BACK[0], *number, *BACK[2:]] if word[0] not in without]
    with pytest.raises(RoleError) as caught:
        scripted(words)
    assert "back of the card" in caught.value.text.en and "裏面" in caught.value.text.ja


@pytest.mark.parametrize(
    "number",
    [
        [(MISREAD, 340, 430)],
        [(one, x, 430) for one, (x, _) in zip(GROUPS, BESIDE, strict=True)],
        [(GROUPS[0] + GROUPS[1], 340, 430)],
        [("個人番号", 340, 430)],
    ],
)
def test_one_thing_of_a_front_beside_something_of_a_back_is_no_front(number: Words) -> None:
    """A birth date can be taken for an expiry; the number beside it says what it is."""
    words = [("氏名", 40, 40), ("佐藤 花子", 140, 40), ("2033年7月3日", 340, 290), ("住所", 40, 110)]
    assert scripted(words, AGAIN[1:2]).printed.expiry == "2033年7月3日"
    with pytest.raises(RoleError):
        scripted([*words, *number], AGAIN[1:2])


@pytest.mark.parametrize(("at", "refused"), [((700, 330), True), ((60, 20), False), (None, False)])
def test_a_code_on_the_card_is_that_of_a_back(at: tuple[int, int] | None, refused: bool) -> None:
    """One that lies beside the card is none of its; where it cannot be decoded, three of its corners say what it is."""
    words = [("氏名", 40, 40), ("佐藤 花子", 140, 40), ("2033年7月3日", 340, 290), ("住所", 40, 110)]
    for spoilt in (False, True):
        code = np.array(code_image(NUMBER, module=5, border=3))
        if spoilt:
            code[55:75, 15:115] = 255
        card, picture = blank_card(), PICTURE
        if at is not None and refused:
            card[at[1] : at[1] + len(code), at[0] : at[0] + len(code), :3] = code[:, :, None]
            picture = laid(card, CORNERS)
        elif at is not None:
            picture = PICTURE.copy()
            picture[at[1] : at[1] + len(code), at[0] : at[0] + len(code)] = code[:, :, None]
        engine = ScriptedEngine(made_lines(words), AGAIN[1:2])
        with pytest.raises(RoleError) if refused else contextlib.nullcontext():
            assert scan(picture, engine=engine, today=TODAY).is_surely_a_front


@pytest.mark.parametrize("module", [2, 9])
def test_a_code_with_a_number_is_refused_in_any_size(module: int) -> None:
    """An outline may hold both sides of a copy: then the code is smaller than a card's, beside a front that was read in full."""
    for content, refused in ((NUMBER, True), ("https://example.jp", False)):
        card, code = blank_card(), np.array(code_image(content, module=module, version=2 - refused, border=4))
        card[330 : 330 + len(code), 620 : 620 + len(code), :3] = code[:, :, None]
        picture = laid(card, turned_corners((800, 600), 1400, 3))
        with pytest.raises(RoleError) if refused else contextlib.nullcontext():
            scan(picture, engine=ScriptedEngine(made_lines(), AGAIN), today=TODAY)
        found = scan(picture, engine=ScriptedEngine(made_lines(), AGAIN), role="my-number-office", today=TODAY)
        assert found.printed.address is not None and found.is_surely_a_front is not refused


def test_nothing_of_a_front_is_no_front() -> None:
    words = [("氏名", 40, 40), ("佐藤 花子", 140, 40), ("生年月日", 40, 110), ("昭和60年7月3日生", 340, 110)]
    with pytest.raises(RoleError, match="may be the back"):
        scripted(words, AGAIN[:1])
    assert scripted([*words, ("性別", 760, 230), ("女", 850, 230)], AGAIN[:1]).printed.sex == "女"


def test_a_number_that_another_outline_showed_refuses_what_is_not_surely_a_front(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(OutlineSearch, "likeliest", lambda _: outlines_of((0, 0), (0, 90)))
    monkeypatch.setattr(OutlineSearch, "around", lambda *_: [])
    slanting = [("2033年7月3日", 340, 2), *FACE[:3]]
    with pytest.raises(RoleError):
        scan(PICTURE, engine=ScriptedEngine([made_lines(slanting), made_lines(BACK)], AGAIN[1:2]), today=TODAY)


def test_more_patterns_of_codes_than_are_looked_at_are_taken_for_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnverify.printed.which_side.find_codes", lambda _: [])
    card = np.full((600, 952, 3), 255, np.uint8)
    pattern = np.zeros((21, 21, 3), np.uint8)
    pattern[3:18, 3:18], pattern[6:15, 6:15] = 255, 0
    for top in range(20, 560, 60):
        for left in range(20, 900, 90):
            card[top : top + 21, left : left + 21] = pattern
    assert len(find_finders(card[:, :, 0])) > MOST
    assert has_code(card) and not has_code(card, decoded=True)
    assert not has_code(np.full_like(card, 255))


def test_the_title_of_a_front_is_no_heading() -> None:
    for title in ([("個人番号カード", 500, 20)], [("個人番号", 500, 20), ("カード", 640, 22)]):
        assert scripted([*FACE, *title]).is_surely_a_front


@pytest.mark.parametrize("role", ["general", "my-number-office"])
@pytest.mark.parametrize(
    "number",
    [[(NUMBER, 340, 360)], [(MISREAD, 340, 360)], [(one, 340 + x, 360) for one, x in zip(GROUPS, (0, 120, 240), strict=True)]],
)  # fmt: skip
def test_a_number_on_a_front_is_never_kept(role: str, number: Words) -> None:
    """It is in no field, and nowhere else; where it stands nothing is seen."""
    found = scripted([*FACE, *number], AGAIN, role)
    assert found.printed.my_number is None and found.number_b() == VerificationNumberB("60070320334102")
    assert found._face.number is None and not found.is_surely_a_front
    texts = [reading.text for readings in found.readings.values() for reading in readings]
    assert not [text for text in texts if any(one in text for one in GROUPS)]
    assert found.card[362:388, 345:395].max() == 0 < found.card[400:430, 345:395].min()


def test_an_entry_carries_no_number() -> None:
    """Its digits are not shown, so that the line agrees with nothing; it is told of, as they may be those of a newer address."""
    words = [*FACE, ("追記欄", 340, 400), (f"{GROUPS[0]} {GROUPS[1]} {MISREAD[8:]}", 340, 440), (f"転居 {MISREAD}番", 340, 480),
             ("令和6年10月11日 見本県架空市中央12-3-4-1001", 340, 520)]  # fmt: skip
    entries = scripted(words).printed.additional_entry
    assert entries == (
        "0〓〓〓 〓〓〓〓 〓〓〓〓",
        "転居 0〓〓〓〓〓〓〓〓〓〓〓番",
        "令和6年10月11日 見本県架空市中央12-3-4-1001",
    )


def outlines_of(*shifts: tuple[float, float]) -> list[Outline]:
    """The card's own outline, moved."""
    return [Outline(np.array(CORNERS, np.float32) + shift, 0.9) for shift in shifts]


def test_where_a_field_is_cut_the_next_outline_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading that has more sure fields is kept, whichever was the first."""
    monkeypatch.setattr(OutlineSearch, "likeliest", lambda _: outlines_of((0, 0), (0, 90), (0, -90), (90, 0), (-90, 0)))
    monkeypatch.setattr(OutlineSearch, "around", lambda *_: [])
    cut = [*FACE[:3], ("見本県", 340, 3)]
    engine = ScriptedEngine([made_lines(cut), made_lines(FACE[:3]), made_lines()], AGAIN)
    found = scan(PICTURE, engine=engine, today=TODAY)
    assert found.number_b() == VerificationNumberB("60070320334102") and len(engine.asked) == 3
    assert np.allclose(found.corners, np.array(CORNERS) + np.array((0, -90)))


def test_outlines_that_agree_with_the_text_are_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def around(_: OutlineSearch, quads: Sequence[Quad]) -> list[Outline]:
        asked.append(len(quads))
        return outlines_of((0, 0.5), (60, 60))

    monkeypatch.setattr(OutlineSearch, "likeliest", lambda _: outlines_of((0, 0), (0, 90)))
    monkeypatch.setattr(OutlineSearch, "around", around)
    aslant = [TextLine.of([(x, y + x * 0.05) for x, y in one.quad], one.text, 0.99) for one in made_lines(FACE[:-1])]
    engine = ScriptedEngine([aslant, made_lines()], AGAIN)
    found = scan(PICTURE, engine=engine, today=TODAY)
    assert asked == [len(FACE) - 1] and len(engine.asked) == 2
    assert np.allclose(
        found.corners, np.array(CORNERS) + np.array((60, 60))
    )  # not the one that differs by a hair from what was tried


@pytest.mark.parametrize(
    ("words", "most"), [(FACE[:3], 5), (FACE[:-1], 2), ([("卅", 9, 9)], 5), ([], 5), (FACE, 1), (BACK, 1)]
)
def test_the_tries_are_bounded(
    monkeypatch: pytest.MonkeyPatch, words: Sequence[tuple[str, float, float]], most: int
) -> None:
    """Four outlines, and the first of them on its head for an engine that reads upright text only; one alone if all is read."""
    many = outlines_of(*((0.0, 90.0 * at) for at in range(9)))
    monkeypatch.setattr(OutlineSearch, "likeliest", lambda _: many)
    monkeypatch.setattr(OutlineSearch, "around", lambda *_: outlines_of(*((90.0 * at, 0.0) for at in range(1, 9))))
    engine = ScriptedEngine(made_lines(words), AGAIN)
    with contextlib.suppress(PictureError, RoleError):
        scan(PICTURE, engine=engine, today=TODAY)
    assert 1 <= len(engine.asked) <= most


def test_a_code_that_is_nowhere_costs_one_more_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is level and whole: a reflection hides it, no outline does. Only a larger one is tried, for a frame on the card."""
    larger = Outline((np.array(CORNERS, np.float32) - (800, 600)) * 1.2 + (800, 600), 0.9)
    monkeypatch.setattr(OutlineSearch, "likeliest", lambda _: [*outlines_of((0, 0), (0, 90)), larger, larger])
    engine = ScriptedEngine(made_lines(FACE[:-1]), AGAIN)
    found = scan(PICTURE, engine=engine, today=TODAY)
    assert len(engine.asked) == 2 and found.printed.security_code is None


def test_what_is_no_face() -> None:
    with pytest.raises(CardNotFound, match="face of a My Number Card"):
        scripted([("運転免許証", 40, 40), ("2033年7月3日", 40, 90)], AGAIN)
    with pytest.raises(CardNotFound):
        scan(np.full((800, 1200, 3), 150, np.uint8), engine=ScriptedEngine([], []), today=TODAY)


def test_half_a_card() -> None:
    """What looks like an outline inside it holds no face."""
    for centre in ((100, 600), (1500, 600)):
        half = laid(blank_card(), turned_corners(centre, 1100, 4))
        with pytest.raises(PictureError):
            scan(half, engine=ScriptedEngine(made_lines([("4102", 100, 560)]), AGAIN), today=TODAY)


def test_too_dark_too_small_and_blurred() -> None:
    engine = ScriptedEngine(made_lines([("卅", 9, 9)]), AGAIN)
    with pytest.raises(PictureError, match="dark") as dark:
        scan((PICTURE // 6).astype(np.uint8), engine=engine, today=TODAY)
    assert "照明" in dark.value.advice.ja
    small = laid(blank_card(), turned_corners((800, 600), 330, 3))
    with pytest.raises(PictureError, match="small") as little:
        scan(small, engine=engine, today=TODAY)
    assert "近づいて" in little.value.advice.ja
    import cv2

    with pytest.raises(PictureError, match="blurred") as blurred:
        scan(cv2.GaussianBlur(PICTURE, (0, 0), 14), engine=engine, today=TODAY)
    assert "still" in blurred.value.advice.en


def test_nothing_of_it_is_shown_logged_or_copied(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        found = scripted()
    assert repr(found) == "Scan(name, address, birth_date, sex, expiry, security_code)" and not caplog.records
    with pytest.raises(TypeError):
        pickle.dumps(found)


def test_a_crop_shows_its_field() -> None:
    found = scripted()
    crop = found.crop("security_code")
    assert crop is not None and crop.shape[1] > crop.shape[0] > 20 and found.crop("my_number") is None


def test_what_was_read_goes_through_json() -> None:
    document = scripted().printed.to_dict("ja")
    again = PrintedData.from_object(document)
    assert again.to_dict()["printed"] == document["printed"] and document["format"] == "mnverify.printed/1"


# --- with the engine that comes with the extra "ocr" ---------------------------------------------------------------


def read_photo(holder: Persona, layout: str, condition: str, seed: int) -> tuple[Scan, Photograph]:
    photo = photograph(print_front(holder, layout=layout, dpi=600), condition, seed=seed)
    return scan(photo.jpeg, today=TODAY), photo


@pytest.mark.parametrize(
    ("who", "layout", "condition", "seed"),
    [
        ("sato-hanako", "standard", "phone", 1),  # on a printed form: a pale card on a pale, ruled page
        ("ri-mirei", "mirrored", "turned", 2),
        ("hikkoshi-ichiro", "standard", "tilted", 3),
        ("heisei-gannen", "mirrored", "scan", 4),
        (
            "showa-64",
            "standard",
            "tilted",
            5018,
        ),  # the rules of the page and of the card make a better outline than its edges
    ],
)
def test_real_engine(who: str, layout: str, condition: str, seed: int) -> None:
    holder = persona(who)
    found, photo = read_photo(holder, layout, condition, seed)
    assert found.number_b() == VerificationNumberB(holder.verification_number_b)
    assert found.printed.sex == {"1": "男", "2": "女"}[holder.sex.digit]
    assert found.printed.address is not None and found.printed.name is not None
    assert found.printed.name[0] == holder.name[0] and found.printed.address.startswith("見本県")
    assert bool(found.printed.additional_entry) == bool(holder.additional_entry)
    true = np.array(photo.outline("security_code"))
    place = found.printed.places["security_code"]
    middle = true.reshape(-1, 2).mean(axis=0)
    assert place.x <= middle[0] <= place.x + place.width and place.y <= middle[1] <= place.y + place.height


def test_real_engine_on_a_back() -> None:
    holder = persona("sato-hanako")
    photo = photograph(print_back(holder, layout="standard", dpi=600), "phone", seed=5)
    picture = load_picture(photo.jpeg)
    with pytest.raises(RoleError):
        scan(picture, today=TODAY)
    found = scan(picture, role="my-number-office", today=TODAY)
    assert found.printed.my_number == holder.my_number.reveal()


def test_real_engine_on_a_back_with_a_digit_that_nobody_can_read() -> None:
    import cv2

    photo = photograph(print_back(persona("sato-hanako"), layout="standard", dpi=600), "phone", seed=5)
    pixels = load_picture(photo.jpeg).pixels
    (left, top), *_, (_, bottom) = photo.outline("my_number")
    width = photo.outline("my_number")[1][0] - left
    middle = (round(left + width * 0.28), round((top + bottom) / 2))
    cv2.circle(pixels, middle, round((bottom - top) * 0.45), (250, 250, 250), -1)
    with pytest.raises(RoleError):
        scan(pixels, today=TODAY)


def test_loading_and_reading_says_nothing_and_needs_no_network(tmp_path: Path) -> None:
    """In a process of its own: sockets blocked, no line on either stream, no temporary file."""
    code = """
import os, socket, sys, tempfile
def blocked(*a, **k): raise AssertionError("network")
socket.socket.connect = blocked
before = set(os.listdir(tempfile.gettempdir()))
import numpy as np
from mnverify.printed.rapid import rapid_engine
engine = rapid_engine()
assert engine is rapid_engine()
picture = np.full((120, 400, 3), 255, np.uint8)
engine.read(picture); engine.read_line(picture)
assert not {n for n in set(os.listdir(tempfile.gettempdir())) - before if "apid" in n or "onnx" in n}
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # in the common one others load the engine too
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_of_it_is_loaded_before_it_is_asked_for() -> None:
    code = """
import sys, mnverify, mnverify.printed
assert not {"cv2", "rapidocr", "onnxruntime", "PIL", "numpy"} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
