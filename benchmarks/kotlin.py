"""``python -m benchmarks.kotlin``: how large the Kotlin jars are, and what a verification costs there beside Python, in one run.

The same evidence (vector ``face-whole``: chain, record, presence), from its JSON text to the verdict, best of seven rounds each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from base64 import b64decode
from datetime import datetime
from pathlib import Path

from mnverify import Evidence, TrustStore, verify

ROOT = Path(__file__).resolve().parent.parent
KOTLIN = ROOT / "bindings" / "kotlin"
VECTORS = ROOT / "tests" / "vectors"
JARS = (
    "core/target/mnverify-core-0.1.0.jar",
    "android/target/mnverify-android-0.1.0.jar",
    "cli/target/mnverify-cli.jar",
)
_ROUNDS, _EACH = 7, 200


def in_python() -> float:
    """Milliseconds of one verification."""
    vector = json.loads((VECTORS / "face-whole.json").read_bytes())
    text, at = json.dumps(vector["evidence"]), datetime.fromisoformat(vector["at"])
    trust, challenge = TrustStore.from_file(VECTORS / "anchors" / "virtual.json"), b64decode(vector["challenge"])
    rounds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for _ in range(_EACH):
            verify(Evidence.from_json(text), trust=trust, at=at, challenge=challenge).require()
        rounds.append((time.perf_counter() - began) * 1000 / _EACH)
    return min(rounds)


def in_kotlin() -> float:
    """The same on the JVM."""
    classes = [KOTLIN / "core/target/test-classes", KOTLIN / "cli/target/mnverify-cli.jar"]
    classpath = os.pathsep.join(map(str, classes))
    command = ["java", f"-Dmnverify.root={ROOT}", "-cp", classpath, "mnverify.SpeedKt"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> int:
    """Print one line for each."""
    if not (KOTLIN / JARS[-1]).exists():
        print("kotlin: nothing is built; make bindings-kotlin", file=sys.stderr)
        return 1
    sizes = ", ".join(f"{Path(jar).name} {(KOTLIN / jar).stat().st_size / 1024:.0f} KiB" for jar in JARS)
    python, kotlin = in_python(), in_kotlin()
    print(f"kotlin: {sizes}")
    print(f"kotlin: {kotlin:.3f} ms a verification, {kotlin / python:.1f} × Python's {python:.3f} ms in the same run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
