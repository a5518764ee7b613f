"""What importing and driving nfcpy must not do: change how warnings are shown, or write frames into a log."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mnverify.errors import MnverifyError, NoReader, UsageError
from mnverify.readers.nfc.api import check_path, open_frontend, require_nfcpy, usb_devices
from mnverify.readers.nfc.reader import NfcReader
from mnverify.virtual import Picc, VirtualAuthority, persona
from tests.readers.nfc_chips import PN533, RCS380, Chip, Pn533, Port100, UsbBus
from tests.readers.readings import READINGS, Bench
from tests.support.host import CardHost

ROOT = Path(__file__).resolve().parents[2]


def python(script: str) -> str:
    """What a fresh interpreter prints, with every warning an error."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


SHOWN = """
import logging, warnings
{before}
shown, kept = warnings.showwarning, logging._warnings_showwarning
from mnverify.readers.nfc.api import require_nfcpy
require_nfcpy()
require_nfcpy()
import sys
assert "nfc.clf.rcs380" in sys.modules
assert warnings.showwarning is shown, "showwarning"
assert logging._warnings_showwarning is kept, "captured"
{after}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "logging.captureWarnings(True); assert warnings.showwarning is logging._showwarning"),
        ("logging.captureWarnings(True)", "logging.captureWarnings(False); assert warnings.showwarning is not shown"),
        ("warnings.showwarning = lambda *a, **k: None", "logging.captureWarnings(False)"),
        ("logging.captureWarnings(True); warnings.showwarning = print", ""),
        ("import nfc", ""),
    ],
    ids=["off", "on", "own", "on-and-own", "imported-before"],
)
def test_warnings_are_shown_as_before(before: str, after: str) -> None:
    python(SHOWN.format(before=before, after=after))


def test_within_a_catch_of_warnings_too() -> None:
    python(
        "import logging, warnings\n"
        "shown = warnings.showwarning\n"
        "from mnverify.readers.nfc.api import require_nfcpy\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    require_nfcpy()\n"
        "assert not caught and warnings.showwarning is shown and logging._warnings_showwarning is None\n"
        "logging.captureWarnings(True)\n"
        "assert warnings.showwarning is not shown\n"
    )


def test_nothing_is_loaded_before_it_is_needed() -> None:
    loaded = python(
        "import sys; import mnverify.readers, mnverify.readers.nfc.reader, mnverify.readers.nfc.watch\n"
        "print(sorted({'nfc', 'usb1', 'serial', 'socket', 'subprocess', 'logging', 'smartcard'} & set(sys.modules)))"
    )
    assert loaded.strip() == "[]"


@pytest.mark.parametrize("missing", ["nfc", "usb1", "serial"])
def test_without_nfcpy_the_extra_is_named(missing: str) -> None:
    said = python(
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import logging, warnings\n"
        "from mnverify.errors import MissingExtra\n"
        "from mnverify.readers.nfc.reader import NfcReader, nfc_readers\n"
        "for ask in (nfc_readers, lambda: NfcReader('usb')):\n"
        "    try:\n        ask()\n"
        "    except MissingExtra as error:\n        print(error)\n"
        "assert logging._warnings_showwarning is None\n"
    )
    assert said.count("with the extra [nfc]") == 2


def test_without_libusb_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def find_spec(self, name: str, path: object, target: object = None) -> None:
            if name == "usb1":
                raise OSError(2, "cannot find a suitable libusb-1.0")

    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    for name in [name for name in sys.modules if name.partition(".")[0] in ("nfc", "usb1")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(NoReader, match="libusb"):
        require_nfcpy()


@pytest.mark.parametrize(
    "path",
    ["usb", "usb:054c", "usb:054C:06c3", "usb:001", "usb:1:12", "usb:001:012", "tty:", "tty:USB0", "tty:USB0:pn532",
     "tty:AMA0:arygon", "com:COM3:pn532", "com:3", "udp:localhost:54321", "udp::41000", "udp:127.0.0.1", "udp"],
)  # fmt: skip
def test_paths_of_nfcpy(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize(
    "path",
    ["", " usb", "usb:", "tty", "usb:054c:06c3:1", "usb:12345", "usb:xyz", "USB", "tty:USB0:os", "tty:../../etc/passwd", "com:3:os",
     "udp:localhost:99999", "udp:localhost:0", "udp:localhost:http", "udp:a b:1", "udp:[::1]:41000", "udp:h:1:2", "nfc",
     "usb:٠٠١:٠١٢", "usb:001:012\n"],
)  # fmt: skip
def test_what_is_no_path(path: str) -> None:
    refusals: tuple[Callable[[str], object], ...] = (check_path, NfcReader, open_frontend)
    for refuse in refusals:
        with pytest.raises(UsageError) as caught:
            refuse(path)
        assert caught.value.text.ja


def test_a_port_with_a_name_is_refused_kindly_before_nfcpy_stumbles() -> None:
    import socket

    port = next(port for port in range(1, 10_000) if named(port))
    with pytest.raises(UsageError, match=r"Choose another port") as caught:
        NfcReader(f"udp:localhost:{port}")
    assert socket.getservbyport(port) in str(caught.value)


def named(port: int) -> bool:
    import socket

    try:
        socket.getservbyport(port)
    except OSError:
        return False
    return True


def test_no_usb_here_is_an_empty_list() -> None:
    assert all(len(place) == 4 for place in usb_devices())


def test_a_host_that_there_is_not() -> None:
    with pytest.raises(NoReader):
        open_frontend("udp:no-such-host.invalid:41000")


class Catcher(logging.Handler):
    """Keeps everything that any logger lets through."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {record.args}".lower())

    @property
    def of_nfcpy(self) -> list[str]:
        return [line for line in self.lines if line.startswith("nfc")]

    def has_none_of(self, secrets: set[str]) -> None:
        """No line has any of them, however it is spaced."""
        text = "\n".join(self.lines).replace(" ", "")
        assert len(secrets) > 10
        assert not [secret for secret in secrets if secret in text]


@contextmanager
def everything_logged() -> Iterator[Catcher]:
    """As an application sets it up that looks for trouble: the root and every logger of nfcpy at the lowest level."""
    require_nfcpy()
    catcher, root = Catcher(), logging.getLogger()
    loggers = [
        root,
        *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict) if name.startswith("nfc")),
    ]
    levels = [logger.level for logger in loggers]
    root.addHandler(catcher)
    for logger in loggers:
        logger.setLevel(1)
    try:
        yield catcher
    finally:
        root.removeHandler(catcher)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def secrets_of(frames: list[bytes]) -> set[str]:
    """Any four bytes in a row of what went over the air, as hex."""
    return {frame[at : at + 4].hex() for frame in frames for at in range(len(frame) - 3)}


def virtual_card() -> Picc:
    return Picc(VirtualAuthority.laboratory().issue(persona()))


def read_face(path: str) -> bool:
    with NfcReader(path) as reader, reader.connect() as link:
        return READINGS[0].check(link).result.verified


@pytest.mark.parametrize(("ids", "make"), [(RCS380, Port100), (PN533, Pn533)])
def test_no_frame_reaches_a_log(
    monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], make: Callable[[Picc], Chip]
) -> None:
    chip = make(virtual_card())
    UsbBus(monkeypatch, (ids, chip))
    with everything_logged() as catcher:
        assert read_face("usb")
        catcher.has_none_of(secrets_of(chip.frames))
        assert not catcher.of_nfcpy
        for name in [name for name in logging.root.manager.loggerDict if name.startswith("nfc")]:
            monkeypatch.setattr(logging.getLogger(name), "filters", [])
        import nfc

        clf = nfc.ContactlessFrontend("usb")  # without us, they do
        clf.sense(nfc.clf.RemoteTarget("106B"))
        clf.close()
        with pytest.raises(AssertionError):
            catcher.has_none_of(secrets_of(chip.frames[-4:]))


def test_no_frame_reaches_a_log_over_udp(host: CardHost, udp_port: int) -> None:
    host.plug("log", "nfc-udp", udp_port)
    bench = Bench(host, "log", f"udp:127.0.0.1:{udp_port}")
    bench.card()
    with everything_logged() as catcher, bench.reader() as reader, reader.connect() as link:
        assert READINGS[0].check(link).result.verified
        assert not catcher.of_nfcpy
        catcher.has_none_of(secrets_of([persona().verification_number_b.encode()]))
    host.remove("log")


@pytest.mark.parametrize(("ids", "make"), [(RCS380, Port100), (PN533, Pn533)])
def test_nor_does_an_error_of_a_chip(
    monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], make: Callable[[Picc], Chip]
) -> None:
    """The drivers log errors, with what they expected instead."""
    chip = make(virtual_card())
    UsbBus(monkeypatch, (ids, chip))
    digits = persona().verification_number_b.encode().hex()
    with everything_logged() as catcher:
        for at in range(0, 60, 3):
            count = 0

            def mangle(frame: bytearray, at: int = at) -> bytearray:
                nonlocal count
                count += 1
                if count == at:
                    frame[-3 - at % 4] ^= 0xFF
                return frame

            chip.mangle = mangle
            try:
                read_face("usb")
            except MnverifyError:
                continue
    assert digits[:8] in secrets_of(chip.frames)
    assert catcher.of_nfcpy  # they still tell that something went wrong
    catcher.has_none_of(secrets_of(chip.frames))


def test_a_reader_that_is_not_there_does_not_fill_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    UsbBus(monkeypatch)
    with everything_logged() as catcher, pytest.raises(NoReader):
        open_frontend("usb")
    assert not catcher.of_nfcpy


def test_a_reader_that_fails_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    chip = Port100(virtual_card())
    UsbBus(monkeypatch, (RCS380, chip))
    frontend = open_frontend("usb:001:001")
    chip.trouble = 19
    frontend.close()
    frontend.close()
    assert not chip.open


def test_a_socket_that_fails_is_closed(udp_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    handles = len(os.listdir("/proc/self/fd"))
    frontend = open_frontend(f"udp:127.0.0.1:{udp_port}")
    assert len(os.listdir("/proc/self/fd")) == handles + 1
    import nfc.clf.udp

    def fail(*_: object) -> None:
        raise OSError(101, "unreachable")

    monkeypatch.setattr(nfc.clf.udp.Device, "mute", fail)
    frontend.close()
    assert len(os.listdir("/proc/self/fd")) == handles
