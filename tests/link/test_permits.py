"""Permits: one exchange, of one gate, on one card, once, whatever third parties put between gate and card."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from collections.abc import Callable

import pytest

from mnverify.card import FaceCheck, Gate, InputAssist, Link, Pin, VerificationNumberB
from mnverify.errors import CardLost, DomainBusy, GateError, LinkError
from mnverify.link import Permit, card_lost, redeem
from mnverify.link.permit import PermitIssuer, the_gate
from mnverify.readers.scripts.observer import ObservedLink
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.virtual import VirtualAuthority, VirtualCard, persona
from tests.card.links import NoReset, Passing, Unwrapping, all_tries, select_df

FACE, ASSIST = Domain.FACE_CHECK, Domain.INPUT_ASSIST
GENERAL = Role.GENERAL
COUNTER = b"\x00\x20\x00\x92"


@pytest.fixture
def card() -> VirtualCard:
    return VirtualAuthority.laboratory().issue(persona("sato-hanako"))


class Hoarding(Passing):
    """Keeps what it passes on."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self.kept: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.kept.append(command)
        return self.link.transmit(command)


class Retrying(Passing):
    """Repeats what failed."""

    def transmit(self, command: bytes) -> bytes:
        for _ in range(3):
            try:
                return self.link.transmit(command)
            except LinkError:
                continue
        return self.link.transmit(command)


class RetryingUnwrapped(Retrying):
    """Repeats the plain bytes of what failed."""

    def transmit(self, command: bytes) -> bytes:
        return super().transmit(bytes(command))


class Losing(Passing):
    """Loses each answer to VERIFY with data."""

    def transmit(self, command: bytes) -> bytes:
        answer = self.link.transmit(command)
        if command[1] == 0x20 and len(command) > 4:
            raise card_lost()
        return answer


class BrokenReset(Passing):
    """Fails to reset, in a way of its own."""

    def reset(self) -> None:
        raise RuntimeError("not today")


@pytest.mark.parametrize("wrap", [Passing, Unwrapping, Retrying, Hoarding])
def test_two_wrappers_around_one_card_are_not_two_sessions(card: VirtualCard, wrap: Callable[[Link], Link]) -> None:
    """Or READ SFI 1 of the face-check session would give the 個人番号 of the input-assist application."""
    before = all_tries(card)
    with FaceCheck.open(wrap(card)) as first:
        first.present(VerificationNumberB(card.credentials["verification-number-b"]))
        received = card.log.exchanges
        with pytest.raises(DomainBusy):
            InputAssist.open(wrap(card))
        with pytest.raises(DomainBusy):
            InputAssist.open(card)
        assert card.log.exchanges == received  # no byte reached the card
        assert first.read(Purpose.FACE).files  # and the first session goes on unharmed
    assert all_tries(card) == before and card.number_touches == ()
    with InputAssist.open(wrap(card)) as second:
        second.present(Pin(card.credentials["pin"]))


def test_a_permit_serves_once(card: VirtualCard) -> None:
    link = Hoarding(card)
    with Gate(link, FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
        gate.transmit(COUNTER)
        received = card.log.exchanges
        for kept in link.kept:
            with pytest.raises(GateError, match="used before"):
                card.transmit(kept)
    for kept in link.kept:
        with pytest.raises(GateError):
            card.transmit(kept)
        with pytest.raises(GateError):
            redeem(kept, card)
    assert card.log.exchanges == received


def test_a_permit_serves_nobody_else(card: VirtualCard) -> None:
    """Not for another command, not on another card, and not in its gate's next exchange."""
    other = VirtualAuthority.laboratory().issue(persona("sato-hanako"))
    refused: list[GateError] = []

    class Swapping(Hoarding):
        def transmit(self, command: bytes) -> bytes:
            for kept in [*self.kept, bytes.__new__(Permit, command)]:
                with pytest.raises(GateError) as caught:
                    other.transmit(kept)
                refused.append(caught.value)
            return super().transmit(command)

    with Gate(Swapping(card), FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
        gate.transmit(COUNTER)
    assert len(refused) == 3 and other.log.exchanges == 0


def test_a_gate_stays_with_its_card(card: VirtualCard) -> None:
    other = VirtualAuthority.laboratory().issue(persona("sato-hanako"))
    link = Passing(card)
    with Gate(link, FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
        link.link = other
        with pytest.raises(GateError, match="another card"):
            gate.transmit(select_df(FACE))
        assert other.log.exchanges == 0
        link.link = card


@pytest.mark.parametrize("wrap", [Retrying, RetryingUnwrapped])
def test_a_retrying_wrapper_cannot_repeat_verify(card: VirtualCard, wrap: type[Passing]) -> None:
    wrong = VerificationNumberB("60070320339999")
    assert wrong != VerificationNumberB(card.credentials["verification-number-b"])
    session = FaceCheck.open(wrap(Losing(card)))
    with pytest.raises((LinkError, GateError)):
        session.present(wrong)
    session.close()
    assert card.retries("face-check", "0012") == 9  # one try, for one call


def test_a_command_that_comes_late_is_not_sent(card: VirtualCard) -> None:
    """A worker of a reader that wakes up when nobody waits any more."""
    late: list[BaseException] = []
    wake = threading.Event()

    class Sleeping(Passing):
        def transmit(self, command: bytes) -> bytes:
            def work() -> None:
                wake.wait(10)
                try:
                    card.transmit(command)
                except GateError as error:
                    late.append(error)

            self.worker = threading.Thread(target=work)
            self.worker.start()
            raise card_lost()

    link = Sleeping(card)
    with Gate(link, FACE, GENERAL) as gate:
        with pytest.raises(CardLost):
            gate.transmit(select_df(FACE))
        wake.set()
        link.worker.join()
    assert len(late) == 1 and card.log.exchanges == 0


@pytest.mark.parametrize("wrap", [NoReset, BrokenReset])
def test_the_card_is_reset_whatever_the_wrapper_does(card: VirtualCard, wrap: type[Passing]) -> None:
    with FaceCheck.open(wrap(card)) as session:
        session.present(VerificationNumberB(card.credentials["verification-number-b"]))
    assert session.audit[-1] == (FACE, GENERAL, "RESET", None, 0x9000)
    card.transmit(select_df(FACE))
    assert card.transmit(COUNTER) == b"\x63\xca"  # a program that comes next finds nothing verified


def test_a_card_left_by_a_lost_session_is_reset_before_anything_is_sent(card: VirtualCard) -> None:
    def abandon() -> None:
        session = FaceCheck.open(Passing(card))
        session.present(VerificationNumberB(card.credentials["verification-number-b"]))

    abandon()
    gc.collect()
    with FaceCheck.open(Passing(card)) as session:
        assert session.retries()[CredentialKind.VERIFICATION_NUMBER_B] == 10


def test_a_reset_that_failed_is_made_up_for_through_any_wrapper(card: VirtualCard) -> None:
    class Stuck(VirtualCard):
        def reset(self) -> None:
            raise card_lost()

    session = FaceCheck.open(Passing(card))
    session.present(VerificationNumberB(card.credentials["verification-number-b"]))
    card.__class__ = Stuck
    session.close()
    assert session.audit[-1].reason is not None
    with pytest.raises(CardLost):
        FaceCheck.open(Passing(card))
    card.__class__ = VirtualCard
    with FaceCheck.open(Passing(card)) as session:
        assert session.retries()[CredentialKind.VERIFICATION_NUMBER_B] == 10


def test_a_permit_cannot_be_made(card: VirtualCard) -> None:
    link = Hoarding(card)
    with Gate(link, FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
    permit = link.kept[0]
    assert type(permit) is Permit and permit == select_df(FACE)
    assert "D392" not in repr(permit).upper() and "\\xd3" not in str(permit)
    for make in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            make(permit)
    with pytest.raises(GateError):
        Permit(b"\x00\xca\x00\x66\x00")
    with pytest.raises(TypeError):
        type("Forged", (Permit,), {})
    for forged in (bytes(permit), permit[:], bytes.__new__(Permit, select_df(FACE))):
        with pytest.raises(GateError):
            redeem(forged, card)


def test_nobody_else_issues(card: VirtualCard) -> None:
    class Lax:
        def judge(self, command: bytes, *, allow_last_try: bool = False) -> None:
            return None

    with pytest.raises(GateError):
        PermitIssuer(Lax(), card)
    with pytest.raises(GateError):
        the_gate(Lax)
    gate = Gate(card, FACE, GENERAL)
    with pytest.raises(GateError):
        gate._issuer.permit(Lax(), b"", allow_last_try=True).__enter__()  # type: ignore[arg-type]
    with pytest.raises(GateError), gate._issuer.permit(gate, b"\x00\xca\x00\x66\x00", allow_last_try=True):  # type: ignore[arg-type]
        pass
    gate.close()
    assert card.log.exchanges == 0


def test_registry_forgets(card: VirtualCard) -> None:
    from mnverify.link import permit

    with FaceCheck.open(Passing(card)) as session:
        session.retries()
    del session
    gc.collect()
    assert permit._valid == {} and permit._exchanges == {}


def test_an_observer_of_a_busy_card_leaves_it_alone(card: VirtualCard) -> None:
    with FaceCheck.open(Passing(card)) as first:
        first.present(VerificationNumberB(card.credentials["verification-number-b"]))
        with ObservedLink(Passing(card)) as observed, pytest.raises(DomainBusy):
            InputAssist.open(observed)
        assert first.read(Purpose.FACE).files


class Placating(Passing):
    """Keeps errors to itself, and says that all is well."""

    def transmit(self, command: bytes) -> bytes:
        try:
            return super().transmit(command)
        except GateError:
            return b"\x90\x00"


class Sparing(Passing):
    """Spares the card the commands of one instruction, and answers them itself."""

    def __init__(self, link: Link, ins: int, answer: bytes) -> None:
        super().__init__(link)
        self.ins, self.answer = ins, answer

    def transmit(self, command: bytes) -> bytes:
        return self.answer if command[1] == self.ins else super().transmit(command)


class ResettingBetween(Passing):
    """Resets the card before each command but SELECT: what it answers next is the card manager's."""

    def transmit(self, command: bytes) -> bytes:
        if command[1] != 0xA4:
            super().reset()
        return super().transmit(command)


def test_who_keeps_the_first_refusal_to_himself_gets_nothing_either(card: VirtualCard) -> None:
    """Or READ SFI 1 would read the 個人番号 in the application that the lost session had selected."""

    def abandon() -> None:
        session = InputAssist.open(Passing(card))
        session.present(Pin(card.credentials["pin"]))

    abandon()
    gc.collect()
    received = card.log.exchanges
    with Gate(Placating(card), FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
        assert gate.transmit(b"\x00\xb0\x81\x00\x00") == b"\x90\x00"
    assert card.log.exchanges == received and card.number_touches == ()


def test_a_select_that_the_card_never_saw_selects_nothing(card: VirtualCard) -> None:
    """Another program has left the other application selected and its PIN verified."""
    card.transmit(select_df(ASSIST))
    card.transmit(b"\x00\x20\x00\x91\x04" + card.credentials["pin"].encode())
    received = card.log.exchanges
    with Gate(Sparing(card, 0xA4, b"\x90\x00"), FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
        with pytest.raises(GateError, match="in the card's place"):
            gate.transmit(b"\x00\xb0\x81\x00\x00")
    assert card.log.exchanges == received and card.number_touches == ()


def test_tries_that_the_card_did_not_tell_are_not_spent(card: VirtualCard) -> None:
    with Gate(card, FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
    link = Sparing(card, 0, b"\x63\xca")
    with Gate(link, FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
        link.ins = 0x20
        assert gate.transmit(COUNTER) == b"\x63\xca"
        link.ins = 0
        with pytest.raises(GateError, match="in the card's place"):
            gate.transmit(b"\x00\x20\x00\x92\x0e60070320339999")
    assert card.retries("face-check", "0012") == 10


def test_nothing_is_sent_to_what_is_selected_after_a_reset(card: VirtualCard) -> None:
    with Gate(ResettingBetween(card), FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
        received = card.log.exchanges
        with pytest.raises(GateError, match="was reset"):
            gate.transmit(COUNTER)
        assert card.log.exchanges == received and not gate.selected
        gate.transmit(select_df(FACE))
