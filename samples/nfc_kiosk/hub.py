"""Who is told that something changed: one bounded queue a page. The queues hold no content, only that there is news."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

MOST_PAGES = 4
"""Pages at one time; one kiosk has one, and a moment of two while it is loaded anew."""
_MOST_NEWS = 32


class TooManyPages(Exception):
    """No more can be told."""


class Hub:
    """All pages that listen. It belongs to the thread of the event loop."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[bool]] = set()
        self._closed = False

    @property
    def pages(self) -> int:
        """How many listen."""
        return len(self._queues)

    def changed(self) -> None:
        """Tell all of them. Where a page does not keep up, news are left out: each stands for the whole state."""
        for news in self._queues:
            if not news.full():
                news.put_nowait(True)

    async def news(self, patience: float) -> AsyncIterator[bool]:
        """One item at once, and one for each change; ``False`` where nothing changed for ``patience`` seconds.

        Raises:
            TooManyPages: ``MOST_PAGES`` listen already.
        """
        if len(self._queues) >= MOST_PAGES:
            raise TooManyPages
        queue: asyncio.Queue[bool] = asyncio.Queue(_MOST_NEWS)
        self._queues.add(queue)
        try:
            yield True
            while not self._closed:
                try:
                    yield await asyncio.wait_for(queue.get(), patience)
                except TimeoutError:
                    yield False
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        """End every stream: an open one would hold the server up."""
        self._closed = True
        self.changed()
