"""The steps of a reading, from its shapes: what was asked and what came of it, however many pieces a file came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mnverify.readers.scripts.observer import Shape

READ, COUNTER, VERIFY, RESET = "read", "counter", "verify", "reset"
SELECT, SIGN, GET_RESPONSE = "00a4040c", "802a0000", "00c00000"  # any other word is the header in hex

_DONE = (0x9000, 0x6282)
_MORE, _OTHER_LENGTH = 0x61, 0x6C  # first status byte


class Key(NamedTuple):
    """What a step is.

    Attributes:
        word: the instruction.
        target: the short file id of the file read or the key asked; else 0.
        begins: the first piece of a file: READ BINARY that names it.
        extended: in the long form.
    """

    word: str
    target: int
    begins: bool
    extended: bool


class Step(NamedTuple):
    """One shape in its place.

    Attributes:
        key: what it is.
        shape: what came of it.
        cut: the answer was shorter than it should have been, and the status word did not say so.
        again: the same command once more, with the length that the card named.
    """

    key: Key
    shape: Shape
    cut: bool = False
    again: bool = False

    @property
    def failed(self) -> bool:
        """Whether it gave neither data nor success."""
        status = self.shape.status
        return self.key.word != RESET and not (
            self.shape.error is None and status is not None and (status in _DONE or self.more or self.other_length)
        )

    @property
    def more(self) -> bool:
        """Whether data waits for GET RESPONSE."""
        return (self.shape.status or 0) >> 8 == _MORE

    @property
    def other_length(self) -> bool:
        """Whether the card named another length."""
        return (self.shape.status or 0) >> 8 == _OTHER_LENGTH

    @property
    def surplus(self) -> bool:
        """Whether a shorter file would do without it."""
        return self.again or self.key.word == GET_RESPONSE or (self.key.word == READ and not self.key.begins)

    @property
    def outcome(self) -> str:
        """What came of it, in one word."""
        if self.key.word == RESET:
            return "ok"
        if self.failed:
            return self.shape.error or ("link-corrupt" if self.shape.status is None else f"{self.shape.status:04x}")
        return "cut" if self.cut else "ok"


def key_of(shape: Shape, current: int) -> Key:
    """What a command is, where ``current`` is the file that is being read."""
    if shape.header is None:
        return Key(RESET, 0, False, False)
    _, ins, p1, p2 = shape.header
    if ins == 0xB0:
        begins = bool(p1 & 0x80)
        return Key(READ, p1 & 0x1F if begins else current, begins, shape.extended)
    if ins == 0x20:
        return Key(VERIFY if shape.lc else COUNTER, p2 & 0x1F, False, shape.extended)
    return Key(shape.header.hex(), 0, False, shape.extended)


def steps_of(shapes: Sequence[Shape]) -> tuple[Step, ...]:
    """The shapes in their places."""
    keys: list[Key] = []
    current = 0
    for shape in shapes:
        keys.append(key_of(shape, current))
        current = keys[-1].target if keys[-1].word == READ else current
    steps: list[Step] = []
    for at, (key, shape) in enumerate(zip(keys, shapes, strict=True)):
        follows = keys[at + 1] if at + 1 < len(keys) else None
        again = bool(steps) and steps[-1].other_length and steps[-1].key._replace(extended=False) == key
        steps.append(Step(key, shape, _is_cut(key, shape, follows), again))
    return tuple(steps)


def signs_first(steps: Sequence[Step]) -> bool:
    """Whether the card signs before a number is presented, as in a reading that may be resumed."""
    for step in steps:
        if step.key.word in (SIGN, COUNTER, VERIFY):
            return step.key.word == SIGN
    return False


def outline(steps: Sequence[Step]) -> list[tuple[Key, str]]:
    """Steps and outcomes, where pieces of a file that came alike are one, and lengths do not matter."""
    parts: list[tuple[Key, str]] = []
    for step in steps:
        if step.key.word == GET_RESPONSE and not step.failed:
            continue
        if step.other_length:
            continue
        part = (step.key._replace(begins=False), step.outcome)
        if not parts or parts[-1] != part:
            parts.append(part)
    return parts


def without_pieces(steps: Sequence[Step], count: int) -> tuple[Step, ...]:
    """The steps without as many as ``count`` good pieces of a file before each of its pieces that failed."""
    left_over: list[Step] = []
    left, inside = 0, False  # pieces to leave out; in the piece that failed, which begins with its READ BINARY
    for step in reversed(steps):
        good = step.surplus and not step.failed and not step.cut
        if step.surplus and step.failed:
            left, inside = count, step.key.word == GET_RESPONSE
        elif inside:
            inside = step.key.word == GET_RESPONSE
        elif left and good:
            left -= step.key.word == READ
            continue
        else:
            left = 0
        left_over.append(step)
    return tuple(reversed(left_over))


def _is_cut(key: Key, shape: Shape, follows: Key | None) -> bool:
    """Whether an answer of ``9000`` was not whole: it was empty, or the same was asked for again or went on."""
    if key.word not in (READ, SIGN) or shape.status != 0x9000 or shape.le is None or shape.received is None:
        return False
    if shape.received >= shape.le:
        return False
    goes_on = follows is not None and (follows.word, follows.target) == (key.word, key.target)
    return shape.received == 0 or key.word == SIGN or goes_on
