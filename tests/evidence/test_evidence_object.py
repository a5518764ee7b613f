"""The evidence object: it never changes, shows nothing, is not copied, and can lose what is not needed."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from mnverify.errors import EvidenceError, UsageError
from mnverify.evidence import Evidence, Presence
from mnverify.profile import PRESENT_CARD
from mnverify.values import Domain, Role
from mnverify.verification import verify
from mnverify.virtual import Flaw
from tests.support import forgery
from tests.support.forgery import ASSIST, AT, CHALLENGE, FACE, ONE, OTHER

CARD = forgery.card()


def face(**more: object) -> Evidence:
    return forgery.evidence(CARD, FACE, "0001", "0002", "0004", answered=CARD, **more)


@pytest.mark.parametrize("owner", [ONE, OTHER, "nagai-jusho"])
@pytest.mark.parametrize("numbers", [(2,), (3,), (2, 3), (3, 2), (2, 2)])
def test_segments_can_be_dropped_and_the_signature_still_holds(owner: str, numbers: tuple[int, ...]) -> None:
    card = forgery.card(owner)
    evidence = forgery.evidence(card, FACE, "0002", "0004", answered=card)
    lighter = evidence.without_segments(*numbers)
    result = verify(lighter, trust=forgery.trust(), at=AT, challenge=CHALLENGE, require_presence=True)
    assert result.verified
    assert set(lighter.segments) == set(numbers)
    gone = {2: {"name_image", "address_image"}, 3: {"photo"}}
    assert not set(result.fields) & set().union(*(gone[number] for number in numbers))
    assert {"birth_date", "sex", "expiry", "security_code_image"} <= set(result.fields)
    assert Evidence.from_json(lighter.to_json()) == lighter
    assert len(lighter.files["0002"]) < len(evidence.files["0002"])
    for number, tag in ((2, 0xDF25), (2, 0xDF26), (3, 0xDF27)):
        if number in numbers:
            assert forgery.value(card.files(FACE)["0002"], tag) not in lighter.files["0002"]


def test_segments_can_be_dropped_one_after_the_other_or_again() -> None:
    both = face().without_segments(2, 3)
    for order in permutations((2, 3)):
        step = face()
        for number in order:
            step = step.without_segments(number)
            assert step.without_segments(number) is step
            assert verify(step, trust=forgery.trust(), at=AT).verified
        assert step == both
    assert both.without_segments(2, 3) is both and face().without_segments() == face()


def test_a_dropped_photo_that_was_swapped_is_still_rejected() -> None:
    swapped = forgery.card(ONE, Flaw.SWAPPED_PHOTO)
    lighter = forgery.evidence(swapped, FACE, "0002", "0004").without_segments(3)
    assert not verify(lighter, trust=forgery.trust(), at=AT).verified
    stale = forgery.card(ONE, Flaw.STALE_OFFSET_TABLE)
    for numbers in ((2,), (3,), (2, 3)):
        untrue = forgery.evidence(stale, FACE, "0002", "0004").without_segments(*numbers)
        assert verify(untrue, trust=forgery.trust(), at=AT).check("structure").code == "offset-table"


@pytest.mark.parametrize("numbers", [(1,), (0,), (4,), (2, 4), (-2,)])
def test_other_segments_cannot_be_dropped(numbers: tuple[int, ...]) -> None:
    with pytest.raises(UsageError):
        face().without_segments(*numbers)


def test_only_a_card_face_has_segments() -> None:
    for evidence in (forgery.evidence(CARD, FACE, "0001", "0004"), forgery.evidence(CARD, ASSIST, "0002", "0004")):
        with pytest.raises(UsageError):
            evidence.without_segments(2)


def test_evidence_never_changes() -> None:
    evidence = face()
    for name in ("files", "domain", "role", "presence", "records", "_session", "new"):
        with pytest.raises(AttributeError):
            setattr(evidence, name, None)
        with pytest.raises(AttributeError):
            delattr(evidence, name)
    with pytest.raises(TypeError):
        evidence.files["0002"] = b""  # type: ignore[index]
    with pytest.raises(TypeError):
        evidence.records["0002"] = None  # type: ignore[index]
    with pytest.raises(TypeError):
        evidence.segments[2] = b""  # type: ignore[index]
    with pytest.raises(AttributeError):
        evidence.presence.challenge = b""  # type: ignore[union-attr, misc]


def test_evidence_does_not_follow_its_arguments() -> None:
    arguments = forgery.parts(CARD, FACE, "0002", "0004")
    files = {name: bytearray(data) for name, data in arguments["files"].items()}
    evidence = Evidence(**{**arguments, "files": files})
    files["0002"][0] ^= 1
    del files["0004"]
    assert evidence == Evidence(**arguments)


@pytest.mark.parametrize("operation", [copy.copy, copy.deepcopy, pickle.dumps])
def test_evidence_is_not_copied_or_pickled(operation: object) -> None:
    for evidence in (face(), forgery.evidence(CARD, ASSIST, "0002", "0003")):
        with pytest.raises(TypeError):
            operation(evidence)  # type: ignore[operator]


def test_evidence_shows_no_content() -> None:
    evidence = forgery.evidence(CARD, ASSIST, "0001", "0002", "0003", "0004", role=Role.MY_NUMBER_OFFICE)
    persona = CARD.persona
    for shown in (repr(evidence), str(evidence), f"{evidence}", repr(list(evidence.records.values()))):
        for personal in (persona.name, persona.address, persona.my_number.reveal(), "1985", persona.pin):
            assert personal not in shown


def test_equality_is_of_content() -> None:
    assert face() == face() and hash(face()) == hash(face())
    assert face() != face(challenge=bytes(32)) and face() != face().without_segments(3)
    assert face() != forgery.evidence(CARD, FACE, "0002", "0004") and face() != "evidence"
    read = Evidence.from_session(
        **forgery.parts(CARD, FACE, "0001", "0002", "0004", answered=CARD),
        read_at=None,
        reader=None,
        accepted_number_b=None,
    )
    assert read == face() and read.read_here and not face().read_here


@pytest.mark.parametrize(
    "change",
    [
        {"files": {}},
        {"files": {"0009": b"\xff"}},
        {"segments": {1: bytes(32)}},
        {"segments": {3: bytes(31)}},
        {"presence": Presence(b"", b"x")},
        {"presence": Presence(b"x", bytes(1025))},
        {"read_at": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"reader": "x" * 129},
        {"reader": "\x1b[31m"},
        {"credential": "pin"},
    ],
)
def test_malformed_evidence_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError):
        Evidence(**{**forgery.parts(CARD, FACE, "0002", "0004"), **change})


@pytest.mark.parametrize("key", ["domain", "role", "credential"])
def test_words_that_are_none(key: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        Evidence(**{**forgery.parts(CARD, FACE, "0002", "0004"), key: "other"})
    assert caught.value.where == key


def test_domains_are_words() -> None:
    plain = {"domain": "face-check", "role": "general", "credential": "verification-number-b"}
    assert Evidence(**{**forgery.parts(CARD, FACE, "0002", "0004"), **plain}).domain is Domain.FACE_CHECK


def test_a_profile_made_elsewhere_is_refused() -> None:
    """Or it could say that the image of the 個人番号 holds none, and that a short key is long enough."""
    rules = PRESENT_CARD.domains[Domain.FACE_CHECK]
    open_to_all = {name: rule._replace(holds_number=False) for name, rule in rules.files.items()}
    lax = PRESENT_CARD._replace(
        domains={**PRESENT_CARD.domains, Domain.FACE_CHECK: rules._replace(files=open_to_all)},
        scheme=PRESENT_CARD.scheme._replace(key_bits=512),
    )
    files = forgery.card().files("face-check")
    wanted = {name: files[name] for name in ("0005", "0004")}
    for profile in (lax, PRESENT_CARD._replace(), None):
        with pytest.raises(UsageError, match="KNOWN_PROFILES"):
            Evidence(
                domain="face-check",
                role="general",
                credential="verification-number-b",
                files=wanted,
                profile=profile,  # type: ignore[arg-type]
            )
