"""The one thin function that knows both the card and the verification: open, present, read, verify."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mnverify.card import Credential, FaceCheck, InputAssist, Link
from mnverify.evidence import Evidence
from mnverify.profile import PRESENT_CARD
from mnverify.values.terms import Domain, Purpose, Role
from mnverify.verification import TrustStore, VerificationResult, verify

_SESSIONS: dict[Domain, type[FaceCheck | InputAssist]] = {
    Domain.FACE_CHECK: FaceCheck,
    Domain.INPUT_ASSIST: InputAssist,
}


class CheckedCard(NamedTuple):
    """A reading and what its verification found."""

    evidence: Evidence
    result: VerificationResult


def check_card(
    link: Link,
    domain: Domain,
    credential: Credential,
    *,
    trust: TrustStore,
    role: Role = Role.GENERAL,
    purposes: Iterable[Purpose] | None = None,
    presence: bool = True,
    require_presence: bool = False,
    floor: int = 2,
    at: datetime | None = None,
    reader: str | None = None,
) -> CheckedCard:
    """Read a card and verify what it gave, with a challenge of our own.

    Args:
        link: the card.
        domain: the one domain to open.
        credential: what the holder presented.
        trust: the anchors.
        role: the declared role.
        purposes: what the reading is for; default: all that role and credential open.
        presence: challenge the card.
        require_presence: reject where the card did not prove its presence.
        floor: tries that have to be left for the credential to be presented.
        at: the moment to judge expiry by; default now.
        reader: the reader's name, for the evidence.

    Raises:
        MnverifyError: whatever stopped the reading; see ``mnverify.errors``.
    """
    challenge = secrets.token_bytes(PRESENT_CARD.challenge_length) if presence else None
    wanted = tuple(purposes or PRESENT_CARD.domains[domain].purposes_for(role, credential.kind))
    with _SESSIONS[domain].open(link, role=role, reader=reader) as session:
        session.present(credential, floor=floor)
        evidence = session.read(*wanted, challenge=challenge, presence=presence)
    result = verify(evidence, trust=trust, at=at, challenge=challenge, require_presence=require_presence)
    return CheckedCard(evidence, result)
