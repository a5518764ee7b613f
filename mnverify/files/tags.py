"""The tags that card files are made of, and which of those that are met may be named.

A file that is not what its name says is read as objects that are none: its first digits become "tag 39". So an error names a
tag only where it is of the card's own making, and no content.
"""

from __future__ import annotations

CERTIFICATE, CERTIFICATE_BODY, CERTIFICATE_SIGNATURE = 0x7F21, 0x5F4E, 0x5F37
TRANSPORT_KEY, EXPONENT, MODULUS = 0xA1, 0x90, 0x91

_OF_KEYS_AND_CERTIFICATES = frozenset(
    {CERTIFICATE, CERTIFICATE_BODY, CERTIFICATE_SIGNATURE, TRANSPORT_KEY, EXPONENT, MODULUS}
)
_OF_RECORDS = frozenset(  # FF constructed, DF primitive: neither byte begins a digit or a Japanese character
    first << 8 | second for first in (0xFF, 0xDF) for second in range(0x10, 0x60)
)

OF_THE_CARD = _OF_KEYS_AND_CERTIFICATES | _OF_RECORDS
"""Tags that look like the card's own: those of a layout, and those of the same rows that no layout has (``DF2B``)."""
