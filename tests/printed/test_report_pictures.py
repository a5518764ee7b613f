"""The pictures of a report: pieces of the card that was laid straight, and the photo beside the chip's."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
import pytest

from mnverify.printed import Place, scan
from mnverify.printed.pictures import load_picture
from mnverify.printed.report.of_scan import find_photo, pictures_of_scan
from mnverify.printed.report.page import ReportPictures
from mnverify.printed.scanning import Scan
from mnverify.virtual import persona
from mnverify.virtual.print import photograph, print_back, print_front
from tests.printed.backs import code_image
from tests.printed.faces import AGAIN, FACE, ScriptedEngine, blank_card, laid, made_lines
from tests.printed.test_scan import BACK, CORNERS, TODAY, scripted


@cache
def front(layout: str) -> Any:
    return print_front(persona("sato-hanako"), layout=layout, dpi=300, seed=1)


def decoded(data: bytes) -> Any:
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return found


@pytest.mark.parametrize("layout", ["standard", "mirrored"])
def test_the_photo_is_found_wherever_it_is(layout: str) -> None:
    printed = front(layout)
    photo = find_photo(printed.pixels)
    assert photo is not None
    height, width = photo.shape[:2]
    assert 0.7 < width / height < 0.9
    box = printed.boxes["photo"]
    assert abs(width - box.width) < 0.25 * box.width
    held = printed.pixels[box.y : box.y + box.height, box.x : box.x + box.width]
    shrunk = [cv2.resize(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), (40, 50)) for one in (photo, held)]
    assert np.corrcoef(shrunk[0].ravel(), shrunk[1].ravel())[0, 1] > 0.6


def test_no_photo_is_found_on_an_empty_card() -> None:
    assert find_photo(np.full((638, 1012, 3), 230, np.uint8)) is None


def test_every_field_has_its_piece_and_the_number_none() -> None:
    pixels = front("standard").pixels
    places = {"name": Place(100, 40, 200, 50), "my_number": Place(10, 10, 20, 20), "sex": Place(5, 5, 0, 0)}

    def crop(name: str) -> Any:
        at = places[name]
        return pixels[at.y : at.y + at.height, at.x : at.x + at.width]

    found = cast("Scan", SimpleNamespace(card=pixels, places_on_card=places, crop=crop, is_surely_a_front=True))
    pictures = pictures_of_scan(found)
    assert set(pictures.crops) == {"name", "photo"}
    assert decoded(pictures.crops["name"]).shape == (50, 200, 3)
    assert np.array_equal(decoded(pictures.crops["name"])[:, :, ::-1], crop("name"))
    assert pictures.front is not None
    assert decoded(pictures.front).shape[1] in (1011, 1012)


@pytest.mark.parametrize("role", ["general", "my-number-office"])
def test_no_picture_of_what_may_be_a_back(role: str) -> None:
    """Digits and QR code are in it, whatever was read of it."""
    number = [("987654320119", 340, 360)]
    for words in (BACK, [*FACE, *number]):
        if words is BACK and role == "general":
            continue
        assert pictures_of_scan(scripted(words, AGAIN, role)) == ReportPictures()
    assert pictures_of_scan(scripted()).front is not None


def test_no_picture_where_a_code_is_on_the_card() -> None:
    """Of a front that was read in full too: a code is nowhere on one."""
    card = blank_card()
    code = np.array(code_image("987654320119", border=3))
    card[330 : 330 + len(code), 700 : 700 + len(code), :3] = code[:, :, None]
    engine = ScriptedEngine(made_lines(), AGAIN)
    found = scan(laid(card, CORNERS), engine=engine, role="my-number-office", today=TODAY)
    assert found.printed.address is not None and pictures_of_scan(found) == ReportPictures()


def test_the_report_of_a_back_does_not_show_its_number() -> None:
    """With the real engine, in the role that may compare it."""
    photo = photograph(print_back(persona("sato-hanako"), layout="standard", dpi=600), "phone", seed=5)
    found = scan(load_picture(photo.jpeg), role="my-number-office", today=TODAY)
    assert found.printed.my_number is not None and pictures_of_scan(found) == ReportPictures()
