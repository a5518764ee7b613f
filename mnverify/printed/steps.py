"""How far something is that reads text more than once: steps done, and steps that there are as far as is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]
"""Is told steps done and steps expected so far; the second number may grow. What it raises ends the work."""


class Steps:
    """Counts steps, and tells them.

    Args:
        progress: whom; ``None`` for nobody.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._done = self._expected = 0

    @property
    def begun(self) -> bool:
        """Whether steps were ahead already."""
        return self._expected > 0

    def ahead(self, count: int) -> None:
        """Tell that so many steps are ahead, none of which is done.

        Args:
            count: of steps.
        """
        before, self._expected = self._expected, self._done + count
        if self._expected != before:
            self._tell()

    def one_done(self) -> None:
        """Tell that one more is done."""
        self._done += 1
        self._expected = max(self._done, self._expected)
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._expected)
