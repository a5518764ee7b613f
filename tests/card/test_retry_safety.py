"""No sequence of API calls with form-invalid input, wrong roles or a low counter spends a try (property-tested)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnverify.card import FaceCheck, InputAssist, credential_from_text
from mnverify.card.session import Session
from mnverify.errors import MnverifyError, TooFewTries
from mnverify.values.terms import CredentialKind, Purpose, Role
from mnverify.virtual import Limits, VirtualAuthority, persona

from .links import CardLink, all_tries

WRONG = {
    CredentialKind.BIRTH_DATE: "010101",
    CredentialKind.VERIFICATION_NUMBER_B: "01010120990000",
    CredentialKind.VERIFICATION_NUMBER_A: "123456789018",
    CredentialKind.PIN: "0000",
}
KINDS = st.sampled_from(CredentialKind)
KEYS = (
    "face-check/0011",
    "face-check/0012",
    "face-check/0013",
    "input-assist/0011",
    "input-assist/0014",
    "input-assist/0015",
)
Call = Callable[[Session], object]

low_presents: st.SearchStrategy[Call] = st.builds(
    lambda kind, floor: lambda session: session.present(credential_from_text(kind, WRONG[kind]), floor=floor),
    KINDS,
    st.integers(2, 12),
)
bad_presents: st.SearchStrategy[Call] = st.builds(
    lambda kind, text, last: lambda session: session.present(credential_from_text(kind, text), allow_last_try=last),
    KINDS,
    st.text(max_size=16).filter(lambda text: not text.strip().isdigit()) | st.text("0123456789", max_size=3),
    st.booleans(),
)
bad_floors: st.SearchStrategy[Call] = st.builds(
    lambda kind, floor: (
        lambda session: session.present(credential_from_text(kind, WRONG[kind]), floor=floor, allow_last_try=True)
    ),
    KINDS,
    st.integers(max_value=1) | st.none() | st.booleans() | st.just(2.0),
)
others: st.SearchStrategy[Call] = st.one_of(
    st.builds(lambda purpose: lambda session: session.read(purpose), st.sampled_from(Purpose)),
    st.just(lambda session: session.retries()),
    st.just(lambda session: session.start_secure_messaging()),
    st.just(lambda session: session.close()),
)
calls = st.lists(st.one_of(low_presents, bad_presents, bad_floors, others), max_size=12)


def play(session: Session, sequence: list[Call]) -> None:
    for call in sequence:
        try:
            call(session)
        except (MnverifyError, AttributeError):  # FaceCheck has no start_secure_messaging
            continue


@settings(deadline=None, max_examples=150)
@given(calls, st.sampled_from([FaceCheck, InputAssist]), st.sampled_from(Role), st.sampled_from([0, 1]))
def test_low_counters_and_bad_forms_spend_nothing(
    sequence: list[Call], opened: type[Session], role: Role, left: int
) -> None:
    card = VirtualAuthority.laboratory().issue(persona(), limits=Limits(tries=dict.fromkeys(KEYS, left)))
    link = CardLink(card)
    with opened.open(link, role=role) as session:
        play(session, sequence)
    assert set(all_tries(card).values()) == {left}
    assert all(len(command) == 4 for command in link.sent if command[1] == 0x20)
    assert card.touches == () and (role is Role.MY_NUMBER_OFFICE or card.number_touches == ())


@settings(deadline=None, max_examples=100)
@given(calls, st.sampled_from([FaceCheck, InputAssist]), st.sampled_from(Role), st.integers(2, 10))
def test_no_sequence_spends_the_last_try(sequence: list[Call], opened: type[Session], role: Role, left: int) -> None:
    card = VirtualAuthority.laboratory().issue(persona(), limits=Limits(tries=dict.fromkeys(KEYS, left)))
    for _ in range(3):
        with opened.open(CardLink(card), role=role) as session:
            play(session, sequence)
    assert all(tries is not None and tries >= 1 for tries in all_tries(card).values())


def test_threads_do_not_spend_the_last_try_together() -> None:
    card = VirtualAuthority.laboratory().issue(persona(), limits=Limits(seconds_per_command=0.002))
    with InputAssist.open(CardLink(card)) as session, ThreadPoolExecutor(8) as pool:
        wrong = credential_from_text(CredentialKind.PIN, WRONG[CredentialKind.PIN])
        list(pool.map(lambda _: play(session, [lambda one: one.present(wrong)]), range(8)))
        with pytest.raises(TooFewTries):
            session.present(wrong)
    assert card.retries("input-assist", "0011") == 1
