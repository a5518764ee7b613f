"""The load: requests that are made beforehand, over connections that stay open, from a process of its own."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import NamedTuple

from benchmarks.server_parts import Served, evidence

CONNECTIONS = 16
WARM_UP = 0.15  # of the time


class Load(NamedTuple):
    """What came of it."""

    served: int
    rate: float
    p50: float
    p99: float


def drive(served: Served, seconds: float) -> Load:
    """Post verifications for so long.

    Raises:
        RuntimeError: an answer was not 200.
    """
    here, there = multiprocessing.get_context("spawn").Pipe()
    ids = [served.place.challenges.pop() for _ in range(min(len(served.place.challenges), int(seconds * 4000)))]
    arguments = (there, served.host, served.port, served.place.key.secret, json.dumps(evidence()), ids, seconds)
    process = multiprocessing.get_context("spawn").Process(target=_in_process, args=arguments)
    process.start()
    answer = here.recv()
    process.join()
    if isinstance(answer, str):
        raise RuntimeError(answer)
    return Load(*answer)


def _in_process(
    there: Connection, host: str, port: int, key: str, evidence_text: str, ids: list[str], seconds: float
) -> None:
    try:
        there.send(tuple(asyncio.run(_drive(host, port, key, evidence_text, ids, seconds))))
    except Exception as error:  # noqa: BLE001  # told to the process that waits
        there.send(f"{type(error).__name__}: {error}")


async def _drive(host: str, port: int, key: str, evidence_text: str, ids: list[str], seconds: float) -> Load:
    body = json.dumps({"challenge_id": "*" * 22})[:-1] + ', "evidence": ' + evidence_text + "}"
    head = (
        f"POST /v1/verifications HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    )
    before, after = (head + body).encode().split(b"*" * 22)
    loop = asyncio.get_running_loop()
    work = _Work(before, after, ids, loop.time() + seconds)
    connections = [await loop.create_connection(lambda: _Caller(work), host, port) for _ in range(CONNECTIONS)]
    await work.done.wait()
    for transport, _ in connections:
        transport.close()
    if work.failed:
        raise RuntimeError(work.failed)
    skip = int(len(work.times) * WARM_UP)
    ends = [end for end, _ in work.times[skip:]]
    taken = sorted(seconds for _, seconds in work.times[skip:])
    rate = (len(ends) - 1) / (ends[-1] - ends[0])
    return Load(len(work.times), rate, taken[len(taken) // 2], taken[int(len(taken) * 0.99)])


class _Work:
    def __init__(self, before: bytes, after: bytes, ids: list[str], until: float) -> None:
        self.before, self.after, self.ids, self.until = before, after, ids, until
        self.times: list[tuple[float, float]] = []
        self.failed = ""
        self.busy = 0
        self.done = asyncio.Event()


class _Caller(asyncio.Protocol):
    def __init__(self, work: _Work) -> None:
        self._work = work
        self._buffer = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._work.busy += 1
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, content = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().index(b"content-length:") + 15
        if len(content) < int(head[at : head.index(b"\r\n", at) if b"\r\n" in head[at:] else None]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._work.failed = self._buffer.decode("utf-8", "replace")
            self._work.done.set()
            return
        now = time.perf_counter()
        self._work.times.append((now, now - self._began))
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._work.done.is_set():
            self._work.failed = "the connection was lost"
            self._work.done.set()

    def _next(self) -> None:
        work = self._work
        if asyncio.get_running_loop().time() > work.until or not work.ids:
            work.busy -= 1
            if not work.busy:
                work.done.set()
            return
        self._began = time.perf_counter()
        request = work.before + work.ids.pop().encode() + work.after
        self._transport.write(request)  # type: ignore[attr-defined]
