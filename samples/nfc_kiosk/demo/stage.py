"""What the demonstration plays: whose card, what is wrong with it, what its print looks like."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

from mnverify.virtual import AnyCard, Flaw, Limits, Stranger, VirtualAuthority, VirtualCard, persona, personas
from samples.nfc_kiosk.demo.reader import DemoReaders
from samples.nfc_kiosk.typed import GREGORIAN
from samples.nfc_kiosk.words import Desk

CONTACTLESS = Limits(extended=False, seconds_per_command=0.012)
"""About what a contactless card takes for a short command."""
PULL_AT = 14
FAULTS = (
    "none",
    "cloned",
    "swapped-photo-in-chip",
    "foreign-authority",
    "expired",
    "pulled",
    "few-tries",
    "slow",
    "bank-card",
    "two-cards",
    "no-reader",
    "service-down",
)
_FLAWS = {
    "cloned": Flaw.CLONED_WITHOUT_KEY,
    "swapped-photo-in-chip": Flaw.SWAPPED_PHOTO,
    "foreign-authority": Flaw.FOREIGN_CA,
    "expired": Flaw.EXPIRED,
}
_LIMITS = {
    "pulled": replace(CONTACTLESS, lost_at=PULL_AT),
    "few-tries": replace(CONTACTLESS, tries={"face-check/0012": 2, "face-check/0011": 2, "face-check/0013": 2}),
    "slow": replace(CONTACTLESS, seconds_per_command=0.15),
}
_DESKS = {"no-reader": Desk.NO_READER, "service-down": Desk.SERVICE_DOWN}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the panel chose."""

    persona: str = "sato-hanako"
    fault: str = "none"
    print_flaw: str = "none"
    condition: str = "scan"


class Stage:
    """The virtual cards of the demonstration. The kiosk knows nothing of it.

    Args:
        readers: the reader that the kiosk watches.
    """

    def __init__(self, readers: DemoReaders) -> None:
        self.readers = readers
        self.choice = Choice()
        self._authority = VirtualAuthority.laboratory()
        self._lock = threading.Lock()
        self._card: VirtualCard | None = None

    @property
    def anchors(self) -> dict[str, Any]:
        """The anchors of the virtual authority."""
        return self._authority.trust_anchors()

    def choose(self, choice: Choice) -> None:
        """Another person, another fault."""
        with self._lock:
            self.choice, self._card = choice, None
        desk = _DESKS.get(choice.fault, Desk.READY)
        if desk is not self.readers.desk:
            self.readers.turn(desk)
        elif self.readers.cards:
            self.readers.take()

    def card(self) -> VirtualCard:
        """The card of the choice; the same one until there is another choice, tries spent included."""
        with self._lock:
            if self._card is None:
                fault = self.choice.fault
                flaws = [_FLAWS[fault]] if fault in _FLAWS else []
                limits = _LIMITS.get(fault, CONTACTLESS)
                self._card = self._authority.issue(persona(self.choice.persona), flaws=flaws, limits=limits)
            return self._card

    def put(self) -> None:
        """Put the card on the reader."""
        cards: list[AnyCard] = [self.card()]
        if self.choice.fault == "bank-card":
            cards = [Stranger.named("bank-card")]
        if self.choice.fault == "two-cards":
            cards.append(Stranger.named("bank-card"))
        self.readers.put(*cards)

    def take(self) -> None:
        """Take off what lies there."""
        self.readers.take()

    def typed(self) -> dict[str, str]:
        """What is printed on the front, as a person would type it."""
        holder = self.card().persona
        born = holder.birth_printed
        eras = {"令和": "reiwa", "平成": "heisei", "昭和": "showa", "大正": "taisho"}
        digits = holder.birth_digits
        era = eras.get(born[:2], GREGORIAN)
        year = str(holder.birth.year) if era == GREGORIAN else str(int(digits[:2]))
        month, day = (part if part != "00" else "" for part in (digits[2:4], digits[4:6]))
        return {
            "era": era,
            "year": year,
            "month": month.lstrip("0"),
            "day": day.lstrip("0"),
            "expiry_year": str(holder.expiry.year),
            "security_code": holder.security_code,
        }


def people() -> list[dict[str, str]]:
    """The invented people, for the panel."""
    return [{"id": one.id, "ja": f"{one.name}　{one.note.ja}", "en": f"{one.id}: {one.note.en}"} for one in personas()]
