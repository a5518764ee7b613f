"""Many connections at once: prepared requests that are let go together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.server.endpoint import Key


class Answer(NamedTuple):
    """Status and body; status 0 where there was no answer."""

    status: int
    body: dict[str, Any]


def request(url: str, path: str, key: Key, body: dict[str, Any], *more: str) -> bytes:
    """The bytes of a POST."""
    content = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", f"Authorization: Bearer {key.key}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(content)}", *more]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Clients:
    """Open connections to some addresses, in turn.

    Args:
        urls: of services.
        count: connections.
    """

    def __init__(self, urls: Sequence[str], count: int) -> None:
        self._urls = urls
        self._count = count
        self._open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def __aenter__(self) -> Clients:
        for number in range(self._count):
            place = urlsplit(self._urls[number % len(self._urls)])
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            self._open.append((reader, writer))
        return self

    async def __aexit__(self, *error: object) -> None:
        for _, writer in self._open:
            writer.close()

    async def all_at_once(self, content: bytes) -> list[Answer]:
        """Every connection sends the same request at the same time."""
        for _, writer in self._open:
            writer.write(content[:-1])
        for _, writer in self._open:
            await writer.drain()
        for _, writer in self._open:
            writer.write(content[-1:])  # nobody is evaluated before everybody is there
        return list(await asyncio.gather(*(read_answer(reader) for reader, _ in self._open)))


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """One answer."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return Answer(int(head.split(" ")[1]), json.loads(await reader.readexactly(length)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return Answer(0, {})
