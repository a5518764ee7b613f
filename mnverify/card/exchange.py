"""Everything between a session and the gate: 61xx, 6Cxx, short and extended lengths, cut answers, files by their head.

An answer is never trusted to be whole: how long a file is comes from the TLV header of its object. Extended length is
learnt by the first read, never by VERIFY, and costs one exchange where it does not work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mnverify.card import apdu
from mnverify.card.apdu import Command, Response
from mnverify.card.gate import Gate
from mnverify.errors import (
    CardRefused,
    DifferentCard,
    EvidenceError,
    LinkCorrupt,
    LinkUnreliable,
    NotMyNumberCard,
    UnsupportedCard,
)
from mnverify.files.tlv import object_length
from mnverify.masked import MaskedBytearray, MaskedBytes
from mnverify.profile import FileRule, KeyRule
from mnverify.text import Text

Progress = Callable[[int, int], None]

_HEAD = 256  # bytes of the first read of a file of unknown length
_HEADER = 6  # bytes that are enough for the header of any file's object
_CAUTIOUS = 231  # what every reader can carry in a short answer
_DOUBTS = 2  # sessions
_MAX_READS = 600  # of one file: 64 KiB in answers of 231 bytes, twice
_MAX_RESPONSES = 300  # GET RESPONSE in a row
_MAX_OFFSET = 0x7FFF  # READ BINARY has 15 bits of offset
_DENIED = frozenset({0x6981, 0x6982, 0x6984, 0x6985, 0x6986, 0x6A82, 0x6A86, 0x6A88, 0x6B00})  # not about lengths
_FOREIGN = frozenset({0x6700, 0x6999, 0x6A81, 0x6A82, 0x6A86, 0x6D00, 0x6E00})  # what other cards answer to our SELECT
_JUST_POWERED = 0x6F00  # others met a card that answers the first command after power-up with this, whatever it is
_NO_ANSWER = Response(MaskedBytes(), 0)
TOO_SHORT = Text("the file ends before its object", "ファイルがデータの途中で終わっています")
"""Why a file is no evidence: it is not as long as its header says."""
_TOO_FAR = Text("the file is longer than this link can read", "ファイルが長すぎて、この通信方式では読めません")
_TOO_LONG = Text("the object is longer than 64 KiB", "データが64 KiBを超えています")


class Channel:
    """Commands in the clear through one gate.

    Args:
        gate: judges and sends every command.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._carries = gate.capabilities
        self._extended_failed = False

    def select(self, aid: bytes) -> None:
        """Select the application.

        Raises:
            NotMyNumberCard: the card does not have it.
            CardRefused: any other answer but ``9000``.
        """
        command = Command(0x00, apdu.SELECT, 0x04, 0x0C, aid)
        answer = self.once(command)
        if answer.status_word == _JUST_POWERED:
            answer = self.once(command)
        if answer.status_word in _FOREIGN:
            raise NotMyNumberCard(
                Text(
                    "This is not a My Number Card, or it lacks the application. Put a My Number Card on the reader.",
                    "マイナンバーカードではないか、必要なアプリがありません。マイナンバーカードを置いてください。",
                )
            )
        if answer.status_word != 0x9000:
            raise CardRefused("SELECT", answer.status_word)

    def counter(self, key: KeyRule) -> int:
        """Ask how many tries a key has left, spending none; the status word as it comes."""
        return self.once(Command(0x00, apdu.VERIFY, 0x00, 0x80 | key.sfi)).status_word

    def verify(self, key: KeyRule, digits: bytes, *, allow_last_try: bool = False) -> int:
        """Present a credential, once and never again by itself; the status word as it comes."""
        command = Command(0x00, apdu.VERIFY, 0x00, 0x80 | key.sfi, digits)
        return self.once(command, allow_last_try=allow_last_try).status_word

    def sign(self, digest_info: bytes, length: int) -> MaskedBytes:
        """The card's signature over the DigestInfo of a challenge.

        Args:
            digest_info: 51 bytes.
            length: of the signature, in bytes.

        Raises:
            CardRefused: the card does not sign.
            LinkUnreliable: the signature did not come whole.
        """
        command = Command(0x80, apdu.SIGN, 0x00, 0x00, digest_info, 256)
        if self._carries.extended and not self._extended_failed:
            answer = self._tried(replace(command, extended=True))
            if answer.ok and len(answer.data) == length:
                return answer.data
        answer = self.send(command)
        if not answer.ok:
            raise CardRefused(Text("the signature", "署名"), answer.status_word)
        if len(answer.data) != length:
            raise LinkUnreliable(
                Text(
                    "The reader does not carry the card's signature whole. Use another reader, or read without presence.",
                    "この読み取り機はカードの署名を最後まで受け取れません。別の読み取り機を使うか、存在確認なしで読み取ってください。",
                )
            )
        return answer.data

    def read_file(
        self, rule: FileRule, progress: Progress | None = None, data: MaskedBytearray | None = None
    ) -> MaskedBytes:
        """Read what the TLV header of a file announces, and the filler that a digest covers.

        Args:
            rule: the file.
            progress: is told bytes done and bytes expected of this file after each exchange.
            data: takes the bytes as they come. What is in it already is taken for the beginning of this file, once the
                first bytes on the card were found to be the same.

        Raises:
            DifferentCard: the file on the card does not begin with what is in ``data``; ``data`` is as it was.
            EvidenceError: the file does not begin with a TLV, or ends before its object.
            CardRefused: the card does not give it.
            LinkUnreliable: the answers do not come whole.
        """
        data = MaskedBytearray() if data is None else data
        if data:
            self._check_beginning(rule, data)
        total = whole_length(rule, data) if len(data) >= _HEADER else 0
        hint = rule.expected_length + rule.filler or _HEAD
        for _ in range(_MAX_READS):
            if 0 < total <= len(data):
                return data[:total]
            answer = self._read(rule, len(data), (total or hint) - len(data))
            data += answer.data
            if not total and (len(data) >= _HEADER or answer.at_end):
                total = whole_length(rule, data)
            if total and progress is not None:
                progress(min(len(data), total), total)
            if answer.at_end and not 0 < total <= len(data):
                raise EvidenceError(f"files.{rule.file_id}", TOO_SHORT)
        raise _cut()

    def _check_beginning(self, rule: FileRule, data: MaskedBytearray) -> None:
        """Make the file the current one by reading its first bytes, and see that they are those that were read before."""
        first = self._read(rule, 0, min(len(data), _HEAD)).data
        if not first or not data.startswith(first):
            raise different_card()

    def once(self, command: Command, *, allow_last_try: bool = False) -> Response:
        """One exchange, whatever the answer."""
        return Response.parse(self._gate.transmit(command.encode(), allow_last_try=allow_last_try))

    def send(self, command: Command) -> Response:
        """One command with what belongs to its answer: ``6Cxx`` sent again with the right Le, ``61xx`` fetched.

        Raises:
            LinkUnreliable: the answer has no end.
        """
        answer = self.once(command)
        at_end = False
        if answer.sw1 == 0x6C and command.ins == apdu.READ_BINARY and not command.data:
            le = answer.sw2 or 256
            at_end = le < (command.le or 0)
            answer = self.once(command.with_le(le))
        data = MaskedBytearray(answer.data)
        for _ in range(_MAX_RESPONSES):
            if answer.sw1 != 0x61 or len(data) > apdu.MAX_ANSWER:
                break
            answer = self.once(Command(0x00, apdu.GET_RESPONSE, 0x00, 0x00, b"", answer.sw2 or 256))
            data += answer.data
            if not answer.data:
                break
        if answer.sw1 == 0x61:
            raise _cut()
        return Response(MaskedBytes(data), answer.status_word, at_end or answer.at_end)

    def _read(self, rule: FileRule, offset: int, want: int) -> Response:
        """One piece of a file: at most ``want`` bytes, at least one unless the file ends."""
        if self._carries.extended is not False and not self._extended_failed:
            answer = self._tried(self._command(rule, offset, want, extended=True))
            if self._is_whole(rule, answer, offset, want):
                self._carries.extended = True
                if len(answer.data) > _HEAD:
                    self._carries.doubts = 0
                return answer
            if answer.status_word in _DENIED:
                raise _unread(rule, answer)
            self._doubt_extended()
        ask = min(want, self._carries.max_short)
        if ask > _CAUTIOUS:
            answer = self._tried(self._command(rule, offset, ask))
            if self._is_whole(rule, answer, offset, ask):
                return answer
            if answer.status_word in _DENIED:
                raise _unread(rule, answer)
            self._carries.max_short = _CAUTIOUS
        return self._read_cautiously(rule, offset, min(want, _CAUTIOUS))

    def _doubt_extended(self) -> None:
        """No more of it in this session; nor in the next, if it never worked or broke twice in a row."""
        if self._carries.extended:
            self._carries.doubts += 1
        if self._carries.extended is None or self._carries.doubts >= _DOUBTS:
            self._carries.extended = False
        self._extended_failed = True

    def _read_cautiously(self, rule: FileRule, offset: int, want: int) -> Response:
        answer = self.send(self._command(rule, offset, want))
        if not answer.ok:
            raise _unread(rule, answer)
        if len(answer.data) > want or not (answer.data or answer.at_end):
            raise _cut()
        return answer

    def _tried(self, command: Command) -> Response:
        """The answer to a command that a reader may not be able to carry; an empty one where it broke the answer."""
        try:
            return self.send(command)
        except (LinkCorrupt, LinkUnreliable):
            return _NO_ANSWER

    @staticmethod
    def _command(rule: FileRule, offset: int, want: int, *, extended: bool = False) -> Command:
        """READ BINARY: the first piece selects the file by its SFI, the others go on in it."""
        if offset > _MAX_OFFSET:
            raise EvidenceError(f"files.{rule.file_id}", _TOO_FAR)
        p1, p2 = (0x80 | rule.sfi, 0) if offset == 0 else divmod(offset, 256)
        return Command(0x00, apdu.READ_BINARY, p1, p2, b"", want, extended)

    @staticmethod
    def _is_whole(rule: FileRule, answer: Response, offset: int, want: int) -> bool:
        """Whether an answer is all that was asked for, or all that the file has."""
        if not answer.ok or not (answer.data or answer.at_end) or len(answer.data) > want:
            return False
        if len(answer.data) == want or answer.at_end:
            return True
        return offset == 0 and _holds_object(rule, answer.data)


def whole_length(rule: FileRule, head: bytes | bytearray) -> int:
    """How many bytes of a file are wanted: its one object, and the filler that a digest covers.

    Raises:
        EvidenceError: the file does not begin with a TLV, or the object is beyond the bounds.
        UnsupportedCard: the file begins like none that is known.
    """
    total = object_length(MaskedBytes(head[:16]), f"files.{rule.file_id}") + rule.filler
    if total > apdu.MAX_ANSWER:
        raise EvidenceError(f"files.{rule.file_id}", _TOO_LONG)
    return total


def _holds_object(rule: FileRule, data: bytes) -> bool:
    try:
        return whole_length(rule, data) <= len(data)
    except (EvidenceError, UnsupportedCard):
        return False


def _unread(rule: FileRule, answer: Response) -> CardRefused:
    return CardRefused(Text(f"reading EF {rule.file_id}", f"EF {rule.file_id} の読み取り"), answer.status_word)


def different_card() -> DifferentCard:
    """The error for a reading that is resumed on another card."""
    return DifferentCard(
        Text(
            "This is another card than the one the reading began on. Nothing of the two was mixed, and no number was "
            "presented to it; put the first card back, or start again.",
            "読み取りを始めたカードと別のカードです。内容は混ぜておらず、番号も提示していません。"
            "元のカードに戻すか、最初からやり直してください。",
        )
    )


def _cut() -> LinkUnreliable:
    return LinkUnreliable(
        Text(
            "The reader cuts the card's answers. Put the card on again, or use another reader.",
            "読み取り機がカードの応答を途中で切っています。置き直すか、別の読み取り機を使ってください。",
        )
    )
