"""The kiosk::

    python -m samples.nfc_kiosk --settings /etc/nfc-kiosk.toml

It prints one line of JSON with the address of the page, and serves until it is told to end.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from mnverify import MnverifyError, TrustStore
from mnverify.client import VerificationClient
from samples.nfc_kiosk.booth import Booth, NoBooth
from samples.nfc_kiosk.desk import RealReaders
from samples.nfc_kiosk.history import FileHistory, History, NoHistory
from samples.nfc_kiosk.kiosk import Kiosk
from samples.nfc_kiosk.serving import serve
from samples.nfc_kiosk.settings import EndpointSettings, Settings, SettingsError


def trust_of(word: str) -> TrustStore:
    """The anchors of the settings.

    Raises:
        TrustError: the file is none of anchors.
    """
    match word:
        case "production":
            return TrustStore.production()
        case "test":
            return TrustStore.test()
        case _:
            return TrustStore.from_file(word)


def history_of(settings: Settings) -> History:
    """Where the lines go."""
    return FileHistory(settings.history, settings.history_days) if settings.history else NoHistory()


def client_of(endpoint: EndpointSettings) -> VerificationClient:
    """The client of the endpoint that judges."""
    key = endpoint.key_file.read_text("utf-8").strip()
    return VerificationClient(endpoint.url, key, relying_party=endpoint.relying_party, environment=endpoint.environment)


def booth_of(settings: Settings) -> Booth:
    """The camera; its packages (extras ``ocr`` and ``qr``) are loaded only where there is one."""
    if settings.camera == "none":
        return NoBooth()
    from samples.nfc_kiosk.camera import CameraBooth
    from samples.nfc_kiosk.frames import CameraFrames, PageFrames

    return CameraBooth(CameraFrames(settings.camera_index) if settings.camera == "opencv" else PageFrames())


def kiosk_of(settings: Settings) -> Kiosk:
    """The kiosk of the settings, with the readers and the camera of this machine."""
    return Kiosk(
        settings,
        trust_of(settings.trust),
        RealReaders(),
        history=history_of(settings),
        booth=booth_of(settings),
        endpoint=client_of(settings.endpoint) if settings.endpoint else None,
    )


def main() -> int:
    """Run it; 2 where the settings cannot be."""
    parser = argparse.ArgumentParser(prog="nfc_kiosk", description="A kiosk for in-person identity checks.")
    parser.add_argument("--settings", type=Path, help="the operator's file (TOML)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        settings = Settings.from_file(options.settings) if options.settings else Settings()
        kiosk = kiosk_of(settings)
    except (SettingsError, MnverifyError, OSError) as error:
        print(f"nfc_kiosk: {error}", file=sys.stderr)
        return 2
    serve(kiosk)
    return 0


if __name__ == "__main__":
    sys.exit(main())
