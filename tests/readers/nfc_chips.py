"""NFC readers that are not there: a front end in place of nfcpy, and the chips of two USB readers under nfcpy's own drivers."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from typing import Any

import pytest

from mnverify.errors import LinkError
from mnverify.readers.nfc import field as nfc_field
from mnverify.readers.nfc.api import Frontend
from mnverify.readers.nfc.iso_dep import FrameTimeout
from mnverify.virtual import Picc

SELECT = bytes.fromhex("00A4040C0AD3921000310001010402")
RCS380, PN533, PN531, RCS300 = (0x054C, 0x06C3), (0x04CC, 0x2533), (0x054C, 0x0193), (0x054C, 0x0DC8)


class FakeFrontend(Frontend):
    """A front end without nfcpy.

    Attributes:
        picc: the card in the field; ``None`` for none.
        frames: what was sent to it since the last sense.
        senses, mutes, closes: how often.
        error: raised by whatever is called next.
        meddle: may put another answer in the place of a card's.
    """

    def __init__(self, picc: Picc | None = None, *, simulated: bool = False) -> None:
        self.path, self.simulated = "usb:001:012", simulated
        self.vendor, self.product, self.chipset = "ACME", "Reader", "X1"
        self.max_send, self.max_recv = 290, 290
        self.picc = picc
        self.frames: list[bytes] = []
        self.senses = self.mutes = self.closes = 0
        self.error: LinkError | None = None
        self.meddle: Callable[[bytes, bytes | None], bytes | None] = lambda frame, answer: answer

    def sense_b(self) -> bytes | None:
        self._fail()
        self.senses += 1
        self.frames.clear()
        if self.picc is None:
            return None
        self.picc.field_off()
        return self.picc.receive(b"\x05\x00\x10")

    def exchange(self, frame: bytes, timeout: float) -> bytes:
        self._fail()
        self.frames.append(frame)
        answer = self.meddle(frame, None if self.picc is None else self.picc.receive(frame))
        if answer is None:
            raise FrameTimeout
        return answer

    def mute(self) -> None:
        self._fail()
        self.mutes += 1
        if self.picc is not None:
            self.picc.field_off()

    def close(self) -> None:
        self.closes += 1
        if self.picc is not None:
            self.picc.field_off()

    def _fail(self) -> None:
        error, self.error = self.error, None
        if error is not None:
            raise error


class FakePort:
    """Where a front end may be plugged in.

    Attributes:
        frontend: what opening gives; an error for what it raises.
        opened: how often it was tried.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, frontend: FakeFrontend | LinkError) -> None:
        self.frontend = frontend
        self.opened = 0
        monkeypatch.setattr(nfc_field, "open_frontend", self._open)
        monkeypatch.setattr(nfc_field, "reader_name", lambda frontend: f"ACME Reader ({frontend.path})")
        monkeypatch.setattr(nfc_field, "refuse_unsuitable", lambda path: None)

    def _open(self, path: str) -> Frontend:
        self.opened += 1
        if isinstance(self.frontend, LinkError):
            raise self.frontend
        return self.frontend


class Chip:
    """A reader's chip at the other end of nfcpy's USB transport, with a card in its field.

    Attributes:
        picc: the card, or ``None``.
        trouble: the errno of every transfer from now on; 0 for none. Such is a reader that was unplugged.
        mangle: may change what the chip sends.
        open: whether the transport is.
    """

    manufacturer_name: str | None = "ACME"
    product_name: str | None = "Chip"

    def __init__(self, picc: Picc | None) -> None:
        self.picc = picc
        self.trouble = 0
        self.mangle: Callable[[bytearray], bytearray] = lambda frame: frame
        self.open = True
        self.frames: list[bytes] = []
        self._out: list[bytearray] = []

    def write(self, frame: bytes, timeout: int = 0) -> None:
        self._fail()
        if len(frame) > 6:
            self._out = [bytearray.fromhex("0000FF00FF00"), *self.command(bytes(frame))]

    def read(self, timeout: int = 0) -> bytearray:
        self._fail()
        if not self._out:
            raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        return self.mangle(self._out.pop(0))

    def close(self) -> None:
        self.open = False

    def command(self, frame: bytes) -> list[bytearray]:
        raise NotImplementedError

    def air(self, frame: bytes) -> bytes | None:
        """What the card answers."""
        self.frames.append(frame)
        return None if self.picc is None else self.picc.receive(frame)

    def field_off(self) -> None:
        if self.picc is not None:
            self.picc.field_off()

    def _fail(self) -> None:
        if self.trouble:
            raise OSError(self.trouble, os.strerror(self.trouble))


class Port100(Chip):
    """The chip of an RC-S380."""

    manufacturer_name, product_name = "SONY", "RC-S380/P"

    def command(self, frame: bytes) -> list[bytearray]:
        length = struct.unpack("<H", frame[5:7])[0]
        code, data = frame[9], frame[10 : 8 + length]
        answer = bytearray([0xD7, code + 1]) + self._answer(code, data)
        head = b"\x00\x00\xff\xff\xff" + struct.pack("<H", len(answer))
        whole = head + bytes([-sum(head[5:7]) & 0xFF]) + answer + bytes([-sum(answer) & 0xFF, 0])
        return [bytearray(whole)]

    def _answer(self, code: int, data: bytes) -> bytes:
        if code == 0x20:
            return b"\x11\x01"
        if code == 0x22:
            return b"\x00\x01"
        if code == 0x04:
            answer = self.air(data[2:])
            return b"\x80\x00\x00\x00\x00" if answer is None else b"\x00\x00\x00\x00\x08" + answer
        if code == 0x06 and data == b"\x00":
            self.field_off()
        return b"\x00"


class Pn533(Chip):
    """The chip of an SCL3711, which activates a Type B card by itself, and so has to be told to send it to sleep again."""

    version = b"\x33\x02\x07\x07"

    def command(self, frame: bytes) -> list[bytearray]:
        data = frame[10:-2] if frame[3:5] == b"\xff\xff" else frame[7:-2]
        code = frame[9] if frame[3:5] == b"\xff\xff" else frame[6]
        answer = self._answer(code, data)
        whole = bytearray([0xD5, code + 1]) + answer
        check = bytes([-sum(whole) & 0xFF, 0])
        if len(whole) < 255:
            return [bytearray(b"\x00\x00\xff" + bytes([len(whole), -len(whole) & 0xFF])) + whole + check]
        size = struct.pack(">H", len(whole))
        return [bytearray(b"\x00\x00\xff\xff\xff" + size + bytes([-sum(size) & 0xFF])) + whole + check]

    def _answer(self, code: int, data: bytes) -> bytes:
        if code == 0x00:
            return data
        if code == 0x02:
            return self.version
        if code == 0x06:
            return b"\x7f" if data.startswith(b"\xa0") else bytes(1 + len(data) // 2)
        if code == 0x08:
            return b"\x00"
        if code == 0x32 and data == b"\x01\x02":
            self.field_off()
        if code == 0x4A:
            return self._list()
        if code == 0x42:
            answer = self.air(data)
            return b"\x01" if answer is None else b"\x00" + answer
        return b""

    def _list(self) -> bytes:
        atqb = self.air(b"\x05\x00\x00")
        if atqb is None or self.air(b"\x1d" + atqb[1:5] + b"\x00\x05\x01\x00") is None:
            return b"\x00"
        return b"\x01\x01" + atqb + b"\x01\x00"


class Pn531(Pn533):
    """Its elder, without Type B."""

    version = b"\x04\x02"


class UsbBus:
    """A bus with devices on it, in the place of libusb's. nfcpy's drivers see it.

    Args:
        devices: their ids, and a chip where one can be opened; for an errno, opening fails with it.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *devices: tuple[tuple[int, int], Chip | int]) -> None:
        import nfc.clf.transport

        self.devices = list(devices)
        self.rights = True
        bus = self

        class Usb:
            TYPE = "USB"
            find = staticmethod(self.find)

            def __new__(cls, at: int, device: int) -> Any:
                return bus.opened(at, device)

        monkeypatch.setattr(nfc.clf.transport, "USB", Usb)
        monkeypatch.setattr(os, "access", lambda path, mode: self.rights)

    def find(self, path: str) -> list[tuple[int, int, int, int]] | None:
        if not path.startswith("usb"):
            return None
        words = path.split(":")[1:]
        found = []
        for at, ((vendor, product), _) in enumerate(self.devices, 1):
            names = (f"{vendor:04x}", f"{product:04x}") if words and len(words[0]) == 4 else ("001", f"{at:03}")
            if list(names[: len(words)]) == [word.lower() for word in words]:
                found.append((vendor, product, 1, at))
        return found

    def opened(self, bus: int, device: int) -> Chip:
        chip = self.devices[device - 1][1]
        if isinstance(chip, int):
            raise OSError(chip, os.strerror(chip))
        chip.open = True
        return chip
