"""The door of the service: what every request passes on its way in, and every answer on its way out.

Request ids, a bound on requests under way, headers that keep answers out of caches, one line of log, metrics, and an answer of
the right shape for whatever was not foreseen. It is plain ASGI, outside of the framework, so that the framework's own error pages
pass it too.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnverify.errors import MnverifyError
from mnverify.server import log
from mnverify.server.json_bytes import to_json
from mnverify.server.metrics import Meters
from mnverify.server.problems import MEDIA_TYPE, Busy, ServiceError, problem, status_of
from mnverify.server.words import Identifier, new_id

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
BUSY_SECONDS = 1
_METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
_ALWAYS_IN = ("/healthz", "/readyz", "/metrics")  # for who watches the service, when it is busy too
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]
_CLIENT_WENT = 499  # for the log alone: there was nobody to answer


@dataclass(slots=True)
class Passing:
    """What the door knows of a request; routes fill in what the log may know.

    Attributes:
        request_id: made here.
        route: the route's name.
        lang: of the answer.
        status: of the answer; 0 before there is one.
        code: of the problem.
        key_id: public part of the API key.
        verification_id: of the outcome.
    """

    request_id: Identifier
    lang: str = "en"
    route: log.Route = "none"
    status: int = 0
    code: log.Code | None = None
    key_id: Identifier | None = None
    verification_id: Identifier | None = None


class Door:
    """The ASGI application that uvicorn serves.

    Args:
        app: the routes.
        direct: routes that are found here, by method and path.
        most: requests under way.
        log_requests: write a line for each.
    """

    def __init__(
        self, app: ASGIApp, direct: Mapping[tuple[str, str], ASGIApp], *, most: int, log_requests: bool = True
    ) -> None:
        self._app = app
        self._direct = direct
        self._most = most
        self._log_requests = log_requests
        self._under_way = 0
        self._lines: list[str] = []
        self.meters: Meters | None = None

    def count_with(self, meters: Meters) -> None:
        """From now on count requests there."""
        self.meters = meters
        meters.under_way = lambda: self._under_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; pass the lifespan on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        passing = Passing(new_id(), lang=_language(scope))
        scope.setdefault("state", {})["passing"] = passing
        began = time.perf_counter()
        self._under_way += 1
        try:
            await self._serve(scope, receive, _Out(send, passing), passing)
        finally:
            self._under_way -= 1
            self._count(scope, passing, time.perf_counter() - began)

    def turn_away(
        self, error: MnverifyError, *, headers: Iterable[tuple[bytes, bytes]] = (), method: str = ""
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Refuse what is no request; it is logged and counted as one.

        Args:
            error: why.
            headers: those that were read, as the language comes from them.
            method: of the request, where it is known.

        Returns:
            Status, headers and body of the answer.
        """
        passing = Passing(new_id(), lang=_language({"headers": headers}))
        status, more, body = problem_answer(error, passing)
        passing.status = status
        self._count({"method": method}, passing, 0.0)
        return status, [*more, *_HEADERS, (b"x-request-id", passing.request_id.encode())], body

    async def _serve(self, scope: Scope, receive: Receive, send: _Out, passing: Passing) -> None:
        if self._under_way > self._most and scope["path"] not in _ALWAYS_IN:
            await send.problem(Busy(retry_after=BUSY_SECONDS))
            return
        try:
            await self._direct.get((scope["method"], scope["path"]), self._app)(scope, receive, send)
        except ClientDisconnect:
            passing.status = passing.status or _CLIENT_WENT
        except MnverifyError as error:
            if status_of(error) >= 500 and not isinstance(error, ServiceError):
                log.write(log.failed(error, passing.request_id))
            await send.problem(error)
        except Exception as error:  # noqa: BLE001  # the last one: nothing of it reaches the caller
            log.write(log.failed(error, passing.request_id))
            await send.problem(ServiceError())

    def _count(self, scope: Mapping[str, Any], passing: Passing, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        if self.meters is not None:
            self.meters.answered(passing.route, method, passing.status, seconds, passing.code)
        if self._log_requests and not (passing.route in ("healthz", "readyz", "metrics") and passing.status == 200):
            self._tell(
                log.RequestServed(
                    request_id=passing.request_id,
                    method=cast("log.Method", method),
                    route=passing.route,
                    status=passing.status,
                    milliseconds=round(seconds * 1000, 2),
                    code=passing.code,
                    key_id=passing.key_id,
                    verification_id=passing.verification_id,
                )
            )

    def _tell(self, line: log.Line) -> None:
        """Write a line together with those of all requests that are answered in this turn of the event loop."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        self._lines.append(log.text(line))

    def _write(self) -> None:
        lines = "".join(self._lines)
        self._lines.clear()
        log.put(lines)


class _Out:
    """The way out: adds what every answer carries."""

    def __init__(self, send: Send, passing: Passing) -> None:
        self._send = send
        self._passing = passing

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._passing.status = message["status"]
            headers = [(name, value) for name, value in message.get("headers", []) if name.lower() not in _OURS]
            message = {
                **message,
                "headers": [*headers, *_HEADERS, (b"x-request-id", self._passing.request_id.encode())],
            }
        await self._send(message)

    async def problem(self, error: MnverifyError) -> None:
        """Answer with a problem, unless an answer is on its way."""
        if self._passing.status:
            return
        status, headers, body = problem_answer(error, self._passing)
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


_OURS = {name for name, _ in _HEADERS}


def problem_answer(error: MnverifyError, passing: Passing) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of a problem."""
    document: dict[str, Any] = problem(error, request_id=passing.request_id, lang=passing.lang)
    passing.code = log.Code(document["code"])
    body = to_json(document)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"content-language", passing.lang.encode()),
    ]
    status = document["status"]
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="mnverify"'))
    if status in (408, 413):
        headers.append((b"connection", b"close"))  # what is left of the body is not read
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    return status, headers, body


def _language(scope: Mapping[str, Any]) -> str:
    """``ja`` where the caller prefers it to English."""
    for name, value in scope["headers"]:
        if name == b"accept-language":
            for part in value.decode("latin-1").lower().split(","):
                word = part.partition(";")[0].strip()
                if word[:2] in ("ja", "en") and word[2:3] in ("", "-"):
                    return str(word[:2])
    return "en"
