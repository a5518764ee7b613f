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
from samples.nfc_kiosk.booth import Booth
from samples.nfc_kiosk.demo.panel import HEAD, routes
from samples.nfc_kiosk.demo.reader import DemoReaders
from samples.nfc_kiosk.demo.stage import Stage
from samples.nfc_kiosk.history import FileHistory
from samples.nfc_kiosk.kiosk import Kiosk
from samples.nfc_kiosk.serving import serve
from samples.nfc_kiosk.settings import Settings
from samples.nfc_kiosk.words import Mode

ALL_MODES = (Mode.FACE, Mode.AGE, Mode.NUMBER)


def _camera(stage: Stage, kiosk: Kiosk) -> Booth:
    """Rendered prints, front or back as the mode wants it."""
    from samples.nfc_kiosk.camera import CameraBooth
    from samples.nfc_kiosk.demo.camera import DemoFrames

    return CameraBooth(DemoFrames(lambda: stage.choice, lambda: kiosk.machine.mode is Mode.NUMBER))


def main() -> int:
    """Run it until it is interrupted."""
    parser = argparse.ArgumentParser(prog="nfc_kiosk.demo", description="The kiosk with virtual cards.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any")
    parser.add_argument("--language", default="ja")
    parser.add_argument("--camera", default="on", choices=("on", "off"), help="rendered pictures in place of a camera")
    parser.add_argument("--theme", default="auto", choices=("auto", "light", "dark"))
    parser.add_argument("--wipe-after", type=float, default=60.0, help="seconds of silence")
    parser.add_argument("--warn-before", type=float, default=15.0, help="seconds before that")
    options = parser.parse_args()
    stage = Stage(DemoReaders())
    with tempfile.TemporaryDirectory(prefix="nfc-kiosk-") as folder:
        settings = Settings(
            port=options.port,
            modes=ALL_MODES,
            role="my-number-office",
            language=options.language,
            theme=options.theme,
            wipe_after=options.wipe_after,
            warn_before=options.warn_before,
        )
        kiosk = Kiosk(
            settings,
            TrustStore.from_json(json.dumps(stage.anchors)),
            stage.readers,
            history=FileHistory(Path(folder) / "history.csv", settings.history_days),
        )
        if options.camera == "on":
            kiosk.use(_camera(stage, kiosk))
        serve(kiosk, extra=routes(stage), head=HEAD)
    return 0


if __name__ == "__main__":
    sys.exit(main())
