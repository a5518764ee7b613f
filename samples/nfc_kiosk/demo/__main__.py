"""The demonstration, on one machine with no hardware::

    python -m samples.nfc_kiosk.demo

It prints one line of JSON with the address of the page. Everybody in it is invented.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from mnverify import TrustStore
from samples.nfc_kiosk.demo.panel import HEAD, routes
from samples.nfc_kiosk.demo.reader import DemoReaders
from samples.nfc_kiosk.demo.stage import Stage
from samples.nfc_kiosk.history import FileHistory
from samples.nfc_kiosk.kiosk import Kiosk
from samples.nfc_kiosk.serving import serve
from samples.nfc_kiosk.settings import Settings
from samples.nfc_kiosk.words import Mode

ALL_MODES = (Mode.FACE, Mode.AGE, Mode.NUMBER)


def main() -> int:
    """Run it until it is interrupted."""
    parser = argparse.ArgumentParser(prog="nfc_kiosk.demo", description="The kiosk with virtual cards.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any")
    parser.add_argument("--language", default="ja")
    options = parser.parse_args()
    stage = Stage(DemoReaders())
    with tempfile.TemporaryDirectory(prefix="nfc-kiosk-") as folder:
        settings = Settings(port=options.port, modes=ALL_MODES, role="my-number-office", language=options.language)
        kiosk = Kiosk(
            settings,
            TrustStore.from_json(json.dumps(stage.anchors)),
            stage.readers,
            history=FileHistory(Path(folder) / "history.csv", settings.history_days),
        )
        serve(kiosk, extra=routes(stage), head=HEAD)
    return 0


if __name__ == "__main__":
    sys.exit(main())
