"""The command line in TypeScript, as `make bindings-typescript` has built it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent.parent / "bindings" / "typescript"
CLI = FOLDER / "dist" / "cli.js"

built = pytest.mark.skipif(
    not CLI.exists() or shutil.which("node") is None, reason="not built here: make bindings-typescript"
)


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """One command."""
    command = ["node", str(CLI), *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON object that it printed."""
    assert "    at " not in done.stderr, "a stack trace"
    return json.loads(done.stdout)
