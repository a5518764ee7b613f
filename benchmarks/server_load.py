"""The load: requests that are made beforehand, over connections that stay open, from a process of its own.

It is as cheap as it can be, since it has the machine's second core together with the database: requests are sent as they lie in
memory, and of an answer no more is looked at than its status and length.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import selectors
import socket
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple

from benchmarks.server_parts import CORES, Served, cpu_seconds, evidence

CONNECTIONS = 32
WARM_UP = 0.15  # of the time


class Load(NamedTuple):
    """What came of it.

    Attributes:
        served: requests that were answered.
        rate: requests a second, after warming up.
        p50, p99: seconds that an answer took.
        cpu: seconds of processor time that the service's process took for each, user and system; only of one worker.
    """

    served: int
    rate: float
    p50: float
    p99: float
    cpu: float = 0.0


def drive(served: Served, seconds: float) -> Load:
    """Post verifications for so long.

    Raises:
        RuntimeError: an answer was not 200, or there were too few challenges.
    """
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    ids = [served.place.challenges.pop() for _ in range(min(len(served.place.challenges), int(seconds * 4000)))]
    arguments = (there, served.host, served.port, served.place.key.secret, json.dumps(evidence()), ids, seconds)
    process = spawn.Process(target=_in_process, args=arguments)
    before = cpu_seconds(served.process_id)
    process.start()
    there.close()  # or nobody would tell that the process is gone
    try:
        answer = here.recv()
    except EOFError:
        raise RuntimeError("the load generator ended by itself") from None
    process.join()
    if isinstance(answer, str):
        raise RuntimeError(answer)
    load = Load(*answer)
    return load._replace(cpu=(cpu_seconds(served.process_id) - before) / load.served)


def _in_process(
    there: Connection, host: str, port: int, key: str, evidence_text: str, ids: list[str], seconds: float
) -> None:
    try:
        os.sched_setaffinity(0, {CORES[-1]})
        there.send(tuple(_Caller(host, port, key, evidence_text, ids).call(seconds)))
    except Exception as error:  # noqa: BLE001  # told to the process that waits
        there.send(f"{type(error).__name__}: {error}")


class _Caller:
    def __init__(self, host: str, port: int, key: str, evidence_text: str, ids: list[str]) -> None:
        body = json.dumps({"challenge_id": "*" * 22})[:-1] + ', "evidence": ' + evidence_text + "}"
        head = (
            f"POST /v1/verifications HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n"
        )
        self._before, self._after = (head + body).encode().split(b"*" * 22)
        self._ids = ids
        self._connections = [socket.create_connection((host, port)) for _ in range(CONNECTIONS)]
        self._began: dict[socket.socket, float] = {}
        self._came: dict[socket.socket, bytes] = {}

    def call(self, seconds: float) -> Load:
        until = time.perf_counter() + seconds
        times: list[tuple[float, float]] = []
        selector = selectors.DefaultSelector()
        for connection in self._connections:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ)
            self._ask(connection)
        while self._began:
            for key, _ in selector.select():
                connection: socket.socket = key.fileobj  # type: ignore[assignment]
                if not self._answered(connection):
                    continue
                now = time.perf_counter()
                times.append((now, now - self._began.pop(connection)))
                if now < until and self._ids:
                    self._ask(connection)
        return _load(times)

    def _ask(self, connection: socket.socket) -> None:
        self._began[connection] = time.perf_counter()
        connection.sendall(b"".join((self._before, self._ids.pop().encode(), self._after)))

    def _answered(self, connection: socket.socket) -> bool:
        came = connection.recv(65_536)
        if not came:
            raise RuntimeError("the connection was lost")
        came = self._came.pop(connection, b"") + came
        head, found, content = came.partition(b"\r\n\r\n")
        if not found or len(content) < _content_length(head):
            self._came[connection] = came
            return False
        if not came.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(came.decode("utf-8", "replace"))
        return True


def _content_length(head: bytes) -> int:
    at = head.index(b"content-length: ") + 16
    return int(head[at : at + 8].partition(b"\r")[0])


def _load(times: Sequence[tuple[float, float]]) -> Load:
    skip = int(len(times) * WARM_UP)
    ends = [end for end, _ in times[skip:]]
    taken = sorted(seconds for _, seconds in times[skip:])
    if len(taken) < CONNECTIONS:
        raise RuntimeError("too few answers to tell anything")
    rate = (len(ends) - 1) / (ends[-1] - ends[0])
    return Load(len(times), rate, taken[len(taken) // 2], taken[int(len(taken) * 0.99)])
