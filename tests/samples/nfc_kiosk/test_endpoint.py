"""A kiosk whose verdicts come from a verification endpoint."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mnverify.virtual import persona
from tests.samples.nfc_kiosk.bench import PATIENCE, KioskProcess, Visitor, traces, typed
from tests.support.host import CardHost
from tests.support.pcsc_service import PcscService

CARD, PARTY = "nagai-jusho", "example-bank"
MNVERIFY = [sys.executable, "-m", "mnverify"]


@contextmanager
def endpoint(folder: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A real one with SQLite: its process, and the settings of a kiosk that asks it."""
    database = ["--database", f"sqlite:///{folder / 'endpoint.db'}"]
    command = [*MNVERIFY, "serve", *database, "--port", "0", "--trust", "virtual"]
    with (folder / "endpoint.log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        add = [*MNVERIFY, "keys", "add", PARTY, "--role", "general", "--purpose", "in-person", *database]
        made = subprocess.run(add, capture_output=True, text=True, check=True, timeout=PATIENCE)
        (folder / "key").write_text(json.loads(made.stdout)["key"])
        yield (
            server,
            {
                "url": ready["url"],
                "key_file": str(folder / "key"),
                "relying_party": PARTY,
                "environment": ready["environment"],
            },
        )
    finally:
        server.terminate()
        server.wait(PATIENCE)
        if server.stdout is not None:
            server.stdout.close()


def to_the_end(visitor: Visitor, state: str) -> dict[str, Any]:
    """A typed visit, until the kiosk says something."""
    visitor.post("/do/begin", {"mode": "face"})
    visitor.post("/do/print", typed(persona(CARD)))
    visitor.post("/do/confirm")
    return visitor.until(state)


@pytest.mark.parametrize("flaws", [(), ("cloned-without-key",)])
def test_the_endpoint_judges(flaws: tuple[str, ...], service: PcscService, host: CardHost, tmp_path: Path) -> None:
    with (
        endpoint(tmp_path) as (server, settings),
        KioskProcess(tmp_path / "kiosk", reader=service.readers[1], endpoint=settings) as kiosk,
    ):
        visitor = Visitor(kiosk)
        host.plug("judged", "pcsc", service.ports[1])
        host.card("judged", CARD, flaws=flaws)
        host.insert("judged")
        told = to_the_end(visitor, "verdict")
        assert told["outcome"] == ("rejected" if flaws else "match")
        assert len(told["verdict"]["endpoint"]) > 16
        visitor.post("/do/finish")
        visitor.until("idle")
        assert kiosk.found(traces(persona(CARD))) == {}
        server.terminate()
        server.wait(PATIENCE)
        assert to_the_end(visitor, "problem")["problem"]["code"] == "endpoint"
        assert host.state("judged")["retries"]["face-check/0012"] == 10
        host.remove("judged")
        visitor.close()
