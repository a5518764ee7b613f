"""Other cards that people put on a reader: bank card, passport, driving licence; and what is hardly a card any more."""

from __future__ import annotations

import functools
import operator
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, Self

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.virtual.limits import CardMute

CONTACTLESS_ATR = bytes.fromhex("3B80800101")
"""What a PC/SC reader makes up for a contactless card without historical bytes (PC/SC part 3, §3.1.3.2.3.1)."""

_SELECT, _READ_BINARY = 0xA4, 0xB0
_MOST_GARBAGE = 40


class AnyCard(Protocol):
    """What a plug can hold: something that answers commands and can be reset.

    A plug resets it from another thread too, while ``transmit`` runs: so a card loses power in mid-command. Where a card has a
    method ``warm_reset`` too, that is called for a reset with the power on.
    """

    def transmit(self, command: bytes) -> bytes:
        """The answer to a command APDU.

        Raises:
            CardLost: it left the field.
            LinkTimeout: it does not answer.
        """
        ...

    def reset(self) -> None:
        """Switch it off and on."""
        ...


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one of them answers.

    Attributes:
        atr: what it says of itself to a contact reader.
        aids: the applications that it has.
        statuses: status word by INS; of a SELECT for any other AID.
        other: status word of anything else.
    """

    atr: bytes
    aids: tuple[bytes, ...] = ()
    statuses: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({_SELECT: 0x6A82}))
    other: int = 0x6D00


class Stranger:
    """A card that is no My Number Card. It holds no data; it has only the manners of the real one.

    Args:
        word: which one, of `STRANGERS`.
        seed: of the random bytes of ``garbage``.

    Attributes:
        word: which one.
        atr: its answer to reset.

    Raises:
        UsageError: there is no such card.
    """

    def __init__(self, word: str, *, seed: int = 0) -> None:
        if word not in _KINDS:
            raise UsageError(
                Text(
                    f"There is no card {word!r}. There are: {', '.join(STRANGERS)}.",
                    f"カード {word!r} はありません。選べるもの: {', '.join(STRANGERS)}",
                )
            )
        self.word = word
        self._kind = _KINDS[word]
        self._random = random.Random(seed)  # noqa: S311 - not secret, and the same in every run
        self.atr = self._kind.atr

    @classmethod
    def named(cls, word: str) -> Self:
        """The card of that name, of `STRANGERS`.

        Raises:
            UsageError: there is no such card.
        """
        return cls(word)

    def transmit(self, command: bytes) -> bytes:
        """Its answer.

        Raises:
            CardMute: this one never answers.
        """
        if self.word == "mute":
            raise CardMute
        if self.word == "garbage":
            return self._random.randbytes(self._random.randrange(_MOST_GARBAGE))
        if len(command) < 4:
            return b"\x67\x00"
        if command[1] == _SELECT and self._has(command):
            return b"\x90\x00"
        return self._kind.statuses.get(command[1], self._kind.other).to_bytes(2)

    def reset(self) -> None:
        """Nothing changes: it remembers nothing."""

    def __repr__(self) -> str:
        return f"Stranger({self.word})"

    def _has(self, command: bytes) -> bool:
        name = command[5 : 5 + command[4]] if len(command) > 5 and command[2] == 0x04 else b""
        return name in self._kind.aids


def _contact_atr(historical: bytes) -> bytes:
    """The ATR of a contact card that speaks T=1: TA1 18, no extra guard time, IFSC 254, BWI 4, CWI 5 (ISO/IEC 7816-3 §8)."""
    atr = bytes([0x3B, 0xD0 | len(historical)]) + bytes.fromhex("18FF8131FE45") + historical
    return _with_check(atr)


def _contactless_atr(historical: bytes) -> bytes:
    """The ATR that a reader makes up for a contactless card (PC/SC part 3)."""
    return _with_check(bytes([0x3B, 0x80 | len(historical), 0x80, 0x01]) + historical)


def _with_check(atr: bytes) -> bytes:
    return atr + bytes([functools.reduce(operator.xor, atr[1:])])


_READS_NOTHING = MappingProxyType({_SELECT: 0x6A82, _READ_BINARY: 0x6986})
_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "bank-card": _Kind(
            _contact_atr(b"\x80\x73\xc0\x21"),
            (b"1PAY.SYS.DDF01",),
            MappingProxyType({_SELECT: 0x6A82, _READ_BINARY: 0x6986, 0xB2: 0x6985}),
        ),
        "passport": _Kind(
            _contactless_atr(bytes.fromhex("0000000000418180")),
            (bytes.fromhex("A0000002471001"),),
            MappingProxyType({_SELECT: 0x6A82, _READ_BINARY: 0x6982}),
        ),
        "driving-licence": _Kind(
            _contactless_atr(bytes.fromhex("0000000000338100")),
            (bytes.fromhex("A0000002310100000000000000000000"),),
            _READS_NOTHING,
        ),
        "juki-card": _Kind(_contactless_atr(bytes.fromhex("0000000000339150")), (), _READS_NOTHING),
        "old-card": _Kind(_contact_atr(b"OLD"), (), MappingProxyType({_SELECT: 0x6D00})),
        "transit-card": _Kind(_contactless_atr(b""), (), MappingProxyType({}), 0x6E00),
        "garbage": _Kind(_contact_atr(b"")),
        "mute": _Kind(CONTACTLESS_ATR),
    }
)
STRANGERS = tuple(_KINDS)
"""The words for them."""
