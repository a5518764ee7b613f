"""What to do: packages by distribution, and the files that give rights or take a driver away.

Names of packages, actions and files are those of Debian, Fedora and Arch, of pcsc-lite and of polkit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mnverify.doctor.findings import Situation
from mnverify.doctor.machine import Machine, UsbDevice
from mnverify.text import Text

POLKIT_FILE = "/etc/polkit-1/rules.d/90-mnverify.rules"
UDEV_FILE = "/etc/udev/rules.d/99-mnverify.rules"
MODPROBE_FILE = "/etc/modprobe.d/blacklist-nfc.conf"
GROUP = "cardreader"
_POLKIT_RULE = f"""\
polkit.addRule(function(action, subject) {{
    if ((action.id == "org.debian.pcsc-lite.access_pcsc" ||
         action.id == "org.debian.pcsc-lite.access_card") &&
        subject.isInGroup("{GROUP}")) {{
        return polkit.Result.YES;
    }}
}});"""
_JOIN = f"sudo groupadd -f {GROUP} && sudo usermod -aG {GROUP} $USER"


class _Packages(NamedTuple):
    """One part of the PC/SC stack in three families of distributions."""

    debian: str
    fedora: str
    arch: str


SERVICE = _Packages("pcscd libccid", "pcsc-lite pcsc-lite-ccid", "pcsclite ccid")
DRIVER = _Packages("libccid", "pcsc-lite-ccid", "ccid")
LIBRARY = _Packages("libpcsclite1", "pcsc-lite-libs", "pcsclite")
HEADERS = _Packages("gcc python3-dev libpcsclite-dev", "gcc python3-devel pcsc-lite-devel", "gcc pcsclite")
USB_LIBRARY = _Packages("libusb-1.0-0", "libusb1", "libusb")


def install(machine: Machine, packages: _Packages) -> str:
    """The command that installs packages here; that of Debian, and called so, where the distribution is not known."""
    words = _distribution(machine)
    if words & {"fedora", "rhel", "centos"}:
        return f"sudo dnf install {packages.fedora}"
    if "arch" in words:
        return f"sudo pacman -S {packages.arch}"
    return f"sudo apt install {packages.debian}{'' if words & {'debian', 'ubuntu'} else ' (Debian)'}"


def start_service(situation: Situation) -> Text:
    """How to start the PC/SC service of Linux."""
    command = (
        "sudo systemctl stop pcscd.service pcscd.socket && sudo systemctl enable --now pcscd.socket"
        if situation.has_systemd
        else "sudo service pcscd restart"
    )
    return Text(f"Start it, or start it again: {command}", f"起動（再起動）してください: {command}")


def in_container(text: Text) -> Text:
    """The same, and what is different in a container."""
    return Text(
        f"{text.en}\n"
        "In a container, use the service of the host instead: docker run -v /run/pcscd:/run/pcscd …\n"
        "pcsc-lite in the container has to speak the protocol of the host's: take about the same version.",
        f"{text.ja}\n"
        "コンテナの中では、ホストのサービスを使えます: docker run -v /run/pcscd:/run/pcscd …\n"
        "コンテナ内の pcsc-lite はホストと同じくらいの版にそろえてください（通信方式が違うとつながりません）。",
    )


def polkit_rule(remote: bool) -> Text:
    """A rule that lets a group at the service, and why it is needed."""
    why = (
        Text(
            "polkit lets in only whoever sits at the machine; an SSH session does not count as that. Allow a group:",
            "polkit は、その端末の前にいるユーザーだけを許可します。SSH 接続は対象外です。グループで許可してください。",
        )
        if remote
        else Text(
            "polkit decides who may use card readers. Allow a group (a service or a remote session needs this):",
            "読み取り機を使えるかは polkit が決めます。グループで許可してください（常駐サービスや遠隔操作では必要です）。",
        )
    )
    return Text(
        f"{why.en}\n1. {_JOIN}\n2. Write this to {POLKIT_FILE}:\n{_POLKIT_RULE}\n3. Log out and in again.",
        f"{why.ja}\n1. {_JOIN}\n2. {POLKIT_FILE} に次を書きます:\n{_POLKIT_RULE}\n3. ログインし直します。",
    )


def udev_rule(device: UsbDevice) -> Text:
    """A rule that lets a group at one kind of USB reader."""
    rule = (
        f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{device.vendor:04x}", ATTR{{idProduct}}=="{device.product:04x}", '
        f'GROUP="{GROUP}", MODE="0660"'
    )
    return Text(
        f"1. {_JOIN}\n2. Write this to {UDEV_FILE}:\n{rule}\n"
        "3. sudo udevadm control --reload-rules, log out and in again, and plug the reader in again.",
        f"1. {_JOIN}\n2. {UDEV_FILE} に次を書きます:\n{rule}\n"
        "3. sudo udevadm control --reload-rules を実行し、ログインし直して、読み取り機を挿し直します。",
    )


def blacklist(drivers: Iterable[str], below: Iterable[str]) -> Text:
    """How to keep drivers of the kernel away from a reader.

    Args:
        drivers: those that hold it.
        below: those that are loaded for them, and go with them.
    """
    names = sorted(drivers)
    lines = "\n".join(f"blacklist {name}" for name in [*names, *sorted(below)])
    unload = f"sudo modprobe -r {' '.join(names)}"
    return Text(
        f"1. Write this to {MODPROBE_FILE}:\n{lines}\n2. {unload}\n3. Plug the reader in again.",
        f"1. {MODPROBE_FILE} に次を書きます:\n{lines}\n2. {unload}\n3. 読み取り機を挿し直します。",
    )


def pass_through(situation: Situation) -> Text | None:
    """How a USB reader gets into WSL or a container; ``None`` on a real machine."""
    if situation.in_wsl:
        return Text(
            "Linux in Windows (WSL) sees a USB reader only when Windows hands it over, with usbipd-win in PowerShell:\n"
            "usbipd list\nusbipd bind --busid BUSID\nusbipd attach --wsl --busid BUSID\n"
            "Then, in WSL: sudo service pcscd restart. Or run mnverify on Windows itself.",
            "WSL の Linux からは、Windows が渡した USB の読み取り機だけが見えます。PowerShell で usbipd-win を使います:\n"
            "usbipd list\nusbipd bind --busid BUSID\nusbipd attach --wsl --busid BUSID\n"
            "その後 WSL で sudo service pcscd restart を実行します。Windows 側で mnverify を動かすこともできます。",
        )
    if situation.in_container:
        return Text(
            "A container sees no USB reader by itself. Use the PC/SC service of the host:\n"
            "docker run -v /run/pcscd:/run/pcscd …",
            "コンテナからは USB の読み取り機が見えません。ホストの PC/SC サービスを使ってください:\n"
            "docker run -v /run/pcscd:/run/pcscd …",
        )
    return None


def _distribution(machine: Machine) -> set[str]:
    """The words of ``ID`` and ``ID_LIKE`` in os-release."""
    words: set[str] = set()
    for line in machine.read_text("/etc/os-release").splitlines():
        name, _, value = line.partition("=")
        if name in ("ID", "ID_LIKE"):
            words.update(value.strip("\"'").lower().split())
    return words
