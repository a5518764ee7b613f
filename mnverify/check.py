"""The one thin function that knows both the card and the verification: open, present, read, verify."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self

from mnverify.card import Credential, Link, PartialReading, open_session
from mnverify.card.arguments import check_callable, check_challenge, check_kind, check_link, word
from mnverify.card.exchange import Progress
from mnverify.card.guard import check_floor
from mnverify.card.plan import key_for, plan_reading
from mnverify.errors import (
    Cancelled,
    LinkError,
    NotMyNumberCard,
    NotVerifiedError,
    TooFewTries,
    UnexpectedCommand,
    UsageError,
    WrongCredential,
)
from mnverify.evidence import Evidence
from mnverify.profile import PRESENT_CARD
from mnverify.text import Text
from mnverify.values.terms import Domain, Purpose, Role
from mnverify.verification import TrustStore, VerificationResult, verify

OnTorn = Callable[[LinkError], Link | None]
"""What to do when a reading was torn: give the link to go on with, once a card is back, or ``None`` to give up."""

MOST_RESUMPTIONS = 10
"""How often a torn reading is gone on with; after that the last error is raised, whatever ``on_torn`` would give."""
_FINAL = (Cancelled, NotMyNumberCard, UnexpectedCommand)  # another try changes nothing


class CheckedCard(NamedTuple):
    """A reading and what its verification found. In a condition it stands for the verdict: false where it is rejected."""

    evidence: Evidence
    result: VerificationResult

    def __bool__(self) -> bool:
        return self.result.verified

    def require(self) -> Self:
        """The same, if it is verified.

        Raises:
            NotVerifiedError: it is rejected.
        """
        if not self.result.verified:
            raise NotVerifiedError(
                Text(
                    "The card was read, but what it gave is not verified. Nothing of it may be used; see the checks.",
                    "カードは読み取れましたが、内容は検証に合格していません。内容は使わず、検査の結果を確認してください。",
                )
            )
        return self


def check_card(
    link: Link,
    domain: Domain | str,
    credential: Credential,
    *,
    trust: TrustStore,
    role: Role | str = Role.GENERAL,
    purposes: Iterable[Purpose | str] | None = None,
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
        purposes: what the reading is for, at least one; default: all that role and credential open.
        presence: challenge the card.
        challenge: 32 bytes chosen by whoever verifies, a server for instance; default: fresh ones of our own.
        require_presence: reject where the card did not prove its presence.
        floor: tries that have to be left for the credential to be presented.
        at: the moment to judge expiry by, with a time zone; default now.
        reader: the reader's name, for the evidence; default: the link's ``reader_name``, where it has one.
        progress: is told bytes done and bytes expected after each exchange of the reading.
        on_torn: is asked for a link to go on with when a link error tore the reading, at most ten times. What was read is
            kept for the same card. With it the card answers the challenge before a number is presented, not at the end, so
            that it can be known again (``Session.recognise``): to another card no number is presented. Without presence, or
            over a reader that cannot carry the answer so early, a card that was lost before its key was read is not known
            again. Where nobody knows the end of a VERIFY, the counter tells: a number that cost a try is not presented
            again. Default: the error is raised.

    Raises:
        UsageError, RoleError: an argument is not of its kind, or the role may not do this; the card was not touched.
        MnverifyError: whatever stopped the reading; see ``mnverify.errors``.
    """
    domain, role = word(Domain, domain), word(Role, role)
    _check_arguments(link, credential, trust, at, reader, progress, on_torn)
    check_floor(floor)
    check_challenge(challenge, PRESENT_CARD.challenge_length, presence=presence)
    if presence and challenge is None:
        challenge = secrets.token_bytes(PRESENT_CARD.challenge_length)
    reading = _Reading(
        domain=domain,
        role=role,
        credential=credential,
        purposes=_wanted(domain, role, credential, purposes),
        challenge=challenge,
        presence=presence,
        floor=floor,
        reader=reader,
        progress=progress,
        resumable=on_torn is not None,
    )
    try:
        evidence = _until_whole(reading, link, on_torn)
    finally:
        reading.partial.clear()
    result = verify(evidence, trust=trust, at=at, challenge=challenge, require_presence=require_presence)
    return CheckedCard(evidence, result)


@dataclass(slots=True)
class _Reading:
    """What one call of ``check_card`` asks for, and what it has so far.

    Attributes:
        partial: what came, for the next session.
        doubt: tries that were left before a VERIFY that nobody knows the end of.
    """

    domain: Domain
    role: Role
    credential: Credential
    purposes: tuple[Purpose, ...]
    challenge: bytes | None
    presence: bool
    floor: int
    reader: str | None
    progress: Progress | None
    resumable: bool
    partial: PartialReading = field(default_factory=PartialReading)
    doubt: int = 0

    def read_from(self, link: Link) -> Evidence:
        """Read in one session, or go on with what an earlier one has left."""
        name = self.reader if self.reader is not None else getattr(link, "reader_name", None)
        floor = max(self.floor, self.doubt)
        with open_session(link, self.domain, role=self.role, reader=name if isinstance(name, str) else None) as session:
            try:
                if self.resumable and self.presence:
                    session.recognise(self.partial, self.challenge)
                if self.partial.started:
                    return session.resume(self.partial, self.credential, floor=floor, progress=self.progress)
                session.present(self.credential, floor=floor)
                return session.read(
                    *self.purposes,
                    challenge=self.challenge,
                    presence=self.presence,
                    progress=self.progress,
                    partial=self.partial,
                )
            except TooFewTries as error:
                if error.tries_left < self.doubt:
                    raise WrongCredential(error.tries_left) from None
                raise
            finally:
                self.doubt = max(self.doubt, session.tries_in_doubt or 0)


def _until_whole(reading: _Reading, link: Link, on_torn: OnTorn | None) -> Evidence:
    resumed = 0
    while True:
        try:
            return reading.read_from(link)
        except LinkError as error:
            if on_torn is None or resumed == MOST_RESUMPTIONS or isinstance(error, _FINAL):
                raise
            again = on_torn(error)
            if again is None:
                raise
            link, resumed = again, resumed + 1


def _check_arguments(
    link: object, credential: object, trust: object, at: object, reader: object, progress: object, on_torn: object
) -> None:
    """Refuse what is of another type, before the card is touched."""
    check_link(link)
    check_kind("credential", credential, Credential, required=True)
    check_kind("trust", trust, TrustStore, required=True)
    check_kind("at", at, datetime)
    check_kind("reader", reader, str)
    check_callable("progress", progress)
    check_callable("on_torn", on_torn)
    if isinstance(at, datetime) and at.utcoffset() is None:
        raise UsageError(
            Text(
                "The moment to judge expiry by has no time zone; give one, as +09:00. The card was not touched.",
                "有効期限を判定する日時にタイムゾーンがありません。+09:00 などを付けてください。カードには触れていません。",
            )
        )


def _wanted(
    domain: Domain, role: Role, credential: Credential, purposes: Iterable[Purpose | str] | None
) -> tuple[Purpose, ...]:
    """What the reading is for, if role and credential reach it.

    Raises:
        UsageError, RoleError: as ``Session.present`` and ``Session.read``.
    """
    rules = PRESENT_CARD.domains[domain]
    key_for(rules, role, credential.kind)
    if purposes is None:
        return rules.purposes_for(role, credential.kind)
    wanted = tuple(word(Purpose, purpose) for purpose in purposes)
    plan_reading(rules, role, (credential.kind,), wanted)
    return wanted
