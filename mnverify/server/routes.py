"""The addresses of the service. A route translates: it reads what arrived, hands it to a use case in one hop to a thread, and
writes the answer. Nothing is decided here, and nothing is sent before the use case came back with its transaction committed.

Every route is plain ASGI. The framework documents all of them and finds most; those that are asked for most are found by the door,
since the framework's way to them takes longer than a verification does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, cast

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mnverify.errors import MnverifyError
from mnverify.server import log
from mnverify.server.batches import Batches
from mnverify.server.body import read_body
from mnverify.server.door import Passing, problem_answer
from mnverify.server.envelopes import MAX_BYTES
from mnverify.server.json_bytes import to_json
from mnverify.server.metrics import CONTENT_TYPE
from mnverify.server.openapi import (
    CHALLENGE,
    EVENTS,
    HEALTH,
    JWKS,
    METRICS,
    OUTCOME,
    READY,
    TRUST_ANCHORS,
    VERIFICATION,
)
from mnverify.server.problems import DatabaseUnfit, ServiceError, status_of
from mnverify.server.requests import Arrived, Head, check_authorization
from mnverify.server.service import Service
from mnverify.server.use_cases import operate, serve

JSON = "application/json"
_CLIENT_WENT = 499

Work = Callable[[Service, Arrived], dict[str, Any] | bytes]


class Routes:
    """The routes of one application.

    Attributes:
        service: set while the application runs.
        threads: where use cases run.
        batches: where verifications are evaluated.
        router: for the application.
        direct: what the door serves by itself, by method and path.
    """

    service: Service
    threads: Executor
    batches: Batches[Arrived, bytes]

    def __init__(self) -> None:
        self.router = APIRouter()
        self.direct: dict[tuple[str, str], ASGIApp] = {
            ("POST", "/v1/challenges"): self.challenges,
            ("POST", "/v1/verifications"): self.verifications,
        }
        for method, path, handler, document in (
            ("POST", "/v1/challenges", self.challenges, CHALLENGE),
            ("POST", "/v1/verifications", self.verifications, VERIFICATION),
            ("GET", "/v1/verifications/{verification_id}", self.verification, OUTCOME),
            ("GET", "/v1/verifications/{verification_id}/events", self.events, EVENTS),
            ("GET", "/v1/trust-anchors", self.trust_anchors, TRUST_ANCHORS),
            ("GET", "/.well-known/jwks.json", self.jwks, JWKS),
            ("GET", "/healthz", self.healthz, HEALTH),
            ("GET", "/readyz", self.readyz, READY),
            ("GET", "/metrics", self.metrics, METRICS),
        ):
            endpoint = _endpoint(handler)
            self.router.add_api_route(path, endpoint, methods=[method], response_model=None, **document)

    async def challenges(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand out a challenge."""
        await self._answer(
            scope, receive, send, "challenges", self._hop(serve.challenge), status=201, body=True, key=True
        )

    async def verifications(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Verify evidence."""
        await self._answer(scope, receive, send, "verifications", self._together, body=True, key=True)

    async def verification(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read a stored outcome."""
        await self._answer(scope, receive, send, "verification", self._hop(serve.outcome), key=True)

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read what happened."""
        await self._answer(scope, receive, send, "events", self._hop(serve.events), key=True)

    async def trust_anchors(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the anchors in force."""
        await self._answer(scope, receive, send, "trust-anchors", self._hop(serve.trust_anchors), key=True)

    async def jwks(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the keys that sign receipts."""
        await self._answer(scope, receive, send, "jwks", self._hop(operate.jwks))

    async def healthz(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that the process lives. Asks nobody, not even a thread."""
        _passing(scope).route = "healthz"
        await _write(send, 200, b'{"status":"alive"}', JSON)

    async def readyz(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say whether requests can be served."""
        await self._answer(scope, receive, send, "readyz", self._hop(operate.ready))

    async def metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the metrics."""
        await self._answer(scope, receive, send, "metrics", self._hop(operate.metrics), media_type=CONTENT_TYPE)

    def _hop(self, work: Work) -> Callable[[Arrived], Awaitable[bytes]]:
        return partial(self._alone, work)

    def _alone(self, work: Work, arrived: Arrived) -> Awaitable[bytes]:
        return asyncio.get_running_loop().run_in_executor(self.threads, _run, work, self.service, arrived)

    def _together(self, arrived: Arrived) -> Awaitable[bytes]:
        return self.batches.submit(arrived)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        route: log.Route,
        work: Callable[[Arrived], Awaitable[bytes]],
        *,
        status: int = 200,
        body: bool = False,
        key: bool = False,
        media_type: str = JSON,
    ) -> None:
        passing = _passing(scope)
        passing.route = route
        try:
            head, content = Head.of(scope), b""
            if key:
                check_authorization(head.authorization)
            if body:
                seconds = self.service.config.body_seconds
                content = await read_body(receive, head, most=MAX_BYTES, seconds=seconds)
            answer = await work(Arrived.of(scope, head, content, passing))
        except ClientDisconnect:
            await _write(send, _CLIENT_WENT, b"", JSON)
        except Exception as error:  # noqa: BLE001  # what was not foreseen is told as such, and nothing of it
            await _refuse(send, error, passing)
        else:
            await _write(send, status, answer, media_type)


def _endpoint(handler: ASGIApp) -> Callable[[Request], Awaitable[Response]]:
    """A route as the framework takes one, named and described as what it leads to."""

    class Leading(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await handler(scope, receive, send)

    async def endpoint(_: Request) -> Response:
        return Leading()

    endpoint.__name__, endpoint.__doc__ = handler.__name__, handler.__doc__
    return endpoint


def _run(work: Work, service: Service, arrived: Arrived) -> bytes:
    """In the thread: the use case, and the answer as bytes."""
    answer = work(service, arrived)
    return answer if isinstance(answer, bytes) else to_json(answer)


async def _write(send: Send, status: int, body: bytes, media_type: str) -> None:
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", media_type.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Send, error: Exception, passing: Passing) -> None:
    told = error if isinstance(error, MnverifyError) else ServiceError()
    if status_of(told) == 500 or isinstance(told, DatabaseUnfit):
        log.write(log.failed(error, passing.request_id))
    status, headers, content = problem_answer(told, passing)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _passing(scope: Scope) -> Passing:
    return cast("Passing", scope["state"]["passing"])
