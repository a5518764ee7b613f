"""Knowing a repeated request again, by keyed hashes alone."""

from __future__ import annotations

from typing import NamedTuple

from mnverify.server.problems import RequestInvalid
from mnverify.server.secret import ServiceSecret
from mnverify.server.words import IDEMPOTENCY_KEY
from mnverify.text import Text


class RepeatKey(NamedTuple):
    """An Idempotency-Key with the request it came with, both as keyed hashes.

    Attributes:
        key_hash: of the key, for one address.
        body_hash: of the request.
    """

    key_hash: str
    body_hash: str


def repeat_key(secret: ServiceSecret, key: str | None, address: str, body: bytes) -> RepeatKey | None:
    """The hashes of a request; ``None`` where it has no Idempotency-Key.

    Args:
        secret: of the service.
        key: the header.
        address: path and form of the answer.
        body: as it came.

    Raises:
        RequestInvalid: the key is not 1 to 128 visible ASCII characters.
    """
    if key is None:
        return None
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise RequestInvalid(
            "Idempotency-Key",
            Text(
                "it is not 1 to 128 visible ASCII characters", "空白を含まない印字できるASCII文字1～128字ではありません"
            ),
        )
    place = address.encode()
    return RepeatKey(secret.idempotency(place, key.encode()), secret.idempotency(place, body))
