"""Ports of this process alone, so that tests can run beside each other.

Between choosing a port and using it somebody else could take it. So each process claims a block of ports first, by a name
that one process of the machine can hold and that ends with it; nobody else who asks here is given a port of that block. The
blocks lie below the ports that the system gives out by itself, and above those that the documents name (20100 to 20199).
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

_FIRST, _SIZE, _BLOCKS = 20200, 200, 60


class _Block:
    """The block of this process, gone through again and again."""

    def __init__(self) -> None:
        self._claim, self._base = _claimed()
        self._turns = self._cycle()

    def next(self, count: int, kind: socket.SocketKind) -> int:
        """The first of ``count`` ports in a row."""
        for _ in range(2 * _SIZE):
            first = next(self._turns)
            row = range(first, first + count)
            if row[-1] < self._base + _SIZE and all(_usable(port, kind) for port in row):
                for _ in range(count - 1):
                    next(self._turns)
                return first
        raise RuntimeError("no free port")

    def _cycle(self) -> Iterator[int]:
        while True:
            yield from range(self._base, self._base + _SIZE)


_blocks: list[_Block] = []


def tcp_ports(count: int = 1) -> int:
    """The first of ``count`` free TCP ports in a row."""
    return _block().next(count, socket.SOCK_STREAM)


def udp_port() -> int:
    """A free UDP port without a name in the services list (nfcpy cannot use the others)."""
    return _block().next(1, socket.SOCK_DGRAM)


def _block() -> _Block:
    if not _blocks:
        _blocks.append(_Block())
    return _blocks[0]


def _claimed() -> tuple[socket.socket, int]:
    for number in range(_BLOCKS):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0mnverify-tests-ports-{number}")
        except OSError:
            claim.close()
        else:
            return claim, _FIRST + number * _SIZE
    raise RuntimeError("no free block of ports")


def _usable(port: int, kind: socket.SocketKind) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, kind) as one:
        one.bind(("", port))
        return kind is socket.SOCK_STREAM or not _has_name(port)
    return False


def _has_name(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.getservbyport(port)
        return True
    return False
