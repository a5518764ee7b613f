"""What a call raised, kept to be raised elsewhere: by a thread that waits for it, or without the frames that it came through."""

from __future__ import annotations

from types import TracebackType


class Outcome:
    """Catches whatever is raised in its context, and raises nothing.

    Attributes:
        error: what was raised; ``None`` where nothing was.
    """

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Outcome:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> bool:
        self.error = error
        return True
