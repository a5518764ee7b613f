"""The link to one card: what is asked of a reader, and the permits without which no reader sends anything.

A reader imports nothing else of a card. Its part of the contract:

- ``transmit`` hands the command down as it came to the lowest code of the stack, which calls :func:`redeem` with it and
  with the object that stands for the card, and sends what that returns, at once and never again. Above it nothing is copied,
  kept or repeated.
- ``reset`` of that object calls :func:`was_reset` where the card has lost its power.
- A virtual card, which answers other programs too, calls :func:`redeem_if_permitted`.
"""

from mnverify.link.claims import capabilities_of, claim, leave, release
from mnverify.link.permit import Permit, redeem, redeem_if_permitted
from mnverify.link.protocol import Link, LinkCapabilities, card_lost, link_errors
from mnverify.link.slots import CardSlot, OneSlot, was_reset

__all__ = [
    "CardSlot",
    "Link",
    "LinkCapabilities",
    "OneSlot",
    "Permit",
    "capabilities_of",
    "card_lost",
    "claim",
    "leave",
    "link_errors",
    "redeem",
    "redeem_if_permitted",
    "release",
    "was_reset",
]
