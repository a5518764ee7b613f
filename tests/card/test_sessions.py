"""Sessions on a virtual card: what is refused before a byte, what is read, and in how many exchanges."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mnverify.card import (
    BirthDate,
    FaceCheck,
    InputAssist,
    Pin,
    VerificationNumberA,
    VerificationNumberB,
    credential_from_text,
)
from mnverify.card.session import Session
from mnverify.errors import (
    AlreadyVerified,
    CardLost,
    CardRefused,
    CredentialBlocked,
    DomainBusy,
    GateError,
    LinkTimeout,
    MnverifyError,
    NotMyNumberCard,
    RoleError,
    TooFewTries,
    UsageError,
    WrongCredential,
)
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.virtual import VirtualCard, personas

from .conftest import Issue
from .links import AIDS, CardLink, all_tries, digits, refused

pytestmark = pytest.mark.usefixtures("way")  # whatever stands between link and card

A, B = CredentialKind.VERIFICATION_NUMBER_A, CredentialKind.VERIFICATION_NUMBER_B
BIRTH, PIN = CredentialKind.BIRTH_DATE, CredentialKind.PIN
GENERAL, OFFICE = Role.GENERAL, Role.MY_NUMBER_OFFICE
SESSIONS: dict[Domain, type[Session]] = {Domain.FACE_CHECK: FaceCheck, Domain.INPUT_ASSIST: InputAssist}
READINGS = [
    (FaceCheck, GENERAL, BIRTH, (Purpose.AGE,), ("0001", "0004")),
    (FaceCheck, GENERAL, B, (Purpose.FACE,), ("0002", "0004")),
    (FaceCheck, OFFICE, A, (Purpose.NUMBER,), ("0005", "0004")),
    (FaceCheck, OFFICE, A, (Purpose.FACE, Purpose.NUMBER), ("0002", "0004", "0005")),
    (InputAssist, GENERAL, PIN, (Purpose.ATTRIBUTES,), ("0002", "0003", "0004", "0007")),
    (InputAssist, GENERAL, B, (Purpose.ATTRIBUTES,), ("0002", "0003", "0004", "0007")),
    (InputAssist, OFFICE, A, (Purpose.NUMBER,), ("0001", "0003", "0004", "0007")),
    (InputAssist, OFFICE, PIN, (Purpose.ATTRIBUTES, Purpose.NUMBER), ("0002", "0003", "0004", "0007", "0001")),
]


def present(session: Session, link: CardLink, kind: CredentialKind, **how: bool) -> None:
    session.present(credential_from_text(kind, digits(link.card, kind)), **how)


@pytest.mark.parametrize(("opened", "role", "kind", "purposes", "files"), READINGS)
def test_each_purpose_reads_its_files_and_no_others(
    card: VirtualCard,
    opened: type[Session],
    role: Role,
    kind: CredentialKind,
    purposes: tuple[Purpose, ...],
    files: tuple[str, ...],
) -> None:
    link = CardLink(card)
    moment = datetime(2026, 11, 22, 10, tzinfo=UTC)
    with opened.open(link, role=role, reader="Virtual", now=lambda: moment) as session:
        present(session, link, kind)
        evidence = session.read(*purposes, challenge=bytes(32))
    on_card = card.files(session.domain)
    assert {entry.instruction[12:] for entry in session.audit if entry.instruction.startswith("READ")} == set(files)
    assert set(evidence.files) == set(files)
    assert all(on_card[name].startswith(data) for name, data in evidence.files.items())
    assert all(set(on_card[name][len(data) :]) <= {0xFF} for name, data in evidence.files.items())
    assert (evidence.role, evidence.credential, evidence.read_at, evidence.reader) == (role, kind, moment, "Virtual")
    assert evidence.presence is not None and evidence.presence.challenge == bytes(32)
    assert evidence.presence.signature == card.sign(session.domain, bytes(32))
    assert card.touches == () and (role is OFFICE or card.number_touches == ())
    assert refused(session.audit) == [] and link.resets == 1


def test_every_persona_is_read(issue: Issue) -> None:
    for one in personas():
        link = CardLink(issue(one.id))
        for opened, kind, purpose in ((FaceCheck, B, Purpose.FACE), (InputAssist, PIN, Purpose.ATTRIBUTES)):
            with opened.open(link) as session:
                present(session, link, kind)
                assert session.read(purpose).files


def test_fresh_challenges_and_no_presence(card: VirtualCard) -> None:
    link = CardLink(card)
    asked: list[int] = []

    def random(length: int) -> bytes:
        asked.append(length)
        return b"\x07" * length

    with FaceCheck.open(link, random=random) as session:
        present(session, link, BIRTH)
        given = session.read(Purpose.AGE).presence
        assert given is not None and given.challenge == b"\x07" * 32 and asked == [32]
        assert session.read(Purpose.AGE, presence=False).presence is None
    assert link.forms.count("802a0000") == 1
    with FaceCheck.open(link) as session:
        present(session, link, BIRTH)
        first, second = session.read(Purpose.AGE).presence, session.read(Purpose.AGE).presence
        assert first is not None and second is not None and first.challenge != second.challenge


def test_progress_ends_at_what_was_expected(issue: Issue) -> None:
    for extended in (True, False):
        told: list[tuple[int, int]] = []
        link = CardLink(issue(extended=extended))
        with FaceCheck.open(link) as session:
            present(session, link, B)
            evidence = session.read(Purpose.FACE, progress=lambda done, of, told=told: told.append((done, of)))  # type: ignore[misc]
        whole = sum(map(len, evidence.files.values()))
        assert told[-1] == (whole, whole) and told == sorted(told)
        assert all(done <= of for done, of in told)


# -- what is refused before a byte is sent


def wrong_calls(card: VirtualCard) -> list[tuple[type[Session], type[MnverifyError], Callable[[Session], object]]]:
    a, b = VerificationNumberA(digits(card, A)), VerificationNumberB(digits(card, B))
    pin, birth = Pin("1234"), BirthDate("600703")
    return [
        (FaceCheck, RoleError, lambda s: s.present(a)),
        (InputAssist, RoleError, lambda s: s.present(a)),
        (FaceCheck, UsageError, lambda s: s.present(pin)),
        (InputAssist, UsageError, lambda s: s.present(birth)),
        (FaceCheck, UsageError, lambda s: s.present(digits(card, B))),
        (FaceCheck, UsageError, lambda s: s.present(b, floor=1)),
        (FaceCheck, UsageError, lambda s: s.present(b, floor=-3, allow_last_try=True)),
        (FaceCheck, UsageError, lambda s: s.present(b, floor=True)),
        (FaceCheck, RoleError, lambda s: s.read(Purpose.NUMBER)),
        (InputAssist, RoleError, lambda s: s.read(Purpose.ATTRIBUTES, Purpose.NUMBER)),
        (FaceCheck, UsageError, lambda s: s.read(Purpose.ATTRIBUTES)),
        (InputAssist, UsageError, lambda s: s.read(Purpose.FACE)),
        (FaceCheck, UsageError, lambda s: s.read()),
        (FaceCheck, UsageError, lambda s: s.read("my face")),
        (FaceCheck, UsageError, lambda s: s.read(Purpose.FACE)),  # nothing presented
        (FaceCheck, UsageError, lambda s: s.read(Purpose.FACE, challenge=bytes(31))),
        (FaceCheck, UsageError, lambda s: s.read(Purpose.FACE, challenge="x" * 32)),
        (FaceCheck, UsageError, lambda s: s.read(Purpose.FACE, challenge=bytes(32), presence=False)),
        (InputAssist, UsageError, lambda s: s.start_secure_messaging()),
    ]


def test_wrong_calls_send_nothing(card: VirtualCard) -> None:
    before = all_tries(card)
    for opened, error, call in wrong_calls(card):
        link = CardLink(card)
        with opened.open(link) as session:
            sent = len(link.sent)
            with pytest.raises(error):
                call(session)
            assert len(link.sent) == sent and not session.closed
            session.retries()
    assert all_tries(card) == before and card.touches == () == card.number_touches


def test_a_credential_that_does_not_open_the_purpose(card: VirtualCard) -> None:
    link = CardLink(card)
    with FaceCheck.open(link) as session:
        present(session, link, BIRTH)
        sent = len(link.sent)
        for purposes in ((Purpose.FACE,), (Purpose.AGE, Purpose.FACE)):
            with pytest.raises(UsageError, match=r"verification-number-b|birth-date"):
                session.read(*purposes)
        assert len(link.sent) == sent
        present(session, link, B)
        assert session.read(Purpose.FACE).credential is B
        assert session.read(Purpose.AGE).credential is BIRTH


def test_role_and_domain_are_terms(card: VirtualCard) -> None:
    with pytest.raises(UsageError):
        FaceCheck.open(CardLink(card), role="anybody")
    assert card.log.exchanges == 0


# -- counters


def test_retries_asks_only_what_the_role_may(card: VirtualCard) -> None:
    before = all_tries(card)
    for role, opened in itertools.product((GENERAL, OFFICE), SESSIONS.values()):
        with opened.open(CardLink(card), role=role) as session:
            assert (A in session.retries()) == (role is OFFICE)
            assert set(session.retries().values()) <= {3, 10}
        assert role is OFFICE or card.number_touches == ()
    assert all_tries(card) == before and card.touches == ()


@pytest.mark.parametrize("blocked_status", [0x63C0, 0x6984])
def test_counter_answers(issue: Issue, blocked_status: int) -> None:
    tries = {"face-check/0011": 0, "face-check/0012": None}
    link = CardLink(issue(tries=tries, blocked_status=blocked_status))
    with FaceCheck.open(link) as session:
        assert session.retries() == {BIRTH: 0, B: None}
        sent = len(link.sent)
        with pytest.raises(CredentialBlocked) as caught:
            present(session, link, BIRTH, allow_last_try=True)
        assert len(link.sent) == sent + 1 and caught.value.tries_left == 0
        with pytest.raises(WrongCredential):
            session.present(VerificationNumberB("60070320334999"))
        present(session, link, B)
        assert session.retries() == {BIRTH: 0, B: None}


def test_wrong_then_floor_then_last_try(issue: Issue) -> None:
    link = CardLink(issue(tries={"input-assist/0011": 3}))
    wrong = Pin("0000")
    with InputAssist.open(link) as session:
        with pytest.raises(WrongCredential) as caught:
            session.present(wrong)
        assert caught.value.tries_left == 2
        with pytest.raises(TooFewTries) as few:
            session.present(wrong, floor=3)
        assert (few.value.tries_left, few.value.floor) == (2, 3)
        with pytest.raises(WrongCredential):
            session.present(wrong)
        for _ in range(3):
            with pytest.raises(TooFewTries):
                session.present(wrong)
        assert link.card.retries("input-assist", "0011") == 1
        with pytest.raises(CredentialBlocked):
            session.present(wrong, allow_last_try=True)
        with pytest.raises(CredentialBlocked):
            session.present(wrong, allow_last_try=True)
    assert link.card.retries("input-assist", "0011") == 0


def test_the_last_try_can_be_spent_by_name(issue: Issue) -> None:
    link = CardLink(issue(tries={"input-assist/0011": 1}))
    with InputAssist.open(link) as session:
        present(session, link, PIN, allow_last_try=True)
    assert link.card.retries("input-assist", "0011") == 3


@pytest.mark.parametrize("status", [0x6300 | 0x80, 0x6983, 0x6985, 0x6A88, 0x63B5, 0x6700, 0x61FF, 0x6C00, 0x9001])
def test_an_undocumented_counter_answer_presents_nothing(issue: Issue, status: int) -> None:
    link = CardLink(issue(status_at={2: status}))
    with FaceCheck.open(link) as session:
        with pytest.raises(CardRefused) as caught:
            present(session, link, B)
        assert caught.value.status_word == status and len(link.sent) == 2
    assert all(len(command) == 4 for command in link.sent[1:])


@pytest.mark.parametrize("status", [0x6700, 0x6C00, 0x6105, 0x6985, 0x6A80, 0x6D00])
def test_verify_is_never_repeated(issue: Issue, status: int) -> None:
    link = CardLink(issue(status_at={3: status}))
    with FaceCheck.open(link) as session:
        with pytest.raises(CardRefused):
            present(session, link, B)
        assert len(link.sent) == 3
        with pytest.raises(UsageError):
            session.read(Purpose.FACE)


def test_verified_already(card: VirtualCard) -> None:
    link = CardLink(card)
    with FaceCheck.open(link) as session:
        present(session, link, B)
        sent = len(link.sent)
        present(session, link, B)
        assert link.forms[sent:] == ["00200092"] and len(link.sent[-1]) == 4
        with pytest.raises(UsageError, match="another number"):
            session.present(VerificationNumberB("60070320334999"))
        assert session.read(Purpose.FACE)._session.accepted_number_b is not None  # type: ignore[union-attr]


def test_what_others_verified_vouches_for_nothing(card: VirtualCard) -> None:
    link = CardLink(card)
    select, verify = b"\x00\xa4\x04\x0c\x0a" + AIDS[Domain.FACE_CHECK], b"\x00\x20\x00\x92\x0e"
    link.after = lambda command, answer: (
        (command != select or card.transmit(verify + digits(card, B).encode())) and answer
    )
    for number in ("60070320334999", digits(card, B)):  # whether it is the number that the others had, nobody knows
        session = FaceCheck.open(link)
        sent = len(link.sent)
        with pytest.raises(AlreadyVerified):
            session.present(VerificationNumberB(number))
        assert session.closed and len(link.sent) == sent + 1 and link.resets > 0
    link.after = None
    with FaceCheck.open(link) as session:
        assert session.retries()[B] == 10


def test_number_b_that_was_accepted_is_remembered(card: VirtualCard) -> None:
    link = CardLink(card)
    with FaceCheck.open(link) as session:
        present(session, link, B)
        mark = session.read(Purpose.FACE)._session
    assert mark is not None and mark.accepted_number_b is not None
    accepted = mark.accepted_number_b
    assert (accepted.birth_digits, accepted.expiry_year) == (digits(card, B)[:6], int(digits(card, B)[6:10]))


# -- one session per link


def test_a_second_session_waits_for_the_first(card: VirtualCard) -> None:
    link = CardLink(card)
    for first, second in itertools.product(SESSIONS.values(), repeat=2):
        with first.open(link) as session:
            sent = len(link.sent)
            with pytest.raises(DomainBusy):
                second.open(link)
            assert len(link.sent) == sent and not session.closed
        second.open(link).close()


def test_close_is_idempotent_and_final(card: VirtualCard) -> None:
    link = CardLink(card)
    session = FaceCheck.open(link)
    present(session, link, B)
    session.close()
    session.close()
    assert link.resets == 1 and session.closed and "closed" in repr(session)
    sent = len(link.sent)
    for call in (session.retries, lambda: session.read(Purpose.FACE), lambda: present(session, link, B)):
        with pytest.raises(UsageError, match="closed"):
            call()
    assert len(link.sent) == sent
    assert card.transmit(b"\x00\xb0\x82\x00\x00") == b"\x6a\x82"  # nothing is selected


def failing(error: MnverifyError) -> Callable[[], None]:
    """A reset that fails."""

    def reset() -> None:
        raise error

    return reset


def test_a_failed_reset_has_to_be_made_good(card: VirtualCard, monkeypatch: pytest.MonkeyPatch) -> None:
    link = CardLink(card)
    session = FaceCheck.open(link)
    monkeypatch.setattr(card, "reset", failing(CardLost(Text("gone", "なし"))))
    session.close()
    assert session.closed and not session.audit[-1].allowed
    sent = len(link.sent)
    for _ in range(2):
        with pytest.raises(CardLost):
            InputAssist.open(link)
    assert len(link.sent) == sent
    monkeypatch.undo()
    resets = link.resets
    InputAssist.open(link).close()
    assert link.resets >= resets + 2


def test_a_link_that_was_closed_first_stops_no_session_from_closing(
    card: VirtualCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = CardLink(card)
    session = FaceCheck.open(link)
    monkeypatch.setattr(card, "reset", failing(UsageError(Text("This link was closed.", "閉じています。"))))
    session.close()
    assert session.closed and not session.audit[-1].allowed
    monkeypatch.undo()
    link.resets = 0
    FaceCheck.open(link).close()
    assert link.resets >= 2  # the one that was owed, and its own


def test_a_session_that_was_dropped_leaves_the_card_to_be_reset(card: VirtualCard) -> None:
    link = CardLink(card)
    session = FaceCheck.open(link)
    present(session, link, B)
    del session
    with FaceCheck.open(link) as session:
        assert link.resets >= 1
        assert session.retries()[B] == 10  # not verified any more


def test_not_a_my_number_card_and_other_answers_to_select(issue: Issue) -> None:
    for status, error in (
        (0x6A82, NotMyNumberCard),
        (0x6985, CardRefused),
        (0x6283, CardRefused),
        (0x6105, CardRefused),
    ):
        link = CardLink(issue(status_at={1: status}))
        with pytest.raises(error):
            FaceCheck.open(link)
        assert link.resets == 1
        FaceCheck.open(link).close()


def test_the_first_command_after_power_up_may_be_lost(issue: Issue) -> None:
    link = CardLink(issue(status_at={1: 0x6F00}))
    FaceCheck.open(link).close()
    assert link.forms == ["00a4040c", "00a4040c"]
    link = CardLink(issue(status_at={1: 0x6F00, 2: 0x6F00}))
    with pytest.raises(CardRefused):
        FaceCheck.open(link)
    assert len(link.sent) == 2


def test_other_cards_say_in_many_ways_that_they_are_none(issue: Issue) -> None:
    for status in (0x6A81, 0x6A86, 0x6700, 0x6999, 0x6D00, 0x6E00):
        with pytest.raises(NotMyNumberCard):
            FaceCheck.open(CardLink(issue(status_at={1: status})))


# -- the card is lost


@pytest.mark.parametrize("at", range(1, 8))
def test_lost_at_every_exchange(issue: Issue, at: int) -> None:
    card = issue(lost_at=at)
    link = CardLink(card)
    before = all_tries(card)
    session: Session | None = None
    with pytest.raises(CardLost):
        session = FaceCheck.open(link)
        present(session, link, B)
        session.read(Purpose.FACE)
    assert session is None or session.closed
    assert len(link.sent) == at and all_tries(card) == before
    with FaceCheck.open(link) as again:
        present(again, link, B)
        assert again.read(Purpose.FACE).files


@pytest.mark.parametrize("at", range(1, 7))
def test_mute_after_every_exchange(issue: Issue, at: int) -> None:
    link = CardLink(issue(mute_after=at))
    session = FaceCheck.open(link)
    with pytest.raises(LinkTimeout):
        present(session, link, B)
        session.read(Purpose.FACE)
    assert session.closed and len(link.sent) == at + 1


@pytest.mark.parametrize(("error", "ours"), [(TimeoutError(), LinkTimeout), (ConnectionResetError(), CardLost)])
def test_errors_of_the_system(card: VirtualCard, error: OSError, ours: type[MnverifyError]) -> None:
    def fail(command: bytes, answer: bytes) -> bytes:
        raise error

    link = CardLink(card)
    session = FaceCheck.open(link)
    link.after = fail
    with pytest.raises(ours):
        session.retries()
    assert session.closed


def test_closed_from_a_progress_callback(card: VirtualCard) -> None:
    link = CardLink(card)
    session = FaceCheck.open(link)
    present(session, link, B)
    with pytest.raises(GateError, match="closed"):
        session.read(Purpose.FACE, progress=lambda done, of: session.close())
    assert session.closed and link.resets == 1
