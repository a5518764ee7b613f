"""Who has a link: one open session on each link object, and what is remembered of it between sessions."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from mnverify.errors import UsageError
from mnverify.link.protocol import Link, LinkCapabilities, link_errors
from mnverify.link.slots import CardSlot, busy, is_held
from mnverify.text import Text


class _State:
    """What is known of one link object.

    Attributes:
        holder: who has it.
        dirty: the card has to be reset before the next session.
        card: the card at its bottom, where the last session got to know it.
        capabilities: what it carries, where the link does not say so itself.
    """

    __slots__ = ("capabilities", "card", "dirty", "holder", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holder: weakref.ref[object] | None = None
        self.dirty = False
        self.card: weakref.ref[CardSlot] | None = None
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
        DomainBusy: a session is open on the link, or on the card that it led to last, of whatever domain.
        LinkError: a reset was needed and failed.
    """
    state = _state_of(link)
    with state.lock:
        if state.holder is not None:
            if state.holder() is not None:
                raise busy()
            state.holder, state.dirty = None, True
        if state.dirty:
            card = state.card() if state.card is not None else None
            if card is not None and is_held(card):
                raise busy()
            with link_errors():
                link.reset()
            state.dirty = False
        state.holder = weakref.ref(holder)


def release(link: Link, holder: object, reset: Callable[[], None] | None = None, card: CardSlot | None = None) -> None:
    """Reset the card and give the link back. Where the reset fails, the next ``claim`` has to do it.

    Args:
        link: the link.
        holder: who had claimed it; from anyone else nothing is done.
        reset: how to reset; default: the link's own ``reset``.
        card: what was found to be at its bottom.

    Raises:
        LinkError: the reset failed. The link is given back all the same.
    """
    state = _state_of(link)
    with state.lock:
        if state.holder is None or state.holder() is not holder:
            return
        state.card = None if card is None else weakref.ref(card)
        state.dirty = True
        try:
            with link_errors():
                (reset or link.reset)()
            state.dirty = False
        finally:
            state.holder = None


def leave(link: Link, holder: object) -> None:
    """Give the link back without a reset: nothing was sent over it, and the card is another session's."""
    state = _state_of(link)
    with state.lock:
        if state.holder is not None and state.holder() is holder:
            state.holder = None
