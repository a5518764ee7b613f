"""The pictures of a report: pieces of the card that was laid straight, and the photo beside the chip's."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
import pytest

from mnverify.printed import Place
from mnverify.printed.report.of_scan import find_photo, pictures_of_scan
from mnverify.printed.scanning import Scan
from mnverify.virtual import persona
from mnverify.virtual.print import print_front


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

    scan = cast("Scan", SimpleNamespace(card=pixels, places_on_card=places, crop=crop))
    pictures = pictures_of_scan(scan)
    assert set(pictures.crops) == {"name", "photo"}
    assert decoded(pictures.crops["name"]).shape == (50, 200, 3)
    assert np.array_equal(decoded(pictures.crops["name"])[:, :, ::-1], crop("name"))
    assert pictures.front is not None
    assert decoded(pictures.front).shape[1] in (1011, 1012)
