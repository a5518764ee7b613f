"""Readings to record: who, what, over which link."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from mnverify.card import FaceCheck, InputAssist, Link, LinkCapabilities, PartialReading, credential_from_text
from mnverify.card.session import Session
from mnverify.errors import LinkCorrupt, LinkError
from mnverify.evidence import Evidence
from mnverify.readers.scripts.script import Script
from mnverify.recording import Recorder
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.verification import TrustStore
from mnverify.virtual import Limits, VirtualAuthority, VirtualCard, persona

LABORATORY = VirtualAuthority.laboratory()
TRUST = TrustStore.from_json(json.dumps(LABORATORY.trust_anchors()))
FACE, ASSIST = Domain.FACE_CHECK, Domain.INPUT_ASSIST
GENERAL, OFFICE = Role.GENERAL, Role.MY_NUMBER_OFFICE
BIRTH, B = CredentialKind.BIRTH_DATE, CredentialKind.VERIFICATION_NUMBER_B
A, PIN = CredentialKind.VERIFICATION_NUMBER_A, CredentialKind.PIN

READINGS = [
    (FACE, GENERAL, BIRTH),
    (FACE, GENERAL, B),
    (FACE, OFFICE, A),
    (FACE, OFFICE, BIRTH),
    (ASSIST, GENERAL, PIN),
    (ASSIST, GENERAL, B),
    (ASSIST, OFFICE, A),
    (ASSIST, OFFICE, PIN),
]
HOLDER = "nagai-jusho"  # the longest name and address: files of quite other lengths than the stand-in's
After = Callable[[bytes, bytes], bytes]


class Wire:
    """A link to a virtual card as readers make it.

    Args:
        card: the card.
        after: may change an answer, or raise; it gets command and answer.
    """

    reader_name = "ACS ACR122U 4711-0815 00 00"

    def __init__(
        self, card: VirtualCard, after: After | None = None, capabilities: LinkCapabilities | None = None
    ) -> None:
        self.card = card
        self.after = after
        self.commands = 0
        self.capabilities = capabilities or LinkCapabilities()

    def transmit(self, command: bytes) -> bytes:
        self.commands += 1
        answer = self.card.transmit(bytes(command))
        return answer if self.after is None else self.after(bytes(command), answer)

    def reset(self) -> None:
        self.card.reset()


def corrupt() -> LinkCorrupt:
    return LinkCorrupt(Text("broken answer", "壊れた応答"))


def is_extended(command: bytes) -> bool:
    return command[1] in (0xB0, 0x2A) and len(command) >= 7 and command[4] == 0


def no_extended(command: bytes, answer: bytes) -> bytes:
    """A reader that breaks extended lengths."""
    if is_extended(command):
        raise corrupt()
    return answer


def nothing_of_256(command: bytes, answer: bytes) -> bytes:
    """A reader that carries neither extended lengths nor a short answer of 256 bytes, signatures aside."""
    if command[1] == 0xB0 and len(answer) - 2 > 231:
        return b"\x90\x00"
    return answer


def cut_at(most: int) -> After:
    """A reader that cuts the files in every answer."""

    def after(command: bytes, answer: bytes) -> bytes:
        return answer[:most] + b"\x90\x00" if command[1] == 0xB0 and len(answer) - 2 > most else answer

    return after


LINKS: Mapping[str, Callable[[str], Wire]] = {
    "any length": lambda who: Wire(issue(who)),
    "short lengths, 6700": lambda who: Wire(issue(who, extended=False)),
    "short lengths, broken": lambda who: Wire(issue(who), no_extended),
    "short lengths, known": lambda who: Wire(issue(who, extended=False), None, LinkCapabilities(False, 256)),
    "231 bytes": lambda who: Wire(issue(who, extended=False), nothing_of_256),
    "231 bytes, known": lambda who: Wire(issue(who, extended=False), nothing_of_256, LinkCapabilities(False, 231)),
    "cut at 231": lambda who: Wire(issue(who, extended=False), cut_at(231)),
    "cut at 100": lambda who: Wire(issue(who, extended=False), cut_at(100)),
    "extended cut at 300": lambda who: Wire(issue(who), cut_at(300)),
    "GET RESPONSE": lambda who: Wire(issue(who, max_response=256)),
    "GET RESPONSE of 100": lambda who: Wire(issue(who, extended=False, max_response=100)),
    "exact Le": lambda who: Wire(issue(who, extended=False, exact_le=True)),
}


def issue(who: str = HOLDER, **limits: object) -> VirtualCard:
    return LABORATORY.issue(persona(who), limits=Limits(**limits))  # type: ignore[arg-type]


def record(link: Wire, domain: Domain, role: Role, kind: CredentialKind, *, presence: bool = True) -> Script:
    """The script of a reading that goes well or not."""
    recorder = Recorder(domain, kind, role=role, presence=presence)
    credential = credential_from_text(kind, link.card.credentials[kind])
    with suppress(LinkError):
        recorder.read(link, credential, trust=TRUST)
    return recorder.script()


def opened(script: Script) -> type[Session]:
    return FaceCheck if script.domain == "face-check" else InputAssist


def play(script: Script, link: Link, kept: PartialReading | None = None, digits: str | None = None) -> Evidence:
    """One session that reads what the script was made of."""
    challenge, kind = script.challenge, CredentialKind(script.credential)
    credential = credential_from_text(kind, digits or script.credential_value)
    with opened(script).open(link, role=Role(script.role), random=lambda _: challenge or b"") as session:
        kept = PartialReading() if kept is None else kept
        if script.signs_first:
            session.recognise(kept, challenge)
        if kept.started:
            return session.resume(kept, credential)
        session.present(credential)
        purposes = map(Purpose, script.purposes)
        return session.read(*purposes, challenge=challenge, presence=challenge is not None, partial=kept)
