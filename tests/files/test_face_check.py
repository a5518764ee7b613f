"""Face-check files: content, signed bytes, offset table, dropped segments."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files import (
    AgeRecord,
    FaceApplicationInformation,
    FaceRecord,
    drop_segments,
    parse_age_record,
    parse_certificate,
    parse_face_application_information,
    parse_face_record,
    parse_number_record,
)
from mnverify.masked import MaskedBytes
from mnverify.values.dates import PartialDate
from mnverify.values.key_id import KeyId
from mnverify.values.sex import Sex
from tests.support import forgery

from .encoder import (
    AGE,
    CERTIFICATE,
    FACE,
    FACE_APPLICATION,
    JP2,
    KEY,
    KEY_ID,
    NUMBER_IMAGE,
    PNG,
    SIGNATURE,
    SUBJECT_ID,
    Layout,
    Parts,
    build,
    spelled,
    tlv,
)

NONE: frozenset[int] = frozenset()
ALL_DROPS = [frozenset({2}), frozenset({3}), frozenset({2, 3})]
TAGS_OF = {2: (0xDF25, 0xDF26), 3: (0xDF27,)}


def without(segments: frozenset[int]) -> bytes:
    """The dropped form, by the tests' own encoder."""
    gone = tuple(tag for number in segments for tag in TAGS_OF[number])
    return build(FACE, [part for part in FACE.parts if part[0] not in gone], zero=gone).data


def replaced(layout: Layout, tag: int, value: bytes) -> bytes:
    parts: Parts = [(t, value if t == tag else v) for t, v in layout.parts]
    return build(layout, parts).data


def test_age_record() -> None:
    record = parse_age_record(build(AGE).data)
    assert isinstance(record, AgeRecord)
    assert record.birth_date == date(1985, 7, 3)
    assert (record.card_key.raw, record.card_key.exponent, record.card_key.modulus) == (KEY, 65537, KEY[9:])
    assert record.signature == SIGNATURE
    assert record.signed == tlv(0xDF11, b"19850703") + tlv(0xDF12, KEY)


def test_face_record() -> None:
    record = parse_face_record(build(FACE).data)
    assert (record.birth_date, record.sex, record.expiry) == (date(1985, 7, 3), Sex.FEMALE, date(2033, 7, 3))
    assert record.name_image is not None and record.name_image.data == PNG and record.name_image.size == (216, 12)
    assert record.address_image is not None and record.address_image.data == PNG + b"a"
    assert record.photo is not None and (record.photo.media_type, record.photo.data) == ("image/jp2", JP2)
    assert record.security_code_image.data == PNG[:100]
    assert record.signature == SIGNATURE
    assert record.offsets_true
    wholes = [tlv(tag, value) for tag, value in FACE.parts]
    assert record.segments == (b"".join(wholes[:3]), b"".join(wholes[3:5]), wholes[5])


def test_number_record() -> None:
    record = parse_number_record(build(NUMBER_IMAGE).data)
    assert (record.number_image.data, record.card_key.raw, record.signature) == (PNG, KEY, SIGNATURE)
    assert record.signed == tlv(0xDF41, PNG) + tlv(0xDF42, KEY)


def test_application_information() -> None:
    record = parse_face_application_information(build(FACE_APPLICATION).data)
    assert record == FaceApplicationInformation(6, 3, 14, 1, KeyId(KEY_ID), 1, "13101", MaskedBytes(272))


def test_other_application_information_is_of_another_generation() -> None:
    with pytest.raises(UnsupportedCard) as caught:
        parse_face_application_information(replaced(FACE_APPLICATION, 0xDF34, b"1310X"))
    assert "tag DF34" in caught.value.where


def test_the_other_domains_digest_of_the_number_does_not_pass_as_application_information() -> None:
    """Face-check evidence may be kept: what leads back to the 個人番号 must not hide in a file that nobody looks at."""
    with pytest.raises(UnsupportedCard):
        parse_face_application_information(forgery.card().files("input-assist")["0003"])


@pytest.mark.parametrize("digits", [b"19850700", b"19850000"])
def test_a_birth_date_of_which_the_day_is_not_known(digits: bytes) -> None:
    expected = PartialDate(1985, 7 if digits[5:6] == b"7" else None)
    assert parse_face_record(replaced(FACE, 0xDF22, digits)).birth_date == expected
    assert parse_age_record(replaced(AGE, 0xDF11, digits)).birth_date == expected
    with pytest.raises(EvidenceError):
        parse_face_record(replaced(FACE, 0xDF29, digits))  # no card expires on a day that nobody knows


@pytest.mark.parametrize("tag", [0xDF26, 0xDF27])
@pytest.mark.parametrize("octets", [0, 1, 2])
def test_a_card_face_without_photo_or_address_is_read_and_signed_as_it_stands(tag: int, octets: int) -> None:
    empty = spelled(tag, b"", octets)
    whole = build(FACE, [(t, b"" if t == tag else value) for t, value in FACE.parts]).data
    data = forgery.spelled(whole, octets)
    record = parse_face_record(data)
    assert record.offsets_true
    assert (record.photo is None) == (tag == 0xDF27) and (record.address_image is None) == (tag == 0xDF26)
    segment = record.segments[2 if tag == 0xDF27 else 1]
    assert segment is not None and segment.endswith(empty), "not there is not the same as dropped"
    dropped = frozenset({3 if tag == 0xDF27 else 2})
    lighter = parse_face_record(drop_segments(data, dropped), dropped)
    assert lighter.segments[2 if tag == 0xDF27 else 1] is None and lighter.offsets_true


@pytest.mark.parametrize("tag", [0xDF25, 0xDF2A])
def test_a_card_face_without_name_or_code_is_of_another_generation(tag: int) -> None:
    with pytest.raises(UnsupportedCard) as caught:
        parse_face_record(replaced(FACE, tag, b""))
    assert f"tag {tag:04X} offset" in caught.value.where


def test_certificate() -> None:
    certificate = parse_certificate(build(CERTIFICATE).data)
    assert (certificate.issuer, certificate.subject) == (KEY_ID, SUBJECT_ID)
    assert certificate.key.raw == KEY
    assert certificate.signed == KEY_ID + SUBJECT_ID + KEY and len(certificate.signed) == 297
    assert certificate.signature == SIGNATURE
    assert len(build(CERTIFICATE).data) == 568


def test_a_certificate_body_that_is_too_short() -> None:
    with pytest.raises(UnsupportedCard) as caught:
        parse_certificate(replaced(CERTIFICATE, 0x5F4E, bytes(31)), "0004")
    assert caught.value.where == "files.0004 tag 5F4E offset 5"


@pytest.mark.parametrize(
    "value", [b"19850230", b"1985073", b"1985 703", b"19850703"[::-1], b"00000101", "１９８".encode()]
)
@pytest.mark.parametrize("tag", [0xDF22, 0xDF29])
def test_bad_dates(value: bytes, tag: int) -> None:
    """Eight digits that are no day are malformed; a date in another form may be another card's."""
    digits = len(value) == 8 and value.isdigit()
    with pytest.raises((EvidenceError, UnsupportedCard)) as caught:
        parse_face_record(replaced(FACE, tag, value))
    error = caught.value
    assert isinstance(error, EvidenceError) == digits and isinstance(error, EvidenceError | UnsupportedCard)
    assert f"files.0002 tag {tag:04X} offset " in error.where
    assert value.decode() not in str(caught.value)


@pytest.mark.parametrize("value", [b"", b"3", b"12", b"\x01", b"M", b"\xb2"])
def test_bad_sex(value: bytes) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_face_record(replaced(FACE, 0xDF23, value))
    assert "tag DF23 offset " in caught.value.where


@given(st.integers(0, 8), st.integers(1, 65535))
def test_a_stale_offset_table_is_read_and_said(entry: int, error: int) -> None:
    built = build(FACE)
    offsets = built.starts[1:]
    offsets[entry] = (offsets[entry] + error) & 0xFFFF
    stale = build(FACE, table=b"".join(offset.to_bytes(2) for offset in offsets)).data
    record = parse_face_record(stale)
    assert not record.offsets_true
    assert record.segments == parse_face_record(built.data).segments
    for segments in ALL_DROPS:
        assert not parse_face_record(drop_segments(stale, segments), segments).offsets_true


@pytest.mark.parametrize("segments", ALL_DROPS, ids=str)
def test_drop_segments(segments: frozenset[int]) -> None:
    data = build(FACE).data
    lighter = drop_segments(data + b"\xff" * 300, segments)
    assert lighter == without(segments)
    record, whole = parse_face_record(lighter, segments), parse_face_record(data)
    assert record.offsets_true
    for number in (1, 2, 3):
        assert record.segments[number - 1] == (None if number in segments else whole.segments[number - 1])
    assert (record.name_image is None) == (record.address_image is None) == (2 in segments)
    assert (record.photo is None) == (3 in segments)
    assert (record.signature, record.expiry, record.card_key) == (whole.signature, whole.expiry, whole.card_key)


def test_dropping_twice_and_nothing() -> None:
    data = build(FACE).data
    assert drop_segments(data, NONE) == data
    assert drop_segments(drop_segments(data, frozenset({3})), frozenset({2, 3})) == without(frozenset({2, 3}))
    assert drop_segments(drop_segments(data, frozenset({2})), frozenset({3})) == without(frozenset({2, 3}))
    assert drop_segments(without(frozenset({3})), frozenset({3})) == without(frozenset({3}))


@pytest.mark.parametrize(
    ("held", "named", "tag"),
    [
        (frozenset({2}), NONE, "DF25"),
        (frozenset({3}), NONE, "DF27"),
        (NONE, frozenset({2}), "DF25"),
        (NONE, frozenset({3}), "DF27"),
        (frozenset({2}), frozenset({3}), "DF27"),
        (frozenset({3}), frozenset({2}), "DF25"),
    ],
)
def test_dropped_segments_have_to_be_named_and_named_ones_dropped(
    held: frozenset[int], named: frozenset[int], tag: str
) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_face_record(without(held), named)
    assert caught.value.where.startswith(f"files.0002 tag {tag} offset ")


def test_half_a_segment_cannot_be_dropped() -> None:
    half = build(FACE, [part for part in FACE.parts if part[0] != 0xDF26], zero=(0xDF26,)).data
    for named in (NONE, frozenset({2})):
        with pytest.raises(EvidenceError):
            parse_face_record(half, named)
    with pytest.raises(EvidenceError) as caught:
        drop_segments(half, frozenset({2}))
    assert caught.value.where.startswith("files.0002 tag DF26")


@pytest.mark.parametrize("number", [0, 1, 4])
def test_other_segments_cannot_be_dropped(number: int) -> None:
    with pytest.raises(EvidenceError) as caught:
        drop_segments(build(FACE).data, frozenset({number}))
    assert caught.value.where == f"segments.{number}"


def test_a_dropped_object_whose_offset_is_not_zero_is_stale() -> None:
    data = bytearray(without(frozenset({3})))
    assert parse_face_record(bytes(data), frozenset({3})).offsets_true
    photo_entry = 5 + 3 + 2 * 5
    assert data[photo_entry : photo_entry + 2] == b"\x00\x00"
    data[photo_entry + 1] = 1
    assert not parse_face_record(bytes(data), frozenset({3})).offsets_true


images = st.binary(min_size=1, max_size=700)


@given(images, images, images, images, st.sampled_from(ALL_DROPS), st.dates(date(1868, 1, 25)))
def test_drop_after_build_is_identity(
    name: bytes, address: bytes, photo: bytes, code: bytes, segments: frozenset[int], born: date
) -> None:
    new = {0xDF22: f"{born:%Y%m%d}".encode(), 0xDF25: name, 0xDF26: address, 0xDF27: photo, 0xDF2A: code}
    parts: Parts = [(tag, new.get(tag, value)) for tag, value in FACE.parts]
    data = build(FACE, parts).data
    whole = parse_face_record(data)
    assert isinstance(whole, FaceRecord) and whole.offsets_true and whole.birth_date == born
    record = parse_face_record(drop_segments(data, segments), segments)
    assert record.offsets_true
    kept = [n for n in (0, 1, 2) if n + 1 not in segments]
    assert [record.segments[n] for n in kept] == [whole.segments[n] for n in kept]


def test_repr_shows_no_personal_data() -> None:
    shown = [
        repr(parse_age_record(build(AGE).data)),
        repr(parse_face_record(build(FACE).data)),
        repr(parse_number_record(build(NUMBER_IMAGE).data)),
        repr(parse_face_application_information(build(FACE_APPLICATION).data)),
        repr(parse_certificate(build(CERTIFICATE).data)),
        repr(parse_age_record(build(AGE).data).card_key),
    ]
    for text in shown:
        assert not any(secret in text for secret in ("1985", "2033", "female", "PNG", "\\x", "13101", "date("))
    assert "photo: 5212 bytes" in shown[1]
    assert all(a != b for a, b in pairwise(shown))
