"""The service: the page, its events, and what is done at it. On loopback, for one browser of this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from samples.nfc_kiosk import events as ev
from samples.nfc_kiosk.door import OPEN, Door
from samples.nfc_kiosk.history import as_csv
from samples.nfc_kiosk.hub import MOST_PAGES
from samples.nfc_kiosk.kiosk import Kiosk
from samples.nfc_kiosk.notify import Pulse
from samples.nfc_kiosk.pages import PageFiles
from samples.nfc_kiosk.security import COOKIE, Keys
from samples.nfc_kiosk.typed import FormError

TICK_SECONDS = 0.25
_PATIENCE = 15.0  # seconds between two signs of life on a stream where nothing changes
_MOST_FORM = 4096
_MOST_FRAME = 2_000_000


def create_app(
    kiosk: Kiosk,
    keys: Keys,
    *,
    pulse: Pulse | None = None,
    extra: Callable[[FastAPI], None] | None = None,
    head: str = "",
) -> FastAPI:
    """The service as an ASGI application.

    Args:
        kiosk: the one behind it.
        keys: of this start.
        pulse: tells systemd that all is well.
        extra: adds routes; for the demonstration's panel.
        head: what stands at the end of the page's head, its end tag included; for the same.
    """
    alive = pulse or Pulse(None)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        kiosk.start(lambda event: _post(loop, kiosk, event))
        ticking = asyncio.create_task(_tick(kiosk, alive))
        try:
            yield
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
            await loop.run_in_executor(None, kiosk.close)

    app = FastAPI(title="NFC kiosk", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.add_middleware(Door, keys=keys, camera=kiosk.settings.camera == "browser")
    app.add_exception_handler(FormError, _form_error)
    _add_page(app, kiosk, keys, alive, head)
    _add_visit(app, kiosk)
    _add_camera(app, kiosk)
    _add_history(app, kiosk)
    if extra is not None:
        extra(app)
    return app


def _post(loop: asyncio.AbstractEventLoop, kiosk: Kiosk, event: ev.Event) -> None:
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(kiosk.take, event)


async def _tick(kiosk: Kiosk, pulse: Pulse) -> None:
    """Time goes by, and the watchdog hears that we live."""
    while True:
        kiosk.take(ev.Tick())
        if kiosk.healthy:
            pulse.beat()
        await asyncio.sleep(TICK_SECONDS)


async def _form_error(_: Request, error: Exception) -> Response:
    fields = error.fields if isinstance(error, FormError) else {}
    return JSONResponse({"fields": fields}, status_code=422)


def _add_page(app: FastAPI, kiosk: Kiosk, keys: Keys, pulse: Pulse, head: str) -> None:
    files = PageFiles(Path(__file__).with_name("page"))

    @app.get(OPEN)
    def open_page(token: str = "") -> Response:
        if not keys.opens(token):
            raise HTTPException(401)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(COOKIE, keys.session, httponly=True, samesite="strict", path="/")
        return answer

    @app.get("/")
    def page() -> Response:
        return Response(files.index(kiosk.settings, keys.csrf, head), media_type="text/html")

    @app.get("/page/{name:path}")
    def part(name: str) -> Response:
        found = files.get(name)
        if found is None:
            raise HTTPException(404)
        return Response(found.content, media_type=found.media_type)

    @app.get("/settings")
    def settings() -> dict[str, Any]:
        one = kiosk.settings
        return {
            "name": one.name,
            "language": one.language,
            "languages": files.languages,
            "theme": one.theme,
            "sound": one.sound,
            "age": one.age,
            "history": kiosk.history.on,
            "warn_before": one.warn_before,
        }

    @app.post("/alive", status_code=204)
    def page_lives() -> None:
        pulse.page_beat()


def _add_visit(app: FastAPI, kiosk: Kiosk) -> None:
    @app.get("/events")
    async def events() -> Response:
        if kiosk.hub.pages >= MOST_PAGES:
            raise HTTPException(503)
        return StreamingResponse(_stream(kiosk), media_type="text/event-stream")

    @app.post("/do/{action}", status_code=204)
    async def do(action: str, request: Request) -> None:
        form = await _form(request)
        try:
            kiosk.act(action, form)
        except KeyError:
            raise HTTPException(404) from None

    @app.get("/pictures/{visit}/{name}")
    async def picture(visit: int, name: str) -> Response:
        found = kiosk.picture(name) if visit == kiosk.machine.visit else None
        if found is None:
            raise HTTPException(404)
        return Response(bytes(found), media_type="image/png")

    @app.get("/number")
    async def number() -> dict[str, str]:
        found = kiosk.number()
        if found is None:
            raise HTTPException(404)
        return {"number": found.reveal()}


def _add_camera(app: FastAPI, kiosk: Kiosk) -> None:
    @app.post("/camera/frame", status_code=204)
    async def frame(request: Request) -> None:
        kiosk.booth.frame(await _body(request, _MOST_FRAME))

    @app.get("/camera/preview")
    async def preview() -> Response:
        found = kiosk.booth.preview()
        if found is None:
            raise HTTPException(404)
        return Response(bytes(found), media_type="image/jpeg")


async def _stream(kiosk: Kiosk) -> AsyncIterator[bytes]:
    """The whole state at once, and again after each change."""
    async for changed in kiosk.hub.news(_PATIENCE):
        if changed:
            yield b"data: " + json.dumps(kiosk.view(), ensure_ascii=False).encode() + b"\n\n"
        else:
            yield b": still here\n\n"


def _add_history(app: FastAPI, kiosk: Kiosk) -> None:
    @app.get("/history")
    def lines() -> dict[str, Any]:
        _require(kiosk.history.on)
        shown = kiosk.history.lines()[:200]
        return {
            "lines": [
                {
                    "time": one.time,
                    "verdict": one.verdict,
                    "expiry_year": one.expiry_year,
                    "same_person": one.same_person,
                }
                for one in shown
            ]
        }

    @app.get("/history.csv")
    def table() -> Response:
        _require(kiosk.history.on)
        saved_as = {"content-disposition": 'attachment; filename="history.csv"'}
        return PlainTextResponse("\ufeff" + as_csv(kiosk.history.lines()), media_type="text/csv", headers=saved_as)


def _require(there: bool) -> None:
    if not there:
        raise HTTPException(404)


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise HTTPException(413)
    return bytes(body)


async def _form(request: Request) -> dict[str, Any]:
    """A small flat object. What it holds is never repeated in an answer."""
    body = await _body(request, _MOST_FORM)
    if not body:
        return {}
    form: object = None
    with suppress(ValueError, RecursionError):
        form = json.loads(body)
    if not isinstance(form, dict) or not all(isinstance(one, str | bool | int | None) for one in form.values()):
        raise HTTPException(400)
    return form
