"""A reading that was torn is resumed on the same card, and on no other."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mnverify.card import (
    BirthDate,
    Credential,
    FaceCheck,
    InputAssist,
    LinkCapabilities,
    PartialReading,
    Pin,
    VerificationNumberB,
)
from mnverify.card.session import Session
from mnverify.check import CheckedCard, check_card
from mnverify.errors import CardLost, DifferentCard, LinkError, UsageError, WrongCredential
from mnverify.evidence import Evidence
from mnverify.link import card_lost
from mnverify.values.terms import CredentialKind, Domain, Purpose
from mnverify.verification import TrustStore, verify
from mnverify.virtual import VirtualAuthority, VirtualCard
from tests.card.conftest import Issue
from tests.card.links import CardLink, all_tries

CHALLENGE = bytes(range(32))
VERIFY = 0x20
READINGS = {
    "face": (FaceCheck, Purpose.FACE, VerificationNumberB, CredentialKind.VERIFICATION_NUMBER_B),
    "age": (FaceCheck, Purpose.AGE, BirthDate, CredentialKind.BIRTH_DATE),
    "attributes": (InputAssist, Purpose.ATTRIBUTES, Pin, CredentialKind.PIN),
}


def credential_of(name: str, card: VirtualCard) -> Credential:
    """What opens the card for a reading."""
    _, _, kind, word = READINGS[name]
    return kind(card.credentials[word])


def read_whole(name: str, card: VirtualCard, link: CardLink, keep: PartialReading | None = None) -> Evidence:
    """One reading from the beginning."""
    session_class, purpose, _, _ = READINGS[name]
    session: Session
    with session_class.open(link) as session:
        session.present(credential_of(name, card))
        return session.read(purpose, challenge=CHALLENGE, partial=keep)


def resume(name: str, card: VirtualCard, link: CardLink, keep: PartialReading) -> Evidence:
    """Go on with it in a new session."""
    session: Session
    with READINGS[name][0].open(link) as session:
        return session.resume(keep, credential_of(name, card))


def presented(link: CardLink) -> int:
    """How often a credential was presented."""
    return sum(command[1] == VERIFY and len(command) > 5 for command in link.sent)


def trust() -> TrustStore:
    """The laboratory's anchors."""
    import json

    return TrustStore.from_json(json.dumps(VirtualAuthority.laboratory().trust_anchors()))


def short() -> LinkCapabilities:
    """A link that is known to carry short lengths only."""
    return LinkCapabilities(extended=False)


def check_face(link: CardLink, card: VirtualCard, **more: Any) -> CheckedCard:
    """``check_card`` of a card face, with what opens ``card``."""
    return check_card(
        link, Domain.FACE_CHECK, credential_of("face", card), trust=trust(), purposes=(Purpose.FACE,), **more
    )


def exchanges(name: str, issue: Issue) -> int:
    """Of a whole reading over a short link."""
    card = issue()
    link = CardLink(card, capabilities=short())
    read_whole(name, card, link)
    return len(link.sent)


@pytest.mark.parametrize("name", READINGS)
def test_torn_at_every_exchange_and_resumed(issue: Issue, name: str) -> None:
    whole_card = issue()
    whole = read_whole(name, whole_card, CardLink(whole_card))
    count = exchanges(name, issue)
    never_again = 0
    for at in range(1, count + 1):
        card = issue(lost_at=at)
        link = CardLink(card, capabilities=short())
        keep = PartialReading()
        before = all_tries(card)
        with pytest.raises(CardLost):
            read_whole(name, card, link, keep)
        verified_before = presented(link)
        if not keep.started:  # torn before the reading began: VERIFY has to be asked for again
            evidence = read_whole(name, card, link, keep)
        else:
            known = keep.card_key is not None
            needed = keep.needs_credential or not known
            sent = len(link.sent)
            evidence = resume(name, card, link, keep)
            assert presented(link) - verified_before == needed
            if not needed:
                never_again += 1
            # what was kept is not read again: a few exchanges to know the card again, and the rest
            assert len(link.sent) - sent <= (count - at + 9 if known else count)
        assert evidence.files == whole.files
        assert evidence.presence is not None and evidence.presence.challenge == CHALLENGE
        assert verify(evidence, trust=trust(), challenge=CHALLENGE).verified
        assert all_tries(card) == before
        assert not keep.started, "what was read is let go of when the evidence is made"
    assert never_again >= 1


def test_a_long_file_goes_on_where_it_was_torn(issue: Issue) -> None:
    count = exchanges("face", issue)
    card = issue(lost_at=count - 6)
    link = CardLink(card, capabilities=short())
    keep = PartialReading()
    with pytest.raises(CardLost):
        read_whole("face", card, link, keep)
    kept = len(keep.torn["0002"])
    assert kept > 4096
    link.sent.clear()
    resume("face", card, link, keep)
    offsets = [int.from_bytes(command[2:4]) for command in link.sent if command[1] == 0xB0 and command[2] < 0x80]
    assert offsets[-1] >= kept and min(offset for offset in offsets if offset > 512) == kept
    assert len(link.sent) < count / 2


@pytest.mark.parametrize("name", READINGS)
def test_another_card_is_not_mixed_in_and_no_number_is_presented_to_it(issue: Issue, name: str) -> None:
    card = issue(lost_at=exchanges(name, issue))
    first = CardLink(card, capabilities=short())
    keep = PartialReading()
    with pytest.raises(CardLost):
        read_whole(name, card, first, keep)
    stranger = issue(ids()[1])
    other = CardLink(stranger)
    before = all_tries(stranger)
    with pytest.raises(DifferentCard):
        resume(name, card, other, keep)
    assert VERIFY not in [command[1] for command in other.sent], "not even its counter was asked for"
    assert all_tries(stranger) == before
    evidence = resume(name, card, first, keep)  # the right card still goes on
    assert verify(evidence, trust=trust(), challenge=CHALLENGE).verified


def ids() -> list[str]:
    """The invented people."""
    from mnverify.virtual import personas

    return [person.id for person in personas()]


def test_the_same_key_with_other_content_is_refused(issue: Issue) -> None:
    card = issue(lost_at=20)
    keep = PartialReading()
    with pytest.raises(CardLost):
        read_whole("face", card, CardLink(card, capabilities=short()), keep)
    keep.torn["0002"][40] ^= 1  # as if the record had been made anew in between
    kept = bytes(keep.torn["0002"])
    with pytest.raises(DifferentCard):
        resume("face", card, CardLink(card), keep)
    assert bytes(keep.torn["0002"]) == kept


def test_another_certificate_is_refused(issue: Issue) -> None:
    card = issue(lost_at=exchanges("face", issue))
    link = CardLink(card, capabilities=short())
    keep = PartialReading()
    with pytest.raises(CardLost):
        read_whole("face", card, link, keep)
    keep.files["0004"] = keep.files["0004"][:-1] + b"\x00"
    with pytest.raises(DifferentCard):
        resume("face", card, link, keep)


def test_torn_before_the_key_was_read_begins_anew_even_on_another_card(issue: Issue) -> None:
    card, other = issue(lost_at=4), issue(ids()[2])
    keep = PartialReading()
    with pytest.raises(CardLost):
        read_whole("face", card, CardLink(card), keep)
    assert keep.started and keep.card_key is None
    evidence = resume("face", other, CardLink(other), keep)
    assert evidence.files["0002"] == other.files("face-check")["0002"].rstrip(b"\xff")


def test_what_the_chip_vouched_for_survives_a_resumption(issue: Issue) -> None:
    card = issue(lost_at=exchanges("face", issue))
    link = CardLink(card, capabilities=short())
    keep = PartialReading()
    with pytest.raises(CardLost):
        read_whole("face", card, link, keep)
    result = verify(resume("face", card, link, keep), trust=trust(), challenge=CHALLENGE)
    assert presented(link) == 1
    assert result.fields["expiry"].assurance == "corroborated"


def test_misuse_sends_nothing(issue: Issue) -> None:
    card = issue(lost_at=12)
    link = CardLink(card, capabilities=short())
    keep = PartialReading()
    with FaceCheck.open(link) as session, pytest.raises(UsageError):
        session.resume(keep, credential_of("face", card))
    with pytest.raises(CardLost):
        read_whole("face", card, link, keep)
    sent = len(link.sent)
    with FaceCheck.open(link) as session, pytest.raises(UsageError):
        session.resume(keep, credential_of("age", card))
    with InputAssist.open(link) as assist, pytest.raises(UsageError):
        assist.resume(keep, credential_of("attributes", card))
    assert [command[1] for command in link.sent[sent:]] == [0xA4, 0xA4]
    with FaceCheck.open(link) as session:
        session.present(credential_of("face", card))
        with pytest.raises(UsageError):
            session.resume(keep, credential_of("face", card))


def test_it_shows_nothing_and_is_not_pickled(issue: Issue) -> None:
    card = issue(lost_at=12)
    keep = PartialReading()
    assert repr(keep) == "PartialReading(empty, 0 bytes)"
    with pytest.raises(CardLost):
        read_whole("face", card, CardLink(card, capabilities=short()), keep)
    assert repr(keep).startswith("PartialReading(face-check, ")
    assert card.persona.birth_compact not in repr(keep)
    with pytest.raises(TypeError):
        pickle.dumps(keep)
    keep.clear()
    assert repr(keep) == "PartialReading(empty, 0 bytes)"


def unknown_end_of_verify(end: str) -> Callable[[bytes, bytes], bytes]:
    """The card judges the number, and its answer is lost on the way."""

    def after(command: bytes, answer: bytes) -> bytes:
        if command[1] != VERIFY or len(command) <= 5:
            return answer
        if end == "lost":
            raise card_lost()
        return b"" if end == "corrupt" else b"\x6f\x00"

    return after


@pytest.mark.parametrize("name", READINGS)
@pytest.mark.parametrize(
    "carries", [LinkCapabilities(), short(), LinkCapabilities(extended=True)], ids=["new", "short", "long"]
)
def test_a_swapped_card_costs_no_try_wherever_the_reading_was_torn(
    issue: Issue, name: str, carries: LinkCapabilities
) -> None:
    session_class, purpose, _, _ = READINGS[name]
    domain = session_class.domain
    whole = CardLink(issue(), capabilities=replace(carries))
    check_card(
        whole, domain, credential_of(name, issue()), trust=trust(), purposes=(purpose,), on_torn=lambda error: None
    )
    assert [command[1] for command in whole.sent[:4]] == [0xA4, 0x2A, VERIFY, VERIFY]
    for at in range(1, len(whole.sent) + 1):
        card, stranger = issue(lost_at=at), issue(ids()[1])
        first, other = CardLink(card, capabilities=replace(carries)), CardLink(stranger)
        links: list[CardLink] = [other, first]
        errors: list[type[LinkError]] = []

        def again(error: LinkError, links: list[CardLink] = links, errors: list[type[LinkError]] = errors) -> CardLink:
            errors.append(type(error))
            return links.pop(0)

        if at <= 2:  # it was lost before it could be known, and before a number was presented: the reading begins anew
            continue
        before = all_tries(stranger)
        checked = check_card(
            first, domain, credential_of(name, card), trust=trust(), purposes=(purpose,), on_torn=again
        )
        assert checked.result.verified and errors[1] is DifferentCard
        assert VERIFY not in [command[1] for command in other.sent]
        assert all_tries(stranger) == before and checked.evidence.files == read_whole(name, issue(), whole).files
    assert len(whole.sent) > 5


def test_signing_first_costs_no_exchange(issue: Issue) -> None:
    for on_torn in (None, lambda error: None):
        link = CardLink(issue())
        checked = check_face(link, issue(), on_torn=on_torn)
        assert len(link.sent) == 7 and checked.result.check("presence").outcome == "pass"


def test_a_reader_that_cuts_the_signature_is_read_without_knowing_the_card(issue: Issue) -> None:
    def cut(command: bytes, answer: bytes) -> bytes:
        return b"\x90\x00" if command[1] == 0x2A and len(command) == 57 else answer

    link = CardLink(issue(), cut)
    checked = check_face(link, issue(), on_torn=lambda error: None)
    assert checked.result.verified and len(link.sent) == 8


def test_without_presence_the_card_is_not_challenged(issue: Issue) -> None:
    link = CardLink(issue())
    check_face(link, issue(), presence=False, on_torn=lambda error: None)
    assert 0x2A not in [command[1] for command in link.sent]


class TestCheckCard:
    """The one function: it asks what to go on with, and goes on."""

    def test_goes_on_with_the_link_it_is_given(self, issue: Issue) -> None:
        count = exchanges("face", issue)
        for at in (1, 3, 5, 9, count):
            card = issue(lost_at=at)
            link = CardLink(card, capabilities=short())
            told: list[LinkError] = []

            def again(error: LinkError, told: list[LinkError] = told, link: CardLink = link) -> CardLink:
                told.append(error)
                return link

            checked = check_face(link, card, on_torn=again)
            assert checked.result.verified
            assert len(told) == 1 and isinstance(told[0], CardLost)

    def test_gives_up_when_told_and_by_itself(self, issue: Issue) -> None:
        told: list[LinkError] = []
        for on_torn in (lambda error: told.append(error), None):
            card = issue(lost_at=5)
            with pytest.raises(CardLost):
                check_face(CardLink(card), card, on_torn=on_torn)
        assert len(told) == 1 and isinstance(told[0], CardLost)

    def test_another_card_can_be_taken_off_again(self, issue: Issue) -> None:
        count = exchanges("face", issue)
        card, other = issue(lost_at=count), issue(ids()[1])
        links = [CardLink(other), CardLink(card)]
        told: list[LinkError] = []

        def again(error: LinkError) -> CardLink:
            told.append(error)
            return links.pop(0)

        first = CardLink(card, capabilities=short())
        checked = check_face(first, card, on_torn=again)
        assert checked.result.verified
        assert isinstance(told[0], CardLost) and isinstance(told[1], DifferentCard) and len(told) == 2

    def test_a_wrong_number_is_never_tried_again(self, issue: Issue) -> None:
        card = issue()
        digits = card.credentials[CredentialKind.VERIFICATION_NUMBER_B]
        wrong = VerificationNumberB(digits[:-1] + str((int(digits[-1]) + 1) % 10))
        calls: list[LinkError] = []

        def again(error: LinkError) -> None:
            calls.append(error)

        with pytest.raises(WrongCredential):
            check_card(CardLink(card), Domain.FACE_CHECK, wrong, trust=trust(), on_torn=again)
        assert not calls and card.retries("face-check", "0012") == 9

    @pytest.mark.parametrize("end", ["lost", "corrupt", "unknown-status"])
    @pytest.mark.parametrize("name", READINGS)
    def test_a_wrong_number_costs_one_try_where_nobody_knows_the_end_of_verify(
        self, issue: Issue, name: str, end: str
    ) -> None:
        card = issue()
        session_class, purpose, kind, word = READINGS[name]
        digits = card.credentials[word]
        wrong = kind(digits[:-1] + str((int(digits[-1]) + 1) % 10))
        before = all_tries(card)
        link = CardLink(card, unknown_end_of_verify(end))
        with pytest.raises(WrongCredential) as caught:
            check_card(
                link, session_class.domain, wrong, trust=trust(), purposes=(purpose,), on_torn=lambda error: link
            )
        assert presented(link) == 1
        spent = {key: (left, all_tries(card)[key]) for key, left in before.items() if left != all_tries(card)[key]}
        assert [(after or 0) - (left or 0) for left, after in spent.values()] == [-1]
        assert caught.value.tries_left == next(iter(spent.values()))[1]

    @pytest.mark.parametrize("end", ["lost", "corrupt", "unknown-status"])
    def test_the_right_number_is_presented_again_where_nobody_knows_the_end_of_verify(
        self, issue: Issue, end: str
    ) -> None:
        card = issue()
        before = all_tries(card)
        link = CardLink(card, unknown_end_of_verify(end))

        def again(error: LinkError) -> CardLink:
            link.after = None
            return link

        checked = check_card(
            link, Domain.FACE_CHECK, credential_of("face", card), trust=trust(), on_torn=again, floor=3
        )
        assert checked.result.verified and presented(link) == 2
        assert all_tries(card) == before

    def test_progress_and_the_readers_name(self, issue: Issue) -> None:
        card = issue()
        link = CardLink(card)
        link.reader_name = "Counter 1"  # type: ignore[attr-defined]
        steps: list[tuple[int, int]] = []
        checked = check_face(link, card, progress=lambda done, expected: steps.append((done, expected)))
        assert checked.evidence.reader == "Counter 1"
        assert steps[-1][0] == steps[-1][1] == sum(map(len, checked.evidence.files.values()))
