"""The one thin function that knows both the card and the verification: open, present, read, verify."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from mnverify.card import Credential, FaceCheck, InputAssist, Link, PartialReading
from mnverify.card.exchange import Progress
from mnverify.errors import (
    Cancelled,
    LinkError,
    NotMyNumberCard,
    TooFewTries,
    UnexpectedCommand,
    WrongCredential,
)
from mnverify.evidence import Evidence
from mnverify.profile import PRESENT_CARD
from mnverify.values.terms import Domain, Purpose, Role
from mnverify.verification import TrustStore, VerificationResult, verify

OnTorn = Callable[[LinkError], Link | None]
"""What to do when a reading was torn: give the link to go on with, once a card is back, or ``None`` to give up."""

_FINAL = (Cancelled, NotMyNumberCard, UnexpectedCommand)  # another try changes nothing
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
    challenge: bytes | None = None,
    require_presence: bool = False,
    floor: int = 2,
    at: datetime | None = None,
    reader: str | None = None,
    progress: Progress | None = None,
    on_torn: OnTorn | None = None,
) -> CheckedCard:
    """Read a card and verify what it gave.

    Args:
        link: the card.
        domain: the one domain to open.
        credential: what the holder presented.
        trust: the anchors.
        role: the declared role.
        purposes: what the reading is for; default: all that role and credential open.
        presence: challenge the card.
        challenge: 32 bytes chosen by whoever verifies, a server for instance; default: fresh ones of our own.
        require_presence: reject where the card did not prove its presence.
        floor: tries that have to be left for the credential to be presented.
        at: the moment to judge expiry by; default now.
        reader: the reader's name, for the evidence; default: the link's ``reader_name``, where it has one.
        progress: is told bytes done and bytes expected after each exchange of the reading.
        on_torn: is asked for a link to go on with when a link error tore the reading. What was read is kept for the
            same card. With it the card answers the challenge before a number is presented, not at the end, so that it can be
            known again (``Session.recognise``): to another card no number is presented. Without presence, or over a reader
            that cannot carry the answer so early, a card that was lost before its key was read is not known again.
            Where nobody knows the end of a VERIFY, the counter tells: a number that cost a try is not presented again.
            Default: the error is raised.

    Raises:
        MnverifyError: whatever stopped the reading; see ``mnverify.errors``.
    """
    if presence and challenge is None:
        challenge = secrets.token_bytes(PRESENT_CARD.challenge_length)
    wanted = tuple(purposes or PRESENT_CARD.domains[domain].purposes_for(role, credential.kind))
    kept = PartialReading()
    doubt = 0  # tries that were left before a VERIFY that nobody knows the end of

    def read_from(link: Link) -> Evidence:
        nonlocal doubt
        name = reader if reader is not None else getattr(link, "reader_name", None)
        enough = max(floor, doubt) if doubt else floor
        with _SESSIONS[domain].open(link, role=role, reader=name) as session:
            try:
                if on_torn is not None and presence:
                    session.recognise(kept, challenge)
                if kept.started:
                    return session.resume(kept, credential, floor=enough, progress=progress)
                session.present(credential, floor=enough)
                return session.read(*wanted, challenge=challenge, presence=presence, progress=progress, keep=kept)
            except TooFewTries as error:
                if error.tries_left < doubt:
                    raise WrongCredential(error.tries_left) from None
                raise
            finally:
                doubt = max(doubt, session.tries_in_doubt or 0)

    try:
        evidence = _until_whole(read_from, link, on_torn)
    finally:
        kept.clear()
    result = verify(evidence, trust=trust, at=at, challenge=challenge, require_presence=require_presence)
    return CheckedCard(evidence, result)


def _until_whole(read_from: Callable[[Link], Evidence], link: Link, on_torn: OnTorn | None) -> Evidence:
    while True:
        try:
            return read_from(link)
        except LinkError as error:
            again = on_torn(error) if on_torn is not None and not isinstance(error, _FINAL) else None
            if again is None:
                raise
            link = again
