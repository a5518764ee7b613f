"""The card's public key in the first bytes of a record: enough of a torn reading to know the card again."""

from __future__ import annotations

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files.card_key import CardKey, card_key
from mnverify.files.tlv import HEADER_BYTES, read_tlv, value_start
from mnverify.masked import masked

_KEY_TAGS = {  # layout: the tag of its key object
    "age-record": 0xDF12,
    "face-record": 0xDF24,
    "number-record": 0xDF42,
    "card-key-record": 0xDF51,
}
_MAX_OBJECTS = 4  # the key is the fourth object at most


def key_in_head(layout: str, head: bytes) -> CardKey | None:
    """The card's key, if the layout has one and the bytes reach so far. Nothing is verified.

    Args:
        layout: ``FileRule.layout``.
        head: the file's first bytes, or all of them.
    """
    head, wanted = masked(head), _KEY_TAGS.get(layout)
    if wanted is None or len(head) < HEADER_BYTES:
        return None
    try:
        at = value_start(head, "head")
        for _ in range(_MAX_OBJECTS):
            found = read_tlv(head, at, len(head), "head")
            if found.tag == wanted:
                return card_key(found, "head")
            at = found.end
    except (EvidenceError, UnsupportedCard):
        pass
    return None
