"""Activation, the link and the reader, over a front end that is not there: every frame is seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from mnverify.errors import (
    Cancelled,
    CardLost,
    GateError,
    LinkCorrupt,
    LinkError,
    LinkTimeout,
    NoCard,
    NoReader,
    NotMyNumberCard,
    ReaderInUse,
    TooManyCards,
    UsageError,
)
from mnverify.readers.nfc import link as nfc_link
from mnverify.readers.nfc.card import CardTerms
from mnverify.readers.nfc.field import Field
from mnverify.readers.nfc.iso_dep import FrameGarbled
from mnverify.readers.nfc.reader import NfcLink, NfcReader
from mnverify.text import Text
from mnverify.virtual import Extensions, Picc, PiccState
from tests.readers.nfc_chips import SELECT, FakeFrontend, FakePort
from tests.support.sending import send
from tests.support.slack import SLACK

GONE = NoReader(Text("unplugged", "抜けた"))
ATQB = bytes.fromhex("50 01020304 00000000 00 81 80")


class Echo:
    """A chip that answers every command with itself and 9000, or with what is set."""

    def __init__(self) -> None:
        self.ran: list[bytes] = []
        self.resets = 0
        self.answer: bytes | None = None

    def transmit(self, command: bytes) -> bytes:
        self.ran.append(command)
        return command + b"\x90\x00" if self.answer is None else self.answer

    def reset(self) -> None:
        self.resets += 1


class Stage(SimpleNamespace):
    """A reader with a card on it."""

    chip: Echo
    picc: Picc
    frontend: FakeFrontend
    port: FakePort
    reader: NfcReader


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    chip = Echo()
    picc = Picc(chip)
    frontend = FakeFrontend(picc)
    port = FakePort(monkeypatch, frontend)
    return Stage(chip=chip, picc=picc, frontend=frontend, port=port, reader=NfcReader("usb"))


def state(stage: Stage) -> PiccState:
    return stage.picc.state


class TestTerms:
    def test_of_a_card(self) -> None:
        terms = CardTerms.parse(ATQB)
        assert terms.pupi == bytes([1, 2, 3, 4])
        assert terms.frame_size == 256
        assert terms.frame_wait == pytest.approx(0.0773 + 0.0036, abs=0.0001)
        assert "01020304" not in repr(terms) and "x01" not in repr(terms)

    @pytest.mark.parametrize(
        ("code", "size"),
        [(0, 16), (1, 24), (2, 32), (3, 40), (4, 48), (5, 64), (6, 96), (7, 128), (8, 256), (9, 256), (15, 256)],
    )
    def test_frame_sizes(self, code: int, size: int) -> None:
        assert CardTerms.parse(ATQB[:10] + bytes([code << 4 | 1]) + ATQB[11:]).frame_size == size

    @pytest.mark.parametrize("fwi", range(15))
    def test_waiting_times(self, fwi: int) -> None:
        wait = CardTerms.parse(ATQB[:11] + bytes([fwi << 4])).frame_wait
        assert wait == pytest.approx(302.06e-6 * 2**fwi + 3.625e-3, rel=0.001)

    @pytest.mark.parametrize("protocol", [0x80, 0x88, 0x89, 0x8E])
    def test_without_iso_dep(self, protocol: int) -> None:
        with pytest.raises(NotMyNumberCard):
            CardTerms.parse(ATQB[:10] + bytes([protocol]) + ATQB[11:])

    @pytest.mark.parametrize("protocol", [0x81, 0x83, 0x87])
    def test_whatever_its_least_turn_around_is(self, protocol: int) -> None:
        assert CardTerms.parse(ATQB[:10] + bytes([protocol]) + ATQB[11:]).frame_size == 256

    @pytest.mark.parametrize("atqb", [ATQB[:11] + b"\xf0", ATQB[:11], b"", b"\x51" + ATQB[1:]])
    def test_what_is_no_atqb_of_such_a_card(self, atqb: bytes) -> None:
        with pytest.raises(NotMyNumberCard):
            CardTerms.parse(atqb)

    def test_with_the_optional_bytes(self) -> None:
        assert CardTerms.parse(ATQB + b"\x00").frame_size == 256

    @pytest.mark.parametrize(
        ("most", "code"), [(290, 8), (256, 8), (255, 7), (251, 7), (64, 5), (63, 4), (16, 0), (3, 0)]
    )
    def test_the_attrib_for_a_reader(self, most: int, code: int) -> None:
        assert CardTerms.parse(ATQB).attrib(most) == bytes.fromhex("1D 01020304 00") + bytes([code, 1, 0])


class TestActivation:
    def test_the_field_is_off_long_enough_for_the_card_to_forget(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[tuple[str, float]] = []
        mute, sense = stage.frontend.mute, stage.frontend.sense_b

        def muted() -> None:
            mute()
            said.append(("off", time.monotonic()))

        def sensed() -> bytes | None:
            said.append(("on", time.monotonic()))
            return sense()

        monkeypatch.setattr(stage.frontend, "mute", muted)
        monkeypatch.setattr(stage.frontend, "sense_b", sensed)
        with stage.reader.connect() as link:
            link.reset()
            assert [word for word, _ in said] == ["off", "on"] * 2
            assert said[3][1] - said[2][1] >= 0.0051

    def test_it_takes_a_sense_and_an_attrib(self, stage: Stage) -> None:
        with stage.reader.connect():
            assert stage.frontend.senses == 1
            assert [frame[0] for frame in stage.frontend.frames] == [0x1D]
            assert state(stage) is PiccState.ACTIVE
        assert state(stage) is PiccState.IDLE

    def test_no_card(self, stage: Stage) -> None:
        stage.frontend.picc = None
        with pytest.raises(NoCard):
            stage.reader.connect()
        assert stage.frontend.senses == 3, "a real card is missed now and then"

    def test_another_atqb_is_another_card(self, stage: Stage) -> None:
        stage.frontend.meddle = lambda frame, answer: ATQB
        with pytest.raises(TooManyCards):
            stage.reader.connect()
        assert stage.frontend.mutes
        assert stage.picc.state is PiccState.IDLE

    @pytest.mark.parametrize("answer", [b"", b"\x01", b"\x00\x00", b"\x02\x90\x00"])
    def test_what_is_no_answer_to_attrib(self, stage: Stage, answer: bytes) -> None:
        stage.frontend.meddle = lambda frame, _: answer
        with pytest.raises(CardLost, match="garbled"):
            stage.reader.connect()
        assert stage.frontend.senses == 3
        assert not stage.chip.ran

    def test_a_buffer_length_in_the_answer_does_not_matter(self, stage: Stage) -> None:
        stage.frontend.meddle = lambda frame, answer: b"\x10" if frame[0] == 0x1D else answer
        with stage.reader.connect() as link:
            assert send(link) == SELECT + b"\x90\x00"

    def test_a_card_that_does_not_wake_up(self, stage: Stage) -> None:
        stage.frontend.meddle = lambda frame, answer: None
        with pytest.raises(LinkTimeout):
            stage.reader.connect(timeout=1)
        assert stage.frontend.senses == 3

    def test_one_that_wakes_up_at_the_second_try(self, stage: Stage) -> None:
        tries = 0

        def meddle(frame: bytes, answer: bytes | None) -> bytes | None:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise FrameGarbled
            return answer

        stage.frontend.meddle = meddle
        with stage.reader.connect() as link:
            assert send(link) == SELECT + b"\x90\x00"

    def test_not_after_the_time(self, stage: Stage) -> None:
        with pytest.raises(LinkTimeout):
            stage.reader.connect(timeout=0)
        assert stage.frontend.senses == 1

    def test_the_smaller_frame_counts(self, stage: Stage) -> None:
        stage.frontend.max_send, stage.frontend.max_recv = 100, 40
        with stage.reader.connect() as link:
            stage.chip.answer = bytes(98) + b"\x90\x00"
            assert send(link) == stage.chip.answer
            assert all(len(frame) <= 98 for frame in stage.frontend.frames)
            assert stage.frontend.frames[0][6] == 3  # 40 bytes
            assert len([frame for frame in stage.frontend.frames if frame[0] & 0xF6 == 0xA2]) == 2  # 37 + 37 + 26


class TestLink:
    def test_only_what_a_gate_let_through(self, stage: Stage) -> None:
        with stage.reader.connect() as link, pytest.raises(GateError):
            link.transmit(SELECT)
        assert not stage.chip.ran

    def test_an_answer_that_is_none_is_corrupt_and_the_link_lives(self, stage: Stage) -> None:
        with stage.reader.connect() as link:
            for answer in (b"", b"\x90"):
                stage.chip.answer = answer
                with pytest.raises(LinkCorrupt):
                    send(link)
            stage.chip.answer = b"\x90\x00"
            assert send(link) == b"\x90\x00"
            assert stage.frontend.senses == 1

    @pytest.mark.parametrize(
        ("meddle", "kind"),
        [
            (lambda frame, answer: None, CardLost),
            (lambda frame, answer: b"\x03\x90\x00", CardLost),
            (lambda frame, answer: b"\xf2\x00", CardLost),
            (lambda frame, answer: ATQB, CardLost),
            (lambda frame, answer: b"\xf2\x01", LinkTimeout),
        ],
        ids=["silent", "wrong-number", "no-extension", "another-card", "for-ever"],
    )
    def test_after_an_error_nothing_is_sent_until_a_reset(
        self, stage: Stage, meddle: Callable[[bytes, bytes | None], bytes | None], kind: type[LinkError]
    ) -> None:
        with stage.reader.connect(exchange_timeout=0.5 if kind is LinkTimeout else 30) as link:
            good, stage.frontend.meddle = stage.frontend.meddle, meddle
            with pytest.raises(LinkError) as caught:
                send(link)
            assert type(caught.value) is kind
            sent = len(stage.frontend.frames)
            stage.frontend.meddle = good
            for _ in range(3):
                with pytest.raises(LinkError) as again:
                    send(link)
                assert type(again.value) is kind
                assert not link.is_present()
            assert len(stage.frontend.frames) == sent
            resets = stage.chip.resets
            link.reset()
            assert stage.chip.resets > resets
            assert send(link) == SELECT + b"\x90\x00"

    @pytest.mark.parametrize("answer", [None, b"\x03\x90\x00", b"\xf2\x01"], ids=["silent", "wrong", "for-ever"])
    def test_a_dead_link_keeps_no_command(self, stage: Stage, answer: bytes | None) -> None:
        with stage.reader.connect(exchange_timeout=0.3) as link:
            stage.frontend.meddle = lambda frame, _: answer
            with pytest.raises(LinkError):
                send(link)
            assert isinstance(link, NfcLink)
            for kept in (link._error, link._card._error):
                assert kept is not None
                assert (kept.__traceback__, kept.__context__, kept.__cause__) == (None, None, None)

    def test_a_reset_without_a_card_leaves_a_dead_link(self, stage: Stage) -> None:
        with stage.reader.connect() as link:
            stage.frontend.picc = None
            with pytest.raises(NoCard):
                link.reset()
            with pytest.raises(NoCard):
                send(link)
            assert not link.is_present()
            stage.frontend.picc = stage.picc
            link.reset()
            assert link.is_present()

    def test_a_reset_that_is_interrupted_leaves_a_dead_link(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt() -> bytes:
            raise KeyboardInterrupt

        with stage.reader.connect() as link:
            sense = stage.frontend.sense_b
            monkeypatch.setattr(stage.frontend, "sense_b", interrupt)
            with pytest.raises(KeyboardInterrupt):
                link.reset()
            with pytest.raises(CardLost):
                send(link)
            assert not stage.chip.ran
            monkeypatch.setattr(stage.frontend, "sense_b", sense)
            link.reset()
            assert link.is_present()

    def test_a_command_that_is_interrupted_leaves_a_dead_link(self, stage: Stage) -> None:
        def interrupt(frame: bytes, answer: bytes | None) -> bytes | None:
            raise KeyboardInterrupt

        with stage.reader.connect() as link:
            good, stage.frontend.meddle = stage.frontend.meddle, interrupt
            with pytest.raises(KeyboardInterrupt):
                send(link)
            stage.frontend.meddle = good
            with pytest.raises(CardLost):
                send(link)
            assert len(stage.chip.ran) == 1

    def test_after_half_a_second_the_card_is_asked_first(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = [100.0]
        monkeypatch.setattr(nfc_link, "time", SimpleNamespace(monotonic=lambda: clock[0]))
        with stage.reader.connect() as link:
            clock[0] += 0.4
            send(link)
            clock[0] += 0.4
            send(link)
            assert [frame[0] for frame in stage.frontend.frames] == [0x1D, 0x02, 0x03]
            clock[0] += 0.6
            send(link)
            assert [frame[0] for frame in stage.frontend.frames[3:]] == [0xB2, 0x02]
            clock[0] += 0.6
            assert link.is_present()
            send(link)
            assert [frame[0] for frame in stage.frontend.frames[5:]] == [0xB3, 0x03]
            clock[0] += 0.6
            stage.frontend.picc, ran = None, len(stage.chip.ran)
            with pytest.raises(CardLost):
                send(link)
            assert {frame[0] for frame in stage.frontend.frames[7:]} == {0xB2}
            assert len(stage.chip.ran) == ran

    def test_garbled_while_idle(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(nfc_link, "_IDLE_SECONDS", -1)
        with stage.reader.connect() as link:
            stage.frontend.meddle = lambda frame, answer: b"\xff"
            with pytest.raises(CardLost, match="garbled"):
                send(link)

    def test_an_unplugged_reader(self, stage: Stage) -> None:
        with stage.reader.connect() as link:
            stage.frontend.error = GONE
            with pytest.raises(NoReader):
                send(link)
            with pytest.raises(NoReader):
                send(link)
            assert stage.frontend.closes == 1
            stage.port.frontend = GONE
            with pytest.raises(NoReader):
                link.reset()
            stage.port.frontend = stage.frontend
            link.reset()
            assert link.is_present()
            stage.frontend.error = GONE
            assert not link.is_present()
        with pytest.raises(NoReader), stage.reader.connect() as link:
            stage.frontend.error = GONE
            assert not link.is_present()
            send(link)

    def test_close(self, stage: Stage) -> None:
        link = stage.reader.connect()
        send(link)
        resets = stage.chip.resets
        link.close()
        assert stage.frontend.frames[-1] == b"\xc2"
        assert stage.frontend.mutes >= 1
        assert stage.chip.resets > resets
        mutes = stage.frontend.mutes
        link.close()
        assert stage.frontend.mutes == mutes
        for ask in (lambda: send(link), link.reset):
            with pytest.raises(UsageError):
                ask()
        assert not link.is_present()

    def test_close_swallows_what_the_reader_says(self, stage: Stage) -> None:
        for at in (0, 1):
            link = stage.reader.connect()
            if at:
                stage.frontend.meddle = lambda frame, answer: None  # no answer to S(DESELECT)
            stage.frontend.error = GONE
            link.close()
            stage.frontend.meddle = lambda frame, answer: answer
        assert stage.frontend.closes == 2

    def test_links_are_exclusive(self, stage: Stage) -> None:
        with stage.reader.connect() as link:
            with pytest.raises(ReaderInUse):
                stage.reader.connect()
            assert send(link) == SELECT + b"\x90\x00"
        with stage.reader.connect() as link:
            assert send(link) == SELECT + b"\x90\x00"

    def test_links_of_one_reader_share_what_it_carries(self, stage: Stage) -> None:
        with stage.reader.connect() as one:
            pass
        with stage.reader.connect() as two:
            assert one.capabilities is two.capabilities
            assert two.reader_name == stage.reader.info.name == "ACME Reader (usb:001:012)"
            assert repr(two) == "NfcLink(ACME Reader (usb:001:012))"

    def test_more_time_everywhere(self, stage: Stage) -> None:
        chip = Echo()
        stage.frontend.picc = Picc(chip, frame_size=16, wtx=Extensions(in_command=2, before_answer=2, in_chain=2))
        with stage.reader.connect() as link:
            for _ in range(3):
                assert send(link) == SELECT + b"\x90\x00"
        assert chip.ran == [SELECT] * 3


class TestField:
    def test_an_exchange_never_opens_the_device(self, stage: Stage) -> None:
        place = Field("usb")
        with pytest.raises(NoReader):
            place.exchange(b"\xb2", 0.1)
        place.mute()
        place.close()
        assert stage.port.opened == 0

    def test_a_device_that_cannot_even_be_muted_is_let_go_of(self, stage: Stage) -> None:
        place = Field("usb")
        assert place.sense() is not None
        stage.frontend.error = GONE
        place.mute()
        assert stage.frontend.closes == 1
        assert place.sense() is not None
        assert stage.port.opened == 2


class TestWaits:
    def test_the_first_look_is_at_once(self, stage: Stage) -> None:
        assert stage.reader.wait_for_card(0)
        assert stage.picc.state is PiccState.IDLE, "the field is off again"
        assert not stage.reader.wait_for_removal(0)
        stage.frontend.picc = None
        assert not stage.reader.wait_for_card(0)
        assert stage.reader.wait_for_removal(0)

    def test_a_card_that_is_missed_once_is_still_there(self, stage: Stage) -> None:
        sense = stage.frontend.sense_b
        misses = [True]
        stage.frontend.sense_b = lambda: None if misses and misses.pop() else sense()  # type: ignore[method-assign]
        assert not stage.reader.wait_for_removal(0)

    @pytest.mark.parametrize("coming", [True, False])
    def test_until_it_happens(self, stage: Stage, coming: bool) -> None:
        stage.frontend.picc = None if coming else stage.picc

        def happen() -> None:
            stage.frontend.picc = stage.picc if coming else None

        timer = threading.Timer(0.3, happen)
        began = time.monotonic()
        timer.start()
        assert (stage.reader.wait_for_card if coming else stage.reader.wait_for_removal)(30)
        assert 0.25 < time.monotonic() - began < 1.0 + SLACK
        timer.join()

    @pytest.mark.parametrize("coming", [True, False])
    def test_no_longer_than_told(self, stage: Stage, coming: bool) -> None:
        stage.frontend.picc = None if coming else stage.picc
        began = time.monotonic()
        assert not (stage.reader.wait_for_card if coming else stage.reader.wait_for_removal)(0.3)
        assert 0.3 <= time.monotonic() - began < 1.6 + SLACK

    def test_with_a_link_open_its_card_is_asked(self, stage: Stage) -> None:
        with stage.reader.connect() as link:
            senses = stage.frontend.senses
            assert stage.reader.wait_for_card(0)
            assert not stage.reader.wait_for_removal(0)
            assert send(link) == SELECT + b"\x90\x00"
            stage.frontend.picc = None
            assert stage.reader.wait_for_removal(0)
            assert stage.frontend.senses == senses
            with pytest.raises(CardLost):
                send(link)

    def test_cancel_from_another_thread(self, stage: Stage) -> None:
        stage.frontend.picc = None
        timer = threading.Timer(0.3, stage.reader.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            stage.reader.wait_for_card()
        assert time.monotonic() - began < 1.8 + SLACK
        timer.join()
        assert not stage.reader.wait_for_card(0), "a cancel ends one wait"
        stage.reader.cancel()
        with pytest.raises(Cancelled):
            stage.reader.wait_for_removal()
        assert stage.reader.wait_for_removal(0)

    def test_a_reader_that_is_gone(self, stage: Stage) -> None:
        stage.port.frontend = GONE
        with pytest.raises(NoReader):
            stage.reader.wait_for_card(1)
        assert stage.reader.wait_for_removal(30)

    def test_after_close(self, stage: Stage) -> None:
        link = stage.reader.connect()
        stage.reader.close()
        stage.reader.close()
        assert stage.frontend.closes == 1
        with pytest.raises(UsageError):
            send(link)
        for ask in (stage.reader.connect, stage.reader.wait_for_card, stage.reader.wait_for_removal):
            with pytest.raises(UsageError):
                ask()
        link.close()
        assert stage.port.opened == 1
