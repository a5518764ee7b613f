"""From a card to evidence: links, the gate, credentials, and one session per domain."""

from mnverify.card.credentials import (
    BirthDate,
    Credential,
    Pin,
    VerificationNumberA,
    VerificationNumberB,
    credential_from_text,
)
from mnverify.card.face_check import FaceCheck
from mnverify.card.gate import AuditEntry, Gate, Permitted, require_permitted
from mnverify.card.input_assist import InputAssist
from mnverify.card.link import Link, LinkCapabilities
from mnverify.card.partial import PartialReading

__all__ = [
    "AuditEntry",
    "BirthDate",
    "Credential",
    "FaceCheck",
    "Gate",
    "InputAssist",
    "Link",
    "LinkCapabilities",
    "PartialReading",
    "Permitted",
    "Pin",
    "VerificationNumberA",
    "VerificationNumberB",
    "credential_from_text",
    "require_permitted",
]
