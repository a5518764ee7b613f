"""A reading of every file over a wire, as some other program does it."""

from __future__ import annotations

from collections.abc import Callable

from mnverify.virtual import VirtualCard

from .plain import ASSIST, FACE, present, select
from .test_virtual_secure_messaging import Terminal

OPENS = {
    "face-check": {
        "birth-date": (0x11, ("0001",)),
        "verification-number-b": (0x12, ("0002", "0003", "0004")),
        "verification-number-a": (0x13, ("0002", "0003", "0004", "0005")),
    },
    "input-assist": {
        "pin": (0x11, ("0001", "0002", "0003", "0004", "0005", "0006", "0007")),
        "verification-number-a": (0x14, ("0001", "0003", "0006", "0007")),
        "verification-number-b": (0x15, ("0002", "0003", "0006", "0007")),
    },
}


class Wire(VirtualCard):
    """The card as it looks from the other end of a wire: exchanges go over it, what is known of the card is known here."""

    def __init__(self, card: VirtualCard, exchange: Callable[[bytes], bytes]) -> None:
        self._card, self._exchange = card, exchange

    def transmit(self, command: bytes) -> bytes:
        return self._exchange(command)

    def files(self, domain: str) -> dict[str, bytes]:
        return self._card.files(domain)


def read_everything(card: VirtualCard, exchange: Callable[[bytes], bytes], *, extended: bool) -> None:
    """Each file that each credential opens, compared with what the card holds; then the files in the dark."""
    wire = Wire(card, exchange)
    for domain, aid in (("face-check", FACE), ("input-assist", ASSIST)):
        files = card.files(domain)
        for kind, (key, opened) in OPENS[domain].items():
            select(wire, aid)
            assert present(wire, key, card.credentials[kind]) == "9000"
            for file_id in opened:
                assert _read(exchange, int(file_id, 16), extended) == files[file_id], (domain, kind, file_id)
    read_in_the_dark(card, exchange)


def read_in_the_dark(card: VirtualCard, exchange: Callable[[bytes], bytes]) -> None:
    """Secure messaging, number A included."""
    wire = Wire(card, exchange)
    select(wire, ASSIST)
    assert present(wire, 0x11, card.credentials["pin"]) == "9000"
    end = Terminal(wire)
    assert end.answer == "9000"
    assert end.send(0x20, 0, 0x94, card.credentials["verification-number-a"].encode()) == "9000"
    for file_id, content in card.files("input-assist").items():
        assert end.read(0x80 | int(file_id, 16), 0) == content


def _read(exchange: Callable[[bytes], bytes], short_id: int, extended: bool) -> bytes:
    if extended:
        answer = exchange(bytes([0x00, 0xB0, 0x80 | short_id, 0, 0, 0, 0]))
        assert answer[-2:] == b"\x90\x00"
        return answer[:-2]
    assert exchange(bytes([0x00, 0xB0, 0x80 | short_id, 0, 1]))[-2:] == b"\x90\x00"
    content = b""
    while True:
        answer = exchange(b"\x00\xb0" + len(content).to_bytes(2) + b"\x00")
        if answer == b"\x6b\x00":
            return content
        assert answer[-2:] in (b"\x90\x00", b"\x62\x82")
        content += answer[:-2]
