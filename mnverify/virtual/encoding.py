"""The virtual card's own encoder: BER-TLV, DigestInfo, key ids. It shares nothing with ``mnverify.files``.

It shares nothing with the reading side, so that an error there cannot hide behind the same error here.
"""

from __future__ import annotations

_SHA256_ALGORITHM = bytes.fromhex("300d06096086480165030402010500")


def tlv(tag: int, *values: bytes) -> bytes:
    """One BER-TLV object with the shortest length form; the values are joined."""
    value = b"".join(values)
    return tag.to_bytes((tag.bit_length() + 7) // 8) + _length(len(value)) + value


def image_tlv(tag: int, value: bytes) -> bytes:
    """One object with two length bytes, also where one would do: how real cards write images."""
    return tag.to_bytes((tag.bit_length() + 7) // 8) + b"\x82" + len(value).to_bytes(2) + value


def digest_info(octets: bytes) -> bytes:
    """DigestInfo(SHA-256) around an OCTET STRING of any short length: 32 bytes for a digest, 96 for three."""
    return tlv(0x30, _SHA256_ALGORITHM, tlv(0x04, octets))


def key_id(number: str, serial: str = "001", padding: bytes = bytes(4)) -> bytes:
    """A key id: seven digits ‖ ``08 05`` ‖ three digits ‖ four bytes of padding."""
    if (len(number), len(serial), len(padding)) != (7, 3, 4):
        raise ValueError("a key id has seven digits, three digits and four bytes")
    return number.encode("ascii") + b"\x08\x05" + serial.encode("ascii") + padding


def with_offset_table(tag: int, table_tag: int, objects: list[bytes], shift: int = 0) -> bytes:
    """An object whose first child is the table of where the others start, from the file's first byte.

    Args:
        tag: of the outer object.
        table_tag: of the table.
        objects: whole TLVs.
        shift: is added to every entry after the first: a table left over from another content.
    """
    table_length = len(tlv(table_tag, bytes(2 * len(objects))))
    body = table_length + sum(map(len, objects))
    at = len(tlv(tag, bytes(body))) - body + table_length
    starts: list[int] = []
    for one in objects:
        starts.append(at + (shift if starts else 0))
        at += len(one)
    return tlv(tag, tlv(table_tag, *(start.to_bytes(2) for start in starts)), *objects)


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets
