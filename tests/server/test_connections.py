"""What comes over a connection that no client of ours would send: endless trailers, answers that nobody takes, what is not HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.server.endpoint import Endpoint, Key, add_key, until

FAKE = "Authorization: Bearer mnv_" + "a" * 12 + "_" + "b" * 43 + "\r\n"  # of the right form, and nobody's
CHUNKED = f"POST /v1/challenges HTTP/1.1\r\nHost: x\r\n{FAKE}Transfer-Encoding: chunked\r\n\r\n".encode()
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
MIB = 1024 * 1024


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def connect(endpoint: Endpoint, room: int | None = None) -> socket.socket:
    """A connection; with little room for answers where it is told."""
    place = urlsplit(endpoint.url)
    connection = socket.socket()
    if room is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    connection.settimeout(30)
    connection.connect((place.hostname, place.port))
    return connection


def answers(connection: socket.socket, most: int | None = None) -> list[Answer]:
    """The answers that come, all of them up to the end of the connection, or so many."""
    found: list[Answer] = []
    with connection.makefile("rb") as file, suppress(ConnectionError):
        while len(found) != most and (first := file.readline()):
            headers = {}
            while (line := file.readline().strip()) != b"":
                name, _, value = line.decode().partition(": ")
                headers[name] = value
            found.append(Answer(int(first.split()[1]), headers, file.read(int(headers["content-length"]))))
    return found


def sent_until_the_end(connection: socket.socket, piece: bytes, most: int) -> int:
    """Send the same again and again until the other side ends it; how much that was."""
    sent = 0
    with suppress(ConnectionError):
        while sent < most:
            sent += connection.send(piece)
    return sent


def memory_of(endpoint: Endpoint) -> int:
    """Bytes that the process holds, 0 where the system does not tell."""
    status = Path(f"/proc/{endpoint.process.pid}/status")
    if not status.exists():
        return 0
    return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"0\r\n", b"X:a\r\n" * 12_000),
        (b"0\r\n", (b"X: " + b"a" * 1000 + b"\r\n") * 60),
        (b"0\r\nX: ", b"a" * 65_536),
        (b"1;", b"a" * 65_536),
    ],
    ids=["small trailers", "trailers", "one long trailer", "a chunk's extension"],
)
def test_nothing_that_follows_a_head_goes_on_without_end(endpoint: Endpoint, first: bytes, piece: bytes) -> None:
    before = memory_of(endpoint)
    with connect(endpoint) as connection:
        connection.sendall(CHUNKED + first)
        assert sent_until_the_end(connection, piece, 64 * MIB) < 64 * MIB
    assert memory_of(endpoint) < before + 48 * MIB
    assert endpoint.get("/healthz").status_code == 200


def test_trailers_are_no_headers(endpoint: Endpoint, key: Key) -> None:
    head = "POST /v1/challenges HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    authorization = f"Authorization: Bearer {key.key}\r\n"
    body = "2\r\n{}\r\n0\r\n"
    for request, status in (
        (f"{head}{authorization}\r\n{body}X-Checksum: 1\r\n\r\n", 201),
        (f"{head}\r\n{body}{authorization}\r\n", 401),
    ):
        with connect(endpoint) as connection:
            connection.sendall(request.encode())
            [answer] = answers(connection, 1)
            assert answer.status == status


def test_a_body_in_the_smallest_chunks_is_read_whole(endpoint: Endpoint, key: Key) -> None:
    body = json.dumps({"reference": "x"}).encode()
    body += b" " * (64 * 1024 - len(body))
    chunks = b"".join(b"1\r\n%c\r\n" % letter for letter in body) + b"0\r\n\r\n"
    with connect(endpoint) as connection:
        connection.sendall(CHUNKED.replace(FAKE.encode(), f"Authorization: Bearer {key.key}\r\n".encode()) + chunks)
        [answer] = answers(connection, 1)
        assert answer.status == 201, answer.body


@pytest.mark.parametrize("more", [b"\r\nX: a" * 200, b"\r\nX: " + b"a" * 33_000], ids=["many", "large"])
def test_too_many_or_too_large_headers_are_refused(endpoint: Endpoint, more: bytes) -> None:
    with connect(endpoint) as connection:
        connection.sendall(HEALTH.replace(b"\r\n\r\n", more + b"\r\n\r\n"))
        [answer] = answers(connection)
        assert json.loads(answer.body)["code"] == "not-http"


def test_requests_that_come_together_are_answered_in_their_order(endpoint: Endpoint, key: Key) -> None:
    challenge = (
        f"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.key}\r\nContent-Length: 0\r\n\r\n"
    )
    with connect(endpoint) as connection:
        connection.sendall((challenge.encode() + HEALTH + HEALTH.replace(b"healthz", b"nothing")) * 150)
        assert [answer.status for answer in answers(connection, 450)] == [201, 200, 404] * 150


def test_thousands_of_requests_at_once_are_not_taken_all(endpoint: Endpoint) -> None:
    with connect(endpoint) as connection:
        connection.sendall(HEALTH * 5000)
        found = answers(connection, 5000)
    assert {answer.status for answer in found} == {200}
    assert len(found) == 5000 or found[-1].headers["connection"] == "close"  # as reads happen to be


def test_more_than_a_read_of_requests_is_answered_too(endpoint: Endpoint, key: Key) -> None:
    body = json.dumps({"reference": "x"}).encode() + b" " * 40_000
    head = f"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.key}\r\nContent-Length: {len(body)}"
    with connect(endpoint) as connection:
        connection.sendall((f"{head}\r\n\r\n".encode() + body) * 60)  # 2.4 MB
        assert [answer.status for answer in answers(connection, 60)] == [201] * 60


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Endpoint]:
    """A service with few places and little patience."""
    database = f"sqlite:///{tmp_path / 'service.db'}"
    limits = ("--max-in-flight", "4", "--header-seconds", "2", "--body-seconds", "2")
    with Endpoint(database, *limits, folder=tmp_path) as running:
        yield running


def test_who_does_not_take_answers_holds_no_place_and_is_left(impatient: Endpoint) -> None:
    key = add_key(impatient.database)
    whole = len(impatient.get("/openapi.json").content) * 200
    with ExitStack() as stack:
        mute = [stack.enter_context(connect(impatient, 4096)) for _ in range(12)]
        for connection in mute:
            connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
        served = [impatient.post("/v1/challenges", key, json={}).status_code for _ in range(50)]
        assert served == [201] * 50
        files = Path(f"/proc/{impatient.process.pid}/fd")
        if files.exists():
            assert until(lambda: not any(_open_to(files, one) for one in mute), 30)
        for connection in mute:  # what was on its way may still come; then it is over
            assert sum(len(answer.body) for answer in answers(connection)) < whole
    assert impatient.post("/v1/challenges", key, json={}).status_code == 201


def _open_to(files: Path, connection: socket.socket) -> bool:
    """Whether the service still has its end of a connection, by the system's table of them."""
    port = f":{connection.getsockname()[1]:04X}"
    rows = [line.split() for line in (files.parent / "net" / "tcp").read_text().splitlines()[1:]]
    held = {os.readlink(one) for one in files.iterdir() if one.is_symlink()}
    return any(row[2].endswith(port) and f"socket:[{row[9]}]" in held for row in rows)


def test_answers_that_are_taken_slowly_come_whole(impatient: Endpoint) -> None:
    with connect(impatient, 4096) as connection:
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 30)
        found = answers(connection, 30)
    assert {answer.status for answer in found} == {200} and len({answer.body for answer in found}) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_requests_under_way_are_told(tmp_path: Path, workers: int) -> None:
    database = f"sqlite:///{tmp_path / 'service.db'}"
    with Endpoint(database, "--workers", str(workers), folder=tmp_path) as endpoint:

        def told() -> float:
            endpoint.session.close()
            lines = endpoint.get("/metrics").text.splitlines()
            return next(float(line.split()[1]) for line in lines if line.startswith("mnverify_requests_in_flight "))

        with ExitStack() as stack:
            for _ in range(7):
                stack.enter_context(connect(endpoint)).sendall(CHUNKED)
            assert until(lambda: told() >= 7)
        assert until(lambda: told() <= workers)  # the question itself is one
        if workers > 1:
            with ExitStack() as stack:
                for _ in range(7):
                    stack.enter_context(connect(endpoint)).sendall(CHUNKED)
                assert until(lambda: told() >= 7)
                for child in _children(endpoint.process.pid):
                    os.kill(child, signal.SIGKILL)  # takes its requests with it
            assert until(lambda: _asked(told) <= workers, 40)


def _asked(told: Any) -> float:
    with suppress(OSError):
        return float(told())
    return 99.0


def _children(process: int) -> list[int]:
    """The workers: the children that serve, not what else Python starts."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = status.read_text().rpartition(")")[2].split()
            command = (status.parent / "cmdline").read_bytes()
            if int(words[1]) == process and b"spawn_main" in command:
                found.append(int(status.parent.name))
    return found


POST = f"POST /v1/challenges HTTP/1.1\r\nHost: x\r\n{FAKE}"
NOT_HTTP = {
    "garbage": b"\x00\x01MARKED\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "another method": b"FOO /MARKED HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT MARKED:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a byte in the path": b"GET /MARKED\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in a header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: MARKED\x00\r\n\r\n",
    "a folded header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: MARKED\r\n b\r\n\r\n",
    "two lengths": f"{POST}Content-Length: 0\r\nContent-Length: 2\r\n\r\n{{}}".encode(),
    "length and chunks": f"{POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n".encode(),
    "a negative length": f"{POST}Content-Length: -2\r\n\r\n{{}}".encode(),
    "a bad chunk": f"{POST}Transfer-Encoding: chunked\r\n\r\nMARKED\r\n{{}}\r\n0\r\n\r\n".encode(),
}


@pytest.mark.parametrize("name", list(NOT_HTTP))
def test_what_is_not_http_is_refused_like_everything_else(endpoint: Endpoint, name: str) -> None:
    before = _refused(endpoint)
    with connect(endpoint) as connection:
        connection.sendall(NOT_HTTP[name])
        [answer] = answers(connection)  # and the connection is closed
    problem = json.loads(answer.body)
    assert (answer.status, problem["status"], problem["code"]) == (400, 400, "not-http")
    assert list(problem) == ["type", "title", "status", "detail", "code", "where", "request_id"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.headers["cache-control"], answer.headers["connection"]) == ("no-store", "close")
    assert answer.headers["x-content-type-options"] == "nosniff" and "date" in answer.headers
    assert answer.headers["x-request-id"] == problem["request_id"]
    assert _refused(endpoint) == before + 1
    lines = [json.loads(line) for line in endpoint.log.splitlines() if line.startswith("{")]
    [line] = [line for line in lines if line.get("request_id") == problem["request_id"]]
    assert (line["line"], line["status"], line["code"], line["route"]) == ("RequestServed", 400, "not-http", "none")
    assert "MARKED" not in endpoint.log and b"MARKED" not in answer.body
    assert not [line for line in lines if line["line"] == "Foreign"]  # one line is enough


def _refused(endpoint: Endpoint) -> float:
    told = endpoint.get("/metrics").text.splitlines()
    name = 'mnverify_requests_refused_total{code="not-http"} '
    return sum(float(line.removeprefix(name)) for line in told if line.startswith(name))


def test_a_refusal_is_in_the_language_that_was_asked_for(endpoint: Endpoint) -> None:
    with connect(endpoint) as connection:
        connection.sendall(CHUNKED.replace(b"\r\n\r\n", b"\r\nAccept-Language: ja\r\n\r\n") + b"nothing\r\n")
        [answer] = answers(connection)
    assert answer.headers["content-language"] == "ja" and "要求" in json.loads(answer.body)["detail"]


def test_what_came_before_is_answered_first(endpoint: Endpoint, key: Key) -> None:
    challenge = (
        f"POST /v1/challenges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.key}\r\nContent-Length: 0\r\n\r\n"
    )
    for rest in (b"garbage\r\n\r\n", CHUNKED + b"nothing\r\n"):
        for count in (1, 3):
            with connect(endpoint) as connection:
                connection.sendall(challenge.encode() * count + rest)
                found = answers(connection)
            assert [answer.status for answer in found] == [201] * count  # never the refusal in the place of an answer
            assert found[-1].headers["connection"] == "close"


def test_a_body_that_breaks_off_while_it_is_waited_for(endpoint: Endpoint) -> None:
    with connect(endpoint) as connection:
        connection.sendall(CHUNKED + b"1\r\n{")
        assert endpoint.get("/healthz").status_code == 200
        connection.sendall(b"nothing\r\n")
        [answer] = answers(connection)
    assert json.loads(answer.body)["code"] == "not-http"


def test_another_protocol_is_not_spoken(endpoint: Endpoint) -> None:
    upgrade = b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    with connect(endpoint) as connection:
        connection.sendall(HEALTH.replace(b"\r\n\r\n", upgrade))
        [answer] = answers(connection)  # in HTTP/1.1, and then the end
    assert (answer.status, answer.headers["connection"]) == (200, "close")
