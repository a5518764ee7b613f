"""Checks of the diagnosis on readers that are plugged in: which of them no stack lists, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnverify.doctor import remedies
from mnverify.doctor.findings import Finding, Situation, fail, ok, skipped
from mnverify.doctor.machine import Machine, UsbDevice
from mnverify.errors import MissingExtra
from mnverify.readers.model import ReaderInfo
from mnverify.readers.usb_models import USB_MODELS, UsbModel
from mnverify.text import Text

_CCID = 0x0B
_NFC_DRIVERS = frozenset(
    {"port100", "pn533_usb"}
)  # drivers of Linux that take NFC readers for the kernel's own NFC stack
_BUNDLES = tuple(
    f"{folder}/pcsc/drivers/ifd-ccid.bundle"
    for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64")
)


def check_usb(situation: Situation) -> Iterator[Finding]:
    """Every reader that is plugged in: is it listed, and if not, why?"""
    if situation.usb is None:
        yield skipped(
            "usb", "no-list", Text("USB devices cannot be listed here.", "ここでは USB 機器を一覧できません。")
        )
        return
    devices = [(device, model) for device in situation.usb if (model := _model(device)) is not None]
    for device, model in devices:
        yield _finding(situation, device, model)
    if devices:
        return
    if situation.readers:
        yield ok(
            "usb",
            Text(
                "No reader on USB, but others are there.",
                "USB の読み取り機はありませんが、ほかの接続のものがあります。",
            ),
        )
    else:
        yield fail(
            "usb",
            "none",
            Text("No card reader is plugged in.", "読み取り機が接続されていません。"),
            remedies.pass_through(situation)
            or Text(
                "Plug a reader in. If it is: try another port, another cable, and no hub; lsusb has to show it.",
                "読み取り機をつないでください。つないでいるときは、別のポートやケーブルで直接つなぎ、lsusb に出るか確かめます。",
            ),
        )


def wants_no_pcsc(situation: Situation) -> bool:
    """Whether all readers that are plugged in are such as PC/SC does not drive here."""
    models = [model for device in situation.usb or () if (model := _model(device)) is not None]
    return bool(models) and not any(model.pcsc for model in models)


def _model(device: UsbDevice) -> UsbModel | None:
    known = USB_MODELS.get((device.vendor, device.product))
    if known is not None or _CCID not in device.classes:
        return known
    words = tuple(word for word in re.split(r"[\s,()\[\]]+", device.name.lower()) if any(map(str.isdigit, word)))
    return UsbModel(device.name or f"{device.vendor:04x}:{device.product:04x}", words, pcsc=True)


def _finding(situation: Situation, device: UsbDevice, model: UsbModel) -> Finding:
    # NFC lists what it cannot open too, with a short note; here is told why.
    listed = situation.pcsc.readers + tuple(reader for reader in situation.nfc.readers if reader.usable)
    if any(_is(reader, device, model) for reader in listed):
        return ok("usb", Text(f"{model.name} is plugged in and listed.", f"{model.name} を認識しています。"))
    if not model.pcsc and not model.nfc:
        return _no_type_b(model)
    held = device.drivers & _NFC_DRIVERS
    if held:
        return _held_by_kernel(situation.machine, model, held)
    if model.pcsc and (situation.pcsc.given or not model.nfc or not situation.machine.find_module("nfc")):
        return _missing_in_pcsc(situation, device, model)
    return _missing_in_nfc(situation, device, model)


def _is(reader: ReaderInfo, device: UsbDevice, model: UsbModel) -> bool:
    """Whether a listed reader is this device: by its name, or where it is on the bus; any, where the name says nothing."""
    known_as = f"{reader.name} {reader.selector}".lower()
    place = device.node.removeprefix("/dev/bus/usb/").replace("/", ":")
    ids = f"{device.vendor:04x}:{device.product:04x}"
    words = (*model.words, ids, *([place] if place else []))
    return not model.words or any(word in known_as for word in words)


def _missing_in_pcsc(situation: Situation, device: UsbDevice, model: UsbModel) -> Finding:
    machine = situation.machine
    if not situation.pcsc.given:
        return skipped(
            "usb",
            "no-service",
            Text(
                f"{model.name} is plugged in; it is used over PC/SC, which does not work yet (see above).",
                f"{model.name} が接続されています。PC/SC で使う読み取り機ですが、PC/SC がまだ使えません（上を参照）。",
            ),
        )
    bundle = next((path for path in _BUNDLES if machine.exists(path)), None)
    if bundle is None:
        command = remedies.install(machine, remedies.DRIVER)
        return fail(
            "usb",
            "no-driver",
            Text(
                f"{model.name} is plugged in, but its CCID driver is missing.",
                f"{model.name} は接続されていますが、CCID ドライバーがありません。",
            ),
            Text(
                f"Install it: {command}\nThen plug the reader in again.",
                f"インストールし、挿し直してください: {command}",
            ),
        )
    if not _knows(machine.read_text(f"{bundle}/Contents/Info.plist"), device):
        command = remedies.install(machine, remedies.DRIVER)
        return fail(
            "usb",
            "driver-too-old",
            Text(
                f"{model.name} is plugged in, but the CCID driver of this system does not know it.",
                f"{model.name} は、この環境の CCID ドライバーの対応表にありません。",
            ),
            Text(
                f"Update the driver ({command}) or the system; or install the driver of the reader's maker.",
                f"ドライバー（{command}）かシステムを更新するか、メーカーのドライバーを入れてください。",
            ),
        )
    if "usbfs" in device.drivers:
        return _held_by_program(model)
    return _not_listed(situation, model)


def _missing_in_nfc(situation: Situation, device: UsbDevice, model: UsbModel) -> Finding:
    machine = situation.machine
    if not machine.find_module("nfc") or isinstance(situation.nfc.problem, MissingExtra):
        return fail(
            "usb",
            "needs-nfcpy",
            Text(
                f"{model.name} is plugged in; on this system it is driven by nfcpy, which is not installed.",
                f"{model.name} が接続されています。この環境では nfcpy で使いますが、入っていません。",
            ),
            Text("Install it: pip install nfcpy", "インストールしてください: pip install nfcpy"),
        )
    if device.node and machine.exists(device.node) and not machine.readable_writable(device.node):
        return fail(
            "usb",
            "rights",
            Text(
                f"This user may not open {model.name} ({device.node}).",
                f"{model.name}（{device.node}）を開く権限がありません。",
            ),
            remedies.udev_rule(device),
        )
    if "usbfs" in device.drivers:
        return _held_by_program(model)
    return _not_listed(situation, model)


def _no_type_b(model: UsbModel) -> Finding:
    return fail(
        "usb",
        "no-type-b",
        Text(
            f"{model.name} cannot read Type B cards, and a My Number Card is one.",
            f"{model.name} は Type B に対応していないため、マイナンバーカードを読めません。",
        ),
        Text(
            "Use another reader, for example a Sony RC-S300.", "別の読み取り機（例: ソニー RC-S300）を使ってください。"
        ),
    )


def _held_by_kernel(machine: Machine, model: UsbModel, held: frozenset[str]) -> Finding:
    names = ", ".join(sorted(held))
    below = {name for name in ("pn533", "nfc") if "pn533_usb" in held and machine.exists(f"/sys/module/{name}")}
    return fail(
        "usb",
        "kernel-driver",
        Text(
            f"{model.name} is plugged in, but the kernel's NFC driver ({names}) holds it.",
            f"{model.name} は、カーネルの NFC ドライバー（{names}）に占有されています。",
        ),
        remedies.blacklist(held, below),
    )


def _held_by_program(model: UsbModel) -> Finding:
    return fail(
        "usb",
        "held-by-program",
        Text(
            f"{model.name} is plugged in, but another program holds it.",
            f"{model.name} を別のプログラムが使っています。",
        ),
        Text(
            "Close other programs that use the reader, then plug it in again. pcscd and nfcpy cannot share one reader.",
            "読み取り機を使うほかのプログラムを終了し、挿し直してください。pcscd と nfcpy は同じ読み取り機を同時に使えません。",
        ),
    )


def _not_listed(situation: Situation, model: UsbModel) -> Finding:
    restart = remedies.start_service(situation) if model.pcsc else None
    return fail(
        "usb",
        "not-listed",
        Text(
            f"{model.name} is plugged in, but not listed.", f"{model.name} は接続されていますが、認識されていません。"
        ),
        Text(
            "Plug the reader in again." + (f"\n{restart.en}" if restart else ""),
            "読み取り機を挿し直してください。" + (f"\n{restart.ja}" if restart else ""),
        ),
    )


def _knows(plist: str, device: UsbDevice) -> bool:
    """Whether the driver's list has the ids; two arrays that belong together line by line. An unreadable list knows all."""
    vendors, products = (
        [int(number, 16) for number in re.findall(r"<string>\s*(0x[0-9A-Fa-f]+)\s*</string>", array)]
        for array in (_array(plist, "ifdVendorID"), _array(plist, "ifdProductID"))
    )
    return not vendors or (device.vendor, device.product) in zip(vendors, products, strict=False)


def _array(plist: str, key: str) -> str:
    found = re.search(rf"<key>{key}</key>\s*<array>(.*?)</array>", plist, re.DOTALL)
    return found[1] if found else ""
