"""The application: made by a factory, opened in its lifespan. Importing this module reads, opens and configures nothing."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mnverify.server import log
from mnverify.server.background import repeat_look, repeat_purge, repeat_tell, tell_anchors
from mnverify.server.batches import Batches
from mnverify.server.config import ServerConfig
from mnverify.server.door import Door, problem_answer
from mnverify.server.openapi import describe
from mnverify.server.opening import open_service
from mnverify.server.problems import MethodUnknown, RequestInvalid, ResourceUnknown, ServiceError
from mnverify.server.routes import Routes
from mnverify.server.service import Clock, Service, wall_clock
from mnverify.server.trust_file import LoadTrust, load_trust
from mnverify.server.use_cases import serve

_BATCHES = 1  # one is worked on while the other waits for the disk
_NEW_OBJECTS = 20_000  # for the collector to look at: some ten requests
_BATCH = 32  # requests; whoever comes first waits for the last


@dataclass(frozen=True, slots=True)
class AppFactory:
    """Makes the application in the process that serves it.

    Attributes:
        config: of the service.
        load: finds the anchors that ``config.trust`` names.
        clock: what time it is.
        opened: is told of the service when it is open, for tests.
    """

    config: ServerConfig
    load: LoadTrust = load_trust
    clock: Clock = wall_clock
    opened: Callable[[Service], None] | None = None

    def __call__(self) -> Door:
        """The application."""
        return create_app(self.config, load=self.load, clock=self.clock, opened=self._opened)

    def _opened(self, service: Service) -> None:
        _look_at_less_memory()
        if self.opened is not None:
            self.opened(service)


def create_app(
    config: ServerConfig,
    *,
    load: LoadTrust = load_trust,
    clock: Clock = wall_clock,
    opened: Callable[[Service], None] | None = None,
) -> Door:
    """The ASGI application of a configuration. It opens database and keys when its lifespan begins.

    Args:
        config: of the service.
        load: finds the anchors that ``config.trust`` names.
        clock: what time it is.
        opened: is told of the service when it is open.
    """
    routes = Routes()
    api = build_api(routes)
    door = Door(api, routes.direct, most=config.max_in_flight)
    api.router.lifespan_context = lambda _: _running(
        partial(open_service, config, load=load, clock=clock), routes, door, opened
    )
    return door


def build_api(routes: Routes) -> FastAPI:
    """The routes as an application that is not open: enough for the OpenAPI document."""
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url="/openapi.json", redirect_slashes=False)
    api.include_router(routes.router)
    api.add_exception_handler(HTTPException, _not_found)
    describe(api)
    return api


@asynccontextmanager
async def _running(
    opening: Callable[[], Service], routes: Routes, door: Door, opened: Callable[[Service], None] | None
) -> AsyncIterator[None]:
    service = await asyncio.to_thread(opening)
    threads = ThreadPoolExecutor(service.config.threads, thread_name_prefix="mnverify")
    watchers = ThreadPoolExecutor(1, thread_name_prefix="mnverify-background")
    routes.batches = Batches(partial(serve.verifications, service), threads=_BATCHES, most=_BATCH)
    routes.service, routes.threads = service, threads
    door.count_with(service.meters)
    tell_anchors(service)
    tasks = [asyncio.create_task(repeat(service, watchers)) for repeat in (repeat_purge, repeat_look, repeat_tell)]
    if opened is not None:
        opened(service)
    log.write(log.Happened("started", counts=(len(service.anchors.store.anchors),)))
    try:
        yield
    finally:
        service.stopping = True
        log.write(log.Happened("stopping"))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(routes.batches.close)
        await asyncio.to_thread(threads.shutdown)
        await asyncio.to_thread(watchers.shutdown)
        service.close()


def _look_at_less_memory() -> None:
    """What was loaded by now stays for as long as the process: the collector of cycles need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


async def _not_found(request: Request, error: Exception) -> Response:
    """The framework's own refusals, in the service's shape."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    told = {404: ResourceUnknown(), 405: MethodUnknown(), 400: RequestInvalid("request", "it is malformed")}
    passing = request.scope["state"]["passing"]
    status, headers, content = problem_answer(told.get(status, ServiceError()), passing)
    response = Response(content, status)
    allow = (getattr(error, "headers", None) or {}).get("Allow")
    response.raw_headers = headers + ([(b"allow", allow.encode())] if allow else [])
    return response
