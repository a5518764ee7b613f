"""A virtual My Number Card and its authority: for trying things out, for tests of one's own, for playing faults.

Everybody and everything in it is invented. Nothing that a virtual card proves is about a real person, and its trust anchors
belong to no real hierarchy (their key ids begin with 9, their environment is ``virtual``).

::

    from mnverify.virtual import VirtualAuthority, persona

    authority = VirtualAuthority.laboratory()
    card = authority.issue(persona())
    card.transmit(bytes.fromhex("00A4040C0AD3921000310001010402"))
"""

from mnverify.virtual.authority import VirtualAuthority
from mnverify.virtual.card import VirtualCard
from mnverify.virtual.flaws import Flaw
from mnverify.virtual.limits import CardLog, CardMute, FieldLost, Limits, LongAnswer
from mnverify.virtual.nfc_udp import UdpPlug
from mnverify.virtual.personas import Persona, persona, personas
from mnverify.virtual.picc import Extensions, Picc, PiccState
from mnverify.virtual.strangers import CONTACTLESS_ATR, STRANGERS, AnyCard, Stranger
from mnverify.virtual.tripwires import Touch
from mnverify.virtual.vpcd import VPCD_PORT, VpcdPlug

__all__ = [
    "CONTACTLESS_ATR",
    "STRANGERS",
    "VPCD_PORT",
    "AnyCard",
    "CardLog",
    "CardMute",
    "Extensions",
    "FieldLost",
    "Flaw",
    "Limits",
    "LongAnswer",
    "Persona",
    "Picc",
    "PiccState",
    "Stranger",
    "Touch",
    "UdpPlug",
    "VirtualAuthority",
    "VirtualCard",
    "VpcdPlug",
    "persona",
    "personas",
]
