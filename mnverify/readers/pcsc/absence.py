"""Whether a reader is empty where pcsc-lite says so: a card that lies there is seen, whatever happened before.

pcscd keeps two opinions of a reader. One is its own, renewed at every look at the reader (all 0.4 s, where the reader does
not report by itself), and counted. The other is what clients are told, and a program that lets go of a card which has just
left writes "no card" into that one alone. If the card is back before pcscd looks again, its own opinion has not changed: it
tells nothing, and clients are told "no card" for as long as the card lies there.

So no such answer is believed unless the driver was asked as well (`look_for_card`): once, half a second after a card left in
good order, which the count tells, since every coming and going that pcscd saw adds one to it; otherwise at once, and twice more.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from mnverify.readers.pcsc import api
from mnverify.readers.pcsc.context import NOTICED_SECONDS

CAN_BE_WRONG = sys.platform.startswith("linux")
"""Whether "no card" may be wrong here: of pcsc-lite it may."""
_TIMES = 3  # that the driver is asked at one count, where it does not tell of a card that left


@dataclass(slots=True)
class _Seen:
    """The last that is known of a reader.

    Attributes:
        counter: the count of that time.
        present: whether a card lay there.
        questions: how often the driver is still to be asked whether that is so.
        ask_at: when, by the monotonic clock.
    """

    counter: int
    present: bool
    questions: int = 0
    ask_at: float = 0.0


class Absence:
    """What one waiter knows of its readers, and of which the driver is to be asked. For one thread at a time."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def is_to_be_asked(self, reader: str, state: api.State) -> bool:
        """Whether the driver is to be asked now.

        Args:
            reader: the name.
            state: as it was told just now.
        """
        if state.present:
            self._seen[reader] = _Seen(state.counter, True)
        if not CAN_BE_WRONG or not state.known or state.present or state.in_use:
            return False
        seen = self._seen.get(reader)
        if seen is None or seen.present or seen.counter != state.counter:
            in_order = seen is not None and not _has_card(seen, state.counter)
            seen = self._seen[reader] = _absent(state.counter, in_order=in_order)
        if not seen.questions or time.monotonic() < seen.ask_at:
            return False
        seen.questions -= 1
        seen.ask_at = time.monotonic() + NOTICED_SECONDS
        return True

    def forget(self, reader: str) -> None:
        """Know nothing of a reader any more: it was unplugged, or the service that counted is gone."""
        self._seen.pop(reader, None)


def _absent(counter: int, *, in_order: bool) -> _Seen:
    if in_order:
        return _Seen(counter, False, 1, time.monotonic() + NOTICED_SECONDS)
    return _Seen(counter, False, _TIMES)


def _has_card(seen: _Seen, counter: int) -> bool:
    """Whether a card lies there by the count: each step of it is a coming or a going."""
    return seen.present is not bool(counter - seen.counter & 1)
