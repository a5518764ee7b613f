"""The stand-in: an invented holder's card behind a link that behaves as the observed one did."""

from __future__ import annotations

from collections.abc import Sequence

from mnverify.errors import LinkError
from mnverify.link import LinkCapabilities, redeem_if_permitted, was_reset
from mnverify.readers.scripts.observer import Shape, error_word
from mnverify.readers.scripts.replay import scripted_error
from mnverify.readers.scripts.script import Exchange
from mnverify.recording.steps import COUNTER, GET_RESPONSE, READ, Key, Step, key_of
from mnverify.virtual import Limits, VirtualCard

_DONE = b"\x90\x00"


class StandIn:
    """A link that tapes its bytes.

    What is not a matter of the link (files, signatures, which credential opens what) comes from the card; what the observed
    link or card did otherwise (errors, status words, answers cut short) is done again at the same step.

    Args:
        card: the invented holder's card.
        digits: the credential that the script presents.
        steps: the observed reading.
        capabilities: what was known of the observed link before it.

    Attributes:
        taped: what passed.
    """

    def __init__(self, card: VirtualCard, digits: str, steps: Sequence[Step], capabilities: LinkCapabilities) -> None:
        self.capabilities = capabilities
        self.taped: list[Exchange] = []
        self._card = card
        self._digits = digits.encode("ascii")
        self._steps = steps
        self._at = 0
        self._current = 0
        self._longest: dict[tuple[str, bool], int | None] = {}

    def transmit(self, command: bytes) -> bytes:
        """Answer as the observed link would have, and tape it.

        Raises:
            LinkError: the observed link raised it here.
        """
        plain = bytes(redeem_if_permitted(command, self))  # what it answers is its own: for the gate it is the card
        try:
            answer = self._answer(plain)
        except LinkError as error:
            self.taped.append(Exchange(plain, error=error_word(error)))
            raise
        self.taped.append(Exchange(plain, answer))
        return answer

    def reset(self) -> None:
        """Reset the card, and tape it."""
        self._next(key_of(Shape(None), 0))
        self._card.reset()
        self.taped.append(Exchange(None))
        was_reset(self)

    def _answer(self, command: bytes) -> bytes:
        key = key_of(Shape.of(command), self._current)
        if key.word == READ:
            self._current = key.target
        step = self._next(key)
        if step is not None and step.failed:
            return _failure(step)
        if step is not None and step.key.word == COUNTER and step.shape.status == 0x9000:
            self._verify(key.target)
        answer = self._card.transmit(command)
        form = (key.word, key.extended)
        if step is not None:
            self._longest[form] = step.shape.received if step.cut else None
        longest = self._longest.get(form)
        return answer if longest is None or len(answer) - 2 <= longest else answer[:longest] + _DONE

    def _next(self, key: Key) -> Step | None:
        """The observed step that this command stands for; ``None`` where there was none, the files being of other lengths."""
        at = self._at
        while at < len(self._steps) and self._steps[at].key != key and self._steps[at].surplus:
            at += 1
        if at == len(self._steps) or self._steps[at].key != key or (key.word == GET_RESPONSE and at != self._at):
            return None
        self._at = at + 1
        return self._steps[at]

    def _verify(self, key_file: int) -> None:
        """The card was found verified: somebody else had done it."""
        self._card.transmit(bytes((0x00, 0x20, 0x00, 0x80 | key_file, len(self._digits))) + self._digits)


def limits_of(steps: Sequence[Step]) -> Limits:
    """What a card has to be like to name lengths and to hold data back as the observed one did."""
    pieces = [step.shape.received or 0 for step in steps if step.more]
    return Limits(
        exact_le=any(step.other_length for step in steps),
        max_response=max(pieces, default=0) or None,
    )


def _failure(step: Step) -> bytes:
    shape = step.shape
    if shape.error is not None or shape.status is None:
        raise scripted_error(shape.error or "link-corrupt")
    return shape.status.to_bytes(2)
