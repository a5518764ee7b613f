"""From a card to evidence: links, the gate, credentials, and one session per domain."""

from mnverify.card.audit import AuditEntry
from mnverify.card.credentials import (
    BirthDate,
    Credential,
    Pin,
    VerificationNumberA,
    VerificationNumberB,
    credential_from_text,
)
from mnverify.card.face_check import FaceCheck
from mnverify.card.gate import Gate
from mnverify.card.input_assist import InputAssist
from mnverify.card.opening import open_session
from mnverify.card.partial import PartialReading
from mnverify.link import Link, LinkCapabilities

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
    "Pin",
    "VerificationNumberA",
    "VerificationNumberB",
    "credential_from_text",
    "open_session",
]
