"""Every reading there is, over a real stack, against a card in another process."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mnverify.card import BirthDate, Credential, Pin, VerificationNumberA, VerificationNumberB
from mnverify.check import CheckedCard, check_card
from mnverify.readers import CardLink, Reader, open_reader
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.verification import TrustStore
from mnverify.virtual import VirtualAuthority, persona
from tests.support.host import CardHost

TRUST = TrustStore.from_json(json.dumps(VirtualAuthority.laboratory().trust_anchors()))


@dataclass(frozen=True)
class Reading:
    """What is read, and with what."""

    name: str
    domain: Domain
    purpose: Purpose
    kind: CredentialKind
    role: Role
    exchanges: int
    """On a link with extended length."""

    def credential(self, persona_id: str = "sato-hanako") -> Credential:
        """What opens it."""
        holder = persona(persona_id)
        if self.kind is CredentialKind.BIRTH_DATE:
            return BirthDate(holder.birth_digits)
        if self.kind is CredentialKind.VERIFICATION_NUMBER_B:
            return VerificationNumberB(holder.verification_number_b)
        if self.kind is CredentialKind.VERIFICATION_NUMBER_A:
            return VerificationNumberA(holder.my_number.reveal())
        return Pin(holder.pin)

    def check(self, link: CardLink, persona_id: str = "sato-hanako") -> CheckedCard:
        """Read and verify."""
        return check_card(
            link, self.domain, self.credential(persona_id), trust=TRUST, role=self.role, purposes=(self.purpose,)
        )


OFFICE = Role.MY_NUMBER_OFFICE
READINGS = (
    Reading("face", Domain.FACE_CHECK, Purpose.FACE, CredentialKind.VERIFICATION_NUMBER_B, Role.GENERAL, 7),
    Reading("age", Domain.FACE_CHECK, Purpose.AGE, CredentialKind.BIRTH_DATE, Role.GENERAL, 6),
    Reading("attributes", Domain.INPUT_ASSIST, Purpose.ATTRIBUTES, CredentialKind.PIN, Role.GENERAL, 9),
    Reading("number-image", Domain.FACE_CHECK, Purpose.NUMBER, CredentialKind.VERIFICATION_NUMBER_A, OFFICE, 7),
    Reading("number", Domain.INPUT_ASSIST, Purpose.NUMBER, CredentialKind.VERIFICATION_NUMBER_A, OFFICE, 9),
)
FULL_TRIES = {
    "face-check/0011": 10,
    "face-check/0012": 10,
    "face-check/0013": 10,
    "input-assist/0011": 3,
    "input-assist/0014": 10,
    "input-assist/0015": 10,
}


@dataclass
class Bench:
    """One reader and the plug of its card."""

    host: CardHost
    plug: str
    selector: str

    def card(self, persona_id: str = "sato-hanako", **limits: Any) -> None:
        """A new card, on the reader."""
        self.host.card(self.plug, persona_id, **limits)
        self.host.insert(self.plug)

    def put_back(self) -> None:
        """The same card, on the reader again, after whatever happened to it."""
        self.host.remove(self.plug)
        self.host.insert(self.plug)

    def tries(self) -> dict[str, int | None]:
        """The counters, read behind the card's back."""
        counters = self.host.state(self.plug)["retries"]
        return {key: counters[key] for key in FULL_TRIES}

    def exchanges(self) -> int:
        """Commands that the card has got."""
        return int(self.host.state(self.plug)["exchanges"])

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The reader, opened."""
        with open_reader(self.selector) as reader:
            yield reader


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """No thread and no file descriptor more than before."""
    threads, handles = set(threading.enumerate()), _handles()
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in threads]
    for thread in threading.enumerate():
        if thread not in threads:
            thread.join(30)
    left = [thread.name for thread in threading.enumerate() if thread not in threads]
    assert not left, f"threads are left behind: {left}"
    assert _handles() <= handles, "file descriptors are left behind"


def _handles() -> int:
    return len(os.listdir("/proc/self/fd"))
