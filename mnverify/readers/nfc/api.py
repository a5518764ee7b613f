"""nfcpy, typed and kept quiet: the only module that imports it.

Importing nfcpy turns ``logging.captureWarnings`` on; that is undone. It logs every frame in hex at DEBUG and below, and VERIFY
carries the credential: of its loggers, records below WARNING go nowhere, whatever the application sets.
"""

from __future__ import annotations

import importlib
import re
import sys
import threading
import warnings
from typing import Any, NamedTuple

from mnverify.errors import LinkError, MissingExtra, NoReader, UsageError
from mnverify.masked import MaskedBytes
from mnverify.readers.nfc.errors import GONE, Doing, is_known, nfc_error, nfc_errors
from mnverify.readers.nfc.iso_dep import FrameGarbled, FrameTimeout
from mnverify.readers.outcome import Outcome
from mnverify.text import Text

_PATH = re.compile(
    r"usb(:[0-9A-Fa-f]{4}(:[0-9A-Fa-f]{4})?|:\d{1,3}(:\d{1,3})?)?"
    r"|tty:[A-Za-z0-9.-]*(:(arygon|pn532))?"
    r"|com:(COM)?\d*(:(arygon|pn532))?"
    r"|udp(:[A-Za-z0-9.-]*(:(?P<port>\d{1,5})?)?)?",
    re.ASCII,
)
_DRIVERS = ("acr122", "arygon", "pn531", "pn532", "pn533", "rcs380", "rcs956", "udp")
_UDP_PORT = 54321
_NO_LIBRARY = Text(
    "libusb-1.0 is missing, so no NFC reader on USB can be reached. Install it (Debian: apt install libusb-1.0-0).",
    "libusb-1.0 がないため、USB の NFC 読み取り機を使えません。インストールしてください（Debian: apt install libusb-1.0-0）。",
)
_loading = threading.Lock()


class UsbPlace(NamedTuple):
    """One device on USB: its ids, and where it hangs."""

    vendor: int
    product: int
    bus: int
    device: int


class Frontend:
    """One NFC device, open. Not for more than one thread at a time.

    Args:
        clf: nfcpy's ``ContactlessFrontend``, open.

    Attributes:
        path: the device's own: ``usb:001:012``, ``/dev/ttyUSB0``, ``udp:localhost:54321``.
        vendor, product, chipset: as the device names itself; may be empty.
        simulated: it is nfcpy's simulation over UDP.
        max_send, max_recv: most bytes of a frame each way, without CRC.
    """

    def __init__(self, clf: Any) -> None:
        nfc = _loaded()
        self._clf = clf
        self._target = nfc.clf.RemoteTarget
        self._timeout = nfc.clf.TimeoutError
        self._garbled = (nfc.clf.TransmissionError, nfc.clf.ProtocolError)
        device = clf.device
        self.path = str(device.path)
        self.vendor, self.product, self.chipset = (
            _printable(word) for word in (device.vendor_name, device.product_name, device.chipset_name)
        )
        self.simulated = self.path.startswith("udp")
        self.max_send, self.max_recv = int(clf.max_send_data_size), int(clf.max_recv_data_size)

    def sense_b(self) -> bytes | None:
        """Switch the field off and on, and ask for a Type B card; its ATQB (SENSB_RES), ``None`` where nothing answers.

        Over UDP, nothing answers after one second.

        Raises:
            ReaderUnsuitable: the device cannot do Type B.
            NoReader: it is gone.
            LinkError: as `nfc_error` has it.
        """
        with nfc_errors(Doing.SENSING):
            found = self._clf.sense(self._target("106B"))
            return None if found is None or found.sensb_res is None else bytes(found.sensb_res)

    def exchange(self, frame: bytes, timeout: float) -> bytes:
        """Send a frame to the card that was sensed, and wait for one.

        Raises:
            FrameTimeout: nothing came within ``timeout`` seconds.
            FrameGarbled: what came was no frame.
            LinkError: as `nfc_error` has it.
        """
        with Outcome() as outcome:
            answer = self._clf.exchange(bytes(frame), max(timeout, 0.001))
        if outcome.error is not None:
            raise self._without_frames(outcome.error)
        if answer is None:
            raise FrameGarbled
        return MaskedBytes(answer)

    def _without_frames(self, error: BaseException) -> BaseException:
        """What an exchange raises. The frames of nfcpy go: they hold the command, and VERIFY carries the credential."""
        if isinstance(error, self._timeout):
            return FrameTimeout()
        if isinstance(error, (*self._garbled, ValueError)):  # of UDP: no hexadecimal digits
            return FrameGarbled()
        if is_known(type(error)):
            return nfc_error(error, Doing.EXCHANGING)
        error.__context__ = error.__cause__ = None
        return error.with_traceback(None)

    def mute(self) -> None:
        """Switch the field off: the card loses its power.

        Raises:
            LinkError: as `nfc_error` has it.
        """
        with nfc_errors(Doing.SENSING):
            self._clf.sense()

    def close(self) -> None:
        """Switch the field off and let go of the device. Whatever goes wrong, nothing is left open."""
        device, self._clf.device = self._clf.device, None
        if device is None:
            return
        left = [getattr(getattr(device, "chipset", None), "transport", None), getattr(device, "socket", None)]
        for close in (device.close, *(one.close for one in left if one is not None)):
            try:
                with nfc_errors(Doing.OPENING):
                    close()
            except LinkError:
                continue  # it is gone already


def open_frontend(path: str) -> Frontend:
    """Open a device.

    Args:
        path: as `check_path` takes it.

    Raises:
        MissingExtra: nfcpy is not installed.
        UsageError: the path is malformed.
        NoReader: there is none.
        NotAllowed, ReaderInUse: as they say.
    """
    check_path(path)
    clf = _loaded().ContactlessFrontend()
    with nfc_errors(Doing.OPENING):
        found = clf.open(path)
        if not found and path.startswith("usb"):
            found = _open_exactly(clf, path)
    if not found:
        raise NoReader(GONE)
    return Frontend(clf)


def check_path(path: str) -> None:
    """Refuse a path that nfcpy would not understand, or would stumble over.

    Args:
        path: ``usb``, ``usb:VENDOR[:PRODUCT]``, ``usb:BUS[:DEVICE]``, ``tty:PORT[:DRIVER]``, ``com:PORT[:DRIVER]``,
            ``udp[:HOST[:PORT]]``, as nfcpy has them.

    Raises:
        UsageError: it is none of these; or a UDP port that the system has a name for.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise UsageError(
            Text(
                f"{path!r} is no path of an NFC reader. Give one like usb, usb:054c:06c3, usb:001:012 or tty:USB0:pn532.",
                f"{path!r} は NFC のパスではありません。usb、usb:054c:06c3、usb:001:012、tty:USB0:pn532 のように指定してください。",
            )
        )
    if path.startswith("udp"):
        _check_port(int(match["port"] or _UDP_PORT))


def require_nfcpy() -> None:
    """Load nfcpy.

    Raises:
        MissingExtra: it is not installed.
        NoReader: libusb, which it needs, is not there.
    """
    _loaded()


def usb_devices() -> list[UsbPlace]:
    """Everything on USB that this user may see, readers or not. Nothing is opened.

    Raises:
        MissingExtra: nfcpy is not installed.
        LinkError: USB cannot be asked.
    """
    transport = _loaded().clf.transport
    with nfc_errors(Doing.OPENING):
        return _found(transport, "usb")


def _open_exactly(clf: Any, path: str) -> bool:
    """nfcpy passes over what it may not open where a path could mean another; the full path of the first says why."""
    clf_module = _loaded().clf
    for place in _found(clf_module.transport, path):
        if (place.vendor, place.product) in clf_module.device.usb_device_map:
            return bool(clf.open(f"usb:{place.bus:03}:{place.device:03}"))
    return False


def _found(transport: Any, path: str) -> list[UsbPlace]:
    return [UsbPlace(*(int(number) for number in place)) for place in transport.USB.find(path) or ()]


def _check_port(port: int) -> None:
    """nfcpy asks the system for the port's number and gets its name, where it has one."""
    import socket

    if not 1 <= port <= 0xFFFF:
        raise UsageError(Text(f"There is no UDP port {port}.", f"UDP ポート {port} はありません。"))
    name = socket.getnameinfo(("127.0.0.1", port), socket.NI_NUMERICHOST)[1]
    if not name.isdecimal():
        raise UsageError(
            Text(
                f"nfcpy cannot use UDP port {port}, because this system calls it {name!r}. Choose another port.",
                f"nfcpy は UDP ポート {port}（この環境での名前: {name}）を使えません。別の番号を選んでください。",
            )
        )


def _loaded() -> Any:
    """nfcpy with all its drivers, quiet."""
    with _loading:
        nfc = _imported()
        _silence()
        return nfc


def _imported() -> Any:
    if all(sys.modules.get(name) is not None for name in ("nfc", *(f"nfc.clf.{driver}" for driver in _DRIVERS))):
        return sys.modules["nfc"]
    import logging

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = warnings.showwarning
        try:
            import nfc

            for driver in _DRIVERS:
                importlib.import_module(f"nfc.clf.{driver}")
        except ImportError:
            raise MissingExtra("nfcpy", "nfc") from None
        except OSError:
            raise NoReader(_NO_LIBRARY) from None
        finally:
            if warnings.showwarning is not before:  # it was off, and nfcpy turned it on
                logging.captureWarnings(False)
    return nfc


def _silence() -> None:
    import logging

    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "nfc":
            logging.getLogger(name).addFilter(_has_no_frame)


def _has_no_frame(record: Any) -> bool:
    """Warnings and errors of nfcpy say what happened, without bytes; its other records may be frames in hex.

    Those of ``nfc.clf`` itself are that no reader is there: that is an exception here, and every two seconds of a watch.
    """
    return bool(record.levelno >= 30 and record.name != "nfc.clf")


def _printable(word: object) -> str:
    return "".join(letter for letter in str(word or "") if letter.isascii() and letter.isprintable()).strip()
