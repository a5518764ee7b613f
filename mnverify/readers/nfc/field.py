"""One NFC device and its field: opened when it is first needed, kept open, let go of when it fails."""

from __future__ import annotations

import atexit
import threading
import time
import weakref

from mnverify.errors import LinkError, NoReader, ReaderUnsuitable
from mnverify.readers.nfc.api import Frontend, check_path, open_frontend, require_nfcpy
from mnverify.readers.nfc.errors import GONE
from mnverify.readers.nfc.usb import reader_name, refuse_unsuitable

_CLOSE_SECONDS = 2.0  # at the end of the process, for an exchange of another thread
_OFF_SECONDS = 0.01  # without field, after which a card has forgotten all (ISO/IEC 14443-3: 5.1 ms)


class Field:
    """The field of the device on one path. Its lock makes a sense or an exchange of one thread wait for another's.

    Args:
        path: as `check_path` takes it. The device is not opened yet.

    Attributes:
        path: the path.
        name: of the reader, as far as it is known; the device's own once it was open.
        simulated: it is nfcpy's simulation over UDP.

    Raises:
        UsageError: the path is malformed.
        MissingExtra: nfcpy is not installed.
    """

    def __init__(self, path: str) -> None:
        check_path(path)
        require_nfcpy()
        self.path = path
        self.simulated = path.startswith("udp")
        self.name = _simulated_name(path) if self.simulated else path
        self.lock = threading.RLock()
        self._frontend: Frontend | None = None
        _fields.add(self)

    @property
    def max_send(self) -> int:
        """Most bytes of a frame to a card, without CRC."""
        with self.lock:
            return self.open().max_send

    @property
    def max_recv(self) -> int:
        """Most bytes of a frame from a card, without CRC."""
        with self.lock:
            return self.open().max_recv

    def open(self) -> Frontend:
        """The device, opened where it is not.

        Raises:
            NoReader, NotAllowed, ReaderInUse: as they say.
            ReaderUnsuitable: it is a device that nfcpy cannot drive.
        """
        with self.lock:
            if self._frontend is None:
                try:
                    self._frontend = open_frontend(self.path)
                except NoReader:
                    refuse_unsuitable(self.path)
                    raise
                if not self.simulated:
                    self.name = reader_name(self._frontend)
            return self._frontend

    def sense(self, *, reopen: bool = True) -> bytes | None:
        """Switch the field off and on; the ATQB of a Type B card, if one is there.

        Args:
            reopen: open a device that fails anew, once: it was unplugged and plugged in again, or the computer was asleep.

        Raises:
            LinkError: as `open` and the device have it.
        """
        with self.lock:
            old = self._frontend
            try:
                return self._sensed(self.open())
            except LinkError as error:
                self.close()
                if old is None or not reopen or isinstance(error, ReaderUnsuitable):
                    raise
            return self.sense(reopen=False)

    def exchange(self, frame: bytes, timeout: float) -> bytes:
        """One frame each way, as `Frontend.exchange` has it. It never opens the device: no card would be activated."""
        with self.lock:
            if self._frontend is None:
                raise NoReader(GONE)
            try:
                return self._frontend.exchange(frame, timeout)
            except LinkError:
                self.close()  # the device and its driver may not be in step any more
                raise

    def mute(self) -> None:
        """Switch the field off, as well as that goes."""
        with self.lock:
            if self._frontend is not None:
                try:
                    self._frontend.mute()
                except LinkError:
                    self.close()

    def close(self) -> None:
        """Switch the field off and let go of the device."""
        with self.lock:
            frontend, self._frontend = self._frontend, None
            if frontend is not None:
                frontend.close()

    @staticmethod
    def _sensed(frontend: Frontend) -> bytes | None:
        if not frontend.simulated:
            frontend.mute()
            time.sleep(_OFF_SECONDS)
        return frontend.sense_b()


_fields: weakref.WeakSet[Field] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """At the end of the process: a device that nobody closed would keep its field on, and the card what was verified."""
    for place in tuple(_fields):
        if place.lock.acquire(timeout=_CLOSE_SECONDS):
            try:
                place.close()
            finally:
                place.lock.release()


def _simulated_name(path: str) -> str:
    _, host, port, *_ = f"{path}::".split(":")
    return f"udp:{host or 'localhost'}:{port or 54321}"[:128]
