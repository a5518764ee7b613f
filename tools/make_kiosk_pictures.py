"""Pictures of every screen of the kiosk, in both languages, into ``docs/images/kiosk``::

    python -m tools.make_kiosk_pictures

The walk is the one of the tests: the demonstration, its virtual cards, Debian's Chromium.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.samples.nfc_kiosk.bench import CHROMIUM, KioskProcess
from tests.samples.nfc_kiosk.screens import DEMO, Walker, seen, walk, warned

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "images" / "kiosk"
LYING, UPRIGHT = (1280, 800), (1080, 1920)
ALSO_UPRIGHT = {"idle", "printed", "verdict-typed", "age-yes"}
ALSO_DARK = {"idle", "verdict-typed"}


def keep(walker: Walker, name: str, width: int) -> None:
    """One picture, without the panel's switch, made smaller."""
    walker.page.evaluate("document.getElementById('panel-switch').hidden = true")
    shot = Image.open(io.BytesIO(walker.page.screenshot(animations="disabled"))).convert("RGB")
    height = round(shot.height * width / shot.width)
    shot.resize((width, height), Image.Resampling.LANCZOS).save(FOLDER / f"{name}.webp", quality=78, method=6)


def pictures(
    chromium: Browser, demo: KioskProcess, language: str, only: set[str] | None, kind: str, **page: Any
) -> None:
    """All screens of a language, or some of them lying or upright, light or dark."""
    walker = Walker(chromium.new_page(reduced_motion="reduce", **page), demo)
    upright = page["viewport"]["height"] > page["viewport"]["width"]
    for name in walk(walker):
        if only is None or name in only:
            keep(walker, f"{name}{kind}.{language}", 540 if upright else 960)
    walker.page.close()


def main() -> int:
    """Make them all anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    lying, upright = (ViewportSize(width=size[0], height=size[1]) for size in (LYING, UPRIGHT))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language in ("ja", "en"):
            with (
                tempfile.TemporaryDirectory() as name,
                KioskProcess(Path(name), DEMO, camera="off", language=language) as demo,
            ):
                pictures(chromium, demo, language, None, "", viewport=lying)
                if language == "ja":
                    pictures(chromium, demo, language, ALSO_UPRIGHT, "-upright", viewport=upright)
                    pictures(chromium, demo, language, ALSO_DARK, "-dark", viewport=lying, color_scheme="dark")
            impatient = {"camera": "off", "language": language, "wipe_after": 17, "warn_before": 12}
            with tempfile.TemporaryDirectory() as name, KioskProcess(Path(name), DEMO, **impatient) as demo:
                walker = Walker(chromium.new_page(reduced_motion="reduce", viewport=lying), demo)
                keep(walker, f"{warned(walker)}.{language}", 960)
                walker.page.close()
            with tempfile.TemporaryDirectory() as name, KioskProcess(Path(name), DEMO, language=language) as demo:
                walker = Walker(chromium.new_page(reduced_motion="reduce", viewport=lying), demo)
                for screen in seen(walker):
                    keep(walker, f"{screen}.{language}", 960)
                walker.page.close()
        chromium.close()
    made = sorted(FOLDER.glob("*.webp"))
    print(f"{len(made)} pictures, {sum(one.stat().st_size for one in made) / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
