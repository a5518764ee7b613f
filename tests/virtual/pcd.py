"""A reader's half of ISO/IEC 14443 Type B for the tests, with recovery from lost frames, written from the rules of §7.5."""

from __future__ import annotations

from collections.abc import Callable

SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256)
Air = Callable[[bytes], bytes | None]


class EchoCard:
    """Answers with as many bytes as the last two of the command say, and remembers what it was asked."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []
        self.resets = 0

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        return pattern(int.from_bytes(command[-2:]))

    def reset(self) -> None:
        self.resets += 1


def pattern(length: int) -> bytes:
    return bytes(7 * n % 251 for n in range(length))


class Pcd:
    """A reader with one card in its field.

    Args:
        air: gives a frame to the card, and its answer back; None for silence, or for what got lost.
        size: code of the longest frame that it takes.
    """

    def __init__(self, air: Air, size: int = 8) -> None:
        self.air, self.size, self.number = air, size, 0
        self.sent: list[bytes] = []
        self.got: list[bytes] = []

    def activate(self) -> bytes:
        atqb = self.once(b"\x05\x00\x00")
        assert atqb is not None and len(atqb) == 12 and atqb[0] == 0x50
        self.card_takes = SIZES[atqb[10] >> 4] - 3
        self.pupi = atqb[1:5]
        assert self.once(b"\x1d" + self.pupi + bytes([0, self.size, 1, 0])) == b"\x00"
        self.number = 0
        return atqb

    def once(self, frame: bytes) -> bytes | None:
        self.sent.append(frame)
        answer = self.air(frame)
        if answer is not None:
            assert len(answer) <= SIZES[self.size] - 2, "longer than the reader takes"
            self.got.append(answer)
        return answer

    def exchange(self, command: bytes) -> bytes:
        parts = [command[at : at + self.card_takes] for at in range(0, len(command), self.card_takes)] or [b""]
        for part in parts[:-1]:
            got = self.block(bytes([0x12 | self.number]) + part)
            assert got == bytes([0xA2 | self.number]), got.hex()
            self.number ^= 1
        got = self.block(bytes([0x02 | self.number]) + parts[-1])
        answer = b""
        while True:
            assert got[0] & 0xEF == 0x02 | self.number, got.hex()
            self.number ^= 1
            answer += got[1:]
            if not got[0] & 0x10:
                return answer
            got = self.block(bytes([0xA2 | self.number]))

    def block(self, block: bytes) -> bytes:
        """Send a block until something else than a request for time has come, by rules 4 to 6."""
        got = self.once(block)
        ours = block
        for _ in range(200):
            if got is not None and got[0] == 0xF2:
                ours = got  # S(WTX) is answered with the same
                got = self.once(ours)
            elif got is None:
                nak = 0xA2 if block[0] & 0xE2 == 0xA2 else 0xB2
                got = self.once(bytes([nak | self.number]))
            elif got == bytes([0xA2 | self.number ^ 1]) and block[0] & 0xE2 == 0x02:
                got = self.once(block)  # rule 6: it had not come
            elif ours[0] == 0xF2 and got == bytes([0xA2 | self.number ^ 1]):
                got = self.once(ours)
            else:
                return got
        raise AssertionError("no end")
