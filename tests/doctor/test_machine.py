"""What the diagnosis asks of the operating system, on folders that are made up."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from mnverify.doctor.machine import Machine, SocketState, UsbDevice, service_number


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A sysfs with one reader, its interface held by a driver, and a hub."""
    devices = tmp_path / "sys/bus/usb/devices"
    _write(devices / "usb1", idVendor="1d6b\n", idProduct="0002\n", busnum="1\n", devnum="1\n")
    _write(
        devices / "1-4", idVendor="072f\n", idProduct="2200\n", busnum="1\n", devnum="12\n", product="ACR122U PICC\n"
    )
    _write(devices / "1-4:1.0", bInterfaceClass="0b\n")
    _write(devices / "1-4:1.1", bInterfaceClass="zz\n")
    _write(devices / "1-5", idProduct="0002\n")
    (devices / "1-4:1.0" / "driver").symlink_to("../../drivers/pn533_usb")
    return tmp_path


def _write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def test_usb_devices_as_the_kernel_lists_them(root: Path) -> None:
    devices = Machine(str(root)).usb_devices()
    assert devices is not None
    assert [(device.vendor, device.product) for device in devices] == [(0x072F, 0x2200), (0x1D6B, 0x0002)]
    assert devices[0] == UsbDevice(
        0x072F, 0x2200, "ACR122U PICC", "/dev/bus/usb/001/012", frozenset({0x0B}), frozenset({"pn533_usb"})
    )


def test_no_usb_is_not_the_same_as_no_device(tmp_path: Path) -> None:
    assert Machine(str(tmp_path)).usb_devices() is None
    (tmp_path / "sys/bus/usb/devices").mkdir(parents=True)
    assert Machine(str(tmp_path)).usb_devices() == ()


def test_processes_by_their_names(tmp_path: Path) -> None:
    _write(tmp_path / "proc/17", comm="pcscd\n")
    _write(tmp_path / "proc/self", comm="python\n")
    machine = Machine(str(tmp_path))
    assert machine.runs("pcscd")
    assert not machine.runs("python")


def test_sockets(tmp_path: Path) -> None:
    machine, path = Machine(), str(tmp_path / "s")
    assert machine.socket_state(path) is SocketState.MISSING
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        assert machine.socket_state(path) is SocketState.OPEN
    assert machine.socket_state(path) is SocketState.REFUSED


def test_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    assert machine.read_text("/nothing") == ""
    assert machine.list("/nothing") == ()
    assert machine.group_of("/nothing") is None
    assert not machine.readable_writable("/nothing")
    assert machine.environ("MNVERIFY_NO_SUCH_VARIABLE") is None
    assert machine.which("mnverify-no-such-program") is None
    assert not machine.find_module("mnverify_no_such_module")
    assert not machine.loads("libmnverify-no-such-library.so")
    assert machine.service_state("SCardSvr") is None


def test_what_is_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    machine = Machine(str(tmp_path))
    assert machine.exists("/file")
    assert machine.readable_writable("/file")
    assert machine.group_of("/file") in Machine().groups
    assert machine.platform == sys.platform
    assert "Python" in machine.description
    assert machine.find_module("json")
    assert machine.is_superuser == (os.geteuid() == 0)


ENGLISH = "\r\nSERVICE_NAME: SCardSvr\r\n    TYPE     : 20  WIN32_SHARE_PROCESS  \r\n    STATE    : 4  RUNNING \r\n"
JAPANESE = "\r\nSERVICE_NAME: SCardSvr\r\n    種類     : 30  WIN32  \r\n    状態     : 1  STOPPED \r\n"
MISSING = "[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n"


@pytest.mark.parametrize(("output", "state"), [(ENGLISH, 4), (JAPANESE, 1), (MISSING, None), ("", None)])
def test_the_state_of_a_windows_service(output: str, state: int | None) -> None:
    assert service_number(output.encode("cp932")) == state
