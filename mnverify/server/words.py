"""The forms of the service's own words: ids, purposes, references, API keys."""

from __future__ import annotations

import re
import secrets
from typing import NewType

Identifier = NewType("Identifier", str)
"""A random id of this service: it says nothing of anybody."""

Word = NewType("Word", str)
"""A purpose or relying party's name as the operator set it."""

ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
PURPOSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
RELYING_PARTY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
REFERENCE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?", re.ASCII)
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)
API_KEY = re.compile(r"mnv_(?P<id>[a-z0-9]{12})_(?P<secret>[A-Za-z0-9_-]{43})", re.ASCII)
TRUST_FRAMEWORKS = ("jp_aml", "jp_mpiupa")

_KEY_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_id() -> Identifier:
    """A new id of 128 random bits."""
    return Identifier(secrets.token_urlsafe(16))


def new_key() -> tuple[Identifier, str]:
    """A new API key: its id, and the key itself, which begins with the id."""
    key_id = Identifier("".join(secrets.choice(_KEY_ID_LETTERS) for _ in range(12)))
    return key_id, f"mnv_{key_id}_{secrets.token_urlsafe(32)}"
