"""The panel beside the kiosk: it plays the hands that lay down a card, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from samples.nfc_kiosk.demo.choices import CONDITIONS, PRINT_FLAWS
from samples.nfc_kiosk.demo.stage import FAULTS, Stage, people
from samples.nfc_kiosk.pages import PageFiles

HEAD = (
    '<link rel="stylesheet" href="/demo/page/panel.css">\n'
    '    <script type="module" src="/demo/page/panel.js"></script>\n  </head>'
)
_KNOWN: dict[str, tuple[str, ...]] = {
    "persona": tuple(one["id"] for one in people()),
    "fault": FAULTS,
    "print_flaw": PRINT_FLAWS,
    "condition": CONDITIONS,
}


def routes(stage: Stage) -> Callable[[FastAPI], None]:
    """The panel's own addresses, added to the service of the demonstration."""
    files = PageFiles(Path(__file__).with_name("page"))

    def add(app: FastAPI) -> None:
        @app.get("/demo/page/{name:path}")
        def part(name: str) -> Response:
            found = files.get(name)
            if found is None:
                raise HTTPException(404)
            return Response(found.content, media_type=found.media_type)

        @app.get("/demo/choices")
        def choices() -> dict[str, Any]:
            chosen = {name: getattr(stage.choice, name) for name in _KNOWN}
            return {
                "known": {name: list(words) for name, words in _KNOWN.items()},
                "people": people(),
                "chosen": chosen,
            }

        @app.post("/demo/choose", status_code=204)
        async def choose(request: Request) -> None:
            wanted = await request.json()
            if not all(name in _KNOWN and word in _KNOWN[name] for name, word in wanted.items()):
                raise HTTPException(422)
            await run_in_threadpool(stage.choose, replace(stage.choice, **wanted))

        @app.post("/demo/put", status_code=204)
        async def put() -> None:
            await run_in_threadpool(stage.put)

        @app.post("/demo/take", status_code=204)
        async def take() -> None:
            await run_in_threadpool(stage.take)

        @app.get("/demo/typed")
        async def typed() -> dict[str, str]:
            return await run_in_threadpool(stage.typed)

    return add
