"""Files of two genuine cards of one municipality, in every combination, with either card's answer to the challenge."""

from __future__ import annotations

import contextlib
from itertools import product
from typing import Any

import pytest

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.evidence import Evidence, Presence
from mnverify.values import Role
from mnverify.verification import VerificationResult, verify
from mnverify.virtual import VirtualAuthority, VirtualCard
from tests.support import forgery
from tests.support.forgery import ASSIST, AT, CHALLENGE, FACE, ONE, OTHER, STRANGER

CARDS = {"A": forgery.card(ONE), "B": forgery.card(OTHER)}
EITHER_OR_NONE = ("A", "B", None)


def mixture(domain: Any, names: tuple[str, ...], owners: tuple[str | None, ...], answers: str | None) -> dict[str, Any]:
    files = {
        name: CARDS[owner].files(domain)[name] for name, owner in zip(names, owners, strict=True) if owner is not None
    }
    presence = Presence(CHALLENGE, CARDS[answers].sign(domain, CHALLENGE)) if answers else None
    base = forgery.parts(CARDS["A"], domain, "0004", role=Role.MY_NUMBER_OFFICE)
    return {**base, "files": base["files"] | files, "presence": presence}


def judge(arguments: dict[str, Any]) -> VerificationResult:
    return verify(Evidence(**arguments), trust=forgery.trust(), at=AT)


def test_the_cards_are_of_one_municipality() -> None:
    for domain in (FACE, ASSIST):
        assert CARDS["A"].files(domain)["0004"] == CARDS["B"].files(domain)["0004"]


@pytest.mark.parametrize("answers", EITHER_OR_NONE)
def test_face_check_is_verified_only_where_everything_is_one_cards(answers: str | None) -> None:
    names = ("0001", "0002", "0005")
    for owners in product(EITHER_OR_NONE, repeat=3):
        cards = {owner for owner in owners if owner}
        result = judge(mixture(FACE, names, owners, answers))
        one_card = len(cards) == 1 and answers in (None, *cards)
        assert result.verified is one_card, (owners, answers)
        assert (result.check("presence").outcome == "pass") is (one_card and answers is not None), (owners, answers)
        if len(cards) == 2:
            assert result.check("structure").code == "card-keys-differ"


@pytest.mark.parametrize("answers", EITHER_OR_NONE)
def test_input_assist_is_verified_only_where_the_digests_are_one_cards(answers: str | None) -> None:
    names = ("0001", "0002", "0003", "0007")
    for owners in product(EITHER_OR_NONE, repeat=4):
        number, attributes, integrity, key = owners
        held = {owner for owner in (number, attributes) if owner}
        tied = integrity is not None and held == {integrity}
        refuted = answers is not None and key is not None and answers != key
        result = judge(mixture(ASSIST, names, owners, answers))
        assert result.verified is (tied and not refuted), owners
        # nothing ties 0007 to 0003: from outside, no answer is ever a proof
        assert result.check("presence").outcome != "pass", owners


@pytest.mark.parametrize("answers", ["A", "B"])
def test_a_foreign_key_record_from_outside_is_unbound_even_with_its_own_answer(answers: str) -> None:
    result = judge(mixture(ASSIST, ("0002", "0003", "0007"), ("A", "A", answers), answers))
    assert result.verified
    assert (result.check("presence").outcome, result.check("presence").code) == ("not-performed", "unbound")
    assert "copy" in result.limits
    required = verify(
        Evidence(**mixture(ASSIST, ("0002", "0003", "0007"), ("A", "A", answers), answers)),
        trust=forgery.trust(),
        at=AT,
        require_presence=True,
    )
    assert not required.verified


def test_the_answer_of_another_domain_proves_nothing() -> None:
    card = CARDS["A"]
    for domain, other, names in ((FACE, ASSIST, ("0002",)), (ASSIST, FACE, ("0002", "0003", "0007"))):
        arguments = forgery.parts(card, domain, *names, "0004")
        arguments["presence"] = Presence(CHALLENGE, card.sign(other, CHALLENGE))
        result = judge(arguments)
        assert result.check("presence").code == "bad-signature" and not result.verified


def test_files_of_the_other_domain_are_never_verified() -> None:
    card = CARDS["A"]
    for domain, other in ((FACE, ASSIST), (ASSIST, FACE)):
        own, foreign = forgery.parts(card, domain, "0004", role=Role.MY_NUMBER_OFFICE), card.files(other)
        for name in sorted(foreign):
            files = {"0002": card.files(domain)["0002"]} | own["files"] | {name: foreign[name]}
            with contextlib.suppress(EvidenceError, UnsupportedCard):
                assert not judge({**own, "files": files}).verified, name


@pytest.mark.parametrize("domain", [FACE, ASSIST])
def test_another_municipalitys_certificate_does_not_vouch_for_the_record(domain: Any) -> None:
    names = ("0002",) if domain is FACE else ("0002", "0003")
    foreign = forgery.card(STRANGER).files(domain)["0004"]
    result = judge(forgery.parts(CARDS["A"], domain, *names, f0004=foreign))
    assert result.check("chain").outcome == "pass"
    assert result.check("record-signature").code == "bad-signature" and not result.verified


@pytest.mark.parametrize("number", [2, 3])
def test_the_digest_of_another_cards_segment(number: int) -> None:
    mine, other = (_without(card, number) for card in CARDS.values())
    assert judge(mine).verified and judge(other).verified
    assert not judge({**mine, "segments": other["segments"]}).verified
    assert not judge({**mine, "segments": {number: bytes(32)}}).verified


def test_segment_digests_change_places() -> None:
    light = _without(CARDS["A"], 2, 3)
    two, three = light["segments"][2], light["segments"][3]
    assert judge(light).verified
    assert not judge({**light, "segments": {2: three, 3: two}}).verified


def test_the_same_person_with_a_new_card_cannot_answer_for_the_old_one() -> None:
    old, new = CARDS["A"], VirtualAuthority.laboratory().issue(CARDS["A"].persona, seed=1)
    assert old.files(FACE)["0002"] != new.files(FACE)["0002"]
    result = judge(forgery.parts(old, FACE, "0002", "0004", answered=new))
    assert result.check("presence").code == "bad-signature" and not result.verified
    mixed = judge(forgery.parts(old, FACE, "0002", "0004", f0001=new.files(FACE)["0001"]))
    assert mixed.check("structure").code == "card-keys-differ" and not mixed.verified


def _without(card: VirtualCard, *numbers: int) -> dict[str, Any]:
    lighter = forgery.evidence(card, FACE, "0002", "0004").without_segments(*numbers)
    return {
        "domain": lighter.domain,
        "role": lighter.role,
        "credential": lighter.credential,
        "files": dict(lighter.files),
        "segments": dict(lighter.segments),
    }
