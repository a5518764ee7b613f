"""The chip's images of characters, read by a machine: with the engine of the extra ``ocr``, and with one that remembers."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from mnverify.errors import NotVerifiedError
from mnverify.images import Image
from mnverify.printed import FieldOutcome, compare
from mnverify.printed.chip_text import read_chip_image, read_chip_texts
from mnverify.printed.engine import TextEngine
from mnverify.printed.rapid import rapid_engine
from mnverify.values import Domain, Role
from mnverify.virtual import persona
from tests.printed.chips import chip, printed_of, rejected

FACE = Domain.FACE_CHECK


class Remembering(TextEngine):
    """Gives the texts that it was told to, and keeps the pictures that it was given."""

    def __init__(self, *texts: tuple[str, float]) -> None:
        self._texts = list(texts)
        self.seen: list[Any] = []

    def read(self, pixels: Any) -> list[Any]:
        raise AssertionError("there is nothing to find in an image of one line")

    def read_line(self, pixels: Any) -> tuple[str, float]:
        self.seen.append(pixels)
        return self._texts.pop(0)


def image_of(dots: Any) -> Image:
    out = BytesIO()
    Pillow.fromarray(np.where(dots, 0, 255).astype(np.uint8)).convert("1").save(out, "PNG")
    return Image("image/png", out.getvalue())


@pytest.mark.parametrize("persona_id", ["sato-hanako", "ri-mirei", "nagai-jusho", "yoshida-takatsugu", "garcia-maria"])
def test_what_the_engine_reads_matches_the_print_up_to_variants(persona_id: str) -> None:
    verified = chip(persona_id, FACE, Role.MY_NUMBER_OFFICE)
    read = read_chip_texts(verified, engine=rapid_engine(threads=1))
    assert set(read) == {"name", "address", "security_code", "my_number"}
    found = compare(verified, printed_of(persona(persona_id), Role.MY_NUMBER_OFFICE), read=read)
    assert {name: found.fields[name].code for name in read} == dict.fromkeys(read, "equal-up-to-variants")
    assert not any(found.fields[name].exact for name in read)
    for other in ("showa-64", "kokugai-tomoko"):
        forged = compare(verified, printed_of(persona(other), Role.MY_NUMBER_OFFICE), read=read)
        outcomes = {forged.fields[name].outcome for name in ("name", "security_code", "my_number")}
        assert outcomes == {FieldOutcome.MISMATCH}
        assert forged.fields["address"].outcome is not FieldOutcome.MATCH


def test_only_the_fields_that_are_asked_for_are_read() -> None:
    engine = Remembering(("4102", 0.9))
    assert set(read_chip_texts(chip("sato-hanako", FACE), frozenset({"security_code"}), engine=engine)) == {
        "security_code"
    }
    assert len(engine.seen) == 1


def test_there_is_nothing_to_read_in_the_other_domain_or_in_what_was_rejected() -> None:
    assert read_chip_texts(chip("sato-hanako"), engine=Remembering()) == {}
    with pytest.raises(NotVerifiedError):
        read_chip_texts(rejected("sato-hanako", FACE), engine=Remembering())


def test_lines_are_enlarged_on_white_without_their_blank_end() -> None:
    dots = np.zeros((12, 96), bool)
    dots[2:10, 3:9] = dots[2:10, 14:20] = True
    engine = Remembering(("ab", 0.8))
    found = read_chip_image(image_of(dots), engine=engine)
    assert found is not None
    assert (str(found.text), found.confidence) == ("ab", 0.8)
    (seen,) = engine.seen
    assert seen.shape == (12 * 3 + 24, 20 * 3 - 9 + 24, 3)
    assert seen[0, 0].tolist() == seen[-1, -1].tolist() == [255, 255, 255]
    assert set(np.unique(seen)) == {0, 255}


def test_an_address_is_read_between_its_blank_cells_and_its_lines_are_joined() -> None:
    dots = np.zeros((24, 96), bool)
    dots[2:10, 2:10] = dots[2:10, 38:46] = dots[14:22, 2:10] = True
    engine = Remembering(("7 番", 0.9), ("20 3", 0.7), ("号", 0.8))
    found = read_chip_image(image_of(dots), engine=engine, in_pieces=True)
    assert found is not None
    assert (str(found.text), found.confidence) == ("7番　203号", 0.7)
    whole = read_chip_image(image_of(dots), engine=Remembering(("a b", 0.9), ("c", 0.8)))
    assert whole is not None
    assert str(whole.text) == "a bc"


def test_a_blank_or_broken_image_gives_nothing() -> None:
    assert read_chip_image(image_of(np.zeros((12, 24), bool)), engine=Remembering()) is None
    assert read_chip_image(Image("image/png", b"no picture"), engine=Remembering()) is None


def test_what_was_read_does_not_show() -> None:
    read = read_chip_texts(chip("sato-hanako", FACE), engine=Remembering(*[("佐藤", 0.9)] * 4))
    assert "佐藤" not in repr(dict(read))
