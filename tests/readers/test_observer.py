"""The observing link: shapes and no data, the same behaviour as the link behind it, and the card left as found."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from types import FunctionType, MethodType, ModuleType

import pytest

from mnverify.card import FaceCheck, LinkCapabilities, VerificationNumberB
from mnverify.errors import (
    CardLost,
    DomainBusy,
    GateError,
    LinkCorrupt,
    LinkError,
    LinkTimeout,
    MnverifyError,
    NotMyNumberCard,
    UsageError,
)
from mnverify.link import capabilities_of
from mnverify.readers.scripts.observer import LINK_ERRORS, ObservedLink, Shape, error_word
from mnverify.text import Text
from mnverify.values.terms import Purpose
from mnverify.virtual import CardMute, FieldLost, VirtualAuthority, VirtualCard, persona

TEXT = Text("broken", "故障")


class OneAnswer:
    """A link that gives one answer to everything, or raises one error."""

    reader_name = "Example Reader 00 00"

    def __init__(self, outcome: object = b"\x90\x00") -> None:
        self.outcome = outcome
        self.sent: list[bytes] = []
        self.resets = 0
        self.reset_error: BaseException | None = None

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome  # type: ignore[return-value]

    def reset(self) -> None:
        self.resets += 1
        if self.reset_error is not None:
            raise self.reset_error


def shape_of(outcome: object, command: bytes = bytes.fromhex("00B08200E7")) -> Shape:
    """What is kept of one exchange."""
    with ObservedLink(OneAnswer(outcome)) as observed:
        with contextlib.suppress(MnverifyError, KeyboardInterrupt):
            observed.transmit(command)
        (shape,) = observed.shapes
    return shape


@pytest.mark.parametrize(
    ("command", "lc", "le", "extended"),
    [
        ("00200092", None, None, False),
        ("00B08200E7", None, 231, False),
        ("00B0820000", None, 256, False),
        ("00200092 02 3132", 2, None, False),
        ("802A0000 03 010203 00", 3, 256, False),
        ("00B08200 000100", None, 256, True),
        ("00B08200 000000", None, 65536, True),
        ("802A0000 000003 010203", 3, None, True),
        ("802A0000 000003 010203 0100", 3, 256, True),
        ("00B0", None, None, False),
    ],
)
def test_lengths_of_each_form_of_command(command: str, lc: int | None, le: int | None, extended: bool) -> None:
    raw = bytes.fromhex(command)
    shape = shape_of(b"\x90\x00", raw)
    assert (shape.header, shape.lc, shape.le, shape.extended) == (raw[:4], lc, le, extended)


@pytest.mark.parametrize(
    ("answer", "received", "status"),
    [
        ("9000", 0, 0x9000),
        ("63C9", 0, 0x63C9),
        ("6C20", 0, 0x6C20),
        ("0102039000", 3, 0x9000),
        ("0102036282", 3, 0x6282),
        ("0102036110", 3, 0x6110),
        ("3132", 0, None),  # two bytes of data, as a reader gives that has lost the status word
        ("9134", 0, None),
        ("31323334", 2, None),
        ("010263C9", 2, None),
        ("01029134", 2, None),
        ("31", 0, None),
        ("", 0, None),
    ],
)
def test_only_a_status_word_is_kept_of_an_answer(answer: str, received: int, status: int | None) -> None:
    shape = shape_of(bytes.fromhex(answer))
    assert (shape.received, shape.status, shape.error) == (received, status, None)


def test_an_answer_that_is_no_bytes_is_passed_on_for_the_gate_to_judge() -> None:
    shape = shape_of(None)
    assert (shape.received, shape.status) == (0, None)


@pytest.mark.parametrize(
    ("raised", "word"),
    [
        *((kind(TEXT), word) for word, kind in LINK_ERRORS.items()),
        (FieldLost(), "card-lost"),
        (CardMute(), "link-timeout"),
        (NotMyNumberCard(TEXT), "link-error"),
        (KeyboardInterrupt(), "link-error"),
    ],
)
def test_each_error_has_a_word(raised: BaseException, word: str) -> None:
    assert error_word(raised) == word
    shape = shape_of(raised)
    assert (shape.error, shape.received, shape.status) == (word, None, None)


@pytest.mark.parametrize(("raised", "kind"), [(TimeoutError(), LinkTimeout), (OSError(), CardLost)])
def test_errors_of_the_operating_system_become_ours(raised: OSError, kind: type[LinkError]) -> None:
    with ObservedLink(OneAnswer(raised)) as observed, pytest.raises(kind):
        observed.transmit(b"\0\xb0\0\0\0")
    assert LINK_ERRORS[observed.shapes[0].error or ""] is kind


@pytest.mark.parametrize("refusal", [GateError(TEXT), UsageError(TEXT)])
def test_what_was_refused_before_it_was_sent_is_no_exchange(refusal: MnverifyError) -> None:
    with ObservedLink(OneAnswer(refusal)) as observed:
        with pytest.raises(type(refusal)):
            observed.transmit(b"\0\xb0\0\0\0")
        assert observed.shapes == ()


def test_command_and_answer_pass_unchanged() -> None:
    link, command = OneAnswer(b"\x01\x90\x00"), b"\0\xb0\0\0\1"
    with ObservedLink(link) as observed:
        assert observed.transmit(command) is link.outcome
    assert link.sent[0] is command  # a link to a real card knows a permitted command by its type


def test_resets_are_kept_with_their_errors() -> None:
    link = OneAnswer()
    with ObservedLink(link) as observed:
        observed.reset()
        link.reset_error = LinkCorrupt(TEXT)
        with pytest.raises(LinkCorrupt):
            observed.reset()
        link.reset_error = None
        assert [(shape.header, shape.error) for shape in observed.shapes] == [(None, None), (None, "link-corrupt")]


def test_times_are_in_tenths_of_milliseconds() -> None:
    shape = shape_of(b"\x90\x00")
    assert shape.ms is not None and 0 <= shape.ms < 1000 and round(shape.ms, 1) == shape.ms


def test_other_attributes_are_those_of_the_link() -> None:
    link = OneAnswer()
    with ObservedLink(link) as observed:
        assert observed.reader_name == "Example Reader 00 00"
        assert not hasattr(observed, "is_present") and not hasattr(observed, "_anything")
        observed.capabilities.extended = False
    assert capabilities_of(link) == LinkCapabilities(extended=False)  # what was learnt stays with the link


# -- the card behind it


@pytest.fixture
def card() -> VirtualCard:
    return VirtualAuthority.laboratory().issue(persona("garcia-maria"))


def read(link: ObservedLink | VirtualCard, card: VirtualCard) -> None:
    with FaceCheck.open(link) as session:
        session.present(VerificationNumberB(card.credentials["verification-number-b"]))
        session.read(Purpose.FACE)


def everything_in(*roots: object, but: object) -> Iterator[object]:
    """Every object that can be reached, apart from code and one object."""
    seen: set[int] = {id(but)}
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType | MethodType):
            continue
        seen.add(id(one))
        yield one
        waiting += gc.get_referents(one)


def test_no_byte_of_data_can_be_reached(card: VirtualCard) -> None:
    observed = ObservedLink(card)
    read(observed, card)
    found = list(everything_in(observed, observed.shapes, but=card))
    assert len(found) > 2 * len(observed.shapes) > 10
    headers = {shape.header for shape in observed.shapes}
    assert all(len(one) == 4 and one in headers for one in found if isinstance(one, bytes | bytearray))
    texts = [one for one in found if isinstance(one, str)]
    assert not any(digits in text for text in texts for digits in card.credentials.values())
    numbers = {one for one in found if type(one) is int}
    assert max(numbers) <= 0xFFFF  # no length or status word is larger, and a number of the holder would be
    observed.release()


def test_the_walk_would_find_a_byte_that_was_kept(card: VirtualCard) -> None:
    class Careless(ObservedLink):
        def transmit(self, command: bytes) -> bytes:
            self.kept = super().transmit(command)
            return self.kept

    with Careless(card) as observed:
        read(observed, card)
        assert any(isinstance(one, bytes) and len(one) > 4 for one in everything_in(observed, but=card))


def test_the_link_takes_no_session_round_the_observer(card: VirtualCard) -> None:
    with ObservedLink(card) as observed:
        with pytest.raises(DomainBusy):
            FaceCheck.open(card)
        with pytest.raises(DomainBusy):
            ObservedLink(card)
        read(observed, card)
    read(card, card)


def test_a_link_with_an_open_session_is_not_observed(card: VirtualCard) -> None:
    with FaceCheck.open(card), pytest.raises(DomainBusy):
        ObservedLink(card)


def test_a_reset_that_failed_is_made_up_for_by_the_next_session() -> None:
    link = OneAnswer(b"\x90\x00")
    with ObservedLink(link) as observed:
        observed.transmit(b"\x00\x20\x00\x92")
        link.reset_error = CardLost(TEXT)
    assert link.resets == 1
    with pytest.raises(CardLost):
        ObservedLink(link)
    link.reset_error = None
    with FaceCheck.open(link):
        assert link.resets == 3
