"""The recorded readings among the vectors: what is read, over which link, and what it has to come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnverify.card import LinkCapabilities
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role

FACE, ASSIST = Domain.FACE_CHECK, Domain.INPUT_ASSIST
GENERAL, OFFICE = Role.GENERAL, Role.MY_NUMBER_OFFICE
BIRTH, B = CredentialKind.BIRTH_DATE, CredentialKind.VERIFICATION_NUMBER_B
A, PIN = CredentialKind.VERIFICATION_NUMBER_A, CredentialKind.PIN

Meddle = Callable[[bytes, bytes], bytes]
_DONE = b"\x90\x00"


def _is_read(command: bytes) -> bool:
    return command[1] == 0xB0


def nothing_of_256(command: bytes, answer: bytes) -> bytes:
    """A reader that answers an empty 9000 where an answer of a file has more than 231 bytes."""
    return _DONE if _is_read(command) and len(answer) - 2 > 231 else answer


def no_such_application(command: bytes, answer: bytes) -> bytes:
    """Another kind of card."""
    return b"\x6a\x82" if command[1] == 0xA4 else answer


@dataclass(frozen=True, kw_only=True)
class ScriptCase:
    """One reading.

    Attributes:
        name: of its files.
        reason: what is wrong in a reader that gets it wrong.
        domain, role, kind, purposes: what is read.
        limits: of the card, as ``Limits`` has them.
        meddle: what the reader makes of an answer.
        known: what is known of the reader before.
        presented: the digits, where they are not the card's.
        goes_on: a reading that was torn is taken up again.
        sessions: how often it is taken up in all.
        error: the class of the error that it has to end in; ``None`` where it ends well.
        tries_left: what that error has to say.
    """

    name: str
    reason: str
    domain: Domain = FACE
    role: Role = GENERAL
    kind: CredentialKind = B
    purposes: tuple[Purpose, ...] = (Purpose.FACE,)
    limits: Mapping[str, Any] = field(default_factory=dict)
    meddle: Meddle | None = None
    known: LinkCapabilities | None = None
    presented: str | None = None
    goes_on: bool = False
    sessions: int = 1
    error: str | None = None
    tries_left: int | None = None


def cases() -> list[ScriptCase]:
    """All of them, each name once."""
    return [*_readings(), *_links(), *_failures()]


def _readings() -> list[ScriptCase]:
    return [
        ScriptCase(name="face-extended", reason="The usual reading: extended lengths, with the answer to a challenge."),
        ScriptCase(
            name="age", reason="One file and the birth-date key, and nothing else.", kind=BIRTH, purposes=(Purpose.AGE,)
        ),
        ScriptCase(
            name="attributes",
            reason="What is read of the input-assist domain in role general is not kept: only the result can be compared.",
            domain=ASSIST,
            kind=PIN,
            purposes=(Purpose.ATTRIBUTES,),
        ),
        ScriptCase(
            name="number-office",
            reason="The number as text, with number A, for an office only.",
            domain=ASSIST,
            role=OFFICE,
            kind=A,
            purposes=(Purpose.NUMBER,),
        ),
        ScriptCase(
            name="number-image-office",
            reason="The number as a picture, with number A, for an office only.",
            role=OFFICE,
            kind=A,
            purposes=(Purpose.NUMBER,),
        ),
    ]


def _links() -> list[ScriptCase]:
    return [
        ScriptCase(
            name="face-short",
            reason="6700 to the first extended length means short lengths from then on; VERIFY is not what finds out.",
            limits={"extended": False},
        ),
        ScriptCase(
            name="face-exact-length",
            reason="6Cxx: the same command once more, with the length that the card named.",
            limits={"extended": False, "exact_le": True},
        ),
        ScriptCase(
            name="face-more-data",
            reason="61xx: the rest is fetched by GET RESPONSE.",
            limits={"max_response": 256},
        ),
        ScriptCase(
            name="face-empty-answers",
            reason="An empty 9000 is no end of a file: less is asked for.",
            limits={"extended": False},
            meddle=nothing_of_256,
        ),
        ScriptCase(
            name="face-known-reader",
            reason="What is known of a reader is not found out again.",
            limits={"extended": False},
            meddle=nothing_of_256,
            known=LinkCapabilities(False, 231),
        ),
        ScriptCase(
            name="face-torn-and-resumed",
            reason="A torn reading goes on with what it has, after the card has proved to be the same one.",
            limits={"lost_at": 12, "extended": False},
            goes_on=True,
            sessions=2,
        ),
    ]


def _failures() -> list[ScriptCase]:
    return [
        ScriptCase(
            name="face-torn",
            reason="What a torn reading got is not used.",
            limits={"lost_at": 12, "extended": False},
            error="CardLost",
        ),
        ScriptCase(
            name="wrong-number-b",
            reason="63Cx to VERIFY: the tries left are told, and nothing is presented again.",
            limits={"status_at": {3: 0x63C9}},
            error="WrongCredential",
            tries_left=9,
        ),
        ScriptCase(
            name="blocked",
            reason="63C0 to the question for the tries: the credential is not presented.",
            limits={"tries": {"face-check/0012": 0}},
            error="CredentialBlocked",
            tries_left=0,
        ),
        ScriptCase(
            name="blocked-6984",
            reason="6984 to the question for the tries means the same.",
            limits={"tries": {"face-check/0012": 0}, "blocked_status": 0x6984},
            error="CredentialBlocked",
            tries_left=0,
        ),
        ScriptCase(
            name="too-few-tries",
            reason="The last tries are the holder's: the credential is not presented.",
            limits={"tries": {"face-check/0012": 1}},
            error="TooFewTries",
            tries_left=1,
        ),
        ScriptCase(
            name="no-number-card",
            reason="6A82 to SELECT: another kind of card, to which nothing is presented.",
            meddle=no_such_application,
            error="NotMyNumberCard",
        ),
        ScriptCase(
            name="refused-file",
            reason="6982 to READ BINARY, after VERIFY said 9000: an error, and no second try.",
            limits={"status_at": {4: 0x6982}},
            error="CardRefused",
        ),
    ]
