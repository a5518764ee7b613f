"""Command APDUs as the card takes them apart (ISO/IEC 7816-3 §12.1), and status words."""

from __future__ import annotations

from dataclasses import dataclass


class Refusal(Exception):
    """The card ends a command with a status word other than ``9000``."""

    def __init__(self, status_word: int) -> None:
        super().__init__(f"{status_word:04X}")
        self.status_word = status_word


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        cla: class byte.
        ins: instruction byte.
        p1: first parameter.
        p2: second parameter.
        data: data field, empty where there is none.
        le: how many bytes are asked for, 256 or 65536 for "all"; None where none are.
        extended: it has extended lengths.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int | None
    extended: bool

    def __repr__(self) -> str:
        return f"Command({self.cla:02X} {self.ins:02X} {self.p1:02X} {self.p2:02X}, {len(self.data)} bytes of data)"

    @property
    def asks_for_all(self) -> bool:
        """``Le`` is zero: as much as there is."""
        return self.le == (65536 if self.extended else 256)


def parse_command(raw: bytes) -> Command:
    """Take a command apart.

    Raises:
        Refusal: ``6700``, the lengths do not fit.
    """
    if len(raw) < 4:
        raise Refusal(0x6700)
    (cla, ins, p1, p2), body = raw[:4], raw[4:]
    extended = len(body) >= 3 and body[0] == 0
    data, le = _extended_body(body[1:]) if extended else _short_body(body)
    return Command(cla, ins, p1, p2, data, le, extended)


def _short_body(body: bytes) -> tuple[bytes, int | None]:
    if not body:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or 256
    end = 1 + body[0]
    if body[0] and len(body) == end:
        return body[1:], None
    if body[0] and len(body) == end + 1:
        return body[1:end], body[end] or 256
    raise Refusal(0x6700)


def _extended_body(body: bytes) -> tuple[bytes, int | None]:
    first = int.from_bytes(body[:2])
    if len(body) == 2:
        return b"", first or 65536
    end = 2 + first
    if first and len(body) == end:
        return body[2:], None
    if first and len(body) == end + 2:
        return body[2:end], int.from_bytes(body[end:]) or 65536
    raise Refusal(0x6700)
