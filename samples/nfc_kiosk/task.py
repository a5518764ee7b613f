"""What is done with the card: what is read for which visit, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mnverify import CheckedCard, Credential, Domain, Link, Purpose, Role, TrustStore, check_age, check_card
from mnverify.client import Verification, VerificationClient
from mnverify.errors import LinkError
from mnverify.readers import CardLink
from samples.nfc_kiosk.findings import Findings, judge
from samples.nfc_kiosk.visit import Visit
from samples.nfc_kiosk.words import Mode, Outcome

Progress = Callable[[int, int], None]
OnTorn = Callable[[LinkError], Link | None]


class Task(Protocol):
    """One reading, from the card to the outcome."""

    def read(self, link: CardLink, *, progress: Progress, on_torn: OnTorn) -> CheckedCard:
        """Read and verify the card.

        Raises:
            MnverifyError: what stopped it.
        """

    def judge(self, checked: CheckedCard) -> Outcome:
        """What it comes to; the visit has the rest.

        Raises:
            MnverifyError: the endpoint that judges did not.
        """


@dataclass(slots=True, eq=False)
class AgeTask:
    """The age record alone. Of it nothing stays but the answer.

    Attributes:
        visit: holds the birth date until here, and then nothing.
        credential: the birth date as printed.
        trust: the anchors.
        years: the age that is asked for.
        floor: tries that have to be left.
    """

    visit: Visit
    credential: Credential
    trust: TrustStore
    years: int
    floor: int

    def read(self, link: CardLink, *, progress: Progress, on_torn: OnTorn) -> CheckedCard:
        """See ``Task``."""
        return check_card(
            link,
            Domain.FACE_CHECK,
            self.credential,
            trust=self.trust,
            purposes=[Purpose.AGE],
            require_presence=True,
            floor=self.floor,
            progress=progress,
            on_torn=on_torn,
        )

    def judge(self, checked: CheckedCard) -> Outcome:
        """See ``Task``."""
        answer = check_age(checked.result, self.years)
        self.visit.wipe()
        self.visit.age_code = answer.code
        return Outcome(answer.answer.value)


@dataclass(slots=True, eq=False)
class FaceTask:
    """The card face, beside the print.

    Attributes:
        visit: holds the print, and gets the findings.
        credential: number B; number A in mode ``number``.
        trust: the anchors.
        mode: ``face`` or ``number``.
        floor: tries that have to be left.
        endpoint: who judges in place of the kiosk, and the challenge that it gave.
    """

    visit: Visit
    credential: Credential
    trust: TrustStore
    mode: Mode
    floor: int
    endpoint: VerificationClient | None = None
    challenge_id: str | None = None

    def read(self, link: CardLink, *, progress: Progress, on_torn: OnTorn) -> CheckedCard:
        """See ``Task``."""
        challenge = None
        if self.endpoint is not None:
            given = self.endpoint.new_challenge(purpose="in-person")
            self.challenge_id, challenge = given.id, given.challenge
        number = self.mode is Mode.NUMBER
        return check_card(
            link,
            Domain.FACE_CHECK,
            self.credential,
            trust=self.trust,
            role=Role.MY_NUMBER_OFFICE if number else Role.GENERAL,
            purposes=[Purpose.FACE, Purpose.NUMBER] if number else [Purpose.FACE],
            challenge=challenge,
            require_presence=True,
            floor=self.floor,
            progress=progress,
            on_torn=on_torn,
        )

    def judge(self, checked: CheckedCard) -> Outcome:
        """See ``Task``. Where an endpoint judges, both have to say verified: its word is what counts, ours opens the pictures."""
        told = self._ask(checked)
        findings: Findings = judge(self.visit, checked.result, told)
        self.visit.findings = findings
        return findings.outcome

    def _ask(self, checked: CheckedCard) -> Verification | None:
        if self.endpoint is None or self.challenge_id is None:
            return None
        return self.endpoint.verify(self.challenge_id, checked.evidence.to_json(), purpose="in-person")
