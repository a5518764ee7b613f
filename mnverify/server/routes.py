"""The addresses of the service. A route translates: it reads what arrived, hands it to a use case in one hop to a thread, and
writes the answer. Nothing is decided here, and nothing is sent before the use case came back with its transaction committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, cast

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mnverify.errors import MnverifyError
from mnverify.server import log
from mnverify.server.body import read_body
from mnverify.server.door import Passing, problem_answer
from mnverify.server.envelopes import MAX_BYTES
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
from mnverify.server.problems import ServiceError, encode, status_of
from mnverify.server.requests import Arrived, check_authorization
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
        router: for the application.
    """

    service: Service
    threads: Executor

    def __init__(self) -> None:
        self.router = router = APIRouter()
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
            router.add_api_route(path, handler, methods=[method], response_model=None, **document)

    async def challenges(self, request: Request) -> Response:
        """Hand out a challenge."""
        return await self._answer(request, "challenges", serve.challenge, status=201, body=True, key=True)

    async def verifications(self, request: Request) -> Response:
        """Verify evidence."""
        return await self._answer(request, "verifications", serve.verification, body=True, key=True)

    async def verification(self, request: Request) -> Response:
        """Read a stored outcome."""
        return await self._answer(request, "verification", serve.outcome, key=True)

    async def events(self, request: Request) -> Response:
        """Read what happened."""
        return await self._answer(request, "events", serve.events, key=True)

    async def trust_anchors(self, request: Request) -> Response:
        """Tell the anchors in force."""
        return await self._answer(request, "trust-anchors", serve.trust_anchors, key=True)

    async def jwks(self, request: Request) -> Response:
        """Tell the keys that sign receipts."""
        return await self._answer(request, "jwks", operate.jwks)

    async def healthz(self, request: Request) -> Response:
        """Say that the process lives. Asks nobody, not even a thread."""
        _passing(request).route = "healthz"
        return Response(b'{"status":"alive"}', media_type=JSON)

    async def readyz(self, request: Request) -> Response:
        """Say whether requests can be served."""
        return await self._answer(request, "readyz", operate.ready)

    async def metrics(self, request: Request) -> Response:
        """Tell the metrics."""
        return await self._answer(request, "metrics", operate.metrics, media_type=CONTENT_TYPE)

    async def _answer(
        self,
        request: Request,
        route: log.Route,
        work: Work,
        *,
        status: int = 200,
        body: bool = False,
        key: bool = False,
        media_type: str = JSON,
    ) -> Response:
        passing = _passing(request)
        passing.route = route
        try:
            if key:
                check_authorization(request.headers.get("authorization"))
            content = b""
            if body:
                seconds = self.service.config.body_seconds
                content = await read_body(request, most=MAX_BYTES, seconds=seconds)
            arrived = Arrived.of(request, content, passing)
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self.threads, _run, work, self.service, arrived)
        except ClientDisconnect:
            return Response(status_code=_CLIENT_WENT)
        except Exception as error:  # noqa: BLE001  # what was not foreseen is told as such, and nothing of it
            return _refusal(error, passing)
        return Response(answer, status, media_type=media_type)


def _run(work: Work, service: Service, arrived: Arrived) -> bytes:
    """In the thread: the use case, and the answer as bytes."""
    answer = work(service, arrived)
    return answer if isinstance(answer, bytes) else encode(answer)


def _refusal(error: Exception, passing: Passing) -> Response:
    told = error if isinstance(error, MnverifyError) else ServiceError()
    if status_of(told) == 500:
        log.write(log.failed(error, passing.request_id))
    status, headers, content = problem_answer(told, passing)
    response = Response(content, status)
    response.raw_headers = headers
    return response


def _passing(request: Request) -> Passing:
    return cast("Passing", request.scope["state"]["passing"])
