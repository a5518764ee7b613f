"""Checks of the diagnosis on the way over NFC: nfcpy, its USB library, serial readers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnverify.doctor import remedies
from mnverify.doctor.findings import Finding, Situation, fail, ok, skipped, warn
from mnverify.errors import MissingExtra, MnverifyError
from mnverify.text import Text

_USB_LIBRARY = "libusb-1.0.so.0"
_SERIAL = re.compile(r"tty(USB|ACM|AMA)\d+")


def check_nfcpy(situation: Situation) -> Iterator[Finding]:
    """Is nfcpy there, and can it reach USB? Most readers do without."""
    machine, problem = situation.machine, situation.nfc.problem
    if not machine.find_module("nfc"):
        yield skipped(
            "nfcpy",
            "missing",
            Text(
                "nfcpy is not installed; only readers without PC/SC need it (RC-S380 on Linux, PN532).",
                "nfcpy は入っていません。PC/SC で使えない読み取り機（Linux の RC-S380、PN532 など）だけに必要です。",
            ),
        )
    elif machine.platform == "linux" and not machine.loads(_USB_LIBRARY):
        command = remedies.install(machine, remedies.USB_LIBRARY)
        yield fail(
            "nfcpy",
            "no-libusb",
            Text("nfcpy is installed, but libusb is missing.", "nfcpy は入っていますが、libusb がありません。"),
            Text(f"Install it: {command}", f"インストールしてください: {command}"),
        )
    elif situation.nfc.late or (problem is not None and not isinstance(problem, MissingExtra)):
        yield warn(
            "nfcpy",
            "error",
            Text("nfcpy did not list its readers.", "nfcpy から読み取り機の一覧を得られませんでした。"),
            problem.text if isinstance(problem, MnverifyError) else None,
        )
    elif problem is not None:
        yield fail(
            "nfcpy",
            "broken",
            Text("nfcpy is installed, but it cannot be loaded.", "nfcpy は入っていますが、読み込めません。"),
            Text(
                "Install it again: pip install --force-reinstall --no-cache-dir nfcpy",
                "入れ直してください: pip install --force-reinstall --no-cache-dir nfcpy",
            ),
        )
    else:
        yield ok("nfcpy", Text("nfcpy is installed.", "nfcpy が入っています。"))


def check_serial(situation: Situation) -> Iterator[Finding]:
    """May this user open the serial ports, where a PN532 may be?"""
    machine = situation.machine
    if machine.platform != "linux" or not machine.find_module("nfc"):
        return
    for port in (f"/dev/{name}" for name in machine.list("/dev") if _SERIAL.fullmatch(name)):
        if machine.readable_writable(port):
            continue
        group = machine.group_of(port)
        if group is None or group == "root" or group in machine.groups:
            do = Text(f"sudo chmod a+rw {port}", f"sudo chmod a+rw {port}")
        else:
            command = f"sudo usermod -aG {group} $USER"
            do = Text(f"{command}, then log out and in again", f"{command} を実行し、ログインし直し")
        yield warn(
            "serial",
            "rights",
            Text(f"This user may not open the serial port {port}.", f"シリアルポート {port} を開く権限がありません。"),
            Text(f"Only if a PN532 is connected there: {do.en}", f"そこに PN532 をつないでいる場合だけ: {do.ja}"),
        )
