"""What a virtual card, or the reader one imagines around it, cannot do: faults to play."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mnverify.errors import CardLost, LinkTimeout, UsageError
from mnverify.text import Text


class FieldLost(CardLost):
    """The virtual card was taken out of the field (`Limits.lost_at`), or lost its power in mid-command. A reset brings it
    back."""

    def __init__(self) -> None:
        super().__init__(
            Text("The virtual card left the field.", "仮想カードが読み取り範囲から外れました。"),
        )


class CardMute(LinkTimeout):
    """The virtual card does not answer: until a reset (`Limits.mute_at`), or never again (`Limits.mute_after`)."""

    def __init__(self) -> None:
        super().__init__(
            Text("The virtual card does not answer.", "仮想カードが応答しません。"),
        )


class LongAnswer(StrEnum):
    """What becomes of an answer with more data than `Limits.max_response`."""

    GET_RESPONSE = "get-response"  # the first part with 61xx, the rest by GET RESPONSE
    CUT = "cut"  # cut off, with 9000, as some readers do
    EMPTY = "empty"  # nothing but 9000, as other readers do


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits and faults of a card. Commands are counted from 1 over the life of the card.

    Attributes:
        extended: extended lengths are understood; else they are answered with ``6700``.
        max_response: data bytes of one answer at most; None for no limit.
        long_answer: what becomes of a longer one.
        exact_le: a short ``Le`` beyond the end is answered with ``6Cxx`` instead of the data and ``6282``.
        blocked_status: status word that tells of a blocked key when the counter is asked: ``63C0`` or ``6984``.
        seconds_per_command: how long each command takes.
        slow_at: seconds that these commands take more.
        mute_at: that command is not answered, nor any other before a reset (raises `CardMute`).
        mute_after: after that many commands the card never answers again (raises `CardMute`).
        lost_at: at that command the card leaves the field (raises `FieldLost`) until it is reset.
        reset_at: before these commands the card resets itself and tells nobody: selection and verified credentials are gone.
        status_at: commands that are not carried out but answered with a status word.
        garbage_at: commands that are carried out but answered with these bytes, of any number, none included.
        tries: tries left at first, by ``"face-check/0012"``; None for a key without a counter (``6300``).

    Raises:
        UsageError: a command's number or ``max_response`` is below 1, a time is negative or not a number, or a status word
            has not two bytes.
    """

    extended: bool = True
    max_response: int | None = None
    long_answer: LongAnswer = LongAnswer.GET_RESPONSE
    exact_le: bool = False
    blocked_status: int = 0x63C0
    seconds_per_command: float = 0.0
    slow_at: Mapping[int, float] = field(default_factory=dict)
    mute_at: int | None = None
    mute_after: int | None = None
    lost_at: int | None = None
    reset_at: frozenset[int] = frozenset()
    status_at: Mapping[int, int] = field(default_factory=dict)
    garbage_at: Mapping[int, bytes] = field(default_factory=dict)
    tries: Mapping[str, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = [number for number in (self.mute_at, self.lost_at, self.max_response) if number is not None]
        _refuse_below_one([*named, *self.slow_at, *self.reset_at, *self.status_at, *self.garbage_at])
        times = (self.seconds_per_command, *self.slow_at.values())
        if not all(math.isfinite(seconds) and seconds >= 0 for seconds in times):
            raise UsageError(Text("A card takes a time of zero seconds or more.", "カードの所要時間は0秒以上です。"))
        if not all(0 <= status_word <= 0xFFFF for status_word in self.status_at.values()):
            raise UsageError(Text("A status word has two bytes.", "ステータスワードは2バイトです。"))

    def seconds(self, command: int) -> float:
        """How long a command takes, by its number."""
        return self.seconds_per_command + self.slow_at.get(command, 0.0)


@dataclass(slots=True)
class CardLog:
    """What went over the link, without data bytes.

    Attributes:
        exchanges: commands so far, those that got no answer included.
        sent: bytes of commands.
        received: bytes of answers, status words included.
        headers: CLA INS P1 P2 of each command.
    """

    exchanges: int = 0
    sent: int = 0
    received: int = 0
    headers: list[bytes] = field(default_factory=list)

    def command(self, command: bytes) -> None:
        """Count a command."""
        self.exchanges += 1
        self.sent += len(command)
        self.headers.append(command[:4])

    def answer(self, answer: bytes) -> None:
        """Count an answer."""
        self.received += len(answer)


def _refuse_below_one(numbers: Iterable[int]) -> None:
    if any(number < 1 for number in numbers):
        raise UsageError(
            Text(
                "The commands of a card are counted from 1, and an answer has room for one byte at least.",
                "カードへのコマンドは1から数え、応答の長さは1バイト以上です。",
            )
        )
