"""The reader's half of the half-duplex block protocol of ISO/IEC 14443-4 (clause 7), over any exchange of frames.

nfcpy has one of its own, which returns wrong bytes when the card asks for time within a chain, and after a timeout gives the
last command's answer to the next. This one gives the whole answer to this command, or an error; and after
any error it is dead and sends nothing more, so that an answer that comes late finds nobody who would take it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from mnverify.errors import LinkCorrupt, LinkError, LinkTimeout
from mnverify.link import CardSlot, OneSlot, card_lost, redeem
from mnverify.masked import MaskedBytes, MaskedList
from mnverify.text import Text

MAX_ANSWER = 65538
"""Bytes of the longest answer: 65536 of data and two of status."""
_RETRIES = 3  # in a row, for a frame that was lost or garbled
_LONGEST_WAIT = (
    5.0  # seconds; no frame may take longer, however often extended (FWT of FWI 14, 4.949 s, and its tolerance)
)
_PRESENCE_SECONDS = 2.0
_OVERHEAD = 3  # bytes of a frame that carry nothing: PCB and CRC

_I_BLOCK, _MORE = 0x02, 0x10
_ACK, _NAK = 0xA2, 0xB2
_DESELECT, _WTX = b"\xc2", 0xF2


class FrameTimeout(Exception):
    """No frame came in the time given."""


class FrameGarbled(Exception):
    """Something came, and it was no frame: CRC, parity, collision."""


Exchange = Callable[[bytes, float], bytes]
"""Sends one frame and returns the next that comes within so many seconds, both without CRC.

Raises `FrameTimeout` or `FrameGarbled`; any ``LinkError`` ends the link.
"""


class IsoDep:
    """One activated card, without CID and NAD. Not for more than one thread at a time.

    Args:
        exchange: the way to the card.
        frame_size: FSC, the most bytes of a frame that the card takes, PCB and the two CRC bytes included.
        frame_wait: FWT, the seconds after which a card that has said nothing will say nothing more.
        now: a clock that never goes back, in seconds.
    """

    def __init__(
        self, exchange: Exchange, *, frame_size: int, frame_wait: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._exchange = exchange
        self._room = frame_size - _OVERHEAD
        self._frame_wait = frame_wait
        self._now = now
        self._number = 0  # of our next block (rule A)
        self._end = 0.0
        self._late: set[bytes] = (
            set()
        )  # R(ACK) that may yet come, from a frame whose answer was not waited for any more
        self._error: LinkError | None = None
        self._slot = OneSlot()

    @property
    def dead(self) -> type[LinkError] | None:
        """The class of the error that ended it; ``None`` while it lives."""
        return None if self._error is None else type(self._error)

    def transceive(self, command: bytes, deadline_seconds: float, slot: CardSlot) -> MaskedBytes:
        """Send a command that a gate has let through, return its answer. The card carries the command out once at most.

        Args:
            command: the permit itself; it is used up.
            deadline_seconds: for all of it, the card's extensions of its time included.
            slot: stands for the card; always the same.

        Raises:
            GateError, DomainBusy: as `redeem` has them. Nothing was sent, and it lives on.
            CardLost: nothing came back, not even to three repetitions.
            LinkTimeout: the deadline passed while the card asked for more time.
            LinkCorrupt: what came is no ISO-DEP.
            LinkError: whatever the exchange raised.

        After a ``LinkError`` it is dead, and raises the same class without sending anything.
        """
        self.require_alive()
        self._slot.check(slot)
        permitted = redeem(command, slot)
        try:
            self._end = self._now() + deadline_seconds
            return self._receive(self._send(permitted))
        except LinkError as error:
            self._error = without_frames(error)
            raise
        except BaseException:
            self._error = card_lost()  # interrupted between a command and its answer
            raise

    def is_present(self) -> bool:
        """Whether the card is still there: it says so to a R(NAK) (clause 7.5.5.2, rule 11). Where it is not, this is dead."""
        if self._error is not None:
            return False
        self._end = self._now() + _PRESENCE_SECONDS
        ask = self._r_block(_NAK)
        try:
            if self._ask(ask, ask, resend=False) == bytes([_ACK | self._number ^ 1]):
                return True
            raise _corrupt()
        except LinkTimeout:
            self._error = card_lost()
        except LinkError as error:
            self._error = without_frames(error)
        except BaseException:
            self._error = card_lost()
            raise
        return False

    def deselect(self) -> None:
        """Send the card to sleep, as well as that goes, and be dead."""
        if self._error is not None:
            return
        self._error = card_lost()
        try:
            self._exchange(_DESELECT, self._frame_wait)
        except (FrameTimeout, FrameGarbled, LinkError):
            return  # the field is switched off next

    def require_alive(self) -> None:
        """Raise the error that ended it, if one did.

        Raises:
            LinkError: as a fresh one of the same class.
        """
        if self._error is not None:
            raise without_frames(self._error)

    def _send(self, command: MaskedBytes) -> MaskedBytes:
        """Send a command in as many blocks as it needs; the first block of the answer."""
        room = self._room
        for start in range(0, len(command) - room, room):
            block = self._i_block(command[start : start + room], _MORE)
            if self._ask(block, self._r_block(_NAK)) != self._r_block(_ACK):
                raise _corrupt()
            self._number ^= 1
        rest = (len(command) - 1) // room * room
        return self._ask(self._i_block(command[rest:]), self._r_block(_NAK))

    def _receive(self, block: MaskedBytes) -> MaskedBytes:
        """The answer that begins with a block, and goes on in as many as the card needs."""
        parts, length = MaskedList(), 0
        while True:
            if block[0] & ~_MORE != _I_BLOCK | self._number:
                raise _corrupt()
            self._number ^= 1
            parts.append(block[1:])
            length += len(block) - 1
            if length > MAX_ANSWER:
                raise _corrupt()
            if not block[0] & _MORE:
                return MaskedBytes(b"".join(parts))
            go_on = self._r_block(_ACK)
            block = self._ask(go_on, go_on, resend=False)

    def _ask(self, block: MaskedBytes, again: MaskedBytes, *, resend: bool = True) -> MaskedBytes:
        """Send a block, return the first that comes back and is no request for time.

        Args:
            block: the block.
            again: the R-block that has the card repeat what did not come: R(NAK), or R(ACK) within its chain (rules 4, 5).
            resend: whether the card may say that it never got the block, by a R(ACK) with the other number (rule 6). It is
                believed only when asked, and when it cannot be an old one: a block too many is a command carried out twice.
        """
        missing = self._r_block(_ACK, 1)
        said = frame = block  # and the same, but for grants of more time
        wait = self._frame_wait
        failures = _Failures()
        while True:
            try:
                answer = self._frame(frame, wait, failures)
            except FrameTimeout:
                self._late |= self._receipts_of(said)
                said, frame, wait = again, again, self._frame_wait
                continue
            except FrameGarbled:
                said, frame, wait = again, again, self._frame_wait
                continue
            if answer[0] == _WTX:
                extension = _extension(answer)
                frame, wait = MaskedBytes([_WTX, extension]), min(self._frame_wait * extension, _LONGEST_WAIT)
            elif resend and said is again and answer == missing and missing not in self._late:
                failures.count_resend()
                said, frame, wait = block, block, self._frame_wait
            else:
                if failures.none and answer not in self._late:
                    self._late.clear()  # what came late would have come before this
                return answer

    def _frame(self, frame: MaskedBytes, wait: float, failures: _Failures) -> MaskedBytes:
        """One frame each way, within the deadline.

        Raises:
            FrameTimeout, FrameGarbled: ask again.
            LinkError: that was the last time.
        """
        left = self._end - self._now()
        if left <= 0:
            raise failures.at_the_end()
        try:
            answer = MaskedBytes(self._exchange(frame, min(wait, left)))
            if not answer:
                raise FrameGarbled
        except FrameTimeout:
            failures.count_silence(whole=wait <= left)
            raise
        except FrameGarbled:
            failures.count_garbled()
            raise
        failures.forget()
        return answer

    def _receipts_of(self, frame: bytes) -> set[bytes]:
        """The R(ACK) that a card may send upon a frame of ours."""
        if frame == self._r_block(_NAK):
            return {self._r_block(_ACK), self._r_block(_ACK, 1)}
        part = frame[0] == _I_BLOCK | _MORE | self._number
        return {self._r_block(_ACK)} if part else set()

    def _i_block(self, data: bytes, more: int = 0) -> MaskedBytes:
        return MaskedBytes(bytes([_I_BLOCK | more | self._number]) + data)

    def _r_block(self, kind: int, other: int = 0) -> MaskedBytes:
        return MaskedBytes([kind | self._number ^ other])


class _Failures:
    """What went wrong since the card was last heard.

    Attributes:
        none: nothing went wrong at all.
    """

    def __init__(self) -> None:
        self.none = True
        self._in_a_row = self._silences = self._resends = 0
        self._garbled = False

    def count_silence(self, *, whole: bool) -> None:
        self._silences += whole
        self._count()

    def count_garbled(self) -> None:
        self._garbled = True
        self._count()

    def count_resend(self) -> None:
        self._resends += 1
        if self._resends > _RETRIES:
            raise _corrupt()

    def forget(self) -> None:
        self._in_a_row = self._silences = 0
        self._garbled = False

    def at_the_end(self) -> LinkError:
        """The error for a deadline that passed: a card that kept silent for as long as a card may is not there."""
        if self._silences and not self._garbled:
            return card_lost()
        return LinkTimeout(
            Text(
                "The card did not finish in time. Take it off the reader, put it back and start again.",
                "カードの処理が時間内に終わりませんでした。カードを置き直して最初からやり直してください。",
            )
        )

    def _count(self) -> None:
        self.none = False
        self._in_a_row += 1
        if self._in_a_row > _RETRIES:
            raise _corrupt() if self._garbled else card_lost()


def without_frames(error: LinkError) -> LinkError:
    """The same error anew, to be kept: the frames of one that was raised hold the command, and VERIFY carries the credential."""
    return type(error)(error.text)


def _extension(block: bytes) -> int:
    """WTXM of a S(WTX) request: by how much the frame waiting time is multiplied (clause 7.3)."""
    extension = block[1] & 0x3F if len(block) == 2 else 0
    if not 1 <= extension <= 59:
        raise _corrupt()
    return extension


def _corrupt() -> LinkCorrupt:
    return LinkCorrupt(
        Text(
            "The card does not keep to the protocol. Nothing that was read is used; put the card back and start again.",
            "カードとの通信手順が正しくありません。読み取った内容は使いません。置き直して最初からやり直してください。",
        )
    )
