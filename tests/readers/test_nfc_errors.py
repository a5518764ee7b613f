"""Every exception class of nfcpy and its transports has a class of ours."""

from __future__ import annotations

import errno
import importlib
import pkgutil
import socket
import termios
import warnings
from collections.abc import Iterator

import pytest

from mnverify.errors import CardLost, LinkError, NoReader, NotAllowed, ReaderInUse, ReaderUnsuitable, UsageError
from mnverify.readers.nfc.errors import Doing, is_known, nfc_error, nfc_errors
from mnverify.readers.nfc.iso_dep import FrameTimeout
from mnverify.text import Text

NOT_IMPORTED = {
    "nfc.__main__": "a program",
    "usb1.__pyinstaller": "hooks of a packager",
    "usb1.testUSB1": "tests",
    "serial.__main__": "a program",
    "serial.serialcli": "of .NET",
    "serial.serialjava": "of Java",
    "serial.serialwin32": "of Windows",
    "serial.win32": "of Windows",
    "serial.tools.list_ports_osx": "of macOS",
    "serial.tools.list_ports_windows": "of Windows",
}
FOREIGN = ("serial.threaded", "serial.tools.miniterm", "serial.urlhandler", "serial.rfc2217", "serial.rs485")
"""Modules of pyserial that no path of nfcpy leads to."""


def modules() -> Iterator[str]:
    for package in ("nfc", "usb1", "serial"):
        yield package
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path = importlib.import_module(package).__path__
            for found in pkgutil.walk_packages(path, f"{package}.", onerror=lambda name: None):
                if not found.name.startswith((*NOT_IMPORTED, *FOREIGN)):
                    yield found.name


def exceptions() -> dict[str, type[Exception]]:
    """Every exception class that a module defines, by its dotted name; those within classes too."""
    found: dict[str, type[Exception]] = {}
    for name in modules():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = importlib.import_module(name)
        holders = [module, *(one for one in vars(module).values() if isinstance(one, type))]
        for holder in holders:
            for one in vars(holder).values():
                if (
                    isinstance(one, type)
                    and issubclass(one, Exception)
                    and one.__module__.startswith(name.split(".")[0])
                ):
                    found[f"{one.__module__}.{one.__qualname__}"] = one
    return found


ALL = exceptions()


def test_the_walk_finds_what_is_known_to_be_there() -> None:
    assert {
        "nfc.clf.TimeoutError",
        "nfc.clf.pn53x.Chipset.Error",
        "nfc.clf.rcs380.StatusError",
        "nfc.llcp.err.ConnectRefused",
        "nfc.snep.client.SnepError",
        "nfc.tag.tt4.Type4TagCommandError",
        "usb1._libusb1.USBError",
        "usb1.USBErrorOverflow",
        "serial.serialutil.PortNotOpenError",
    } <= set(ALL)
    assert len(ALL) > 30


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_class_is_mapped(name: str) -> None:
    error = ALL[name].__new__(ALL[name])  # without its constructor: some want arguments of their own
    assert is_known(ALL[name])
    for doing in Doing:
        mapped = nfc_error(error, doing)
        assert isinstance(mapped, LinkError) and type(mapped) is not LinkError
        assert mapped.text.en and mapped.text.ja


@pytest.mark.parametrize(
    ("name", "opening", "exchanging"),
    [
        ("nfc.clf.UnsupportedTargetError", ReaderUnsuitable, ReaderUnsuitable),
        ("nfc.clf.TimeoutError", CardLost, CardLost),
        ("nfc.clf.TransmissionError", CardLost, CardLost),
        ("nfc.clf.pn53x.Chipset.Error", NoReader, CardLost),
        ("nfc.tag.tt4.Type4TagCommandError", CardLost, CardLost),
        ("usb1.USBErrorAccess", NotAllowed, NotAllowed),
        ("usb1.USBErrorBusy", ReaderInUse, ReaderInUse),
        ("usb1.USBErrorNoDevice", NoReader, NoReader),
        ("usb1.USBErrorPipe", NoReader, CardLost),
        ("serial.serialutil.PortNotOpenError", NoReader, NoReader),
        ("serial.serialutil.SerialTimeoutException", NoReader, CardLost),
    ],
)
def test_some_of_them(name: str, opening: type[LinkError], exchanging: type[LinkError]) -> None:
    error = ALL[name].__new__(ALL[name])
    assert type(nfc_error(error, Doing.OPENING)) is opening
    assert type(nfc_error(error, Doing.EXCHANGING)) is exchanging


@pytest.mark.parametrize(
    ("number", "opening", "exchanging"),
    [
        (errno.EACCES, NotAllowed, NotAllowed),
        (errno.EPERM, NotAllowed, NotAllowed),
        (errno.EBUSY, ReaderInUse, ReaderInUse),
        (errno.ENODEV, NoReader, NoReader),
        (errno.ENOENT, NoReader, NoReader),
        (errno.EIO, NoReader, CardLost),
        (errno.ETIMEDOUT, NoReader, CardLost),
        (errno.ENETUNREACH, NoReader, CardLost),
        (0, NoReader, CardLost),
    ],
)
def test_the_errno_of_the_system(number: int, opening: type[LinkError], exchanging: type[LinkError]) -> None:
    import serial

    for error in (OSError(number, "text"), serial.SerialException(number, "text"), termios.error(number, "text")):
        assert type(nfc_error(error, Doing.OPENING)) is opening
        assert type(nfc_error(error, Doing.EXCHANGING)) is exchanging


def test_a_host_without_an_address_is_no_reader() -> None:
    assert type(nfc_error(socket.gaierror(socket.EAI_NONAME, "text"), Doing.OPENING)) is NoReader


@pytest.mark.parametrize("slip", [TypeError, IndexError, KeyError, AttributeError, AssertionError, UnicodeDecodeError])
def test_a_slip_of_a_driver_is_trouble_of_its_reader(slip: type[Exception]) -> None:
    error = slip.__new__(slip)
    assert type(nfc_error(error, Doing.SENSING)) is NoReader
    assert type(nfc_error(error, Doing.EXCHANGING)) is CardLost


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), RuntimeError(), FrameTimeout()])
def test_what_is_nobodys_passes(error: BaseException) -> None:
    assert not is_known(type(error))
    with pytest.raises(KeyError):
        nfc_error(error, Doing.SENSING)
    with pytest.raises(type(error)) as caught, nfc_errors(Doing.SENSING):
        raise error
    assert caught.value is error


def test_ours_pass_and_theirs_are_hidden() -> None:
    ours = UsageError(Text("a", "b"))
    with pytest.raises(UsageError) as caught, nfc_errors(Doing.OPENING):
        raise ours
    assert caught.value is ours
    with pytest.raises(NotAllowed) as mapped, nfc_errors(Doing.OPENING):
        raise PermissionError(errno.EACCES, "/dev/bus/usb/001/002")
    assert mapped.value.__suppress_context__
    assert "/dev" not in str(mapped.value)
