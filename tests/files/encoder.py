"""The tests' own encoder: every layout of the card's files with invented content. It shares nothing with ``mnverify.files``."""

from __future__ import annotations

from typing import NamedTuple

Parts = list[tuple[int, bytes]]

KEY = b"\x90\x03\x01\x00\x01\x91\x82\x01\x00" + bytes([0xC7]) + bytes(254) + b"\x01"
SIGNATURE = bytes(range(256))
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
    + (216).to_bytes(4)
    + (12).to_bytes(4)
    + b"\x01\x00\x00\x00\x00"
    + b"n" * 300
)
JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"p" * 5200
KEY_ID = b"6000023\x08\x05001" + bytes(4)
SUBJECT_ID = b"6131017\x08\x05002" + bytes(4)
NUMBER = b"123456789018"


def length(n: int) -> bytes:
    """The shortest form."""
    if n < 0x80:
        return bytes([n])
    octets = n.to_bytes((n.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets


def tag_bytes(tag: int) -> bytes:
    return tag.to_bytes((tag.bit_length() + 7) // 8)


def tlv(tag: int, value: bytes) -> bytes:
    return tag_bytes(tag) + length(len(value)) + value


def spelled(tag: int, value: bytes, octets: int) -> bytes:
    """An object whose length is written in at least so many bytes after ``8x`` (0: as short as can be)."""
    shortest = length(len(value))
    if len(shortest) - 1 >= octets:
        return tag_bytes(tag) + shortest + value
    return tag_bytes(tag) + bytes([0x80 | octets]) + len(value).to_bytes(octets) + value


class Layout(NamedTuple):
    """A file: its name in the card profile, id, outer tag, objects, and the tag of an offset table that leads them."""

    name: str
    file_id: str
    tag: int
    parts: Parts
    table: int | None = None

    @property
    def where(self) -> str:
        return f"files.{self.file_id}"


class Built(NamedTuple):
    """A file's bytes and where each of its objects begins, in file order (an offset table counts)."""

    data: bytes
    starts: list[int]


def build(
    layout: Layout, parts: Parts | None = None, *, table: bytes | None = None, zero: tuple[int, ...] = ()
) -> Built:
    """A file of a layout. ``table`` replaces the true offset table; ``zero`` names tags that it has as 0."""
    objects = [(tag, tlv(tag, value)) for tag, value in (layout.parts if parts is None else parts)]
    entries = len(objects) + len(zero)
    table_size = len(tlv(layout.table, bytes(2 * entries))) if layout.table else 0
    body = table_size + sum(len(whole) for _, whole in objects)
    at = len(tag_bytes(layout.tag) + length(body)) + table_size
    starts = {}
    positions = []
    for tag, whole in objects:
        starts[tag] = at
        positions.append(at)
        at += len(whole)
    content = b"".join(whole for _, whole in objects)
    if layout.table:
        order = sorted([*(tag for tag, _ in objects), *zero]) if zero else [tag for tag, _ in objects]
        true = b"".join((0 if tag in zero else starts[tag]).to_bytes(2) for tag in order)
        content = tlv(layout.table, true if table is None else table) + content
        positions.insert(0, len(tag_bytes(layout.tag) + length(len(content))))
    return Built(tlv(layout.tag, content), positions)


AGE = Layout("age-record", "0001", 0xFF10, [(0xDF11, b"19850703"), (0xDF12, KEY), (0xDF13, SIGNATURE)])
FACE = Layout(
    "face-record",
    "0002",
    0xFF20,
    [
        (0xDF22, b"19850703"),
        (0xDF23, b"2"),
        (0xDF24, KEY),
        (0xDF25, PNG),
        (0xDF26, PNG + b"a"),
        (0xDF27, JP2),
        (0xDF28, SIGNATURE),
        (0xDF29, b"20330703"),
        (0xDF2A, PNG[:100]),
    ],
    0xDF21,
)
FACE_APPLICATION = Layout(
    "face-application-information",
    "0003",
    0xFF30,
    [
        (0xDF31, b"\x06\x03\x0e\x01"),
        (0xDF32, KEY_ID),
        (0xDF33, b"\x01"),
        (0xDF34, b"13101"),
        (0xDF35, bytes(272)),
    ],
)
CERTIFICATE = Layout("certificate", "0004", 0x7F21, [(0x5F4E, KEY_ID + SUBJECT_ID + KEY), (0x5F37, SIGNATURE)])
NUMBER_IMAGE = Layout("number-record", "0005", 0xFF40, [(0xDF41, PNG), (0xDF42, KEY), (0xDF43, SIGNATURE)])
ATTRIBUTES = Layout(
    "attributes",
    "0002",
    0xFF20,
    [
        (0xDF22, "架空　花子".encode()),
        (0xDF23, "東京都千代田区霞が関２丁目１番２号".encode()),
        (0xDF24, b"19850703"),
        (0xDF25, b"2"),
    ],
    0xDF21,
)
INTEGRITY = Layout("integrity-record", "0003", 0xFF30, [(0xDF31, b"n" * 32), (0xDF32, b"a" * 32), (0xDF33, SIGNATURE)])
INPUT_APPLICATION = Layout(
    "input-application-information",
    "0005",
    0xFF40,
    [(0xDF41, b"\x01\x03\x0e\x01"), (0xDF42, KEY_ID), (0xDF43, bytes(128))],
)
TRANSPORT = Layout("transport-key", "0006", 0xA1, [(0x90, b"\x01\x00\x01"), (0x91, KEY[-256:])])
CARD_KEY = Layout("card-key-record", "0007", 0xFF50, [(0xDF51, KEY), (0xDF52, SIGNATURE)])

LAYOUTS = [
    AGE,
    FACE,
    FACE_APPLICATION,
    CERTIFICATE,
    NUMBER_IMAGE,
    ATTRIBUTES,
    INTEGRITY,
    INPUT_APPLICATION,
    TRANSPORT,
    CARD_KEY,
]
NUMBER_FILE = tlv(0xFF10, NUMBER) + b"\xff\xff"
