"""What can happen to the kiosk. No event holds anything of a person."""

from __future__ import annotations

from dataclasses import dataclass

from samples.nfc_kiosk.words import Desk, Mode, Outcome, Problem


class Event:
    """Any of them."""

    __slots__ = ()


class ByHand(Event):
    """Somebody did something at the kiosk."""

    __slots__ = ()


class Reading(Event):
    """Something about a reading: it counts for that reading alone.

    Attributes:
        attempt: which.
    """

    __slots__ = ()
    attempt: int


@dataclass(frozen=True, slots=True)
class Begin(ByHand):
    """A visit begins."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Typed(ByHand):
    """What is printed was given, and has the right form."""


@dataclass(frozen=True, slots=True)
class Confirm(ByHand):
    """The number is what is printed."""


@dataclass(frozen=True, slots=True)
class Correct(ByHand):
    """It is not, or the card has refused it: type it again."""


@dataclass(frozen=True, slots=True)
class Again(ByHand):
    """Once more with the card."""


@dataclass(frozen=True, slots=True)
class SamePerson(ByHand):
    """The clerk has compared face and photo."""

    same: bool


@dataclass(frozen=True, slots=True)
class Finish(ByHand):
    """The visit is over: finished or cancelled."""


@dataclass(frozen=True, slots=True)
class Touch(Event):
    """Somebody is here."""


@dataclass(frozen=True, slots=True)
class Tick(Event):
    """Time went by."""


@dataclass(frozen=True, slots=True)
class DeskChanged(Event):
    """How the reader is, and how many cards lie on it, as a whole."""

    desk: Desk
    cards: int


@dataclass(frozen=True, slots=True)
class Progress(Reading):
    """So much was read."""

    attempt: int
    percent: int


@dataclass(frozen=True, slots=True)
class WasTorn(Reading):
    """The card is gone in mid-reading, or another one was put back."""

    attempt: int
    other_card: bool = False


@dataclass(frozen=True, slots=True)
class Read(Reading):
    """The card was read and judged; what it says is in the visit."""

    attempt: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Failed(Reading):
    """The card was not read."""

    attempt: int
    problem: Problem
    tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class CameraNews(Event):
    """The camera's advice or picture is another. The machine has no part in it."""


@dataclass(frozen=True, slots=True)
class WasSeen(Event):
    """The camera has read what is printed; the booth has it.

    Attributes:
        visit: for whom.
    """

    visit: int
