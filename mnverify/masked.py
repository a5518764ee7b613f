"""Bytes, texts and objects that may hold a credential or personal data, and never show what they hold."""

from __future__ import annotations

from typing import Any, Never


class MaskedBytes(bytes):
    """Bytes that may hold a credential or personal data: they show their length only, and are not pickled or copied."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} bytes)"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError(f"{type(self).__name__} is not pickled or copied")


class MaskedText(str):
    """Text that may hold personal data: its ``repr`` shows its length only, and it is not pickled or copied.

    ``str()``, formatting and JSON give the text, as for any text: it is for showing the text where it belongs and nowhere else.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} characters)"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError(f"{type(self).__name__} is not pickled or copied")


class MaskedDict(dict[str, Any]):
    """An object of foreign JSON: its ``repr`` shows how many members it has; names can be personal data too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} members)"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError(f"{type(self).__name__} is not pickled or copied")


class MaskedList(list[Any]):
    """A list of foreign JSON: its ``repr`` shows how many items it has."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} items)"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError(f"{type(self).__name__} is not pickled or copied")


def mask(data: object) -> MaskedText | MaskedBytes | None:
    """Text or bytes, masked; ``None`` for anything else. A frame that takes foreign data begins with it."""
    if isinstance(data, MaskedText | MaskedBytes):
        return data
    if isinstance(data, str):
        return MaskedText(data)
    return MaskedBytes(data) if isinstance(data, bytes | bytearray | memoryview) else None
