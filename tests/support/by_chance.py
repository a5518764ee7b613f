"""Searching for few digits in what also holds addresses, process numbers and random ids: what stands there by chance is no leak."""

from __future__ import annotations

import re

ALONE_UP_TO = 8  # digits: so few stand in some address, id or digest by chance, so inside those they do not count

_DIGITS = b"0123456789abcdefABCDEF"
_ADDRESS = re.compile(r"(?<=\bat )0x[0-9a-fA-F]+|(?<=\bowner=)[0-9]+")


def without_addresses(text: str) -> str:
    """What a ``repr`` or a traceback shows, without where objects lie and which thread holds a lock: both differ by the run."""
    return _ADDRESS.sub("", text)


def stands_in(one: bytes, content: bytes) -> bool:
    """Whether it is there; few digits only where no other digit, of hex either, stands beside them."""
    if len(one) > ALONE_UP_TO or not one.isdigit():
        return one in content
    at = content.find(
        one
    )  # no pattern made of what is looked for: the cache of `re` would keep it, to be found the next time
    while at >= 0:
        beside = content[max(0, at - 1) : at], content[at + len(one) : at + len(one) + 1]
        if not any(byte and byte in _DIGITS for byte in beside):
            return True
        at = content.find(one, at + 1)
    return False
