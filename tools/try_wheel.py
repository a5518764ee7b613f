"""Build the wheel, install it into a fresh environment, and run the main job from there, away from the source tree: the demo,
and a card that the installed program serves and reads through a real PC/SC service.

Usage: python -m tools.try_wheel
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from tests.support.pcsc_service import SOCKET, PcscService

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run(*words: str | Path, cwd: Path, stdin: str = "") -> str:
    """Run a program away from the source tree; stop the script where it fails."""
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, env=OUTSIDE, check=True, text=True, input=stdin, stdout=subprocess.PIPE
    ).stdout


def read_served_card(mnverify: Path, place: Path) -> Any:
    """What the installed program says of a card that it serves to itself through pcscd."""
    with PcscService() as service:
        OUTSIDE[SOCKET] = str(service.socket)
        words = [str(mnverify), "card", "serve", "--pcsc", "--port", str(service.ports[0])]
        with subprocess.Popen(words, cwd=place, env=OUTSIDE, text=True, stdout=subprocess.PIPE) as serving:
            try:
                if serving.stdout is None:
                    raise AssertionError
                card = json.loads(serving.stdout.readline())
                reading = ("read", "face-check", "--reader", "0", "--wait", "10", "--trust", card["anchors"], "--json")
                return json.loads(
                    run(mnverify, *reading, cwd=place, stdin=card["credentials"]["verification-number-b"])
                )
            finally:
                serving.terminate()


def main() -> None:
    """The demo of the installed wheel and the card it serves have to be verified, by files of the wheel."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", place, ROOT, cwd=place)
        (wheel,) = place.glob("*.whl")
        venv.create(place / "fresh", with_pip=True)
        python = place / "fresh" / "bin" / "python"
        run(
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "-c",
            ROOT / "constraints.txt",
            f"{wheel}[virtual,pcsc,nfc]",
            cwd=place,
        )
        home = run(python, "-c", "import mnverify; print(mnverify.__file__)", cwd=place)
        mnverify = place / "fresh" / "bin" / "mnverify"
        result = json.loads(run(mnverify, "demo", "--json", cwd=place))
        read = read_served_card(mnverify, place)
    if not home.startswith(str(place)) or {result["verdict"], read["verdict"]} != {"verified"}:
        sys.exit("the wheel does not do the main job")
    print(
        f"the wheel verifies a virtual card ({result['environment']}), and one on a PC/SC reader ({read['environment']})"
    )


if __name__ == "__main__":
    main()
