"""``check_card``: wrong arguments touch no card, the verdict is the condition, and a torn reading has an end."""

from __future__ import annotations

import gc
from datetime import datetime
from typing import Any

import pytest

from mnverify import CheckedCard, TrustStore, check_card
from mnverify.card import FaceCheck, Link, Pin, VerificationNumberB
from mnverify.check import MOST_RESUMPTIONS
from mnverify.errors import CardLost, LinkError, NotVerifiedError, RoleError, UsageError, WrongCredential
from mnverify.link import card_lost
from mnverify.values.terms import Domain, Purpose, Role
from mnverify.virtual import Flaw, VirtualAuthority, VirtualCard, persona

AUTHORITY = VirtualAuthority.laboratory()
TRUST = TrustStore.from_object(AUTHORITY.trust_anchors())


@pytest.fixture
def card() -> VirtualCard:
    return AUTHORITY.issue(persona("sato-hanako"))


def checked(card: VirtualCard, **changes: Any) -> CheckedCard:
    """A reading of the card face, with other arguments where they are named."""
    arguments: dict[str, Any] = {
        "link": card,
        "domain": Domain.FACE_CHECK,
        "credential": VerificationNumberB(card.credentials["verification-number-b"]),
        "trust": TRUST,
    }
    arguments |= changes
    return check_card(arguments.pop("link"), arguments.pop("domain"), arguments.pop("credential"), **arguments)


class NoLink:
    def transmit(self, command: bytes) -> bytes:
        raise AssertionError


@pytest.mark.parametrize(
    "wrong",
    [
        {"link": NoLink()},
        {"link": None},
        {"domain": "jpki"},
        {"domain": 1},
        {"domain": Purpose.FACE},
        {"role": "admin"},
        {"role": None},
        {"credential": "60070320334102"},
        {"credential": None},
        {"credential": Pin("2468")},
        {"trust": None},
        {"trust": "test"},
        {"floor": 1},
        {"floor": "2"},
        {"floor": True},
        {"purposes": ()},
        {"purposes": []},
        {"purposes": ["everything"]},
        {"purposes": [Purpose.ATTRIBUTES]},
        {"purposes": [Purpose.AGE]},
        {"challenge": "x" * 32},
        {"challenge": bytes(31)},
        {"challenge": bytes(32), "presence": False},
        {"at": "2026-01-01"},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"reader": b"reader"},
        {"progress": 1},
        {"on_torn": "again"},
    ],
    ids=lambda wrong: ", ".join(f"{name}={type(value).__name__}" for name, value in wrong.items()),
)
def test_wrong_arguments_touch_no_card(card: VirtualCard, wrong: dict[str, Any]) -> None:
    with pytest.raises((UsageError, RoleError)) as caught:
        checked(card, **wrong)
    assert card.log.exchanges == 0 and "60070320334102" not in str(caught.value) + caught.value.text.ja


def test_the_number_is_for_its_role(card: VirtualCard) -> None:
    with pytest.raises(RoleError):
        checked(card, purposes=[Purpose.NUMBER])
    assert card.log.exchanges == 0 and card.number_touches == ()


def test_words_are_taken_for_what_they_name(card: VirtualCard) -> None:
    found = checked(card, domain="face-check", role="general", purposes=["face"])
    assert found.evidence.domain is Domain.FACE_CHECK and found.evidence.role is Role.GENERAL


def test_the_verdict_is_the_condition(card: VirtualCard) -> None:
    good = checked(card)
    assert good and good.require() is good
    bad = checked(AUTHORITY.issue(persona("sato-hanako"), flaws=frozenset({Flaw.CLONED_WITHOUT_KEY})))
    assert not bad
    with pytest.raises(NotVerifiedError):
        bad.require()


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_a_torn_reading_has_an_end(at: int) -> None:
    """Whatever ``on_torn`` goes on giving; and it costs no try."""

    class Torn:
        def __init__(self, card: VirtualCard) -> None:
            self.card, self.sent = card, 0

        def transmit(self, command: bytes) -> bytes:
            self.sent += 1
            answer = self.card.transmit(command)
            if self.sent % at == 0:
                raise card_lost()
            return answer

        def reset(self) -> None:
            self.sent = 0
            self.card.reset()

    card, asked = AUTHORITY.issue(persona("sato-hanako")), 0

    def again(error: LinkError) -> Link | None:
        nonlocal asked
        asked += 1
        assert asked <= 100, "no end"
        return Torn(card)

    with pytest.raises((CardLost, WrongCredential)):
        checked(card, link=Torn(card), on_torn=again)
    assert asked <= MOST_RESUMPTIONS
    assert at == 4 or asked == MOST_RESUMPTIONS  # the fourth is VERIFY: in doubt, it is judged by the counter
    assert card.retries("face-check", "0012") == 10


def test_credentials_are_let_go_of_at_close(card: VirtualCard) -> None:
    number = VerificationNumberB(card.credentials["verification-number-b"])
    session = FaceCheck.open(card)
    session.present(number)
    assert session._accepted
    session.close()
    gc.collect()
    holders = [held for held in gc.get_referrers(number) if held is not globals() and type(held) is dict]
    assert session._accepted == {} and holders == []
