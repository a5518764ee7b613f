"""The simulated phone: it asks the backend for a challenge, reads the (virtual) card, and sends what it read.

A real app does the same with its NFC reader. It verifies nothing, and nobody has to believe it.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import requests

from mnverify import FaceCheck, Purpose, VerificationNumberB
from mnverify.virtual import VirtualAuthority, VirtualCard, persona

_PATIENCE = 30  # seconds


def card_of(persona_id: str) -> VirtualCard:
    """An invented holder's card."""
    return VirtualAuthority.laboratory().issue(persona(persona_id))


def begin(backend: str) -> tuple[str, bytes]:
    """Apply for an account: the application, and the challenge for the card."""
    answer = requests.post(f"{backend}/applications", timeout=_PATIENCE)
    answer.raise_for_status()
    document = answer.json()
    return document["application"], b64decode(document["challenge"])


def read(card: VirtualCard, challenge: bytes) -> str:
    """Read the card face and have the card answer the challenge: evidence as JSON.

    The holder types 照合番号B as printed: birth date, expiry year, security code. Here the virtual card tells it.
    """
    with FaceCheck.open(card) as session:
        session.present(VerificationNumberB(card.credentials["verification-number-b"]))
        return session.read(Purpose.FACE, challenge=challenge).to_json()


def send(backend: str, application: str, evidence: str) -> tuple[int, dict[str, Any]]:
    """Send what was read: the status, and the backend's decision."""
    answer = requests.post(
        f"{backend}/applications/{application}/evidence",
        data=evidence.encode(),
        headers={"Content-Type": "application/json"},
        timeout=_PATIENCE,
    )
    return answer.status_code, answer.json()
