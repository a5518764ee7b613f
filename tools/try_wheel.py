"""Build the wheel, install it into a fresh environment, and run the main job from there, away from the source tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run(*words: str | Path, cwd: Path) -> str:
    """Run a program away from the source tree; stop the script where it fails."""
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, env=OUTSIDE, check=True, text=True, stdout=subprocess.PIPE
    ).stdout


def main() -> None:
    """The demo of the installed wheel has to be verified, by files of the wheel."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", place, ROOT, cwd=place)
        (wheel,) = place.glob("*.whl")
        venv.create(place / "fresh", with_pip=True)
        python = place / "fresh" / "bin" / "python"
        run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", f"{wheel}[virtual]", cwd=place)
        home = run(python, "-c", "import mnverify; print(mnverify.__file__)", cwd=place)
        result = json.loads(run(place / "fresh" / "bin" / "mnverify", "demo", "--json", cwd=place))
    if not home.startswith(str(place)) or result["verdict"] != "verified":
        sys.exit("the wheel does not do the main job")
    print(f"the wheel verifies a virtual card: {result['verdict']}, {result['environment']}")


if __name__ == "__main__":
    main()
