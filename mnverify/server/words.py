"""The forms of the service's own words: ids, purposes, references, API keys."""

from __future__ import annotations

import os
import re
import secrets
from base64 import urlsafe_b64encode
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
KEY_ID = re.compile(r"[a-z0-9]{12}", re.ASCII)
API_KEY = re.compile(r"mnv_(?P<id>[a-z0-9]{12})_(?P<secret>[A-Za-z0-9_-]{43})", re.ASCII)
TRUST_FRAMEWORKS = ("jp_aml", "jp_mpiupa")

_KEY_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


_ID_BYTES, _AT_ONCE = 16, 256
_drawn: list[Identifier] = []  # asking the system for many at once takes hardly longer than for one
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_drawn.clear)  # two processes must not hand out the same


def new_id() -> Identifier:
    """A new id of 128 random bits. It is no secret."""
    try:
        return _drawn.pop()
    except IndexError:
        drawn = secrets.token_bytes(_ID_BYTES * _AT_ONCE)
        last, *others = (_id_of(drawn[at : at + _ID_BYTES]) for at in range(0, len(drawn), _ID_BYTES))
        _drawn.extend(others)
        return last


def _id_of(drawn: bytes) -> Identifier:
    return Identifier(urlsafe_b64encode(drawn).rstrip(b"=").decode())


def new_key() -> tuple[Identifier, str]:
    """A new API key: its id, and the key itself, which begins with the id."""
    key_id = Identifier("".join(secrets.choice(_KEY_ID_LETTERS) for _ in range(12)))
    return key_id, f"mnv_{key_id}_{secrets.token_urlsafe(32)}"
