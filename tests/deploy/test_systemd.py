"""The unit for systemd, judged by systemd itself where it is here."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mnverify.cli.parser import build_parser
from tests.deploy.manifests import DEPLOY

UNIT = DEPLOY / "systemd" / "mnverify.service"
TEXT = UNIT.read_text("utf-8")
PROGRAM = "/opt/mnverify/bin/mnverify"


@pytest.fixture
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here")
    return program


def test_systemd_understands_every_line(analyze: str, tmp_path: Path) -> None:
    unit = tmp_path / "mnverify.service"
    unit.write_text(TEXT.replace(PROGRAM, "/bin/true"))
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    unit.write_text(TEXT.replace(PROGRAM, "/bin/true").replace("ProtectHome=yes", "ProtectHomme=yes"))
    spoilt = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "ProtectHomme" in spoilt.stdout + spoilt.stderr


def test_it_is_exposed_to_little(analyze: str) -> None:
    command = [analyze, "security", "--offline=yes", "--no-pager", "--threshold=15", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_its_commands_are_ours() -> None:
    commands = re.findall(r"^ExecStart(?:Pre)?=(.+)$", TEXT, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        program, *words = command.split()
        assert program == PROGRAM
        assert build_parser().parse_args(words).run


def test_it_waits_longer_than_requests_may_take() -> None:
    [stop] = re.findall(r"^TimeoutStopSec=(\d+)$", TEXT, re.MULTILINE)
    assert int(stop) > 20
