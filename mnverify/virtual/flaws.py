"""What can be wrong with a card."""

from __future__ import annotations

from enum import StrEnum


class Flaw(StrEnum):
    """A flaw that an authority puts into a card on request; several can be combined."""

    FOREIGN_CA = "foreign-ca"  # the municipality is certified by a CA that nobody knows (another key id)
    IMPOSTOR_CA = "impostor-ca"  # the CA bears the right key id, but another key
    WRONG_SIGNATURE = "wrong-signature"  # the records are signed by a key that the certificate does not certify
    SWAPPED_PHOTO = "swapped-photo"  # another face was put in after the record was signed
    ANOTHER_PERSONS_FILES = "another-persons-files"  # genuine files of another card, behind this card's credentials
    CLONED_WITHOUT_KEY = "cloned-without-key"  # all files are right, the private key is another
    FOREIGN_KEY_RECORD = "foreign-key-record"  # input-assist 0007 and its key are another genuine card's
    EXPIRED = "expired"  # issued with an expiry that has passed (2020-04-01)
    STALE_OFFSET_TABLE = "stale-offset-table"  # the offset tables belong to an earlier content
    ALTERED_EXPIRY = "altered-expiry"  # the unsigned expiry was moved five years on after issue
