"""The programs of ``bindings/kotlin``, built by ``make bindings-kotlin``, as tests run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
KOTLIN = ROOT / "bindings" / "kotlin"
CLI = KOTLIN / "cli" / "target" / "mnverify-cli.jar"
CLIENT_TESTS = KOTLIN / "client" / "target" / "test-classes"
PHONE = ROOT / "samples" / "mobile_backend" / "kotlin_phone" / "target" / "kotlin-phone.jar"
NEEDED = "bindings-test-kotlin"
"""What ``MNVERIFY_BUILT`` names where the build has gone before, so that nothing may be missing."""

_SECONDS = 180
_JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]  # short-lived programs start sooner so


def needs_build() -> pytest.MarkDecorator:
    """Skips where nothing was built, but for ``make test``, which builds first."""
    there = shutil.which("java") is not None and CLI.exists()
    missing = not there and os.environ.get("MNVERIFY_BUILT") != NEEDED
    return pytest.mark.skipif(missing, reason="make bindings-kotlin builds what is tested here")


class Done(NamedTuple):
    """What a program said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on its standard output."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def java(classpath: list[Path], main: str, *words: str, stdin: str | bytes = "") -> Done:
    """Run a program to its end; no stack trace is ever shown."""
    command = [*_JAVA, "-cp", ":".join(map(str, classpath)), main, *words]
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(command, input=given, capture_output=True, timeout=_SECONDS, check=False)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "\tat " not in out + err and "Exception" not in out + err, out + err
    return Done(done.returncode, out, err)


def cli(*words: str, stdin: str | bytes = "") -> Done:
    """Run the command line, as outside judges do: ``java -jar mnverify-cli.jar …``."""
    return java([CLI], "mnverify.cli.MainKt", *words, stdin=stdin)
