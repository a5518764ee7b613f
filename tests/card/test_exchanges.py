"""Exchange counts, exactly, and what readers do to answers: 61xx, 6Cxx, cut, empty, no extended length."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import pytest

from mnverify.card import FaceCheck, InputAssist, LinkCapabilities, credential_from_text
from mnverify.card.session import Session
from mnverify.errors import CardRefused, EvidenceError, LinkCorrupt, LinkUnreliable, MnverifyError, UnsupportedCard
from mnverify.evidence import Evidence
from mnverify.values.terms import CredentialKind, Purpose, Role
from mnverify.virtual import LongAnswer, VirtualCard

from .conftest import Issue
from .links import CardLink, corrupt, digits

B, BIRTH, PIN = CredentialKind.VERIFICATION_NUMBER_B, CredentialKind.BIRTH_DATE, CredentialKind.PIN
Spoil = Callable[[bytes, bytes], bytes]


def read(
    link: CardLink,
    opened: type[Session] = FaceCheck,
    kind: CredentialKind = B,
    purpose: Purpose = Purpose.FACE,
    *,
    presence: bool = True,
    role: Role = Role.GENERAL,
) -> Evidence:
    with opened.open(link, role=role) as session:
        session.present(credential_from_text(kind, digits(link.card, kind)))
        evidence = session.read(purpose, presence=presence)
    on_card = link.card.files(session.domain)
    assert all(on_card[name].startswith(data) for name, data in evidence.files.items())
    return evidence


def size(evidence: Evidence) -> int:
    return sum(map(len, evidence.files.values()))


def is_extended(command: bytes) -> bool:
    return len(command) >= 7 and command[4] == 0


# -- counts


def test_face_with_extended_length_takes_seven(card: VirtualCard) -> None:
    link = CardLink(card)
    read(link)
    assert link.forms == ["00a4040c", "00200092", "00200092", "00b08200", "00b00100", "00b08400", "802a0000"]


def test_age_with_extended_length_takes_six(card: VirtualCard) -> None:
    link = CardLink(card)
    read(link, kind=BIRTH, purpose=Purpose.AGE)
    assert link.forms == ["00a4040c", "00200091", "00200091", "00b08100", "00b08400", "802a0000"]


def test_attributes_with_extended_length_take_eight(card: VirtualCard) -> None:
    link = CardLink(card)
    read(link, InputAssist, PIN, Purpose.ATTRIBUTES)
    assert len(link.sent) == 8


def test_short_link_keeps_to_the_bound(issue: Issue) -> None:
    for kind, purpose in ((B, Purpose.FACE), (BIRTH, Purpose.AGE)):
        link = CardLink(issue(extended=False))
        evidence = read(link, kind=kind, purpose=purpose)
        pieces = sum(ceil(len(data) / 256) for data in evidence.files.values())
        assert len(link.sent) == 3 + 1 + pieces + 1  # one exchange to learn that extended length does not work
        assert len(link.sent) <= 6 + ceil(size(evidence) / 256)
        read(link, kind=kind, purpose=purpose)
        assert len(link.sent) == 2 * (3 + 1 + pieces + 1) - 1  # which is remembered
        assert not any(map(is_extended, link.sent[len(link.sent) // 2 + 1 :]))


def test_verify_and_counter_are_never_extended(issue: Issue) -> None:
    for limits in ({}, {"extended": False}, {"max_response": 231}):
        link = CardLink(issue(**limits))
        read(link)
        assert all(len(command) in (4, 19) for command in link.sent if command[1] == 0x20)


def test_capabilities_of_a_reader_are_shared_among_its_links(issue: Issue) -> None:
    shared = LinkCapabilities()
    counts = []
    for _ in range(2):
        link = CardLink(issue(extended=False), capabilities=shared)
        read(link)
        counts.append(len(link.sent))
    assert shared == LinkCapabilities(extended=False, max_short=256)
    assert counts[1] == counts[0] - 1
    link = CardLink(issue(), capabilities=LinkCapabilities())
    read(link)
    assert link.capabilities.extended is True


def test_capabilities_are_kept_per_link_object(issue: Issue) -> None:
    slow, fast = CardLink(issue(extended=False)), CardLink(issue())
    read(slow)
    read(fast)
    assert len(fast.sent) == 7


# -- what cards do


@pytest.mark.parametrize("extended", [True, False])
@pytest.mark.parametrize("most", [100, 231, 255, 256, 1000])
def test_61xx(issue: Issue, most: int, extended: bool) -> None:
    link = CardLink(issue(max_response=most, extended=extended))
    read(link)


@pytest.mark.parametrize("part", [b"", b"x"])
def test_61xx_without_end(card: VirtualCard, part: bytes) -> None:
    link = CardLink(card, lambda c, a: part + b"\x61\x10" if c[1] in (0xB0, 0xC0) else a)
    with pytest.raises(LinkUnreliable):
        read(link)
    assert len(link.sent) < (20 if part == b"" else 1000)


@pytest.mark.parametrize("extended", [True, False])
def test_6cxx(issue: Issue, extended: bool) -> None:
    for opened, kind, purpose in ((FaceCheck, B, Purpose.FACE), (InputAssist, PIN, Purpose.ATTRIBUTES)):
        read(CardLink(issue(exact_le=True, extended=extended)), opened, kind, purpose)


def test_6cxx_for_a_read_is_sent_again_with_the_right_le(card: VirtualCard) -> None:
    def exact(command: bytes, answer: bytes) -> bytes:
        return b"\x6c\x80" if command == b"\x00\xb0\x81\x00\x00\x00\x11" else answer

    link = CardLink(card, exact)
    with InputAssist.open(link, role=Role.MY_NUMBER_OFFICE) as session:
        session.present(credential_from_text(PIN, digits(card, PIN)))
        session.read(Purpose.NUMBER, presence=False)
    assert link.sent[4] == b"\x00\xb0\x81\x00\x80"


def test_6cxx_without_end(card: VirtualCard) -> None:
    link = CardLink(card, lambda c, a: b"\x6c\x10" if c[1] == 0xB0 else a)
    with pytest.raises(CardRefused):
        read(link)
    assert len(link.sent) < 10


# -- what readers do


def cut_extended(command: bytes, answer: bytes) -> bytes:
    return answer[:300] + b"\x90\x00" if is_extended(command) and len(answer) > 302 else answer


def cut_to_garbage(command: bytes, answer: bytes) -> bytes:
    return answer[:260] if is_extended(command) else answer


def break_extended(command: bytes, answer: bytes) -> bytes:
    if is_extended(command):
        raise corrupt()
    return answer


def lose_extended(command: bytes, answer: bytes) -> bytes:
    return b"" if is_extended(command) else answer


@pytest.mark.parametrize("spoil", [cut_extended, cut_to_garbage, break_extended, lose_extended])
@pytest.mark.parametrize(("kind", "purpose"), [(B, Purpose.FACE), (BIRTH, Purpose.AGE)])
def test_extended_answers_that_break_cost_one_exchange(
    issue: Issue, spoil: Spoil, kind: CredentialKind, purpose: Purpose
) -> None:
    whole = read(CardLink(issue()), kind=kind, purpose=purpose)
    short = CardLink(issue(extended=False))
    read(short, kind=kind, purpose=purpose)
    link = CardLink(issue(), spoil)
    assert read(link, kind=kind, purpose=purpose).files == whole.files
    assert len(link.sent) <= len(short.sent)
    assert len([c for c in link.sent if is_extended(c)]) <= 2


@pytest.mark.parametrize("status", [0x6700, 0x6F00, 0x6D00, 0x6E00, 0x6A80])
def test_extended_reads_refused_for_their_length(issue: Issue, status: int) -> None:
    link = CardLink(issue(), lambda c, a: status.to_bytes(2) if is_extended(c) else a)
    read(link)
    assert sum(map(is_extended, link.sent)) == 1


@pytest.mark.parametrize("status", [0x6982, 0x6985, 0x6A82, 0x6B00])
def test_a_denial_is_not_taken_for_a_question_of_length(issue: Issue, status: int) -> None:
    link = CardLink(issue(status_at={4: status}))
    with pytest.raises(CardRefused) as caught:
        read(link)
    assert caught.value.status_word == status and len(link.sent) == 4


@pytest.mark.parametrize("how", [LongAnswer.CUT, LongAnswer.EMPTY])
@pytest.mark.parametrize("most", [231, 240, 255])
def test_readers_that_cannot_carry_256_bytes(issue: Issue, how: LongAnswer, most: int) -> None:
    link = CardLink(issue(extended=False, max_response=most, long_answer=how))
    evidence = read(link, presence=False)
    assert len(link.sent) == 3 + 1 + 1 + sum(ceil(len(data) / 231) for data in evidence.files.values())
    with pytest.raises(LinkUnreliable, match="signature"):
        read(link)


def test_short_answers_that_break(issue: Issue) -> None:
    def spoil(command: bytes, answer: bytes) -> bytes:
        if command[1] == 0xB0 and len(command) == 5 and len(answer) == 258:
            raise corrupt()
        return answer

    link = CardLink(issue(extended=False), spoil)
    read(link, presence=False)


def test_answers_that_stay_cut_make_progress_or_end(issue: Issue) -> None:
    link = CardLink(issue(extended=False, max_response=100, long_answer=LongAnswer.CUT))
    read(link, presence=False)
    link = CardLink(issue(extended=False, max_response=100, long_answer=LongAnswer.EMPTY))
    with pytest.raises(LinkUnreliable):
        read(link, presence=False)
    link = CardLink(issue(extended=False, max_response=1, long_answer=LongAnswer.CUT))
    with pytest.raises(LinkUnreliable):
        read(link, presence=False)
    assert len(link.sent) < 620


def test_signature_falls_back_to_short(issue: Issue) -> None:
    def spoil(command: bytes, answer: bytes) -> bytes:
        return b"\x67\x00" if command[1] == 0x2A and is_extended(command) else answer

    link = CardLink(issue(), spoil)
    assert read(link).presence is not None
    assert link.forms[-2:] == ["802a0000", "802a0000"]


@pytest.mark.parametrize("status", [0x6985, 0x6A80, 0x6C00, 0x6D00])
def test_a_card_that_does_not_sign(issue: Issue, status: int) -> None:
    link = CardLink(issue(), lambda c, a: status.to_bytes(2) if c[1] == 0x2A else a)
    with pytest.raises(CardRefused):
        read(link)


@pytest.mark.parametrize("longer", [b"\x00", bytes(256)])
def test_answers_longer_than_asked_are_not_used(issue: Issue, longer: bytes) -> None:
    link = CardLink(issue(), lambda c, a: a[:-2] + longer + a[-2:] if c[1] == 0xB0 else a)
    with pytest.raises(LinkUnreliable):
        read(link)


# -- what files can be


def first_read(head: bytes, status: bytes = b"\x90\x00") -> Spoil:
    return lambda c, a: head + status if c[1] == 0xB0 and c[2] & 0x80 else a


@pytest.mark.parametrize(
    ("head", "status", "error"),
    [
        (b"\xff\x20\x83\x01\x00\x00", b"\x62\x82", EvidenceError),  # 64 KiB and more
        (b"\xff\x20\x82\x10\x00", b"\x62\x82", EvidenceError),  # ends before its object
        (b"\xff\x20\x80", b"\x62\x82", EvidenceError),  # indefinite
        (b"", b"\x62\x82", EvidenceError),
        (b"\xff" * 16, b"\x62\x82", MnverifyError),
        (b"\x04\x01\x00", b"\x62\x82", UnsupportedCard),
        (b"", b"\x90\x00", LinkUnreliable),
    ],
)
def test_heads_that_no_file_has(card: VirtualCard, head: bytes, status: bytes, error: type[MnverifyError]) -> None:
    link = CardLink(card, first_read(head, status))
    with pytest.raises(error):
        read(link)
    assert len(link.sent) < 12


def test_filler_is_not_read_except_where_a_digest_covers_it(card: VirtualCard) -> None:
    evidence = read(CardLink(card), InputAssist, PIN, Purpose.NUMBER, role=Role.MY_NUMBER_OFFICE)
    assert evidence.files["0001"] == card.files("input-assist")["0001"] and len(evidence.files["0001"]) == 17
    assert len(evidence.files["0004"]) == 568 < len(card.files("input-assist")["0004"])


@pytest.mark.parametrize("answer", [b"", b"\x90", b"\x00\x00", b"\x12\x34", b"\x60\x00"[1:]])
def test_answers_that_no_card_gives(card: VirtualCard, answer: bytes) -> None:
    link = CardLink(card)
    session = FaceCheck.open(link)
    link.after = lambda c, a: answer
    with pytest.raises(LinkCorrupt):
        session.retries()
    assert session.closed and len(link.sent) == 2


def test_one_broken_answer_does_not_slow_the_reader_down_for_good(issue: Issue) -> None:
    carries = LinkCapabilities()
    read(CardLink(issue(), capabilities=carries))
    broken: list[bytes] = []

    def once(command: bytes, answer: bytes) -> bytes:
        if is_extended(command) and len(answer) > 302 and not broken:
            broken.append(command)
            raise corrupt()
        return answer

    link = CardLink(issue(), once, capabilities=carries)
    read(link)
    assert broken and carries.extended is True
    again = CardLink(issue(), capabilities=carries)
    read(again)
    assert len(again.sent) == 7 and carries.doubts == 0


def test_a_reader_that_breaks_twice_is_believed(issue: Issue) -> None:
    carries = LinkCapabilities()
    for _ in range(2):
        read(CardLink(issue(), cut_extended, capabilities=carries))
    assert carries.extended is False
    last = CardLink(issue(), cut_extended, capabilities=carries)
    read(last)
    assert not any(map(is_extended, last.sent))


def test_a_broken_get_response_is_a_broken_read_and_no_closed_gate(issue: Issue) -> None:
    broken: list[bytes] = []

    def once(command: bytes, answer: bytes) -> bytes:
        if command[1] == 0xC0 and not broken:
            broken.append(command)
            raise corrupt()
        return answer

    link = CardLink(issue(extended=False, max_response=100), once)
    assert read(link).files == read(CardLink(issue())).files
    assert broken
