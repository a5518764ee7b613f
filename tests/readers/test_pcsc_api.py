"""The thin layer over pyscard: what importing it does, what it hands out, and who may not use the service."""

from __future__ import annotations

import importlib.machinery
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from mnverify.errors import MissingExtra, NoReader, ServiceNotRunning
from mnverify.readers.pcsc import api as pcsc_api
from tests.support.pcsc_service import SOCKET, PcscService

ROOT = Path(__file__).resolve().parents[2]


def run(program: str, **environment: str) -> str:
    """What a program of its own process prints."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout.strip()


def test_importing_our_modules_does_not_load_pyscard() -> None:
    program = (
        "import sys, mnverify.readers.pcsc.reader, mnverify.readers.pcsc.watch;"
        "print([name for name in ('smartcard', 'logging', 'socket', 'subprocess', 'nfc') if name in sys.modules])"
    )
    assert run(program) == "[]"


def test_importing_pyscard_starts_no_thread_and_loads_no_logging() -> None:
    program = (
        "import sys, threading; from mnverify.readers.pcsc import api; api.load();"
        "print(threading.active_count(), 'logging' in sys.modules, 'smartcard.scard' in sys.modules)"
    )
    assert run(program) == "1 False True"


def test_the_service_is_found_by_the_environment(service: PcscService) -> None:
    program = "from mnverify.readers.pcsc import api; print(api.readers(api.establish()))"
    assert run(program) == str(list(service.readers))


@pytest.mark.parametrize(("takes", "doors"), [(0, 1), (20, 2)], ids=["at the door", "after the greeting"])
def test_a_service_that_hangs_up_does_not_allow_us(tmp_path: Path, takes: int, doors: int) -> None:
    """So pcscd refuses whom polkit does not know; what its library makes of it depends on the moment."""
    path = str(tmp_path / "pcscd.comm")
    program = (
        "from mnverify.errors import MnverifyError\n"
        "from mnverify.readers.pcsc.reader import pcsc_readers\n"
        "try: pcsc_readers()\n"
        "except MnverifyError as error: print(type(error).__name__, 'access_pcsc' in error.text.ja)"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(path)
        door.listen()

        def hang_up() -> None:
            for _ in range(doors):
                with door.accept()[0] as client:
                    if takes:
                        client.recv(takes, socket.MSG_WAITALL)
                    else:
                        time.sleep(0.1)  # while the whole greeting arrives

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        assert run(program, **{SOCKET: path}) == "NotAllowed True"
        thread.join(30)
        assert not thread.is_alive()


def test_a_library_that_is_not_there_is_told_from_a_package_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        @staticmethod
        def find_spec(
            name: str, path: Sequence[str] | None, target: ModuleType | None = None
        ) -> importlib.machinery.ModuleSpec | None:
            if name == "smartcard.scard":
                raise ImportError("libpcsclite.so.1: cannot open shared object file")
            return None

    monkeypatch.delitem(sys.modules, "smartcard.scard", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken, *sys.meta_path])
    with pytest.raises(ServiceNotRunning, match="libpcsclite1"):
        pcsc_api.establish()
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    with pytest.raises(MissingExtra):
        pcsc_api.establish()


def test_what_comes_with_an_error_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """pyscard gives its whole buffer with an error, old answers included."""
    import smartcard.scard

    for code in (0x80100016, 0x80100016 - (1 << 32)):
        monkeypatch.setattr(smartcard.scard, "SCardTransmit", lambda *_, code=code: [code, [1, 2, 0x90, 0]])
        assert pcsc_api.transmit(1, 2, b"\x00") == (0x80100016, b"")
    monkeypatch.setattr(smartcard.scard, "SCardTransmit", lambda *_: [0, [1, 2, 0x90, 0]])
    assert pcsc_api.transmit(1, 2, b"\x00") == (0, b"\x01\x02\x90\x00")


def test_states_are_of_all_readers_asked_for(service: PcscService) -> None:
    context = pcsc_api.establish()
    try:
        known = dict.fromkeys(service.readers, 0)
        found = pcsc_api.states(context, known, 0)
        assert list(found) == list(service.readers)
        assert all(state.known and not state.present and not state.mute for state in found.values())
        again = pcsc_api.states(context, {name: state.bits for name, state in found.items()}, 20)
        assert again == found  # nothing changed, in all that time
        with pytest.raises(NoReader):
            pcsc_api.states(context, {"nothing": 0}, 0)
    finally:
        pcsc_api.release(context)


@pytest.mark.parametrize(
    ("bits", "known", "present", "mute", "counter"),
    [
        (0x00010022, True, True, False, 1),
        (0x00020012, True, False, False, 2),
        (0xFFFF0220, True, True, True, 0xFFFF),
        (0x0000000E, False, False, False, 0),
        (0x000000A2, True, True, False, 0),
        (-0x7FFFFFDE, True, True, False, 0x8000),  # signed on some platforms
    ],
)
def test_what_the_bits_mean(bits: int, known: bool, present: bool, mute: bool, counter: int) -> None:
    state = pcsc_api.State(bits)
    assert (state.known, state.present, state.mute, state.counter) == (known, present, mute, counter)


def test_the_code_that_asks_for_features_is_the_platforms() -> None:
    assert pcsc_api.feature_request() in (0x42000D48, 0x00313520)
