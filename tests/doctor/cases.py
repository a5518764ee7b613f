"""Computers that are made up, one for each thing that can be wrong with readers, and what must be found on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mnverify.doctor import Finding, FindingOutcome, diagnose
from mnverify.doctor.machine import Machine, SocketState, UsbDevice
from mnverify.errors import MissingExtra, NotAllowed, ReaderInUse, ServiceNotRunning
from mnverify.readers.model import ReaderInfo, ReaderKind
from mnverify.text import Text

OK, WARN, FAIL, SKIPPED = FindingOutcome.OK, FindingOutcome.WARN, FindingOutcome.FAIL, FindingOutcome.NOT_PERFORMED

SOCKET = "/run/pcscd/pcscd.comm"
BUNDLE = "/usr/lib/pcsc/drivers/ifd-ccid.bundle"
PLIST = f"{BUNDLE}/Contents/Info.plist"
NODE = "/dev/bus/usb/001/007"
_KNOWN_IDS = """\
<key>ifdVendorID</key>
<array>
  <string>0x072F</string>
  <string>0x054C</string>
</array>
<key>ifdProductID</key>
<array>
  <string>0x2200</string>
  <string>0x0DC9</string>
</array>"""

RC_S300 = UsbDevice(0x054C, 0x0DC9, "RC-S300/P", NODE, frozenset({0x0B}))
RC_S300_S = UsbDevice(0x054C, 0x0DC8, "RC-S300/S", NODE, frozenset({0x0B}))
RC_S380 = UsbDevice(0x054C, 0x06C3, "RC-S380/P", NODE, frozenset({0xFF}))
ACR122U = UsbDevice(0x072F, 0x2200, "ACR122U PICC Interface", NODE, frozenset({0x0B}))
PN531 = UsbDevice(0x054C, 0x0193, "", "/dev/bus/usb/001/008", frozenset({0xFF}))
KEYBOARD = UsbDevice(0x04D9, 0x1234, "Keyboard", NODE, frozenset({0x03}))
UNKNOWN_CCID = UsbDevice(0x1234, 0x5678, "Maker SCR9000", NODE, frozenset({0x0B, 0x03}))
NAMELESS_CCID = UsbDevice(0x1234, 0x5679, "", "", frozenset({0x0B}))

PCSC_READER = ReaderInfo(
    "SONY FeliCa RC-S300/P (0888405) 00 00", ReaderKind.PCSC, "SONY FeliCa RC-S300/P (0888405) 00 00"
)
NFC_READER = ReaderInfo("Sony RC-S380", ReaderKind.NFC, "usb:001:007", contactless=True)
SAID = Text("It said so.", "そう言っています。")


@dataclass
class Fake(Machine):
    """A computer of the test's making. What is not said is that of a Linux where all is well."""

    system: str = "linux"
    superuser: bool = False
    member_of: frozenset[str] = frozenset({"users"})
    environment: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()
    owners: dict[str, str] = field(default_factory=dict)
    programs: frozenset[str] = frozenset({"pcscd"})
    modules: frozenset[str] = frozenset({"smartcard", "nfc"})
    missing_libraries: frozenset[str] = frozenset()
    socket: SocketState = SocketState.OPEN
    processes: frozenset[str] = frozenset({"pcscd"})
    usb: tuple[UsbDevice, ...] | None = ()
    service: int | None = None

    @property
    def platform(self) -> str:
        return self.system

    @property
    def description(self) -> str:
        return f"{self.system}, Python 3"

    @property
    def is_superuser(self) -> bool:
        return self.superuser

    @property
    def groups(self) -> frozenset[str]:
        return self.member_of

    def group_of(self, path: str) -> str | None:
        return self.owners.get(path)

    def environ(self, name: str) -> str | None:
        return self.environment.get(name)

    def exists(self, path: str) -> bool:
        return path in self.files or path in self.folders or path in self.forbidden

    def read_text(self, path: str) -> str:
        return self.files.get(path, "")

    def list(self, path: str) -> tuple[str, ...]:
        return self.folders.get(path, ())

    def readable_writable(self, path: str) -> bool:
        return path not in self.forbidden

    def which(self, program: str) -> str | None:
        return f"/usr/sbin/{program}" if program in self.programs else None

    def find_module(self, name: str) -> bool:
        return name in self.modules

    def loads(self, library: str) -> bool:
        return library not in self.missing_libraries

    def socket_state(self, path: str) -> SocketState:
        return self.socket

    def runs(self, program: str) -> bool:
        return program in self.processes

    def usb_devices(self) -> tuple[UsbDevice, ...] | None:
        return self.usb

    def service_state(self, name: str) -> int | None:
        return self.service


def lists(*readers: ReaderInfo) -> Callable[[], Sequence[ReaderInfo]]:
    return lambda: readers


def raises(error: Exception) -> Callable[[], Sequence[ReaderInfo]]:
    def asked() -> Sequence[ReaderInfo]:
        raise error

    return asked


NO_READERS = lists()
NO_SERVICE = raises(ServiceNotRunning(SAID))
NO_PYSCARD = raises(MissingExtra("pyscard", "pcsc"))
NO_NFCPY = raises(MissingExtra("nfcpy", "nfc"))
REFUSED = raises(NotAllowed(SAID))
DEBIAN = {"/etc/os-release": "NAME=x\nID=debian\n"}
FEDORA = {"/etc/os-release": 'ID="rocky"\nID_LIKE="rhel centos fedora"\n'}
ARCH = {"/etc/os-release": "ID=arch\n"}
DRIVER = {BUNDLE: "", PLIST: _KNOWN_IDS}


@dataclass
class Case:
    """A situation: what stands in the way, and what a person must be told."""

    check: str
    code: str
    outcome: FindingOutcome
    machine: Fake
    says: tuple[str, ...] = ()
    pcsc: Callable[[], Sequence[ReaderInfo]] = NO_READERS
    nfc: Callable[[], Sequence[ReaderInfo]] = NO_READERS


CASES = {
    "nothing installed at all": Case(
        "pyscard",
        "missing",
        FAIL,
        Fake(modules=frozenset(), programs=frozenset(), socket=SocketState.MISSING, files=DEBIAN),
        ("pip install pyscard", "sudo apt install gcc python3-dev libpcsclite-dev"),
        NO_PYSCARD,
        NO_NFCPY,
    ),
    "pyscard missing on Windows": Case(
        "pyscard",
        "missing",
        FAIL,
        Fake(system="win32", modules=frozenset()),
        ("pip install pyscard",),
        NO_PYSCARD,
    ),
    "pyscard of another Python": Case(
        "pyscard", "broken", FAIL, Fake(), ("--force-reinstall",), raises(ImportError("_scard"))
    ),
    "no libpcsclite": Case(
        "pcsc-library",
        "missing",
        FAIL,
        Fake(missing_libraries=frozenset({"libpcsclite.so.1"}), files=FEDORA),
        ("sudo dnf install pcsc-lite-libs",),
        raises(ImportError("libpcsclite.so.1")),
    ),
    "service not installed": Case(
        "pcsc-service",
        "not-installed",
        FAIL,
        Fake(programs=frozenset(), socket=SocketState.MISSING, files=DEBIAN),
        ("sudo apt install pcscd libccid",),
        NO_SERVICE,
    ),
    "service not installed on Fedora": Case(
        "pcsc-service",
        "not-installed",
        FAIL,
        Fake(programs=frozenset(), socket=SocketState.MISSING, files=FEDORA),
        ("sudo dnf install pcsc-lite pcsc-lite-ccid",),
        NO_SERVICE,
    ),
    "service not installed on Arch": Case(
        "pcsc-service",
        "not-installed",
        FAIL,
        Fake(programs=frozenset(), socket=SocketState.MISSING, files=ARCH),
        ("sudo pacman -S pcsclite ccid",),
        NO_SERVICE,
    ),
    "neither package nor service": Case(
        "pcsc-service",
        "not-installed",
        FAIL,
        Fake(modules=frozenset(), programs=frozenset(), socket=SocketState.MISSING, files=DEBIAN),
        ("sudo apt install pcscd libccid",),
        NO_PYSCARD,
    ),
    "service not started, systemd": Case(
        "pcsc-service",
        "not-running",
        FAIL,
        Fake(socket=SocketState.MISSING, processes=frozenset(), folders={"/run/systemd/system": ()}),
        ("sudo systemctl enable --now pcscd.socket",),
        NO_SERVICE,
    ),
    "service not started, no systemd": Case(
        "pcsc-service",
        "not-running",
        FAIL,
        Fake(socket=SocketState.MISSING, processes=frozenset()),
        ("sudo service pcscd restart",),
        NO_SERVICE,
    ),
    "unit there, program elsewhere": Case(
        "pcsc-service",
        "not-running",
        FAIL,
        Fake(
            socket=SocketState.MISSING,
            programs=frozenset(),
            processes=frozenset(),
            files={"/usr/lib/systemd/system/pcscd.socket": ""},
        ),
        (),
        NO_SERVICE,
    ),
    "socket gone under a running service": Case(
        "pcsc-service", "socket-missing", FAIL, Fake(socket=SocketState.MISSING), (SOCKET,), NO_SERVICE
    ),
    "socket left over": Case(
        "pcsc-service",
        "socket-stale",
        FAIL,
        Fake(socket=SocketState.REFUSED, processes=frozenset()),
        (SOCKET, "restart"),
        NO_SERVICE,
    ),
    "socket of others": Case(
        "pcsc-service", "socket-denied", FAIL, Fake(socket=SocketState.DENIED), (SOCKET,), NO_SERVICE
    ),
    "service of another version": Case(
        "pcsc-service",
        "silent",
        FAIL,
        Fake(files={"/.dockerenv": ""}),
        ("docker run -v /run/pcscd:/run/pcscd",),
        NO_SERVICE,
    ),
    "variable names a missing socket": Case(
        "pcsc-service",
        "variable",
        FAIL,
        Fake(environment={"PCSCLITE_CSOCK_NAME": "/tmp/old"}, socket=SocketState.MISSING),
        ("/tmp/old", "unset PCSCLITE_CSOCK_NAME"),
        NO_SERVICE,
    ),
    "service has trouble of its own": Case(
        "pcsc-service", "error", WARN, Fake(), (SAID.en,), raises(ReaderInUse(SAID))
    ),
    "service could not be asked": Case("pcsc-service", "not-asked", SKIPPED, Fake(), (), NO_PYSCARD),
    "service could not be asked without its library": Case(
        "pcsc-service", "not-asked", SKIPPED, Fake(missing_libraries=frozenset({"libpcsclite.so.1"})), (), NO_SERVICE
    ),
    "Windows, no reader since start": Case(
        "pcsc-service", "not-running", FAIL, Fake(system="win32", service=1), ("services.msc",), NO_SERVICE
    ),
    "Windows, service hangs": Case(
        "pcsc-service", "silent", FAIL, Fake(system="win32", service=4), ("Device Manager",), NO_SERVICE
    ),
    "Windows, service could not be asked": Case(
        "pcsc-service", "not-asked", SKIPPED, Fake(system="win32"), (), NO_PYSCARD
    ),
    "Windows, refused": Case("pcsc-rights", "refused", FAIL, Fake(system="win32"), (SAID.en,), REFUSED),
    "Windows, remote desktop": Case(
        "remote-session",
        "remote-desktop",
        WARN,
        Fake(system="win32", environment={"SESSIONNAME": "RDP-Tcp#3"}),
        ("Local Resources",),
    ),
    "Windows, no reader": Case("reader", "none", FAIL, Fake(system="win32"), ("Device Manager", "NFC Port Software")),
    "macOS, service hangs": Case("pcsc-service", "silent", FAIL, Fake(system="darwin"), ("restart",), NO_SERVICE),
    "macOS, no reader": Case("reader", "none", FAIL, Fake(system="darwin"), ("useIFDCCID -bool yes",)),
    "polkit at the desk": Case(
        "pcsc-rights",
        "polkit",
        FAIL,
        Fake(),
        (
            "/etc/polkit-1/rules.d/90-mnverify.rules",
            'action.id == "org.debian.pcsc-lite.access_pcsc"',
            'action.id == "org.debian.pcsc-lite.access_card"',
            'subject.isInGroup("cardreader")',
            "sudo usermod -aG cardreader $USER",
        ),
        REFUSED,
    ),
    "service hangs up on the superuser": Case(
        "pcsc-rights", "hung-up", FAIL, Fake(superuser=True), ("protocol of the host's", "restart"), REFUSED
    ),
    "polkit over SSH": Case(
        "pcsc-rights",
        "remote",
        FAIL,
        Fake(environment={"SSH_CONNECTION": "::1 1 ::1 22"}),
        ("SSH", "polkit.addRule"),
        REFUSED,
    ),
    "polkit cannot see clients": Case(
        "pcsc-rights",
        "polkit",
        FAIL,
        Fake(files={"/proc/mounts": "proc /proc proc rw,hidepid=2 0 0\n"}),
        ("hidepid",),
        REFUSED,
    ),
    "no reader on USB": Case("usb", "none", FAIL, Fake(usb=(KEYBOARD,)), ("lsusb",)),
    "no reader in WSL": Case(
        "usb",
        "none",
        FAIL,
        Fake(files={"/proc/version": "Linux version 5.15 (Microsoft@Microsoft.com)"}),
        ("usbipd bind --busid", "usbipd attach --wsl --busid"),
    ),
    "no reader in a container": Case(
        "reader",
        "none",
        FAIL,
        Fake(usb=None, files={"/run/.containerenv": ""}),
        ("docker run -v /run/pcscd:/run/pcscd",),
    ),
    "USB not visible": Case("usb", "no-list", SKIPPED, Fake(usb=None)),
    "no CCID driver": Case(
        "usb", "no-driver", FAIL, Fake(usb=(RC_S300,), files=ARCH), ("Sony RC-S300", "sudo pacman -S ccid")
    ),
    "CCID driver does not know the reader": Case(
        "usb",
        "driver-too-old",
        FAIL,
        Fake(usb=(RC_S300_S,), files=DRIVER | DEBIAN),
        ("Sony RC-S300", "sudo apt install libccid"),
    ),
    "unknown CCID reader": Case(
        "usb", "driver-too-old", FAIL, Fake(usb=(UNKNOWN_CCID,), files=DRIVER), ("Maker SCR9000",)
    ),
    "CCID reader without a name": Case(
        "usb", "driver-too-old", FAIL, Fake(usb=(NAMELESS_CCID,), files=DRIVER), ("1234:5679",)
    ),
    "driver list unreadable": Case(
        "usb", "not-listed", FAIL, Fake(usb=(RC_S300,), files={BUNDLE: ""}), ("Plug", "restart")
    ),
    "reader not listed, nobody knows why": Case(
        "usb", "not-listed", FAIL, Fake(usb=(RC_S300,), files=DRIVER), ("Plug",)
    ),
    "reader held by a program": Case(
        "usb",
        "held-by-program",
        FAIL,
        Fake(usb=(UsbDevice(0x054C, 0x0DC9, "", NODE, frozenset({0x0B}), frozenset({"usbfs"})),), files=DRIVER),
        ("Close other programs",),
    ),
    "reader waits for the service": Case(
        "usb", "no-service", SKIPPED, Fake(usb=(RC_S300,), files=DRIVER), (), NO_SERVICE
    ),
    "kernel holds an RC-S380": Case(
        "usb",
        "kernel-driver",
        FAIL,
        Fake(usb=(UsbDevice(0x054C, 0x06C3, "", NODE, frozenset({0xFF}), frozenset({"port100"})),)),
        ("/etc/modprobe.d/blacklist-nfc.conf", "blacklist port100", "sudo modprobe -r port100"),
    ),
    "kernel holds an ACR122U": Case(
        "usb",
        "kernel-driver",
        FAIL,
        Fake(
            usb=(UsbDevice(0x072F, 0x2200, "", NODE, frozenset({0x0B}), frozenset({"pn533_usb"})),),
            folders={"/sys/module/pn533": ()},
            files=DRIVER,
        ),
        ("blacklist pn533_usb\nblacklist pn533\n", "sudo modprobe -r pn533_usb\n"),
    ),
    "RC-S380 without nfcpy": Case(
        "usb",
        "needs-nfcpy",
        FAIL,
        Fake(usb=(RC_S380,), modules=frozenset({"smartcard"})),
        ("Sony RC-S380", "pip install nfcpy"),
        nfc=NO_NFCPY,
    ),
    "RC-S380 without rights": Case(
        "usb",
        "rights",
        FAIL,
        Fake(usb=(RC_S380,), forbidden=frozenset({NODE})),
        (
            "/etc/udev/rules.d/99-mnverify.rules",
            'ATTR{idVendor}=="054c", ATTR{idProduct}=="06c3", GROUP="cardreader", MODE="0660"',
            NODE,
        ),
    ),
    "RC-S380 held by a program": Case(
        "usb",
        "held-by-program",
        FAIL,
        Fake(usb=(UsbDevice(0x054C, 0x06C3, "", NODE, frozenset({0xFF}), frozenset({"usbfs"})),)),
    ),
    "RC-S380 not listed": Case("usb", "not-listed", FAIL, Fake(usb=(RC_S380,)), ("Plug",)),
    "ACR122U without PC/SC, without nfcpy": Case(
        "usb", "no-service", SKIPPED, Fake(usb=(ACR122U,), modules=frozenset()), (), NO_PYSCARD, NO_NFCPY
    ),
    "ACR122U without PC/SC, nfcpy may not open it": Case(
        "usb", "rights", FAIL, Fake(usb=(ACR122U,), forbidden=frozenset({NODE})), ("072f",), NO_SERVICE
    ),
    "package of an unknown distribution": Case(
        "pcsc-service",
        "not-installed",
        FAIL,
        Fake(programs=frozenset(), socket=SocketState.MISSING, files={"/etc/os-release": "ID=other\n"}),
        ("sudo apt install pcscd libccid (Debian)",),
        NO_SERVICE,
    ),
    "reader without Type B": Case("usb", "no-type-b", FAIL, Fake(usb=(PN531,)), ("Type B", "another reader")),
    "nfcpy missing, not needed": Case(
        "nfcpy", "missing", SKIPPED, Fake(modules=frozenset({"smartcard"})), (), nfc=NO_NFCPY
    ),
    "nfcpy without libusb": Case(
        "nfcpy",
        "no-libusb",
        FAIL,
        Fake(missing_libraries=frozenset({"libusb-1.0.so.0"}), files=DEBIAN),
        ("sudo apt install libusb-1.0-0",),
        nfc=raises(OSError("libusb")),
    ),
    "nfcpy broken": Case("nfcpy", "broken", FAIL, Fake(), ("--force-reinstall",), nfc=NO_NFCPY),
    "nfcpy refused": Case("nfcpy", "error", WARN, Fake(), (SAID.en,), nfc=REFUSED),
    "serial port of a group": Case(
        "serial",
        "rights",
        WARN,
        Fake(
            folders={"/dev": ("tty", "ttyS0", "ttyUSB0")},
            forbidden=frozenset({"/dev/ttyUSB0", "/dev/ttyS0"}),
            owners={"/dev/ttyUSB0": "dialout"},
        ),
        ("/dev/ttyUSB0", "sudo usermod -aG dialout $USER"),
    ),
    "serial port of the superuser": Case(
        "serial",
        "rights",
        WARN,
        Fake(folders={"/dev": ("ttyACM1",)}, forbidden=frozenset({"/dev/ttyACM1"}), owners={"/dev/ttyACM1": "root"}),
        ("sudo chmod a+rw /dev/ttyACM1",),
    ),
    "unknown system": Case("system", "unknown", WARN, Fake(system="freebsd14"), ("not tried",)),
    "reader that cannot": Case(
        "reader",
        "unsuitable",
        FAIL,
        Fake(usb=()),
        (SAID.en,),
        lists(ReaderInfo("Contact reader", ReaderKind.PCSC, "Contact reader", usable=False, note=SAID)),
    ),
    "reader that cannot, and nobody says why": Case(
        "reader",
        "unsuitable",
        FAIL,
        Fake(),
        ("another reader",),
        lists(ReaderInfo("Contact reader", ReaderKind.PCSC, "Contact reader", usable=False)),
    ),
}


def look(
    machine: Fake,
    pcsc: Callable[[], Sequence[ReaderInfo]] = NO_READERS,
    nfc: Callable[[], Sequence[ReaderInfo]] = NO_READERS,
) -> tuple[Finding, ...]:
    """The diagnosis of a computer that is made up, and of nothing of this one."""
    return diagnose(machine, pcsc=pcsc, nfc=nfc)
