"""Verified results of virtual cards, for comparing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from mnverify.evidence import Evidence
from mnverify.printed import PrintedData
from mnverify.values import Domain, Role
from mnverify.verification import TrustStore, VerificationResult, verify
from mnverify.virtual import Persona, VirtualAuthority, VirtualCard, persona
from tests.support.forgery import evidence as evidence_of

_FILES = {
    (Domain.FACE_CHECK, Role.GENERAL): ("0002", "0004"),
    (Domain.FACE_CHECK, Role.MY_NUMBER_OFFICE): ("0002", "0004", "0005"),
    (Domain.INPUT_ASSIST, Role.GENERAL): ("0002", "0003", "0004", "0007"),
    (Domain.INPUT_ASSIST, Role.MY_NUMBER_OFFICE): ("0001", "0002", "0003", "0004", "0007"),
}


@cache
def card_of(persona_id: str) -> VirtualCard:
    return VirtualAuthority.laboratory().issue(persona(persona_id))


def evidence(persona_id: str, domain: Domain = Domain.INPUT_ASSIST, role: Role = Role.GENERAL) -> Evidence:
    return evidence_of(card_of(persona_id), domain, *_FILES[domain, role], role=role)


@cache
def chip(persona_id: str, domain: Domain = Domain.INPUT_ASSIST, role: Role = Role.GENERAL) -> VerificationResult:
    """What is verified of a persona's card."""
    trust = TrustStore.from_object(VirtualAuthority.laboratory().trust_anchors())
    at = datetime(2025, 1, 1, tzinfo=UTC)  # before any of the cards has expired
    return verify(evidence(persona_id, domain, role), trust=trust, at=at).require()


def rejected(persona_id: str, domain: Domain = Domain.INPUT_ASSIST) -> VerificationResult:
    """The same where the trust store does not know the authority."""
    result = verify(evidence(persona_id, domain), trust=TrustStore.production())
    assert not result.verified
    return result


def printed_of(
    someone: Persona, role: Role = Role.GENERAL, *, more: Mapping[str, str] | None = None, **changed: Any
) -> PrintedData:
    """What is printed on a persona's card, as a person types it."""
    texts = {
        "name": someone.name,
        "address": someone.main_address,
        "birth_date": someone.birth_printed,
        "sex": someone.sex.japanese,
        "expiry": f"{someone.expiry:%Y}年{someone.expiry.month}月{someone.expiry.day}日",
        "security_code": someone.security_code,
        **({"my_number": someone.my_number.reveal()} if role is Role.MY_NUMBER_OFFICE else {}),
    }
    entries = tuple(changed.pop("additional_entry", [someone.additional_entry] if someone.additional_entry else []))
    kept = {name: text for name, text in {**texts, **changed, **(more or {})}.items() if text is not None}
    return PrintedData(kept, additional_entry=entries, role=role)
