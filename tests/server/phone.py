"""A simulated phone: reads a virtual card by the library's own sessions and gives evidence as it would be posted."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from mnverify.evidence import Evidence, Presence
from mnverify.values import CredentialKind, Domain, Role
from mnverify.virtual import VirtualAuthority, VirtualCard, persona

FACE, ASSIST = Domain.FACE_CHECK, Domain.INPUT_ASSIST
_FILES = {
    (FACE, Role.GENERAL): ("0002", "0004"),
    (FACE, Role.MY_NUMBER_OFFICE): ("0002", "0004", "0005"),
    (ASSIST, Role.GENERAL): ("0002", "0003", "0004", "0007"),
    (ASSIST, Role.MY_NUMBER_OFFICE): ("0001", "0002", "0003", "0004", "0007"),
}
_CREDENTIALS = {FACE: CredentialKind.VERIFICATION_NUMBER_B, ASSIST: CredentialKind.PIN}


@cache
def authority() -> VirtualAuthority:
    """Whose anchors ``--trust virtual`` stands for."""
    return VirtualAuthority.laboratory()


@cache
def card_of(person: str) -> VirtualCard:
    """The card of an invented holder."""
    return authority().issue(persona(person))


def evidence_for(
    challenge: bytes, person: str = "sato-hanako", domain: Domain = FACE, role: Role = Role.GENERAL
) -> dict[str, Any]:
    """Evidence with the card's answer to a challenge."""
    card = card_of(person)
    held = card.files(domain.value)
    files = {name: held[name] for name in _FILES[domain, role] if name in held}
    credential = _CREDENTIALS[domain]
    if role is Role.MY_NUMBER_OFFICE and domain is FACE:
        credential = CredentialKind.VERIFICATION_NUMBER_A
    evidence = Evidence(
        domain=domain,
        role=role,
        credential=credential,
        files=files,
        presence=Presence(challenge, card.sign(domain.value, challenge)),
    )
    document: dict[str, Any] = json.loads(evidence.to_request())
    return document
