"""The block protocol: each rule against a script, and all of them together against a card over a channel that loses frames."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum, auto

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnverify.errors import CardLost, LinkCorrupt, LinkError, LinkTimeout, NoReader
from mnverify.masked import MaskedBytes
from mnverify.readers.nfc import iso_dep
from mnverify.readers.nfc.iso_dep import MAX_ANSWER, FrameGarbled, FrameTimeout, IsoDep
from mnverify.text import Text
from mnverify.virtual import Extensions, Picc
from mnverify.virtual.picc import FRAME_SIZES

FWT = 0.1
COMMAND = bytes.fromhex("00A4040C0A")
ANSWER = bytes.fromhex("9000")


class Slot:
    """Stands for the card."""

    def reset(self) -> None:
        pass


SLOT = Slot()


@pytest.fixture(autouse=True, scope="module")
def _without_permits() -> Iterator[None]:
    """The protocol alone: permits are the matter of ``test_permits``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iso_dep, "redeem", lambda command, slot: MaskedBytes(command))
        yield


class Fate(Enum):
    """What happens to a frame."""

    LOST = auto()
    GARBLED = auto()


LOST, GARBLED = Fate.LOST, Fate.GARBLED
Reply = str | Fate | BaseException


class Script:
    """A card that expects certain frames, in hex, and answers as written. Time passes only while it is silent."""

    def __init__(self, *steps: tuple[str, Reply]) -> None:
        self._steps = deque(steps)
        self.sent: list[str] = []
        self.waits: list[float] = []
        self.time = 1000.0

    def exchange(self, frame: bytes, timeout: float) -> bytes:
        self.sent.append(frame.hex())
        self.waits.append(timeout)
        assert self._steps, f"nothing more was to be sent, but {frame.hex()} was"
        expected, reply = self._steps.popleft()
        assert frame == bytes.fromhex(expected)
        if reply is LOST:
            self.time += timeout
            raise FrameTimeout
        if reply is GARBLED:
            raise FrameGarbled
        if isinstance(reply, BaseException):
            raise reply
        assert isinstance(reply, str)
        return bytes.fromhex(reply)

    @property
    def over(self) -> bool:
        return not self._steps

    def card(self, frame_size: int = 256) -> IsoDep:
        return IsoDep(self.exchange, frame_size=frame_size, frame_wait=FWT, now=lambda: self.time)


def fails(script: Script, kind: type[LinkError], command: bytes = COMMAND, *, frame_size: int = 256) -> IsoDep:
    """The command fails with exactly that class, and so does the next, which is not sent."""
    card = script.card(frame_size)
    with pytest.raises(LinkError) as caught:
        card.transceive(command, 10, SLOT)
    assert type(caught.value) is kind
    assert script.over
    sent = len(script.sent)
    with pytest.raises(LinkError) as again:
        card.transceive(command, 10, SLOT)
    assert type(again.value) is kind
    assert again.value is not caught.value
    assert card.dead is kind
    assert not card.is_present()
    card.deselect()
    assert len(script.sent) == sent
    return card


def answers(script: Script, command: bytes = COMMAND, *, frame_size: int = 256) -> bytes:
    answer = script.card(frame_size).transceive(command, 10, SLOT)
    assert script.over
    return answer


class TestBlocks:
    def test_block_numbers_toggle(self) -> None:
        script = Script(("02 01", "02 A1"), ("03 02", "03 A2"), ("02 03", "02 A3"))
        card = script.card()
        assert [card.transceive(bytes([at]), 1, SLOT) for at in (1, 2, 3)] == [b"\xa1", b"\xa2", b"\xa3"]
        assert script.over

    def test_a_long_command_is_chained_in_frames_of_the_card(self) -> None:
        command = bytes(range(30))  # 13 bytes to a frame of 16
        script = Script(
            ("12" + command[:13].hex(), "A2"),
            ("13" + command[13:26].hex(), "A3"),
            ("02" + command[26:].hex(), "02 9000"),
        )
        assert answers(script, command, frame_size=16) == ANSWER

    def test_a_command_that_just_fits_is_one_block(self) -> None:
        script = Script(("02" + bytes(13).hex(), "02 9000"))
        assert answers(script, bytes(13), frame_size=16) == ANSWER

    def test_a_long_answer_is_acknowledged_block_by_block(self) -> None:
        script = Script(
            ("02" + COMMAND.hex(), "12 AA"), ("A3", "13 BB"), ("A2", "12 CC"), ("A3", "03 9000"), ("02 01", "02 DD")
        )
        card = script.card()
        assert card.transceive(COMMAND, 1, SLOT).hex() == "aabbcc9000"
        assert card.transceive(b"\x01", 1, SLOT) == b"\xdd"
        assert script.over

    def test_the_longest_answer_and_one_byte_more(self) -> None:
        for size, fits in ((MAX_ANSWER, True), (MAX_ANSWER + 1, False)):
            data = bytes(size)
            replies = deque(data[at : at + 1000] for at in range(0, size, 1000))
            number = 0

            def exchange(frame: bytes, timeout: float, replies: deque[bytes] = replies) -> bytes:
                nonlocal number
                part = replies.popleft()
                number ^= 1
                return bytes([0x02 | (0x10 if replies else 0) | number ^ 1]) + part

            card = IsoDep(exchange, frame_size=256, frame_wait=FWT)
            if fits:
                assert card.transceive(COMMAND, 10, SLOT) == data
            else:
                with pytest.raises(LinkCorrupt):
                    card.transceive(COMMAND, 10, SLOT)


class TestMoreTime:
    def test_before_the_answer(self) -> None:
        script = Script(("02" + COMMAND.hex(), "F2 07"), ("F2 07", "F2 02"), ("F2 02", "02 9000"))
        assert answers(script) == ANSWER
        assert script.waits == pytest.approx([FWT, 7 * FWT, 2 * FWT])

    def test_within_the_answer(self) -> None:
        script = Script(("02" + COMMAND.hex(), "12 AA"), ("A3", "F2 0B"), ("F2 0B", "13 BB"), ("A2", "02 9000"))
        assert answers(script).hex() == "aabb9000"
        assert script.waits == pytest.approx([FWT, FWT, 11 * FWT, FWT])

    def test_within_the_command(self) -> None:
        script = Script(
            ("12" + bytes(13).hex(), "F2 01"),
            ("F2 01", "A2"),
            ("03" + bytes(4).hex(), "F2 01"),
            ("F2 01", "03 9000"),
        )
        assert answers(script, bytes(17), frame_size=16) == ANSWER

    def test_after_a_repetition(self) -> None:
        script = Script(
            ("02" + COMMAND.hex(), LOST),
            ("B2", "F2 03"),
            ("F2 03", "12 AA"),
            ("A3", GARBLED),
            ("A3", "F2 04"),
            ("F2 04", "03 9000"),
        )
        assert answers(script).hex() == "aa9000"
        assert script.waits == pytest.approx([FWT, FWT, 3 * FWT, FWT, FWT, 4 * FWT])

    def test_where_the_extension_itself_is_lost_the_card_asks_again(self) -> None:
        script = Script(("02" + COMMAND.hex(), "F2 05"), ("F2 05", LOST), ("B2", "F2 05"), ("F2 05", "02 9000"))
        assert answers(script) == ANSWER
        assert script.waits == pytest.approx([FWT, 5 * FWT, FWT, 5 * FWT])

    def test_a_command_that_was_lost_may_be_missed_after_more_time(self) -> None:
        script = Script(
            ("02" + COMMAND.hex(), LOST), ("B2", "F2 01"), ("F2 01", "A3"), ("02" + COMMAND.hex(), "02 9000")
        )
        assert answers(script) == ANSWER

    def test_the_bits_of_the_field_strength_are_not_sent_back(self) -> None:
        script = Script(("02" + COMMAND.hex(), "F2 C5"), ("F2 05", "02 9000"))
        assert answers(script) == ANSWER

    def test_a_long_extension_is_no_longer_than_any_frame_may_take(self) -> None:
        script = Script(("02" + COMMAND.hex(), "F2 3B"), ("F2 3B", "02 9000"))
        assert answers(script) == ANSWER
        assert script.waits == pytest.approx([FWT, 5.0])

    @pytest.mark.parametrize("reply", ["F2 00", "F2 3C", "F2 3D", "F2 3E", "F2 3F", "F2 40", "F2", "F2 01 01"])
    def test_what_is_no_extension(self, reply: str) -> None:
        fails(Script(("02" + COMMAND.hex(), reply)), LinkCorrupt)

    def test_more_time_for_ever_ends_at_the_deadline(self) -> None:
        clock = [0.0]

        def exchange(frame: bytes, timeout: float) -> bytes:
            assert clock[0] + timeout <= 2.0 + 1e-9
            clock[0] += 0.09
            return b"\xf2\x01"

        card = IsoDep(exchange, frame_size=256, frame_wait=FWT, now=lambda: clock[0])
        with pytest.raises(LinkTimeout):
            card.transceive(COMMAND, 2.0, SLOT)
        assert card.dead is LinkTimeout
        assert clock[0] == pytest.approx(2.0, abs=0.1)


class TestRepetitions:
    def test_three_silences_are_forgiven(self) -> None:
        script = Script(("02" + COMMAND.hex(), LOST), ("B2", LOST), ("B2", LOST), ("B2", "02 9000"))
        assert answers(script) == ANSWER

    def test_four_silences_are_a_lost_card(self) -> None:
        fails(Script(("02" + COMMAND.hex(), LOST), ("B2", LOST), ("B2", LOST), ("B2", LOST)), CardLost)

    @pytest.mark.parametrize("broken", [GARBLED, ""])
    def test_four_broken_frames_are_corrupt(self, broken: Reply) -> None:
        fails(Script(("02" + COMMAND.hex(), broken), ("B2", LOST), ("B2", broken), ("B2", broken)), LinkCorrupt)

    def test_they_are_counted_in_a_row(self) -> None:
        three: list[tuple[str, Reply]] = [("A3", LOST), ("A3", GARBLED), ("A3", LOST)]
        script = Script(
            ("02" + COMMAND.hex(), LOST),
            ("B2", LOST),
            ("B2", LOST),
            ("B2", "12 AA"),
            *three,
            ("A3", "F2 01"),
            ("F2 01", LOST),
            *three[:2],
            ("A3", "03 9000"),
        )
        assert answers(script).hex() == "aa9000"

    def test_within_the_answer_the_acknowledgement_is_repeated(self) -> None:
        steps: list[tuple[str, Reply]] = [
            ("02" + COMMAND.hex(), "12 AA"),
            ("A3", LOST),
            ("A3", GARBLED),
            ("A3", "03 9000"),
        ]
        assert answers(Script(*steps)).hex() == "aa9000"
        fails(Script(*steps[:2], ("A3", LOST), ("A3", LOST), ("A3", LOST)), CardLost)

    def test_a_block_that_the_card_never_got_is_sent_again(self) -> None:
        script = Script(("02" + COMMAND.hex(), LOST), ("B2", "A3"), ("02" + COMMAND.hex(), "02 9000"))
        assert answers(script) == ANSWER

    def test_within_the_command_too_and_a_receipt_may_be_repeated(self) -> None:
        script = Script(
            ("12" + bytes(13).hex(), GARBLED),
            ("B2", "A3"),
            ("12" + bytes(13).hex(), LOST),
            ("B2", "A2"),
            ("03" + bytes(1).hex(), "03 9000"),
        )
        assert answers(script, bytes(14), frame_size=16) == ANSWER

    def test_but_not_for_ever(self) -> None:
        again: list[tuple[str, Reply]] = [("02" + COMMAND.hex(), LOST), ("B2", "A3")]
        fails(Script(*again * 4), LinkCorrupt)
        assert answers(Script(*again * 3, ("02" + COMMAND.hex(), "02 9000"))) == ANSWER

    def test_a_receipt_that_may_be_an_old_one_is_not_believed_either(self) -> None:
        """Of an R(NAK) that was not answered in time; or of a part of the command."""
        fails(Script(("02" + COMMAND.hex(), LOST), ("B2", LOST), ("B2", "A3")), LinkCorrupt)
        part, rest = "12" + bytes(13).hex(), "03" + bytes(1).hex()
        late: list[tuple[str, Reply]] = [(part, LOST), ("B2", "A2"), (rest, GARBLED), ("B3", "A2")]
        fails(Script(*late), LinkCorrupt, bytes(14), frame_size=16)

    def test_until_something_newer_came_without_fault(self) -> None:
        script = Script(
            ("B2", LOST), ("B2", "A3"), ("02 01", "02 A1"), ("03 02", LOST), ("B3", "A2"), ("03 02", "03 A2"),
            ("B2", LOST), ("B2", "A3"), ("B2", "A3"), ("02 03", LOST), ("B2", "A3"),
        )  # fmt: skip
        card = script.card()
        assert card.is_present()
        assert card.transceive(b"\x01", 1, SLOT) == b"\xa1"
        assert card.transceive(b"\x02", 1, SLOT) == b"\xa2"
        assert card.is_present()
        assert card.is_present(), "but this may have been the old one, and another be on its way"
        with pytest.raises(LinkCorrupt):
            card.transceive(b"\x03", 1, SLOT)
        assert script.over

    def test_a_card_that_misses_a_block_unasked_is_not_believed(self) -> None:
        """It is the late answer to an R(NAK) of before, and the command would be carried out twice."""
        fails(Script(("02" + COMMAND.hex(), "A3")), LinkCorrupt)
        fails(Script(("02" + COMMAND.hex(), LOST), ("B2", "A3"), ("02" + COMMAND.hex(), "A3")), LinkCorrupt)


class TestWhatIsNoAnswer:
    @pytest.mark.parametrize(
        "reply",
        [
            "03 9000",  # the other number: the answer of the command before
            "A2",  # received, but there is nothing more
            "B2",  # a card sends no R(NAK)
            "B3",
            "0A 01 9000",  # CID
            "06 01 9000",  # NAD
            "00 9000",  # what is no block at all
            "22 9000",
            "42 9000",
            "82",
            "E2",
            "C2",  # S(DESELECT)
            "FA 01 01",  # S(WTX) with CID
            "A2 00",
            "50 00000000 00000000 00 81 40",  # another card's ATQB
            "FF",
        ],
    )
    def test_to_a_command(self, reply: str) -> None:
        fails(Script(("02" + COMMAND.hex(), reply)), LinkCorrupt)

    @pytest.mark.parametrize("reply", ["02 9000", "03 9000", "A3 00", "AA", "B2", "12 AA", "C2"])
    def test_to_a_part_of_a_command(self, reply: str) -> None:
        fails(Script(("12" + bytes(13).hex(), reply)), LinkCorrupt, bytes(14), frame_size=16)

    @pytest.mark.parametrize("reply", ["12 AA", "02 9000", "A3", "A2", "B3", "0B 00 9000"])
    def test_to_an_acknowledgement(self, reply: str) -> None:
        fails(Script(("02" + COMMAND.hex(), "12 AA"), ("A3", reply)), LinkCorrupt)


class TestTheEnd:
    def test_the_deadline_cuts_the_last_wait(self) -> None:
        script = Script(("02" + COMMAND.hex(), "F2 14"), ("F2 14", LOST))
        card = script.card()
        with pytest.raises(LinkTimeout):
            card.transceive(COMMAND, 1.5, SLOT)
        assert script.waits == pytest.approx([FWT, 1.5])
        assert card.dead is LinkTimeout

    def test_a_card_that_was_silent_for_a_whole_wait_is_lost_at_the_deadline(self) -> None:
        card = Script(("02" + COMMAND.hex(), LOST), ("B2", LOST)).card()
        with pytest.raises(CardLost):
            card.transceive(COMMAND, FWT * 1.5, SLOT)

    def test_of_a_card_that_had_less_than_a_wait_nothing_is_known(self) -> None:
        card = Script(("02" + COMMAND.hex(), LOST)).card()
        with pytest.raises(LinkTimeout):
            card.transceive(COMMAND, FWT * 0.5, SLOT)

    def test_an_error_of_the_reader_is_the_end_and_passes(self) -> None:
        error = NoReader(Text("unplugged", "抜けた"))
        card = fails(Script(("02" + COMMAND.hex(), LOST), ("B2", error)), NoReader)
        with pytest.raises(NoReader, match="unplugged"):
            card.require_alive()

    @pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), RuntimeError()])
    def test_an_interrupt_leaves_an_answer_behind_that_nobody_gets(self, interrupt: BaseException) -> None:
        script = Script(("02" + COMMAND.hex(), interrupt))
        card = script.card()
        with pytest.raises(type(interrupt)):
            card.transceive(COMMAND, 1, SLOT)
        with pytest.raises(CardLost):
            card.transceive(COMMAND, 1, SLOT)
        assert len(script.sent) == 1


class TestPresence:
    def test_a_card_says_that_it_is_there(self) -> None:
        script = Script(
            ("B2", "A3"), ("02 01", "02 A1"), ("B3", "A2"), ("B3", GARBLED), ("B3", "A2"), ("03 02", "03 A2")
        )
        card = script.card()
        assert card.is_present()
        assert card.transceive(b"\x01", 1, SLOT) == b"\xa1"
        assert card.is_present()
        assert card.is_present()
        assert card.transceive(b"\x02", 1, SLOT) == b"\xa2"
        assert script.over

    @pytest.mark.parametrize(
        ("replies", "kind"),
        [
            ([LOST] * 4, CardLost),
            ([GARBLED] * 4, LinkCorrupt),
            (["A2"], LinkCorrupt),
            (["02 9000"], LinkCorrupt),
            (["50 00"], LinkCorrupt),
            ([NoReader(Text("", ""))], NoReader),
        ],
    )
    def test_and_where_it_does_not_nothing_more_is_sent(self, replies: list[Reply], kind: type[LinkError]) -> None:
        script = Script(*(("B2", reply) for reply in replies))
        card = script.card()
        assert not card.is_present()
        assert card.dead is kind
        with pytest.raises(kind):
            card.transceive(COMMAND, 1, SLOT)
        assert script.over

    def test_a_card_that_only_asks_for_time_is_not_there(self) -> None:
        clock = [0.0]

        def exchange(frame: bytes, timeout: float) -> bytes:
            clock[0] += timeout
            return b"\xf2\x3b"

        card = IsoDep(exchange, frame_size=256, frame_wait=FWT, now=lambda: clock[0])
        assert not card.is_present()
        assert card.dead is CardLost
        assert clock[0] <= 2.0

    def test_an_interrupt(self) -> None:
        card = Script(("B2", KeyboardInterrupt())).card()
        with pytest.raises(KeyboardInterrupt):
            card.is_present()
        assert card.dead is CardLost

    @pytest.mark.parametrize("reply", ["C2", LOST, GARBLED, "FF", NoReader(Text("", ""))])
    def test_goodbye(self, reply: Reply) -> None:
        script = Script(("C2", reply))
        card = script.card()
        card.deselect()
        card.deselect()
        assert script.over
        assert card.dead is CardLost


class Chip:
    """Carries out commands, and remembers which."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self.ran: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.ran.append(command)
        return self._answers[command]

    def reset(self) -> None:
        raise AssertionError("nobody switched the field off")


class Way(Enum):
    """What happens to one exchange."""

    FINE = auto()
    LOST_THERE = auto()  # the card does not get the frame, or gets it broken, and is silent
    LOST_BACK = auto()
    GARBLED_BACK = auto()
    LATE = auto()  # the answer comes after the wait is over


class Air:
    """A card behind a channel whose frames have the fates of a list; those beyond it arrive.

    What comes late waits for the next exchange, which gets it before its own answer, as over UDP.
    """

    def __init__(self, picc: Picc, ways: list[Way]) -> None:
        self._picc = picc
        self._ways = deque(ways)
        self._queue: deque[bytes] = deque()
        self.time = 0.0

    def exchange(self, frame: bytes, timeout: float) -> bytes:
        self.time += 0.001
        way = self._ways.popleft() if self._ways else Way.FINE
        if way is not Way.LOST_THERE:
            answer = self._picc.receive(frame)
            if answer is not None and way in (Way.FINE, Way.LATE):
                self._queue.append(answer)
            if answer is not None and way is Way.GARBLED_BACK:
                raise FrameGarbled
        if way is Way.LATE or not self._queue:
            self.time += timeout
            raise FrameTimeout
        return self._queue.popleft()


def activated(chip: Chip, card_takes: int, reader_takes: int, wtx: Extensions) -> Picc:
    picc = Picc(chip, pupi=b"mnvf", frame_size=card_takes, wtx=wtx)
    atqb = picc.receive(bytes.fromhex("050010"))
    assert atqb is not None
    attrib = b"\x1d" + atqb[1:5] + bytes([0, FRAME_SIZES.index(reader_takes), 1, 0])
    assert picc.receive(attrib) == b"\x00"
    return picc


def exchanges(seed: int, lengths: list[tuple[int, int]]) -> dict[bytes, bytes]:
    source = random.Random(seed)
    return {
        at.to_bytes(1) + source.randbytes(command): source.randbytes(answer)
        for at, (command, answer) in enumerate(lengths)
    }


extensions = st.builds(
    Extensions,
    in_command=st.integers(0, 2),
    before_answer=st.integers(0, 2),
    in_chain=st.integers(0, 2),
    multiplier=st.integers(1, 59),
)
lengths = st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 3000)), min_size=1, max_size=5)
sizes = st.sampled_from(FRAME_SIZES)


def run(pairs: dict[bytes, bytes], air: Air, chip: Chip, frame_size: int, between: Callable[[IsoDep], object]) -> bool:
    """Every answer is exactly right, or a typed error was raised; and no command ran twice. Whether all went well."""
    card = IsoDep(air.exchange, frame_size=frame_size, frame_wait=FWT, now=lambda: air.time)
    for at, (command, answer) in enumerate(pairs.items()):
        between(card)
        try:
            assert card.transceive(command, 10_000, SLOT) == answer
        except LinkError as error:
            assert type(error) in (CardLost, LinkCorrupt)
            assert card.dead is type(error)
            assert chip.ran == list(pairs)[: len(chip.ran)]
            assert len(chip.ran) in (at, at + 1)
            return False
    assert chip.ran == list(pairs)
    return True


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    lengths=lengths,
    card_takes=sizes,
    reader_takes=sizes,
    wtx=extensions,
    presence=st.booleans(),
)
def test_over_a_good_channel_everything_arrives(
    seed: int, lengths: list[tuple[int, int]], card_takes: int, reader_takes: int, wtx: Extensions, presence: bool
) -> None:
    pairs = exchanges(seed, lengths)
    chip = Chip(pairs)
    air = Air(activated(chip, card_takes, reader_takes, wtx), [])
    assert run(pairs, air, chip, card_takes, lambda card: not presence or card.is_present())


@settings(max_examples=300, deadline=None)
@example(0, [(13, 1)], 16, 16, Extensions(), [Way.LATE, Way.FINE, Way.GARBLED_BACK], False)
@example(0, [(4, 1)], 64, 64, Extensions(), [Way.LOST_THERE, Way.LATE, Way.FINE, Way.GARBLED_BACK], False)
@example(0, [(4, 1)], 64, 64, Extensions(), [Way.LATE, Way.FINE, Way.GARBLED_BACK], True)
@given(
    seed=st.integers(0, 2**32),
    lengths=lengths,
    card_takes=sizes,
    reader_takes=sizes,
    wtx=extensions,
    ways=st.lists(st.sampled_from([*Way, Way.FINE, Way.FINE]), max_size=80),
    presence=st.booleans(),
)
def test_over_a_bad_channel_nothing_wrong_arrives_and_nothing_runs_twice(
    seed: int,
    lengths: list[tuple[int, int]],
    card_takes: int,
    reader_takes: int,
    wtx: Extensions,
    ways: list[Way],
    presence: bool,
) -> None:
    pairs = exchanges(seed, lengths)
    chip = Chip(pairs)
    air = Air(activated(chip, card_takes, reader_takes, wtx), ways)
    run(pairs, air, chip, card_takes, lambda card: presence and card.is_present())


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    lengths=lengths,
    card_takes=sizes,
    reader_takes=sizes,
    wtx=extensions,
    way=st.sampled_from([Way.LOST_THERE, Way.LOST_BACK, Way.GARBLED_BACK]),
    every=st.integers(13, 40),
)
def test_a_frame_lost_now_and_then_is_made_good(
    seed: int, lengths: list[tuple[int, int]], card_takes: int, reader_takes: int, wtx: Extensions, way: Way, every: int
) -> None:
    pairs = exchanges(seed, lengths)
    chip = Chip(pairs)
    air = Air(activated(chip, card_takes, reader_takes, wtx), [*[Way.FINE] * (every - 1), way] * 200)
    assert run(pairs, air, chip, card_takes, lambda card: None)


@settings(max_examples=300, deadline=None)
@given(
    replies=st.lists(
        st.one_of(st.binary(max_size=40), st.sampled_from([b"\xf2\x01", b"\xa2", b"\xa3", b"\x12", b"\x13\x00"]))
    )
)
def test_whatever_a_card_sends_there_is_an_end(replies: list[bytes]) -> None:
    clock = [0.0]
    queue = deque(replies)

    def exchange(frame: bytes, timeout: float) -> bytes:
        clock[0] += 0.001
        if not queue:
            clock[0] += timeout
            raise FrameTimeout
        return queue.popleft()

    card = IsoDep(exchange, frame_size=64, frame_wait=FWT, now=lambda: clock[0])
    try:
        assert card.transceive(bytes(100), 5, SLOT) in (
            b"".join(reply[1:] for reply in replies[: len(replies) - len(queue)]),
            b"",
        )
    except LinkError:
        assert card.dead is not None
    assert clock[0] < 10
