"""What a reading has so far: kept by the caller, so that a torn reading can be resumed on the same card."""

from __future__ import annotations

from typing import NoReturn

from mnverify.card.plan import Plan
from mnverify.evidence import AcceptedNumberB, Presence
from mnverify.files.card_key import CardKey
from mnverify.files.key_in_head import key_in_head
from mnverify.masked import MaskedBytearray, MaskedBytes
from mnverify.profile import FileRule
from mnverify.values.terms import Domain, Role


class PartialReading:
    """The files that came whole, the beginning of the one that was torn, and what the reading asks for.

    Give an empty one to ``Session.read(partial=…)``, and after a link error the same one to ``Session.resume`` of a new session.
    It is emptied when the evidence is made; ``clear`` it when you give up. It shows no content and cannot be pickled.

    Its other attributes are for the session.
    """

    __slots__ = (
        "accepted_number_b",
        "answer",
        "challenge",
        "domain",
        "files",
        "first_answer",
        "plan",
        "presence",
        "role",
        "torn",
    )

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Let go of everything."""
        self.domain: Domain | None = None
        self.role: Role | None = None
        self.plan: Plan | None = None
        self.challenge: bytes | None = None
        self.presence = False
        self.answer: Presence | None = None
        self.accepted_number_b: AcceptedNumberB | None = None
        self.first_answer: Presence | None = None
        self.restart()

    def restart(self) -> None:
        """Forget what was read, not what was asked for."""
        self.files: dict[str, MaskedBytes] = {}
        self.torn: dict[str, MaskedBytearray] = {}
        self.answer = None

    @property
    def started(self) -> bool:
        """Whether a reading has begun, and was not finished."""
        return self.plan is not None

    @property
    def rules(self) -> tuple[FileRule, ...]:
        """The files it asks for, in reading order."""
        return self.plan.files if self.plan is not None else ()

    @property
    def card_key(self) -> CardKey | None:
        """The public key of the card it began on, as far as it was read."""
        for rule in self.rules:
            head = self.files.get(rule.file_id) or MaskedBytes(self.torn.get(rule.file_id, b""))
            key = key_in_head(rule.layout, head)
            if key is not None:
                return key
        return None

    @property
    def needs_credential(self) -> bool:
        """Whether a file is missing that a credential has to open."""
        return any(rule.opened_by and rule.file_id not in self.files for rule in self.rules) or not self.started

    def __repr__(self) -> str:
        done = sum(map(len, self.files.values())) + sum(map(len, self.torn.values()))
        return f"PartialReading({self.domain or 'empty'}, {done} bytes)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("what was read of a card is not pickled or copied")
