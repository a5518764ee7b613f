"""One key that signs receipts, and the states of its life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NoReturn

from mnverify.masked import MaskedBytes
from mnverify.receipts.errors import ReceiptKeyError
from mnverify.text import Text

_TAIL = Text(
    "No receipt was signed. See: mnverify receipt-keys list --folder {folder}",
    "受領証には署名していません。mnverify receipt-keys list --folder {folder} で確かめてください。",
)


class KeyState(StrEnum):
    """Where a key is in its life."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, repr=False)
class ReceiptKey:
    """One key.

    Attributes:
        kid: its name, made of the public part.
        state: next, active or retired.
        created: when it was made.
        public: the public JWK, four members.
        private: the private member in base64url; ``None`` where it is retired.
    """

    kid: str
    state: KeyState
    created: datetime
    public: Mapping[str, str]
    private: MaskedBytes | None

    def __repr__(self) -> str:
        return f"ReceiptKey({self.kid}, {self.state})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key that signs receipts is not pickled or copied")


def key_error(folder: object, why: Text | str) -> ReceiptKeyError:
    """The error for the keys in a folder."""
    why, tail = Text.of(why), _TAIL.fill(folder=folder)
    return ReceiptKeyError(
        Text(
            f"The keys for receipts cannot be used: {why.en}. {tail.en}",
            f"受領証の鍵を使えません（{why.ja}）。{tail.ja}",
        )
    )
