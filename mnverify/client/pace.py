"""How patient a client is, and how it waits between attempts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from mnverify.errors import UsageError
from mnverify.text import Text

_NO_PACE = Text(
    "A pace has at least one attempt and times above zero. No client was made.",
    "試行回数は1以上、時間は0より大きくしてください。クライアントは作っていません。",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds.

    Attributes:
        connect: to reach the endpoint.
        answer: for the answer of one attempt, from the first byte sent to the last one received.
        total: for the whole call, attempts and waits together.
        attempts: at most so many; 1 never repeats.
        first_wait: about so long before the second attempt; each further wait is twice as long.
        longest_wait: up to this. An endpoint that asks for a longer one is not asked again.

    Raises:
        UsageError: a number that makes no sense.
    """

    connect: float = 5.0
    answer: float = 15.0
    total: float = 45.0
    attempts: int = 4
    first_wait: float = 0.2
    longest_wait: float = 10.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or min(self.connect, self.answer, self.total, self.first_wait, self.longest_wait) <= 0:
            raise UsageError(_NO_PACE)

    def wait_before(
        self, attempt: int, asked: float | None, left: float, chance: Callable[[], float] = random.random
    ) -> float | None:
        """Seconds to wait before an attempt; ``None`` where there shall be no further one.

        Args:
            attempt: 2 for the first repetition.
            asked: what the endpoint asked for (Retry-After), or ``None``.
            left: seconds that remain of ``total``.
            chance: spreads clients that were put off together (0 to 1).
        """
        if attempt > self.attempts:
            return None
        own = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 2)) * (0.5 + chance() / 2)
        wait = own if asked is None else max(own, asked)
        if wait > self.longest_wait or wait >= left:
            return None
        return wait
