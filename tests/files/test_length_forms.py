"""Lengths in forms that are longer than need be, on every layer that handles bytes: real cards write such."""

from __future__ import annotations

import pytest

from mnverify.files import drop_segments, parse_certificate, parse_face_record
from mnverify.files.key_in_head import key_in_head
from mnverify.values import Domain
from tests.support import forgery

CARD = forgery.card()
FORMS = pytest.mark.parametrize("octets", [0, 1, 2])
DROPS = pytest.mark.parametrize("segments", [frozenset({2}), frozenset({3}), frozenset({2, 3})], ids=str)


def files(octets: int) -> dict[str, bytes]:
    return forgery.spelled_files(CARD, Domain.FACE_CHECK, octets)


def test_the_virtual_card_writes_images_as_real_cards_do() -> None:
    face, number = CARD.files("face-check")["0002"], CARD.files("face-check")["0005"]
    sizes = []
    for file, tag in ((face, 0xDF25), (face, 0xDF26), (number, 0xDF41)):
        image = forgery.child(file, tag)
        assert file[image.start + 2 : image.value_start] == b"\x82" + (image.end - image.value_start).to_bytes(2)
        sizes.append(image.end - image.value_start)
    assert min(sizes) < 256, "images that need two length bytes show nothing"
    for tag in (0xDF21, 0xDF22, 0xDF2A):
        neighbour = forgery.child(face, tag)
        assert neighbour.value_start - neighbour.start == 3


@FORMS
@DROPS
def test_dropping_leaves_every_byte_of_the_rest_as_it_stands(octets: int, segments: frozenset[int]) -> None:
    face = files(octets)["0002"]
    lighter = drop_segments(face, segments)
    whole, record = parse_face_record(face), parse_face_record(lighter, segments)
    assert record.offsets_true
    for number, segment in enumerate(record.segments, start=1):
        assert segment == (None if number in segments else whole.segments[number - 1])
    assert (record.signature, record.expiry) == (whole.signature, whole.expiry)
    assert lighter[:3] == face[:3], "the form of the outer length"
    assert drop_segments(lighter, segments) == lighter
    assert drop_segments(face, frozenset()) == forgery.plain(face)


@FORMS
def test_the_key_is_found_in_the_head_of_a_torn_file(octets: int) -> None:
    written = files(octets)
    for layout, name in (("age-record", "0001"), ("face-record", "0002"), ("number-record", "0005")):
        file = written[name]
        tag = {"0001": 0xDF12, "0002": 0xDF24, "0005": 0xDF42}[name]
        end = forgery.child(file, tag).end
        whole = key_in_head(layout, file)
        assert whole is not None and whole.raw == forgery.value(file, tag)
        assert key_in_head(layout, file[:end]) == whole
        assert key_in_head(layout, file[: end - 1]) is None


def test_one_key_in_two_forms_is_one_key() -> None:
    long, short = (parse_certificate(files(octets)["0004"]).key for octets in (2, 0))
    assert long == short and hash(long) == hash(short) and long.raw != short.raw
    other = parse_certificate(forgery.card("heisei-gannen").files("face-check")["0004"]).key
    assert other != short
