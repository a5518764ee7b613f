"""An endpoint for tests of the client: it answers as the real one does, and does badly what it is told to do badly.

It speaks HTTP over plain sockets, so that it can cut an answer anywhere.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from mnverify.receipts import ReceiptKeys, receipt_payload
from mnverify.receipts.key_files import make_key
from tests.receipts.support import PARTY, result

API_KEY = "mnv_abcdefghjkmn_" + "k" * 43
SILENCE = 20.0  # seconds
JSON, PROBLEM = "application/json", "application/problem+json"


class Request(NamedTuple):
    """What came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Fault = Callable[["Endpoint", socket.socket, bytes], None]
"""Does something else than sending the answer (given as bytes) to the socket."""


class Endpoint:
    """The endpoint, in threads of this process.

    Attributes:
        faults: what happens to the next answers, one each.
        requests: everything that came.
        evaluated: bodies that were evaluated, repetitions not counted.
        change: changes an answer's object before it is sent.
    """

    def __init__(self, folder: Path) -> None:
        make_key(folder)
        self.folder = folder
        self.keys = ReceiptKeys.from_folder(folder)
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.evaluated: list[bytes] = []
        self.change: Callable[[str, dict[str, Any]], None] = lambda path, document: None
        self.payload: dict[str, Any] = {}
        self.result = result()
        self._kept: dict[str, bytes] = {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Stop, whatever is open. What waits in the listener is woken by `shutdown` alone."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
            while (request := self._read(stream)) is not None:
                self.requests.append(request)
                answer = self._answer(request)
                if self.faults:
                    self.faults.pop(0)(self, connection, answer)
                    return
                connection.sendall(answer)
        self._open.discard(connection)

    @staticmethod
    def _read(stream: Any) -> Request | None:
        first = stream.readline().decode()
        if not first:
            return None
        method, path, _ = first.split(" ")
        headers: dict[str, str] = {}
        while (line := stream.readline().decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        return Request(method, path, headers, stream.read(int(headers.get("content-length", "0"))))

    def _answer(self, request: Request) -> bytes:
        key = request.headers.get("idempotency-key", "")
        if request.method == "POST" and key in self._kept:
            return self._kept[key]
        status, document = self._document(request)
        self.change(request.path, document)
        answer = http(status, document)
        if request.method == "POST" and key:
            self._kept[key] = answer
        return answer

    def _document(self, request: Request) -> tuple[int, dict[str, Any]]:
        if request.path == "/.well-known/jwks.json":
            return 200, self.keys.jwks()
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return 401, {"code": "key-refused", "status": 401}
        if request.path == "/v1/challenges":
            return 201, {"id": "cha_1", "challenge": "AAEC" * 10 + "AAE=", "expires_at": "2026-11-24T03:05:00Z"}
        if request.path.endswith("/events"):
            return 200, {"events": [{"at": "2026-11-24T03:00:00Z", "event": "evaluated", "code": "verified"}]}
        claims: Iterable[str] = ()
        if request.method == "POST":
            self.evaluated.append(request.body)
            claims = json.loads(request.body).get("claims", ())
        found = self.result.to_dict()
        payload = {
            "issuer": self.url,
            "id": "ver_1",
            "relying_party": PARTY,
            "challenge_id": "cha_1",
            "at": now(),
            "claims": tuple(claims),
            **self.payload,
        }
        receipt = self.keys.sign(receipt_payload(self.result, **payload))
        if request.method == "GET":
            found.pop("fields", None)
        return 200, {**found, "id": "ver_1", "challenge_id": "cha_1", "receipt": receipt}


def now() -> Any:
    """The moment, with a time zone."""
    from datetime import UTC, datetime

    return datetime.now(UTC)


def http(status: int, document: dict[str, Any] | bytes, media: str | None = None, **headers: str) -> bytes:
    """An answer as bytes."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    media = media or (JSON if status < 400 else PROBLEM)
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\nX-Request-Id: req-7\r\n{more}\r\n"
    return head.encode() + body


# --- what can go wrong -----------------------------------------------------------------------------------------------------


def instead(answer: bytes) -> Fault:
    """Another answer."""
    return lambda endpoint, connection, _: connection.sendall(answer)


def lost(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
    """Evaluated, and the connection ends before the answer."""


def reset(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
    """Evaluated, and the connection is reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
    """Half of the answer."""
    connection.sendall(answer[: len(answer) // 2])


def drip(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
    """The answer, so slowly that nobody waits for it."""
    head, _, body = answer.partition(b"\r\n\r\n")
    connection.sendall(head + b"\r\n\r\n")
    for place in range(len(body)):
        connection.sendall(body[place : place + 1])
        time.sleep(0.05)


def drip_head(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
    """The answer's head, so slowly that nobody waits for it; it would be whole in the end."""
    head, _, body = answer.partition(b"\r\n\r\n")
    for place in range(len(head)):
        connection.sendall(head[place : place + 1])
        time.sleep(0.05)
    connection.sendall(b"\r\n\r\n" + body)


def drip_chunk(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
    """The answer in one chunk, with trailers so slow that nobody waits for them."""
    head, _, body = answer.partition(b"\r\n\r\n")
    head = re.sub(rb"(?i)\r\ncontent-length: [0-9]+", b"\r\nTransfer-Encoding: chunked", head)
    connection.sendall(head + b"\r\n\r\n%x\r\n%b\r\n0\r\n" % (len(body), body))
    for _ in range(400):
        connection.sendall(b"a: b\r\n")
        time.sleep(0.05)
    connection.sendall(b"\r\n")


def not_yet(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
    """Promises of an answer, one after the other."""
    for _ in range(400):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)
    connection.sendall(answer)


def mute(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
    """Nothing, until who asks has gone."""
    connection.settimeout(SILENCE)
    with contextlib.suppress(OSError):
        connection.recv(1)


def endless(status: int) -> Fault:
    """An answer that does not end."""

    def send(endpoint: Endpoint, connection: socket.socket, answer: bytes) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nLocation: {endpoint.url}/elsewhere\r\n\r\n{{"
        connection.sendall(head.encode())
        with contextlib.suppress(OSError):
            for _ in range(1000):
                connection.sendall(b" " * 65536)

    return send
