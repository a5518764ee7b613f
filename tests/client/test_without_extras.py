"""Where the packages of the extra are missing, the error names them, and the rest of the library works."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("missing", "room"),
    [("requests", "mnverify.client"), ("joserfc", "mnverify.client"), ("joserfc", "mnverify.receipts")],
)
def test_the_error_names_the_package_and_the_extra(missing: str, room: str) -> None:
    program = f"""
import sys
sys.modules[{missing!r}] = None
import mnverify
from mnverify.errors import MissingExtra
try:
    import {room}
except MissingExtra as error:
    print(error.package, error.extra)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [missing, "client"]
