"""What the SDK asks of a reader: one method to exchange, one to reset, and what is remembered of what it carries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from mnverify.errors import CardLost, LinkTimeout
from mnverify.text import Text


class Link(Protocol):
    """A way to one powered card: PC/SC, NFC, a virtual card, a replay, or a wrapper around one of them.

    A wrapper passes ``command`` on as the object that it was given: a copy is not permitted to anyone.
    It may carry an attribute ``capabilities`` (:class:`LinkCapabilities`), which a reader shares among its links.
    """

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU, return the response data and the two status bytes.

        Raises:
            GateError: the command has no valid permit; nothing was sent.
            LinkCorrupt: this exchange went wrong; the card is the same and was not reset. A read may be asked again.
            LinkError: any other class: the link is dead until ``reset``.
        """
        ...

    def reset(self) -> None:
        """Take the power from the card, so that it forgets the application selected and the credentials verified.

        Raises:
            LinkError: the reset did not happen, or nobody knows.
        """
        ...


@dataclass(slots=True)
class LinkCapabilities:
    """What a reader was found to carry; learnt by the first read, remembered for the next.

    Attributes:
        extended: extended-length commands and answers; ``None`` until it is known.
        max_short: most bytes to ask for in a short read: 256, or less where a reader cuts an answer that long.
        doubts: sessions in a row in which an extended answer broke after extended length had worked. One may be a card that
            was nudged; two are a reader that carries less than it seems.
    """

    extended: bool | None = None
    max_short: int = 256
    doubts: int = 0


@contextmanager
def link_errors() -> Iterator[None]:
    """Turn the operating system's errors of a link that maps none itself into ours.

    Raises:
        LinkTimeout: for ``TimeoutError``.
        CardLost: for any other ``OSError``.
    """
    try:
        yield
    except TimeoutError:
        raise LinkTimeout(
            Text(
                "The card did not answer in time. Put the card on the reader again.",
                "時間内にカードが応答しませんでした。カードを置き直してください。",
            )
        ) from None
    except OSError:
        raise card_lost() from None


def card_lost() -> CardLost:
    """The error for a card that is not there any more."""
    return CardLost(
        Text(
            "The card was lost in mid-session. Nothing that was read is used; put the card back and start again.",
            "処理の途中でカードとの通信が切れました。読み取った内容は使いません。置き直して最初からやり直してください。",
        )
    )
