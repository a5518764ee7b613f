"""Single commands over a link, as a gate lets them through: for tests of readers, which take nothing else."""

from __future__ import annotations

from mnverify.card import Gate
from mnverify.link import Link
from mnverify.values.terms import Domain, Role

SELECT = bytes.fromhex("00A4040C0AD3921000310001010402")


class _Towards:
    """Hands commands to a link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def transmit(self, command: bytes) -> bytes:
        return self._link.transmit(command)

    def reset(self) -> None:
        pass


def send(link: Link, command: bytes = SELECT) -> bytes:
    """The answer of a link to a command that a gate has let through. The card is neither reset by it nor held."""
    gate = Gate(_Towards(link), Domain.FACE_CHECK, Role.GENERAL)
    try:
        return gate.transmit(command)
    finally:
        gate._issuer._binding.free(dirty=False)
