"""A card's half of the air: ISO/IEC 14443-3 Type B up to ATTRIB, and the block protocol of ISO/IEC 14443-4.

A state machine of frames, without I/O and without the CRC that a reader's chip adds and takes away. The rules named here
are those of ISO/IEC 14443-4 §7.5.4.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import Enum, auto

from mnverify.errors import CardLost, LinkTimeout, UsageError
from mnverify.text import Text
from mnverify.virtual.performers import AtOnce, Performer
from mnverify.virtual.strangers import AnyCard

FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256)
"""Bytes of a frame, CRC included, by the code in ATQB and ATTRIB (ISO/IEC 14443-3 §7.9.4)."""
FWT_UNIT = 4096 / 13.56e6
"""Seconds of frame waiting time at FWI 0; each step of FWI doubles it."""

_CRC = 2
_MOST_COMMAND = 65_544
_REQB, _ATTRIB, _HLTB = 0x05, 0x1D, 0x50
_WAKE_UP = 0x08
_I_CHAIN, _R_ACK, _S_WTX, _S_DESELECT = 0x10, 0xA2, 0xF2, 0xC2
_MOST_WTXM = 59


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """When the card asks for more time (S(WTX)), beyond what it needs.

    Attributes:
        in_command: requests in a row before each R(ACK) within a chained command.
        before_answer: requests in a row before the first block of an answer.
        in_chain: requests in a row before each further block of a chained answer.
        multiplier: the WTXM asked for, 1 to 59.

    Raises:
        UsageError: a number is out of its range.
    """

    in_command: int = 0
    before_answer: int = 0
    in_chain: int = 0
    multiplier: int = 4

    def __post_init__(self) -> None:
        if min(self.in_command, self.before_answer, self.in_chain) < 0 or not 1 <= self.multiplier <= _MOST_WTXM:
            raise UsageError(
                Text(
                    "Extensions are counted from 0, and their multiplier is 1 to 59.",
                    "時間延長の回数は0以上、倍率は1から59です。",
                )
            )


class PiccState(Enum):
    """Where the card is (ISO/IEC 14443-3 §7.4)."""

    IDLE = auto()
    READY = auto()
    ACTIVE = auto()
    HALT = auto()
    MUTE = auto()  # the chip does not answer; only the loss of the field helps


class Picc:
    """A contactless card of Type B.

    Args:
        card: the chip.
        pupi: the four bytes it is called by; default others each time the field comes.
        frame_size: longest frame that it takes (FSC), of `FRAME_SIZES`.
        fwi: frame waiting time, 0 to 14: 0.3 ms at 0, 77 ms at 8, 4.9 s at 14.
        wtx: when it asks for more time.
        performer: what carries the commands out, instead of the card itself.

    Raises:
        UsageError: there is no such frame size, FWI or PUPI.
    """

    def __init__(
        self,
        card: AnyCard,
        *,
        pupi: bytes | None = None,
        frame_size: int = 256,
        fwi: int = 8,
        wtx: Extensions | None = None,
        performer: Performer | None = None,
    ) -> None:
        if frame_size not in FRAME_SIZES or not 0 <= fwi <= 14 or (pupi is not None and len(pupi) != 4):
            raise UsageError(
                Text(
                    f"A frame size is one of {FRAME_SIZES}, an FWI is 0 to 14, a PUPI has four bytes.",
                    f"フレーム長は {FRAME_SIZES} のいずれか、FWIは0から14、PUPIは4バイトです。",
                )
            )
        self._card = card
        self._fixed_pupi = pupi
        self._frame_size = frame_size
        self._fwi = fwi
        self._wtx = wtx or Extensions()
        self._performer = performer or AtOnce(card)
        self._state = PiccState.IDLE
        self._power_up()

    @property
    def state(self) -> PiccState:
        """Where it is."""
        return self._state

    @property
    def atqb(self) -> bytes:
        """What it answers to REQB: no application data, 106 kbit/s, no CID, no NAD."""
        size = FRAME_SIZES.index(self._frame_size)
        return bytes([0x50]) + self._pupi + bytes([0, 0, 0, 0, 0x00, size << 4 | 1, self._fwi << 4])

    def field_off(self) -> None:
        """The field is gone: the chip is reset, and the next frame finds it idle."""
        self._power_up()
        self._reset()

    def receive(self, frame: bytes) -> bytes | None:
        """What the card sends upon a frame; None for silence, which is its answer to everything wrong.

        Raises:
            CardLost: the chip left the field by itself. The field has gone off for it.
        """
        try:
            if self._state is PiccState.ACTIVE:
                return self._block(frame)
            return None if self._state is PiccState.MUTE else self._anticollision(frame)
        except LinkTimeout:
            self._state = PiccState.MUTE
            return None
        except CardLost:
            self.field_off()
            raise

    def _reset(self) -> None:
        self._performer.forget()
        self._card.reset()

    def _power_up(self) -> None:
        self._state = PiccState.IDLE
        self._pupi = self._fixed_pupi or secrets.token_bytes(4)
        self._deactivate()

    def _deactivate(self) -> None:
        self._number = 1  # rule C
        self._information = FRAME_SIZES[-1]  # bytes of information in a frame that the reader takes
        self._command = b""
        self._chained = False  # more of the command is to come
        self._rest = b""  # of the answer, not sent yet
        self._last: bytes | None = None  # block sent, in case it is asked for again
        self._waiting = False  # for the reader's S(WTX)
        self._requests = 0  # more of them to send
        self._runs = False  # the performer does

    # -- before it is active

    def _anticollision(self, frame: bytes) -> bytes | None:
        if frame[:1] == bytes([_REQB]) and len(frame) == 3:
            return self._request(frame[1], frame[2])
        if self._state is not PiccState.READY or frame[1:5] != self._pupi:
            return None
        if frame[0] == _HLTB and len(frame) == 5:
            self._state = PiccState.HALT
            return b"\x00"
        if frame[0] == _ATTRIB and len(frame) >= 9:
            return self._activate(frame[6], frame[7])
        return None

    def _request(self, family: int, parameter: int) -> bytes | None:
        """REQB or WUPB, for all families; of several slots it always takes the first."""
        if family != 0 or (self._state is PiccState.HALT and not parameter & _WAKE_UP):
            return None
        self._state = PiccState.READY
        return self.atqb

    def _activate(self, size: int, protocol: int) -> bytes | None:
        """ATTRIB: only 106 kbit/s, only with ISO/IEC 14443-4."""
        if size & 0xF0 or not protocol & 0x01:
            return None
        self._deactivate()
        self._state = PiccState.ACTIVE
        self._information = FRAME_SIZES[min(size, len(FRAME_SIZES) - 1)] - 1 - _CRC
        return b"\x00"

    # -- blocks

    def _block(self, frame: bytes) -> bytes | None:
        """Blocks with a CID or NAD are none of ours: ATQB said so."""
        if not frame or len(frame) > self._frame_size - _CRC:
            return None
        control = frame[0]
        if control & 0xEE == 0x02:
            return None if self._waiting else self._take_information(frame[1:], bool(control & _I_CHAIN))
        if control & 0xEE == _R_ACK and len(frame) == 1:
            return self._take_receipt(control)
        if frame == bytes([_S_DESELECT]):
            self._deactivate()
            self._state = PiccState.HALT
            self._reset()
            return frame
        if self._waiting and frame == bytes([_S_WTX, self._wtx.multiplier]):
            self._waiting = False
            return self._go_on()
        return None

    def _take_information(self, information: bytes, chained: bool) -> bytes | None:
        self._number ^= 1  # rule D
        self._rest, self._chained = b"", chained
        self._command += information
        if len(self._command) > _MOST_COMMAND:
            self._state = PiccState.MUTE
            return None
        self._requests = self._wtx.in_command
        if not chained:
            command, self._command = self._command, b""
            if not command:
                return self._sent(bytes([0x02 | self._number]))  # an empty block asks whether the card is there
            self._performer.begin(command)
            self._runs, self._requests = True, self._wtx.before_answer
        return self._go_on()

    def _take_receipt(self, control: int) -> bytes | None:
        if control & 0x01 == self._number:
            return self._last  # rule 11
        if control & 0x10:
            return bytes([_R_ACK | self._number])  # rule 12
        if not self._rest or self._waiting:
            return None
        self._number ^= 1  # rule E
        self._requests = self._wtx.in_chain
        return self._go_on()

    def _go_on(self) -> bytes:
        """The next block to send: a request for time, a receipt, or information."""
        if self._requests:
            self._requests -= 1
            return self._more_time()
        if self._chained:
            return self._sent(bytes([_R_ACK | self._number]))  # rule 2
        if self._runs:
            answer = self._performer.answer()
            if answer is None:
                return self._more_time()
            self._runs, self._rest = False, answer
        part, self._rest = self._rest[: self._information], self._rest[self._information :]
        chain = _I_CHAIN if self._rest else 0
        return self._sent(bytes([0x02 | chain | self._number]) + part)

    def _more_time(self) -> bytes:
        self._waiting = True
        return self._sent(bytes([_S_WTX, self._wtx.multiplier]))

    def _sent(self, block: bytes) -> bytes:
        self._last = block
        return block
