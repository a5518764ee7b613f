"""Key ids of card-verifiable certificates."""

from __future__ import annotations

from typing import Self

KEY_ID_LENGTH = 16


class KeyId(bytes):
    """Sixteen bytes that name a key: seven ASCII digits, ``08 05``, three ASCII digits, four padding bytes.

    All sixteen bytes count when two are compared: the padding can be non-zero.

    Raises:
        ValueError: not sixteen bytes.
    """

    __slots__ = ()

    def __new__(cls, value: bytes) -> Self:
        """Take sixteen bytes."""
        if len(value) != KEY_ID_LENGTH:
            raise ValueError(f"a key id has {KEY_ID_LENGTH} bytes, not {len(value)}")
        return super().__new__(cls, value)

    @property
    def name(self) -> str:
        """``5000023/001`` where the id has the known form, else the hex digits."""
        number, separator, serial, padding = self[:7], self[7:9], self[9:12], self[12:]
        if number.isdigit() and separator == b"\x08\x05" and serial.isdigit():
            suffix = "" if padding == bytes(4) else f"+{padding.hex()}"
            return f"{number.decode()}/{serial.decode()}{suffix}"
        return self.hex()

    def __repr__(self) -> str:
        return f"KeyId({self.name})"

    __str__ = __repr__
