"""Commands and responses of ISO/IEC 7816-4, encoded in one way only, and never showing what they carry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Never, Self

from mnverify.masked import MaskedBytearray, MaskedBytes

SELECT = 0xA4
READ_BINARY = 0xB0
VERIFY = 0x20
SIGN = 0x2A
GET_RESPONSE = 0xC0
SET_SESSION_KEY = 0xAE

MAX_ANSWER = 1 << 16  # bytes of data in one answer, and of one file
_NAMES = {
    SELECT: "SELECT",
    READ_BINARY: "READ BINARY",
    VERIFY: "VERIFY",
    SIGN: "INTERNAL AUTHENTICATE",
    GET_RESPONSE: "GET RESPONSE",
    SET_SESSION_KEY: "SET SESSION KEY",
}


def instruction_name(ins: int) -> str:
    """The name of an instruction for audit and ``repr``; the hex byte where it is none of ours."""
    return _NAMES.get(ins, f"INS {ins:02X}")


@dataclass(frozen=True, slots=True, repr=False)
class Command:
    """One command APDU.

    Attributes:
        cla, ins, p1, p2: the header bytes.
        data: the data field; empty for none.
        le: bytes expected (256 or 65536 for "all"), ``None`` for no Le field.
        extended: three-byte lengths (ISO/IEC 7816-4, 5.2).
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None
    extended: bool = False

    def encode(self) -> MaskedBytes:
        """The bytes on the link.

        Raises:
            ValueError: data or Le do not fit the form of length.
        """
        longest, most = (0xFFFF, 0x10000) if self.extended else (0xFF, 0x100)
        if len(self.data) > longest or (self.le is not None and not 1 <= self.le <= most):
            raise ValueError("data or Le do not fit the form of length")
        out = MaskedBytearray((self.cla, self.ins, self.p1, self.p2))
        if self.data:
            out += (b"\0" + len(self.data).to_bytes(2) if self.extended else bytes((len(self.data),))) + self.data
        if self.le is not None:
            le = self.le % most
            out += (b"" if self.data else b"\0") + le.to_bytes(2) if self.extended else bytes((le,))
        return MaskedBytes(out)

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read a command that has exactly one of the forms that ``encode`` makes.

        Raises:
            ValueError: it has none of them. The message holds no byte of it.
        """
        if len(raw) < 4:
            raise ValueError("shorter than a command header")
        cla, ins, p1, p2 = raw[:4]
        body = MaskedBytes(raw[4:])
        if len(body) >= 3 and body[0] == 0:
            data, le = _split(body[1:], 2)
            command = cls(cla, ins, p1, p2, data, le, extended=True)
        else:
            data, le = _split(body, 1)
            command = cls(cla, ins, p1, p2, data, le)
        if bytes(command.encode()) != raw:
            raise ValueError("not the one way to encode this command")
        return command

    def with_le(self, le: int) -> Command:
        """The same command in short form with another Le (1 to 256)."""
        return replace(self, le=le, extended=False)

    def __repr__(self) -> str:
        return f"Command({instruction_name(self.ins)}, {len(self.data)} data bytes, le={self.le})"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a command is not pickled or copied")


def _split(body: bytes, width: int) -> tuple[bytes, int | None]:
    """Data and Le of a command body whose length fields have ``width`` bytes."""
    most = 1 << (8 * width)
    if not body:
        return b"", None
    if len(body) == width:
        return b"", int.from_bytes(body) or most
    length = int.from_bytes(body[:width])
    data, rest = body[width : width + length], body[width + length :]
    if not length or len(data) != length or len(rest) not in (0, width):
        raise ValueError("the length field is wrong")
    return data, (int.from_bytes(rest) or most) if rest else None


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One response APDU.

    Attributes:
        data: what came before the status bytes.
        status_word: the two status bytes as a number.
        at_end: the card said that the file ends here (``6282``, or ``6Cxx`` with less than was asked for).
    """

    data: MaskedBytes
    status_word: int
    at_end: bool = False

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Split an answer that has at least two bytes."""
        status_word = int.from_bytes(raw[-2:])
        return cls(MaskedBytes(raw[:-2]), status_word, at_end=status_word == 0x6282)

    @property
    def ok(self) -> bool:
        """``9000``, or ``6282`` (end of file reached: the data is good)."""
        return self.status_word in (0x9000, 0x6282)

    @property
    def sw1(self) -> int:
        """The first status byte."""
        return self.status_word >> 8

    @property
    def sw2(self) -> int:
        """The second status byte."""
        return self.status_word & 0xFF

    def __repr__(self) -> str:
        return f"Response({len(self.data)} data bytes, {self.status_word:04X})"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a response is not pickled or copied")
