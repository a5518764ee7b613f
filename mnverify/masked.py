"""Bytes, texts and objects that may hold a credential or personal data, and do not show what they hold.

Error reporters and debuggers print the local variables of every frame with ``repr``: so what was read of a card lives in these
types from the first call to the last. They are ``bytes``, ``str`` and ``bytearray`` in every other way. A slice of one and a sum
with one are masked again; whatever else makes new bytes of them (``bytes(x)``, ``x.hex()``, ``x.decode()``, ``str(text)``) is a
decision of the caller, who has the content in the clear from there on.
"""

from __future__ import annotations

from typing import Any, Never, SupportsIndex, TypeVar, overload

T = TypeVar("T")
_ITEM, _MAKE = bytes.__getitem__, bytes.__new__  # looked up once: a card's file is sliced thirty times


def refuse_copy(self: object, _protocol: object = None) -> Never:
    """``__reduce_ex__`` of everything that holds personal data: neither ``pickle`` nor ``copy`` makes a second one.

    Raises:
        TypeError: always.
    """
    raise TypeError(f"{type(self).__name__} is not pickled or copied")


def not_copied(holder: type[T]) -> type[T]:
    """Class decorator: neither ``pickle`` nor ``copy`` makes a second one of its objects. Named tuples are both by themselves."""
    type.__setattr__(holder, "__reduce_ex__", refuse_copy)
    return holder


class MaskedBytes(bytes):
    """Bytes that may hold a credential or personal data: they show their length only, and are not pickled or copied."""

    @overload
    def __getitem__(self, key: SupportsIndex) -> int: ...

    @overload
    def __getitem__(self, key: slice) -> MaskedBytes: ...

    def __getitem__(self, key: SupportsIndex | slice) -> int | MaskedBytes:
        if type(key) is slice:
            return _MAKE(MaskedBytes, _ITEM(self, key))
        return super().__getitem__(key)

    def __add__(self, other: bytes | bytearray | memoryview) -> MaskedBytes:  # type: ignore[override]
        return MaskedBytes(super().__add__(other))

    def __radd__(self, other: object) -> MaskedBytes:
        if not isinstance(other, bytes):
            return NotImplemented  # a bytearray that grows by this stays the object that it is
        return MaskedBytes(bytes(other) + bytes(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} bytes)"

    __str__ = __repr__
    __reduce_ex__ = refuse_copy


class MaskedText(str):
    """A text that may hold digits of a credential or personal data.

    ``repr`` shows its length only; ``str`` and formatting give the text itself, so that it can be printed where that is meant.
    """

    __slots__ = ()

    def __getitem__(self, key: SupportsIndex | slice) -> MaskedText:
        return MaskedText(super().__getitem__(key))

    def __add__(self, other: str) -> MaskedText:
        return MaskedText(super().__add__(other))

    def __radd__(self, other: str) -> MaskedText:
        return MaskedText(str(other) + str(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} characters)"

    def __str__(self) -> str:
        return super().__str__()

    __reduce_ex__ = refuse_copy


class MaskedBytearray(bytearray):
    """A growing reading: it shows its length only, its slices are masked bytes, and it is not pickled or copied."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: SupportsIndex) -> int: ...

    @overload
    def __getitem__(self, key: slice) -> MaskedBytes: ...

    def __getitem__(self, key: SupportsIndex | slice) -> int | MaskedBytes:
        found = super().__getitem__(key)
        return found if isinstance(found, int) else MaskedBytes(found)

    def __add__(self, other: bytes | bytearray | memoryview) -> MaskedBytes:  # type: ignore[override]
        return MaskedBytes(bytes(self) + bytes(other))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} bytes)"

    __str__ = __repr__
    __reduce_ex__ = refuse_copy


def masked(data: bytes | bytearray | memoryview) -> MaskedBytes:
    """The same bytes, masked; masked ones as they are."""
    return data if isinstance(data, MaskedBytes) else MaskedBytes(data)


class MaskedDict(dict[str, Any]):
    """An object of foreign JSON: its ``repr`` shows how many members it has; names can be personal data too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} members)"

    __reduce_ex__ = refuse_copy


class MaskedList(list[Any]):
    """A list of foreign JSON: its ``repr`` shows how many items it has."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} items)"

    __reduce_ex__ = refuse_copy


def mask(data: object) -> MaskedText | MaskedBytes | None:
    """Text or bytes, masked; ``None`` for anything else. A frame that takes foreign data begins with it."""
    if isinstance(data, (MaskedText, MaskedBytes)):
        return data
    if isinstance(data, str):
        return MaskedText(data)
    return MaskedBytes(data) if isinstance(data, bytes | bytearray | memoryview) else None


class Unseen:
    """Anything at all, held where a frame would show it."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Unseen()"

    __reduce_ex__ = refuse_copy
