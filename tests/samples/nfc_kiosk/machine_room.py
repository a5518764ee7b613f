"""A kiosk in a process of its own, as a service would run it, over the PC/SC service of the tests; and then it is searched.

Started by ``bench.py`` with one JSON object of settings. After the line with the address it obeys on standard input, one JSON
object a line: ``{"do": "alive"}`` takes stock of all that Python can still reach, and answers; ``{"do": "search", "wanted":
{name: hex}}`` tells what of it is found there; ``{"do": "plant", "what": hex}`` keeps something on purpose; ``{"do": "rss"}``.
"""

from __future__ import annotations

import gc
import json
import logging
import sys
import threading
from typing import Any

import psutil

from mnverify import TrustStore
from mnverify.masked import MaskedText
from mnverify.virtual import VirtualAuthority
from samples.nfc_kiosk.__main__ import client_of, history_of
from samples.nfc_kiosk.desk import RealReaders
from samples.nfc_kiosk.kiosk import Kiosk
from samples.nfc_kiosk.serving import serve
from samples.nfc_kiosk.settings import Settings
from tests.support.reading_process import alive, search

KEPT: list[Any] = []


def obey(kiosk: Kiosk) -> None:
    """Until standard input ends."""
    places: dict[str, list[bytes]] = {}
    for line in sys.stdin:
        order = json.loads(line)
        answer: dict[str, Any] = {}
        match order["do"]:
            case "alive":
                gc.collect()
                places = {"alive": alive()}
                answer = {"count": len(places["alive"])}
            case "search":
                answer = search(places, {name: bytes.fromhex(text) for name, text in order["wanted"].items()})
                places = {}
            case "plant":
                KEPT.append({"kept": MaskedText(bytes.fromhex(order["what"]).decode())})
            case "unplant":
                KEPT.clear()
            case "rss":
                gc.collect()
                answer = {"rss": psutil.Process().memory_info().rss, "threads": threading.active_count()}
            case "pages":
                answer = {"pages": kiosk.hub.pages}
        print(json.dumps(answer), flush=True)


def main() -> None:
    """Serve, and obey."""
    logging.basicConfig(level=logging.DEBUG, format="%(name)s %(levelname)s %(message)s")
    settings = Settings.from_object(json.loads(sys.argv[1]))
    anchors = VirtualAuthority.laboratory().trust_anchors()
    kiosk = Kiosk(
        settings,
        TrustStore.from_json(json.dumps(anchors)),
        RealReaders(),
        history=history_of(settings),
        endpoint=client_of(settings.endpoint) if settings.endpoint else None,
    )
    threading.Thread(target=obey, args=(kiosk,), daemon=True).start()
    serve(kiosk)


if __name__ == "__main__":
    main()
