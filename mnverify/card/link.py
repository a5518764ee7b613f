"""What the SDK asks of a reader: one method to exchange, one to reset; and what is remembered of each link."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from mnverify.errors import CardLost, DomainBusy, LinkTimeout, UsageError
from mnverify.text import Text


class Link(Protocol):
    """A way to one powered card: PC/SC, NFC, a virtual card, a replay.

    A link to a real card refuses a ``command`` that no gate has let through
    (:func:`mnverify.card.gate.require_permitted`).
    It may carry an attribute ``capabilities`` (:class:`LinkCapabilities`), which a reader shares among its links.
    """

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU, return the response data and the two status bytes.

        Raises:
            LinkCorrupt: this exchange went wrong, but the card is the same and was not reset since. A read may be
                tried again.
            LinkError: any other class: the link is dead until ``reset``.
        """
        ...

    def reset(self) -> None:
        """Reset the card, so that it forgets the application selected and the credentials verified.

        Raises:
            LinkError: the reset did not happen, or nobody knows.
        """
        ...


@dataclass(slots=True)
class LinkCapabilities:
    """What a reader was found to carry; learnt by the first read, remembered for the next.

    Attributes:
        extended: extended-length commands and answers; ``None`` until it is known.
        max_short: most bytes to ask for in a short read: 256, or less where a reader cuts an answer that long
            (``facts.md`` §1).
        doubts: sessions in a row in which an extended answer broke after extended length had worked. One may be a card that
            was nudged; two are a reader that carries less than it seems.
    """

    extended: bool | None = None
    max_short: int = 256
    doubts: int = 0


class _State:
    """What is known of one link object: who holds it, whether the card has to be reset first, what it carries."""

    __slots__ = ("capabilities", "dirty", "holder", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holder: weakref.ref[object] | None = None
        self.dirty = False
        self.capabilities = LinkCapabilities()


_states: dict[int, tuple[weakref.ref[Link], _State]] = {}  # by identity: a link may compare equal to another
_states_lock = threading.RLock()  # a collection, and with it _forget, can happen while it is held


def _state_of(link: Link) -> _State:
    key = id(link)

    def forget(gone: weakref.ref[Link]) -> None:
        with _states_lock:
            if key in _states and _states[key][0] is gone:
                del _states[key]

    with _states_lock:
        known = _states.get(key)
        if known is not None and known[0]() is link:
            return known[1]
        try:
            reference = weakref.ref(link, forget)
        except TypeError:
            raise UsageError(
                Text("A link object has to allow weak references.", "リンクは弱参照できるオブジェクトにしてください。")
            ) from None
        state = _State()
        _states[key] = (reference, state)
        return state


def capabilities_of(link: Link) -> LinkCapabilities:
    """The link's own ``capabilities``, or those remembered for this link object."""
    own = getattr(link, "capabilities", None)
    return own if isinstance(own, LinkCapabilities) else _state_of(link).capabilities


def claim(link: Link, holder: object) -> None:
    """Take the link for one open session. The card is reset first where the last session could not do it.

    Args:
        link: the link.
        holder: whose collection without ``release`` leaves the card to be reset.

    Raises:
        DomainBusy: another session is open on it, of whatever domain.
        LinkError: a reset was needed and failed.
    """
    state = _state_of(link)
    with state.lock:
        if state.holder is not None:
            if state.holder() is not None:
                raise DomainBusy(
                    Text(
                        "This link has an open session. Nothing was sent; close that session first.",
                        "この接続では別のセッションが開いています。何も送っていません。先に閉じてください。",
                    )
                )
            state.holder, state.dirty = None, True
        if state.dirty:
            with link_errors():
                link.reset()
            state.dirty = False
        state.holder = weakref.ref(holder)


def release(link: Link, holder: object) -> None:
    """Reset the card and give the link back. Where the reset fails, the next ``claim`` has to do it.

    Raises:
        LinkError: the reset failed. The link is given back all the same.
    """
    state = _state_of(link)
    with state.lock:
        if state.holder is None or state.holder() is not holder:
            return
        state.dirty = True
        try:
            with link_errors():
                link.reset()
            state.dirty = False
        finally:
            state.holder = None


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
