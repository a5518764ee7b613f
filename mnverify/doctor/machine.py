"""What the diagnosis may ask of the operating system: look, never change, and never wait long.

Everything is answered with "no" or "nothing" where it cannot be asked; no method raises. A test gives a ``Machine`` of its own,
or this one with another ``root``.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_PROBE_SECONDS = 1.0  # for a socket that is there and does not answer, and for a program of Windows
_USB = "/sys/bus/usb/devices"


class SocketState(StrEnum):
    """What lies where the socket of a service is looked for."""

    OPEN = "open"
    MISSING = "missing"
    REFUSED = "refused"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """One USB device, as the kernel lists it.

    Attributes:
        vendor, product: its ids.
        name: the product's name; empty where it gives none.
        node: the file by which programs reach it.
        classes: the classes of its interfaces; 0x0B is a smart-card reader (CCID).
        drivers: the kernel drivers that hold its interfaces; ``usbfs`` is a program.
    """

    vendor: int
    product: int
    name: str = ""
    node: str = ""
    classes: frozenset[int] = frozenset()
    drivers: frozenset[str] = frozenset()


class Machine:
    """This computer.

    Args:
        root: the folder under which files are looked for, on Linux and macOS.
    """

    def __init__(self, root: str = "/") -> None:
        self._root = root

    @property
    def platform(self) -> str:
        """``linux``, ``darwin``, ``win32``, or what Python calls another system."""
        return sys.platform

    @property
    def description(self) -> str:
        """The system and the Python, in words."""
        return f"{platform.system()} {platform.release()}, Python {platform.python_version()} ({platform.machine()})"

    @property
    def is_superuser(self) -> bool:
        """Whether the process may do everything."""
        return hasattr(os, "geteuid") and os.geteuid() == 0

    @property
    def groups(self) -> frozenset[str]:
        """Names of the groups of this process; empty where there are none."""
        if sys.platform == "win32":
            return frozenset()
        import grp

        names = set()
        for number in {*os.getgroups(), os.getegid()}:
            try:
                names.add(grp.getgrgid(number).gr_name)
            except KeyError:
                names.add(str(number))
        return frozenset(names)

    def group_of(self, path: str) -> str | None:
        """Name of the group that owns a file."""
        try:
            return Path(self._at(path)).group()
        except (OSError, KeyError, NotImplementedError):
            return None

    def environ(self, name: str) -> str | None:
        """A variable of the environment; ``None`` where it is unset or empty."""
        return os.environ.get(name) or None

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        return os.path.exists(self._at(path))

    def read_text(self, path: str) -> str:
        """A text file; empty where it cannot be read."""
        try:
            with open(self._at(path), encoding="utf-8", errors="replace") as file:
                return file.read(1_000_000)
        except OSError:
            return ""

    def list(self, path: str) -> tuple[str, ...]:
        """Names in a folder, sorted; none where it cannot be read."""
        try:
            return tuple(sorted(os.listdir(self._at(path))))
        except OSError:
            return ()

    def readable_writable(self, path: str) -> bool:
        """Whether this process may read and write a file."""
        return os.access(self._at(path), os.R_OK | os.W_OK)

    def which(self, program: str) -> str | None:
        """Where a program is, also in the folders of the superuser's programs."""
        return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")

    def find_module(self, name: str) -> bool:
        """Whether Python has a top-level module, without importing it."""
        try:
            return importlib.util.find_spec(name) is not None
        except (ImportError, ValueError):
            return False

    def loads(self, library: str) -> bool:
        """Whether a shared library can be loaded."""
        import ctypes

        try:
            ctypes.CDLL(library)
        except OSError:
            return False
        return True

    def socket_state(self, path: str) -> SocketState:
        """Whether somebody listens on a Unix socket."""
        import socket

        if sys.platform == "win32" or not self.exists(path):
            return SocketState.MISSING
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.settimeout(_PROBE_SECONDS)
                probe.connect(self._at(path))
        except PermissionError:
            return SocketState.DENIED
        except OSError:
            return SocketState.REFUSED
        return SocketState.OPEN

    def runs(self, program: str) -> bool:
        """Whether a process of this name runs; ``False`` too where processes cannot be seen."""
        return any(
            self.read_text(f"/proc/{name}/comm").strip() == program for name in self.list("/proc") if name.isdigit()
        )

    def usb_devices(self) -> tuple[UsbDevice, ...] | None:
        """The USB devices that are plugged in; ``None`` where they cannot be listed."""
        if not self.exists(_USB):
            return None
        entries = self.list(_USB)
        devices = (self._usb_device(entry, entries) for entry in entries if ":" not in entry)
        return tuple(device for device in devices if device is not None)

    def service_state(self, name: str) -> int | None:
        """State of a service of Windows by its number: 1 is stopped, 4 is running; ``None`` where nobody knows."""
        if self.platform != "win32":
            return None
        return _windows_service(name, self.environ("SystemRoot") or r"C:\Windows")  # pragma: no cover

    def _usb_device(self, entry: str, entries: tuple[str, ...]) -> UsbDevice | None:
        folder = f"{_USB}/{entry}"
        vendor, product = self._number(f"{folder}/idVendor", 16), self._number(f"{folder}/idProduct", 16)
        bus, device = self._number(f"{folder}/busnum", 10), self._number(f"{folder}/devnum", 10)
        if vendor is None or product is None:
            return None
        interfaces = [f"{_USB}/{name}" for name in entries if name.startswith(f"{entry}:")]
        classes = (self._number(f"{interface}/bInterfaceClass", 16) for interface in interfaces)
        return UsbDevice(
            vendor=vendor,
            product=product,
            name=self.read_text(f"{folder}/product").strip(),
            node="" if bus is None or device is None else f"/dev/bus/usb/{bus:03}/{device:03}",
            classes=frozenset(number for number in classes if number is not None),
            drivers=frozenset(filter(None, (self._link(f"{interface}/driver") for interface in interfaces))),
        )

    def _number(self, path: str, base: int) -> int | None:
        try:
            return int(self.read_text(path).strip(), base)
        except ValueError:
            return None

    def _link(self, path: str) -> str:
        try:
            return os.path.basename(os.readlink(self._at(path)))
        except OSError:
            return ""

    def _at(self, path: str) -> str:
        return path if self._root == "/" else os.path.join(self._root, path.lstrip("/"))


def service_number(output: bytes) -> int | None:
    """The state in what ``sc query`` prints: the second of its numbered lines, whatever the language of the system.

    Args:
        output: as it was printed, in any encoding that keeps ASCII.
    """
    import re

    numbers: list[bytes] = re.findall(rb":\s+(\d+)\s+[A-Z_]{3,}", output)
    return int(numbers[1]) if len(numbers) > 1 else None


def _windows_service(name: str, windows: str) -> int | None:  # pragma: no cover
    import subprocess

    program = os.path.join(windows, "System32", "sc.exe")
    try:
        # A program of the system by its path, a fixed word, no shell.
        done = subprocess.run([program, "query", name], capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return service_number(done.stdout)
