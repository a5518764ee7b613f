"""Bytes that may hold a credential or personal data, and never show what they hold."""

from __future__ import annotations

from typing import Never


class MaskedBytes(bytes):
    """Bytes that may hold a credential or personal data: they show their length only, and are not pickled or copied."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} bytes)"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError(f"{type(self).__name__} is not pickled or copied")
