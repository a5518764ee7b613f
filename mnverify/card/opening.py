"""The one place that chooses the session of a domain."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from mnverify.card.arguments import word
from mnverify.card.face_check import FaceCheck
from mnverify.card.input_assist import InputAssist
from mnverify.link import Link
from mnverify.profile import PRESENT_CARD, CardProfile
from mnverify.values.terms import Domain, Role

SESSIONS: Mapping[Domain, type[FaceCheck | InputAssist]] = MappingProxyType(
    {Domain.FACE_CHECK: FaceCheck, Domain.INPUT_ASSIST: InputAssist}
)
"""The session class of each domain."""


def open_session(
    link: Link,
    domain: Domain | str,
    *,
    role: Role | str = Role.GENERAL,
    reader: str | None = None,
    profile: CardProfile = PRESENT_CARD,
    now: Callable[[], datetime] | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> FaceCheck | InputAssist:
    """Open the session of a domain: ``FaceCheck.open`` or ``InputAssist.open``, whose arguments these are.

    Args:
        domain: the one application.

    Raises:
        UsageError: there is no such domain, or an argument is not of its kind; the card was not touched.
        DomainBusy, NotMyNumberCard, LinkError: as ``Session.open``.
    """
    opened = SESSIONS[word(Domain, domain)]
    return opened.open(link, role=role, reader=reader, profile=profile, now=now, random=random)
