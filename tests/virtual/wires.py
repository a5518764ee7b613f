"""The other ends of the plugs' wires: a vpcd and a reader of the tests' own."""

from __future__ import annotations

import contextlib
import socket

from tests.support.ports import tcp_ports

from .pcd import Pcd

PATIENCE = 20.0  # seconds for what comes at once where nobody else uses the machine


class FakeVpcd:
    """The side that listens."""

    def __init__(self) -> None:
        self.port = tcp_ports()  # nobody else has it, even while nobody listens
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.card = socket.socket()

    def accept(self, seconds: float = PATIENCE) -> None:
        self.listener.settimeout(seconds)
        accepted, _ = self.listener.accept()
        self.card.close()
        self.card = accepted
        self.card.settimeout(PATIENCE)

    def say(self, message: bytes) -> None:
        self.card.sendall(len(message).to_bytes(2) + message)

    def ask(self, message: bytes) -> bytes:
        self.say(message)
        return self.hear()

    def hear(self) -> bytes:
        return self._take(int.from_bytes(self._take(2)))

    def ended(self, seconds: float = PATIENCE) -> bool:
        """Whether the card ends the connection."""
        self.card.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            return self.card.recv(1) == b""
        return False

    def nobody(self, seconds: float = 0.2) -> bool:
        """Whether no card connects."""
        with contextlib.suppress(TimeoutError):
            self.accept(seconds)
            return False
        return True

    def close(self) -> None:
        self.card.close()
        self.listener.close()

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            part = self.card.recv(count - len(taken))
            assert part, "the card has gone"
            taken += part
        return taken


class BareReader:
    """The wire without nfcpy."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(patience)
        self.extensions = 0

    def air(self, frame: bytes) -> bytes | None:
        self.socket.send(b"106B " + frame.hex().encode())
        return self.frame()

    def frame(self) -> bytes | None:
        try:
            text = self.socket.recv(2048)
        except TimeoutError:
            return None
        assert text.startswith(b"106B ")
        frame = bytes.fromhex(text[5:].decode())
        self.extensions += frame[0] == 0xF2
        return frame

    def activated(self) -> Pcd:
        pcd = Pcd(self.air)
        pcd.activate()
        return pcd

    def nothing(self, frame: bytes, seconds: float = 0.1) -> bool:
        """Whether nothing answers a frame so soon; everything else is waited for as long as before."""
        patience = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            return self.air(frame) is None
        finally:
            self.socket.settimeout(patience)

    def silent(self) -> bool:
        """Whether nothing answers a wake-up."""
        return self.nothing(b"\x05\x00\x08", 0.05)

    def __enter__(self) -> BareReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
