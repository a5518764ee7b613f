"""The files that put the kiosk into use: the units, the rule for the readers, the script of the browser, the settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from samples.nfc_kiosk.settings import Settings, SettingsError
from samples.nfc_kiosk.words import Mode
from tests.samples.nfc_kiosk.bench import PATIENCE, ROOT, wait_until

DEPLOY = ROOT / "samples" / "nfc_kiosk" / "deploy"
UNITS = ["nfc-kiosk.service", "nfc-kiosk-browser.service"]


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_unit(unit: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here")
    for name in UNITS:
        text = (DEPLOY / name).read_text("utf-8")
        (tmp_path / name).write_text(
            re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE), "utf-8"
        )
    done = subprocess.run(
        [program, "verify", str(tmp_path / unit)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_both_units_are_watched_and_come_back() -> None:
    for unit in UNITS:
        text = (DEPLOY / unit).read_text("utf-8")
        for line in (
            "Type=notify",
            "WatchdogSec=",
            "Restart=always",
            "LimitCORE=0",
            "NoNewPrivileges=yes",
            "MemorySwapMax=0",
        ):
            assert line in text, (unit, line)
    service = (DEPLOY / UNITS[0]).read_text("utf-8")
    assert "IPAddressDeny=any\nIPAddressAllow=localhost" in service


def test_the_settings_of_the_example_are_settings() -> None:
    settings = Settings.from_file(DEPLOY / "nfc-kiosk.toml")
    assert settings.modes == (Mode.FACE, Mode.AGE) and settings.runtime == Path("/run/nfc-kiosk")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('modes = ["number"]', "role = 'my-number-office'"),
        ('modes = ["other"]', "modes"),
        ("modes = []", "modes"),
        ("floor = 1", "floor"),
        ("wipe_after = 3600", "wipe_after"),
        ("wipe_after = 15", "wipe_after"),
        ('port = "8377"', "port"),
        ("sound = 1", "sound"),
        ('theme = "pink"', "theme"),
        ('nothing = "x"', "there is no such setting"),
        ("[endpoint]\nurl = 'https://example.jp'", "endpoint"),
        ("port = ", "nfc-kiosk.toml"),
    ],
)
def test_settings_that_cannot_be_are_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "nfc-kiosk.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=re.escape(says)):
        Settings.from_file(path)


def test_the_rule_admits_the_kiosk_and_nobody_else(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not here")
    asked = [
        ("org.debian.pcsc-lite.access_pcsc", "nfc-kiosk"),
        ("org.debian.pcsc-lite.access_card", "nfc-kiosk"),
        ("org.debian.pcsc-lite.access_card", "nobody"),
        ("org.freedesktop.login1.reboot", "nfc-kiosk"),
    ]
    script = f"""
        const polkit = {{ Result: {{ YES: "yes" }}, addRule: (rule) => (globalThis.rule = rule) }};
        {(DEPLOY / "90-nfc-kiosk.rules").read_text("utf-8")}
        console.log(JSON.stringify({json.dumps(asked)}.map(([id, user]) => rule({{ id }}, {{ user }}) ?? null)));
    """
    (tmp_path / "rule.js").write_text(script, "utf-8")
    done = subprocess.run([node, str(tmp_path / "rule.js")], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == ["yes", "yes", None, None]


class Screen:
    """The script of the browser, with a browser that only notes how it was started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.runtime = folder, folder / "run"
        self.runtime.mkdir()
        tools = folder / "bin"
        tools.mkdir()
        self._tool("browser", f'printf "%s\\n" "$@" > {folder}/started; touch {folder}/$$.lives; exec sleep 1000')
        self._tool("systemd-notify", f'echo "$@" >> {folder}/heard')
        self._tool("fc-list", f'[ -e {folder}/no-fonts ] || echo "Noto Sans CJK JP"')
        (folder / "heard").write_text("")
        self.environment = {
            **os.environ,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "TMPDIR": str(folder),
            "NFC_KIOSK_RUNTIME": str(self.runtime),
            "NFC_KIOSK_BROWSER": "browser",
            "NFC_KIOSK_LOOK_SECONDS": "0.1",
            "NFC_KIOSK_ALIVE_SECONDS": "30",
        }

    def _tool(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([str(DEPLOY / "kiosk-browser.sh")], env=self.environment, stderr=subprocess.PIPE)

    def heard(self) -> list[str]:
        return (self.folder / "heard").read_text().splitlines()

    def profiles(self) -> list[Path]:
        return list(self.folder.glob("nfc-kiosk-browser.*"))


def quiet(screen: Screen) -> bool:
    """Whether it says nothing for as long as ten beats take."""
    before = len(screen.heard())
    time.sleep(1.0)
    return len(screen.heard()) == before


def test_the_screen_beats_while_the_page_lives_and_leaves_nothing(tmp_path: Path) -> None:
    screen = Screen(tmp_path)
    address = "http://127.0.0.1:8377/open?token=x"
    running = screen.start()
    try:
        time.sleep(0.3)
        assert not (tmp_path / "started").exists()  # it waits for the service
        (screen.runtime / "address").write_text(address + "\n")
        wait_until(lambda: "--ready" in screen.heard(), "ready")
        wait_until((tmp_path / "started").exists, "started")
        flags = (tmp_path / "started").read_text().splitlines()
        assert flags[-1] == address
        assert {"--kiosk", "--incognito", "--hide-crash-restore-bubble", "--noerrdialogs"} <= set(flags)
        time.sleep(0.5)
        assert "WATCHDOG=1" not in screen.heard()  # no page has said anything
        (screen.runtime / "page-alive").touch()
        wait_until(lambda: "WATCHDOG=1" in screen.heard(), "a beat")
        os.utime(screen.runtime / "page-alive", (1, 1))
        wait_until(lambda: quiet(screen), "the page has stopped")  # a beat that had begun may still be heard
        assert len(screen.profiles()) == 1
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(PATIENCE)
        assert running.stderr is not None
        running.stderr.close()
    assert screen.profiles() == []


def test_the_screen_ends_with_its_browser(tmp_path: Path) -> None:
    screen = Screen(tmp_path)
    (screen.runtime / "address").write_text("http://127.0.0.1:1/open\n")
    running = screen.start()
    wait_until(lambda: bool(list(tmp_path.glob("*.lives"))), "started")
    os.kill(int(next(tmp_path.glob("*.lives")).stem), signal.SIGKILL)
    running.wait(PATIENCE)
    assert running.stderr is not None
    running.stderr.close()
    assert screen.profiles() == []


def test_without_a_japanese_font_it_says_so(tmp_path: Path) -> None:
    screen = Screen(tmp_path)
    (tmp_path / "no-fonts").touch()
    running = screen.start()
    _, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == 1 and b"fonts-noto-cjk" in said


def test_the_sample_uses_what_is_public() -> None:
    """Rooms that the documents name; nothing of the card's gate, the verification's inside or the virtual card's."""
    public = {"mnverify", "mnverify.client", "mnverify.errors", "mnverify.link", "mnverify.masked", "mnverify.printed"}
    public |= {"mnverify.readers", "mnverify.receipts", "mnverify.values"}
    of_the_picture = {"mnverify.printed.chip_text", "mnverify.printed.dates", "mnverify.printed.pictures"}
    used: dict[str, set[str]] = {}
    for path in (ROOT / "samples" / "nfc_kiosk").rglob("*.py"):
        found = set(re.findall(r"^ *from (mnverify[\w.]*) import", path.read_text("utf-8"), re.MULTILINE))
        allowed = public | of_the_picture | {"mnverify.values.dates"}
        allowed |= {"mnverify.virtual", "mnverify.virtual.print"} if path.parent.name == "demo" else set()
        used[path.name] = found - allowed
    assert {name: names for name, names in used.items() if names} == {}
