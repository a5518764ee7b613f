"""What every layout refuses, tried on every layout: order, number, length and end of its objects. Each refusal names the place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files import CardKey, Record, read_layout

from .encoder import (
    AGE,
    ATTRIBUTES,
    FACE,
    FACE_APPLICATION,
    LAYOUTS,
    TRANSPORT,
    Built,
    Layout,
    Parts,
    build,
    tag_bytes,
    tlv,
)

ALL = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
STRICT = [
    layout for layout in LAYOUTS if "application" not in layout.name
]  # those are read as far as they are understood
TABLED = pytest.mark.parametrize("layout", [FACE, ATTRIBUTES], ids=lambda layout: layout.name)
KEYED = [layout for layout in LAYOUTS if layout is not TRANSPORT]  # 0006 is a bare key: its errors are those of a key
PARTS = [(layout, index) for layout in KEYED for index in range(len(layout.parts))]
EACH = pytest.mark.parametrize(("layout", "index"), PARTS, ids=lambda value: getattr(value, "name", value))


def read(layout: Layout, data: bytes) -> Record:
    return read_layout(layout.name, layout.file_id, data)


def refused(layout: Layout, data: bytes) -> EvidenceError:
    with pytest.raises(EvidenceError) as caught:
        read(layout, data)
    return caught.value


def unsupported(layout: Layout, data: bytes) -> UnsupportedCard:
    with pytest.raises(UnsupportedCard) as caught:
        read(layout, data)
    return caught.value


def start_of(layout: Layout, built: Built, index: int) -> int:
    return built.starts[index + (layout.table is not None)]


def place(layout: Layout, tag: int, offset: int) -> str:
    return f"{layout.where} tag {tag:02X} offset {offset}"


@ALL
@pytest.mark.parametrize("filler", [0, 1, 500])
def test_a_file_is_read_with_and_without_filler(layout: Layout, filler: int) -> None:
    data = build(layout).data
    assert read(layout, data + b"\xff" * filler) == read(layout, data)


@EACH
def test_an_object_that_stands_twice(layout: Layout, index: int) -> None:
    parts: Parts = [*layout.parts[: index + 1], layout.parts[index], *layout.parts[index + 1 :]]
    built = build(layout, parts)
    error = refused(layout, built.data)
    assert error.where == place(layout, parts[index][0], start_of(layout, built, index + 1))
    assert error.why.en == "the object stands twice"


@EACH
def test_an_unknown_object(layout: Layout, index: int) -> None:
    for tag in (0xDF5A, 0xDF7A):
        parts: Parts = [*layout.parts[:index], (tag, b"?"), *layout.parts[index:]]
        built = build(layout, parts)
        error = unsupported(layout, built.data)
        at = start_of(layout, built, index)
        assert error.where == (place(layout, tag, at) if tag == 0xDF5A else f"{layout.where} offset {at}")
        assert "does not belong" in error.why.en


@EACH
def test_a_missing_object(layout: Layout, index: int) -> None:
    parts: Parts = [*layout.parts[:index], *layout.parts[index + 1 :]]
    built = build(layout, parts)
    tag, droppable = layout.parts[index][0], layout is FACE and index in (3, 4, 5)
    error = refused(layout, built.data) if droppable else unsupported(layout, built.data)
    expected = [*built.starts, len(built.data)][index + (layout.table is not None)]
    assert error.where == place(layout, tag, expected)
    assert error.why.en.startswith("the object is missing")


@EACH
def test_objects_out_of_order(layout: Layout, index: int) -> None:
    parts = list(layout.parts)
    other = index - 1 if index else len(parts) - 1
    parts[index], parts[other] = parts[other], parts[index]
    built = build(layout, parts)
    first = min(index, other)
    error = unsupported(layout, built.data)
    assert error.where == place(layout, parts[first][0], start_of(layout, built, first))
    assert error.why.en == "the object is out of order"


@TABLED
def test_a_missing_or_late_offset_table(layout: Layout) -> None:
    assert layout.table is not None
    bare = layout._replace(table=None)
    built = build(bare)
    assert unsupported(layout, built.data).where == place(layout, layout.table, built.starts[0])
    late = [*layout.parts, (layout.table, bytes(2 * len(layout.parts)))]
    built = build(bare, late)
    assert unsupported(layout, built.data).where == place(layout, layout.parts[0][0], built.starts[0])


@ALL
def test_the_file_cut_anywhere(layout: Layout) -> None:
    data = build(layout).data
    for end in [*range(40), *range(40, len(data), 37), *range(len(data) - 40, len(data))]:
        assert refused(layout, data[:end]).where.startswith(layout.where)


@ALL
@pytest.mark.parametrize("junk", [b"\x00", b"\xff\x00", b"\xff" * 9 + b"A"])
def test_garbage_after_the_object(layout: Layout, junk: bytes) -> None:
    data = build(layout).data
    error = refused(layout, data + junk)
    assert error.where == f"{layout.where} offset {len(data) + len(junk) - 1}"


@ALL
def test_an_overlong_or_indefinite_outer_length(layout: Layout) -> None:
    built = build(layout)
    tag, body = tag_bytes(layout.tag), built.data[built.starts[0] :]
    long = tag + b"\x83" + len(body).to_bytes(3) + body
    assert refused(layout, long).where == place(layout, layout.tag, 0)
    assert refused(layout, tag + b"\x80" + body + b"\x00\x00").where == place(layout, layout.tag, 0)


@EACH
def test_an_overlong_or_indefinite_inner_length(layout: Layout, index: int) -> None:
    built = build(layout)
    tag, value = layout.parts[index]
    start = start_of(layout, built, index)
    first = built.starts[0]
    body = built.data[first:start]
    rest = built.data[start + len(tlv(tag, value)) :]
    long = b"\x83" + len(value).to_bytes(3)
    for form in (long, b"\x80"):
        wrong = tlv(layout.tag, body + tag_bytes(tag) + form + value + rest)
        error = refused(layout, wrong)
        shift = len(wrong) - len(body + tag_bytes(tag) + form + value + rest) - first
        assert error.where == place(layout, tag, start + shift)


@EACH
def test_a_wrong_size(layout: Layout, index: int) -> None:
    """Images and text are of any size; an image that has to be there may not be empty, nor a text be cut."""
    tag, value = layout.parts[index]
    variable = value.startswith((b"\x89PNG", b"\x00\x00\x00\x0cjP"))
    text = layout.name == "attributes" and tag in (0xDF22, 0xDF23)
    if layout is FACE and tag in (0xDF26, 0xDF27):
        return  # an address and a photo that a card has not
    for wrong in [b""] if variable else [value[:-1]] if text else [value[:-1], value + b"0"]:
        parts: Parts = [*layout.parts[:index], (tag, wrong), *layout.parts[index + 1 :]]
        built = build(layout, parts)
        with pytest.raises((EvidenceError, UnsupportedCard)) as caught:
            read(layout, built.data)
        error = caught.value
        assert isinstance(error, EvidenceError | UnsupportedCard)
        assert error.where.startswith(layout.where)
        of_a_card = text or (
            layout is not FACE_APPLICATION and len(value) == 1
        )  # no card of any generation has such a text, or such a digit of sex
        if len(value) < 265:
            assert isinstance(error, EvidenceError) == of_a_card
        if not value.endswith(bytes(254) + b"\x01"):  # an error inside a key names the key's own object
            assert error.where == place(layout, tag, start_of(layout, built, index))


@TABLED
def test_a_wrong_table_size(layout: Layout) -> None:
    assert layout.table is not None
    right = 2 * len(layout.parts)
    for size in (0, right - 2, right - 1, right + 1, right + 2):
        built = build(layout, table=bytes(size))
        assert unsupported(layout, built.data).where == place(layout, layout.table, built.starts[0])


@ALL
@pytest.mark.parametrize("prefix", [b"\x00\x00", b"\x01\x02", b"\xff\x60"])
def test_two_bytes_before_the_object(layout: Layout, prefix: bytes) -> None:
    with pytest.raises(UnsupportedCard) as caught:
        read(layout, prefix + build(layout).data)
    assert caught.value.where == f"{layout.where} offset 0"


@pytest.mark.parametrize(
    "key",
    [
        b"",
        tlv(0x91, bytes(256)) + tlv(0x90, b"\x01\x00\x01"),
        tlv(0x90, b"\x01\x00\x01"),
        tlv(0x90, b"\x01\x00\x01") + tlv(0x91, bytes(128)),
        tlv(0x90, b"\x01\x00\x01") + tlv(0x91, bytes(257)),
        tlv(0x90, b"\x01\x00\x01") + tlv(0x92, bytes(256)),
        tlv(0x90, b"\x01\x00\x01") + tlv(0x91, bytes(256)) + tlv(0x92, b""),
        tlv(0x90, b"\x01\x00\x01") * 200,
        tlv(0x90, b"") + tlv(0x91, bytes(256)),
        tlv(0x90, bytes(5)) + tlv(0x91, bytes(256)),
        tlv(0x86, b"\x04" + bytes(96)),
    ],
)
def test_a_key_of_another_generation(key: bytes) -> None:
    with pytest.raises(UnsupportedCard) as caught:
        read(AGE, build(AGE, [AGE.parts[0], (0xDF12, key), AGE.parts[2]]).data)
    assert caught.value.where.startswith("files.0001 tag ")


@pytest.mark.parametrize("key", [b"\x90\x03\x01", b"\x90\x83\x00\x00\x03\x01\x00\x01", b"\x90\x80\x00\x00"])
def test_a_key_that_is_no_tlv(key: bytes) -> None:
    with pytest.raises(EvidenceError) as caught:
        read(AGE, build(AGE, [AGE.parts[0], (0xDF12, key), AGE.parts[2]]).data)
    assert caught.value.where.startswith("files.0001")


def test_a_weak_exponent_is_read_and_left_to_the_verification() -> None:
    key = b"\x90\x01\x03" + AGE.parts[1][1][5:]
    found = read(AGE, build(AGE, [AGE.parts[0], (0xDF12, key), AGE.parts[2]]).data).card_key  # type: ignore[union-attr]
    assert isinstance(found, CardKey)
    assert (found.exponent, len(found.modulus), found.raw) == (3, 256, key)


@given(st.sampled_from(LAYOUTS), st.data())
def test_altered_files_are_read_or_refused(layout: Layout, draw: st.DataObject) -> None:
    data = bytearray(build(layout).data)
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        read(layout, bytes(data))
    except (EvidenceError, UnsupportedCard) as error:
        assert error.where.startswith(layout.where)


@given(st.sampled_from([layout.name for layout in LAYOUTS] + ["my-number"]), st.binary(max_size=60))
def test_any_bytes_are_refused(name: str, data: bytes) -> None:
    with pytest.raises((EvidenceError, UnsupportedCard)):
        read_layout(name, "0001", data)


def test_layouts_and_dropped_segments_that_do_not_exist() -> None:
    with pytest.raises(UnsupportedCard) as unknown:
        read_layout("mdoc", "0009", b"")
    assert unknown.value.where == "files.0009"
    with pytest.raises(EvidenceError) as wrong:
        read_layout(AGE.name, AGE.file_id, build(AGE).data, frozenset({2}))
    assert wrong.value.where == "files.0001"
    with pytest.raises(EvidenceError) as first:
        read_layout(FACE.name, FACE.file_id, build(FACE).data, frozenset({1}))
    assert first.value.where == "segments.1"
