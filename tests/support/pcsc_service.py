"""A private PC/SC service with virtual readers: pcscd with vpcd, in a namespace of its own, on ports of its own.

pcscd listens where it was built to (``/run/pcscd``); in its own mount namespace that is a folder of ours, and clients are
told by ``PCSCLITE_CSOCK_NAME``. So it disturbs no service of the machine, and needs no rights beyond user namespaces.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.ports import tcp_ports

DRIVERS = ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "/usr/lib64/pcsc/drivers/serial/libifdvpcd.so")
SOCKET = "PCSCLITE_CSOCK_NAME"
PORTS = "MNVERIFY_TESTS_VPCD"
"""The variable that names the first port of the service of this process, for those that put cards on its readers."""

_READERS = ("Virtual PCD 00 00", "Virtual PCD 00 01")
_START_SECONDS = 60.0
_NAMESPACES = (["unshare", "--user", "--map-root-user", "--mount"], ["unshare", "--mount"])  # the second needs root


def reader_at(port: int) -> str | None:
    """The reader of the service of this process, or of the one that started it, that has this port."""
    index = port - int(os.environ.get(PORTS, "0"))
    return _READERS[index] if index in range(len(_READERS)) else None


class PcscService:
    """pcscd with two virtual readers, ``readers[0]`` on ``ports[0]`` and ``readers[1]`` on ``ports[1]``.

    Making it starts nothing, but from then on this process and its children look for the service here and nowhere else.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pcsc"))
        self._process: subprocess.Popen[bytes] | None = None
        first = tcp_ports(2)
        self.ports = (first, first + 1)
        self.readers = _READERS
        self.socket = self._folder / "run" / "pcscd.comm"
        (self._folder / "run").mkdir()
        (self._folder / "conf").mkdir()
        self._before = {name: os.environ.get(name) for name in (SOCKET, PORTS)}
        os.environ[SOCKET] = str(self.socket)
        os.environ[PORTS] = str(first)

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            RuntimeError: pcscd or vpcd is not installed, or it does not start.
        """
        driver = next((path for path in DRIVERS if os.path.exists(path)), None)
        if driver is None or shutil.which("pcscd") is None:
            raise RuntimeError("pcscd and its virtual reader are needed: apt-get install pcscd vsmartcard-vpcd")
        port = f"{self.ports[0]:#06x}"
        (self._folder / "conf" / "vpcd").write_text(
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{port}\nLIBPATH {driver}\nCHANNELID {port}\n'
        )
        leash = (
            "setpriv --pdeathsig KILL" if shutil.which("setpriv") else ""
        )  # it does not outlive a test run that is killed
        script = (
            f'mkdir -p /run/pcscd; mount --bind "{self._folder}/run" /run/pcscd && '
            f'exec {leash} pcscd -f -c "{self._folder}/conf"'
        )
        for namespace in _NAMESPACES:
            self._process = subprocess.Popen(
                [*namespace, "sh", "-c", script],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            end = time.monotonic() + _START_SECONDS
            while self._process.poll() is None and time.monotonic() < end:
                if self._answers():
                    return
                time.sleep(0.01)
            self.kill()
        raise RuntimeError("pcscd did not start: are user namespaces allowed here?")

    def kill(self) -> None:
        """End it as a crash would, leaving its socket file behind."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """End it and start it again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it and remove its files."""
        self.stop()
        for name, value in self._before.items():  # another one of this process may go on
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
        for name in ("pcscd.pid", "pcscd.comm"):
            if number != signal.SIGKILL:
                (self._folder / "run" / name).unlink(missing_ok=True)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(str(self.socket))
            return True
        return False
