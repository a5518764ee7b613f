"""From a card in the field to one that takes commands: ATQB, ATTRIB and what they settle (ISO/IEC 14443-3 §7.9, §7.10)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from mnverify.errors import CardLost, LinkTimeout, NoCard, NotMyNumberCard, TooManyCards
from mnverify.readers.nfc.errors import GARBLED
from mnverify.readers.nfc.field import Field
from mnverify.readers.nfc.iso_dep import FrameGarbled, FrameTimeout, IsoDep
from mnverify.text import Text

_FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256)
_FWT_UNIT = 4096 / 13.56e6  # seconds at FWI 0
_TOLERANCE = 49152 / 13.56e6  # seconds that a reader waits beyond FWT (ISO/IEC 14443-4 §7.2)
_ATQB, _ATTRIB = 0x50, 0x1D
_ATQB_LENGTH = 12
_LEAST_WAIT = 0.03  # seconds
_LEAST_WAIT_SIMULATED = 0.25  # a simulated card is as slow as the machine is busy
_TRIES = 3  # of a card that is being put down


@dataclass(frozen=True, slots=True)
class CardTerms:
    """What a card's ATQB says of it.

    Attributes:
        pupi: what it is called by until the field goes off.
        frame_size: FSC, the most bytes of a frame that it takes, CRC included.
        frame_wait: FWT and its tolerance, in seconds.
    """

    pupi: bytes = field(repr=False)
    frame_size: int
    frame_wait: float

    @classmethod
    def parse(cls, atqb: bytes) -> CardTerms:
        """The terms of a card.

        Raises:
            NotMyNumberCard: it takes no commands by ISO/IEC 14443-4, or states a waiting time that is none.
        """
        if len(atqb) < _ATQB_LENGTH or atqb[0] != _ATQB or atqb[10] & 0b1001 != 0b0001 or atqb[11] >> 4 == 15:
            raise NotMyNumberCard(
                Text(
                    "This is not a My Number Card. Nothing was sent to it; put a My Number Card on the reader.",
                    "マイナンバーカードではありません。何も送っていません。マイナンバーカードを置いてください。",
                )
            )
        frame_size = _FRAME_SIZES[min(atqb[10] >> 4, len(_FRAME_SIZES) - 1)]
        return cls(atqb[1:5], frame_size, _FWT_UNIT * 2 ** (atqb[11] >> 4) + _TOLERANCE)

    def attrib(self, most: int) -> bytes:
        """The command that activates this card and no other: 106 kbit/s, no CID.

        Args:
            most: bytes of a frame that the reader takes.
        """
        code = max(at for at, size in enumerate(_FRAME_SIZES) if at == 0 or size <= most)
        return bytes([_ATTRIB]) + self.pupi + bytes([0x00, code, 0x01, 0x00])


def activate(place: Field, seconds: float) -> IsoDep:
    """Switch the field off and on, and activate the one card in it. It has forgotten all that was verified.

    Args:
        place: the reader.
        seconds: to try for.

    Raises:
        NoCard: nothing answers.
        TooManyCards: more than one does.
        NotMyNumberCard: it cannot be one.
        LinkTimeout: it answers, but is not activated in time.
        CardLost: its answers are garbled.
        LinkError: as the reader has it.
    """
    end = time.monotonic() + seconds
    error: NoCard | LinkTimeout | CardLost = _no_card()
    for _ in range(_TRIES):
        atqb = place.sense()
        if atqb is None:
            if place.simulated:  # which does not miss a card, and takes a second to say so
                break
        else:
            try:
                return _activated(place, CardTerms.parse(atqb), end)
            except FrameTimeout:
                error = _not_activated()
            except FrameGarbled:
                error = CardLost(GARBLED)
        if time.monotonic() >= end:
            break
    raise error


def _activated(place: Field, terms: CardTerms, end: float) -> IsoDep:
    wait = max(terms.frame_wait, _LEAST_WAIT_SIMULATED if place.simulated else _LEAST_WAIT)
    left = end - time.monotonic()
    if left <= 0:
        raise FrameTimeout
    answer = place.exchange(terms.attrib(place.max_recv), min(wait, left))
    if len(answer) >= _ATQB_LENGTH and answer[0] == _ATQB:
        raise TooManyCards(
            Text(
                "There is more than one card on the reader. Nothing was read; leave only the My Number Card there.",
                "読み取り機の上に複数のカードがあります。何も読んでいません。マイナンバーカードだけを置いてください。",
            )
        )
    if len(answer) != 1 or answer[0] & 0x0F:  # a CID, which was not given
        raise FrameGarbled
    return IsoDep(place.exchange, frame_size=min(terms.frame_size, place.max_send), frame_wait=wait)


def _no_card() -> NoCard:
    return NoCard(
        Text(
            "There is no card on the reader. Nothing was read; put the My Number Card on it.",
            "読み取り機にカードがありません。何も読んでいません。マイナンバーカードを置いてください。",
        )
    )


def _not_activated() -> LinkTimeout:
    return LinkTimeout(
        Text(
            "The card did not wake up in time. Nothing was read; put it on the middle of the reader.",
            "カードが時間内に起動しませんでした。何も読んでいません。読み取り機の中央に置いてください。",
        )
    )
