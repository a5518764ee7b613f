"""How often the engine that reads text is asked, at most: it takes most of the time, and a picture may come from anybody."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from mnverify.errors import CardNotFound, NotMasked, PictureError, RoleError, SeveralCards
from mnverify.printed import scan
from mnverify.printed.backs import MOST_CODES
from mnverify.printed.engine import TextLine
from mnverify.printed.mask import _ROUNDS, mask_back
from mnverify.printed.outline import OutlineSearch
from mnverify.printed.rapid import rapid_engine
from mnverify.virtual import persona
from mnverify.virtual.print import photograph, print_back, print_front
from tests.printed.backs import back, code_image, file_of, number_of
from tests.printed.faces import AGAIN, FACE, Pixels, ScriptedEngine, made_lines
from tests.printed.test_scan import PICTURE, outlines_of

TODAY = date(2026, 11, 24)
SATO, RI = persona("sato-hanako"), persona("ri-mirei")
MOST_PARTS = 5
"""Of a whole picture that is read besides what lies around its codes: itself, and four that overlap."""


class Counting:
    """The engine of the extra ``ocr``, or one that finds what it is told; it counts, and knows a picture that it saw before."""

    def __init__(self, lines: Sequence[TextLine] | None = None) -> None:
        self.lines = lines
        self.whole: list[int] = []
        self.strips: list[int] = []

    def read(self, pixels: Pixels) -> Sequence[TextLine]:
        self.whole.append(hash(pixels.tobytes()))
        return rapid_engine().read(pixels) if self.lines is None else self.lines

    def read_line(self, pixels: Pixels) -> tuple[str, float]:
        self.strips.append(hash(pixels.tobytes()))
        return rapid_engine().read_line(pixels)

    @property
    def asked(self) -> tuple[int, int]:
        """Pictures and single lines; none of them twice."""
        assert len(set(self.whole)) == len(self.whole) and len(set(self.strips)) == len(self.strips)
        return len(self.whole), len(self.strips)


# --- scan -------------------------------------------------------------------------------------------------------------


def on_a_page(*cards: Pixels) -> Pixels:
    page = np.full((200 + 800 * len(cards), 1400, 3), 60, np.uint8)
    for row, card in enumerate(cards):
        page[100 + 800 * row : 100 + 800 * row + card.shape[0], 150 : 150 + card.shape[1]] = card
    return page


def front(who: Any = SATO) -> Pixels:
    return np.asarray(print_front(who, dpi=300, seed=1).pixels)


@pytest.mark.parametrize(
    ("picture", "asked", "raised"),
    [
        pytest.param(lambda: photograph(print_front(SATO, dpi=600), "phone", seed=1).jpeg, (1, 4), None, id="a photo"),
        pytest.param(lambda: photograph(print_front(SATO, dpi=600), "scan", seed=4).jpeg, (1, 4), None, id="a scan"),
        pytest.param(front, (1, 4), None, id="a scan cropped to the card"),
        pytest.param(lambda: np.asarray(print_back(SATO, dpi=300, seed=1).pixels), (1, 0), RoleError, id="a back"),
        pytest.param(lambda: on_a_page(front(), front(RI)), (0, 0), SeveralCards, id="two cards"),
        pytest.param(lambda: np.full((2300, 1600, 3), 255, np.uint8), (0, 0), CardNotFound, id="no card"),
        pytest.param(
            lambda: np.random.default_rng(1).integers(60, 190, (1200, 1600, 3)).astype(np.uint8),
            (0, 0),
            CardNotFound,
            id="no card, and a lot of edges",
        ),
    ],
)
def test_scan(picture: Callable[[], Any], asked: tuple[int, int], raised: type[Exception] | None) -> None:
    """One reading of the face; then the two dates once more each, and the code twice: nothing else where all is well."""
    engine = Counting()
    with pytest.raises(raised) if raised is not None else contextlib.nullcontext():
        scan(picture(), engine=engine, today=TODAY)
    assert engine.asked == asked


@pytest.mark.parametrize("words", [FACE, FACE[:-1], FACE[:3], [("卅", 9, 9)]])
def test_scan_whatever_is_found(monkeypatch: pytest.MonkeyPatch, words: Sequence[tuple[str, float, float]]) -> None:
    """Four outlines, the first on its head too, and four lines of the best: nine readings, however many outlines there are."""
    monkeypatch.setattr(OutlineSearch, "likeliest", lambda _: outlines_of(*((0.0, 70.0 * at) for at in range(12))))
    monkeypatch.setattr(OutlineSearch, "around", lambda *_: outlines_of(*((70.0 * at, 0.0) for at in range(1, 12))))
    engine = ScriptedEngine(made_lines(words), [*AGAIN, *AGAIN])
    with contextlib.suppress(PictureError, RoleError):
        scan(PICTURE, engine=engine, today=TODAY)
    assert len(engine.asked) <= 5 and len(engine.again) >= 4


# --- mask_back --------------------------------------------------------------------------------------------------------


def masked(picture: Any, engine: Counting) -> int:
    """How often the engine was asked, as ``progress`` was told too."""
    told: list[tuple[int, int]] = []
    with contextlib.suppress(NotMasked):
        mask_back(picture, engine=engine, progress=lambda *both: told.append(both))
    assert told[-1] == (len(engine.whole),) * 2 and not engine.strips
    return len(engine.whole)


@pytest.mark.parametrize(
    ("picture", "asked"),
    [
        pytest.param(lambda: photograph(print_back(SATO, dpi=600), "phone", seed=4).jpeg, 3, id="a photo"),
        pytest.param(lambda: photograph(print_back(SATO, dpi=600), "scan", seed=4).jpeg, 3, id="a scan"),
        pytest.param(lambda: photograph(print_back(SATO, dpi=300), "turned", seed=4).jpeg, 5, id="a turned photo"),
        pytest.param(lambda: file_of(back(number_of(3))), 3, id="a scan cropped to the card"),
    ],
)
def test_mask_back(picture: Callable[[], Any], asked: int) -> None:
    """Around the code, and once more to see that nothing is left; the whole picture too where that is not all of it, and across."""
    engine = Counting()
    assert masked(picture(), engine) == asked
    assert engine.asked == (asked, 0)


def test_a_picture_full_of_digits_is_read_as_often_as_any() -> None:
    page = back(number_of(3))
    draw, face = ImageDraw.Draw(page), ImageFont.load_default(size=30)
    for y in range(260, 620, 40):
        draw.text((40, y), f"{number_of(y)}   {number_of(y + 1)}", fill=20, font=face)
    assert masked(file_of(page), Counting()) == 3


def full_of_codes(count: int) -> bytes:
    page = Image.new("L", (1600, 1100), 240)
    for at in range(count):
        page.paste(code_image(number_of(at)), (40 + 300 * (at % 5), 40 + 260 * (at // 5)))
    return file_of(page)


@pytest.mark.parametrize("count", [1, 2, MOST_CODES])
def test_a_picture_full_of_codes_is_read_once_for_each_and_once_again(count: int) -> None:
    nothing: list[TextLine] = []
    asked = masked(full_of_codes(count), Counting(nothing))
    assert 2 * count <= asked <= 2 * (count + MOST_PARTS) + MOST_PARTS


@pytest.mark.parametrize("count", [9, 10, 20])
def test_more_codes_than_cards_fit_in_a_picture_are_not_read(count: int) -> None:
    engine = Counting([])
    with pytest.raises(NotMasked) as caught:
        mask_back(full_of_codes(count), engine=engine)
    assert "more than 8 codes" in caught.value.why.en and engine.asked == (0, 0)


@pytest.mark.parametrize("side", [14, 60])
def test_a_picture_full_of_parts_of_codes_is_refused_at_once(side: int) -> None:
    """Each three of them may be a code: of fourteen times fourteen patterns there are some million."""
    pattern = np.full((30, 30), 255, np.uint8)
    for at, shade in ((3, 0), (6, 255), (9, 0)):
        pattern[at : 27 - at, at : 27 - at] = shade
    engine = Counting([])
    start = time.process_time()
    with pytest.raises(NotMasked) as caught:
        mask_back(np.tile(pattern, (side, side)), engine=engine)
    assert "more than 8 codes" in caught.value.why.en and engine.asked == (0, 0)
    assert time.process_time() - start < 8


@pytest.mark.parametrize("count", [1, MOST_CODES])
def test_however_long_something_is_still_found_the_rounds_are_bounded(count: int) -> None:
    always = [TextLine.of([(9, 9), (90, 9), (90, 30), (9, 30)], number_of(1), 0.9)]
    asked = masked(full_of_codes(count), Counting(always))
    assert _ROUNDS * count <= asked <= _ROUNDS * (count + MOST_PARTS)


def test_a_small_card_in_a_large_picture_is_read_in_five_parts_besides() -> None:
    page = Image.new("L", (4000, 3000), 110)
    page.paste(back(number_of(3)).resize((708, 447)), (1500, 1200))
    nothing: list[TextLine] = []
    assert masked(file_of(page), Counting(nothing)) == 2 * (1 + MOST_PARTS) + MOST_PARTS


def test_what_holds_no_code_is_not_read_at_all() -> None:
    engine = Counting()
    with pytest.raises(NotMasked):
        mask_back(file_of(back(number_of(3), code=Image.new("L", (105, 105), 238))), engine=engine)
    assert engine.asked == (0, 0)
