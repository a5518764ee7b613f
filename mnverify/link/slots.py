"""Which card stands at the bottom of a link, and which gate has it: one open session on one card."""

from __future__ import annotations

import threading
import weakref
from typing import Protocol

from mnverify.errors import DomainBusy, GateError, UsageError
from mnverify.text import Text


class CardSlot(Protocol):
    """The object that stands for one card at the bottom of a stack; it can be referred to weakly."""

    def reset(self) -> None:
        """Take the power from the card, then call :func:`was_reset` with this object. May be called from any thread.

        Raises:
            LinkError: the reset did not happen, or nobody knows.
        """
        ...


class Slot:
    """What is known of one card slot.

    Attributes:
        holder: the open gate's issuer; a dead reference where a gate was lost without being closed.
        dirty: the card may hold what an earlier session has verified.
        resets: how often the card lost its power while anyone looked.
    """

    __slots__ = ("dirty", "holder", "resets")

    def __init__(self) -> None:
        self.holder: weakref.ref[Binding] | None = None
        self.dirty = False
        self.resets = 0


class ResetFirst(GateError):
    """For the gate alone: the card was left by another session as it was. It was bound, and nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "The card has not been reset since the last session. Nothing was sent; put the card on the reader again.",
                "前のセッションの後、カードがリセットされていません。何も送っていません。カードを置き直してください。",
            )
        )


class Binding:
    """The card that one gate was bound to by its first exchange.

    Attributes:
        card: the card; ``None`` where nothing was redeemed yet.
        refused: the card had another open gate.
        astray: a command of this gate that changes what the card is in was answered by something above the card, which never saw
            it. What the gate knows of the card since then may be untrue, so nothing more reaches the card.
    """

    __slots__ = ("__weakref__", "_resets", "_slot", "astray", "card", "refused")

    def __init__(self) -> None:
        self.card: CardSlot | None = None
        self.refused = self.astray = False
        self._slot: Slot | None = None
        self._resets = 0

    @property
    def resets(self) -> int:
        """How often the card lost its power so far; 0 where no card is known."""
        return 0 if self._slot is None else self._slot.resets

    def bind(self, card: CardSlot, *, selects: bool) -> None:
        """Bind the gate to a card, or see that it is the same one, and in the state that the gate knows.

        Args:
            card: the card.
            selects: the command selects the application, whatever the card was in.

        Raises:
            DomainBusy: the card has another open gate.
            GateError: the gate is bound to another card, another command was answered by something else, or the card has lost
                its power since the last command.
            ResetFirst: it is bound now, but the card has to be reset before anything is sent.
        """
        with _lock:
            if self.astray:
                raise _astray()
            slot = _slot_of(card)
            if self._slot is None:
                self._take(slot, card)
            elif self._slot is not slot:
                raise _another_card()
            if slot.dirty:  # also where something in between kept the first refusal to itself
                raise ResetFirst
            if slot.resets != self._resets and not selects:
                raise _not_selected()
            self._resets = slot.resets

    def _take(self, slot: Slot, card: CardSlot) -> None:
        if slot.holder is not None:
            if slot.holder() is not None:
                self.refused = True
                raise busy()
            slot.dirty = True  # a gate that nobody closed
        slot.holder, self._slot, self.card = weakref.ref(self), slot, card

    def free(self, *, dirty: bool) -> None:
        """Give the card back.

        Args:
            dirty: it could not be reset; the next gate has to do it.
        """
        with _lock:
            slot, self._slot, self.card = self._slot, None, None
            if slot is not None and slot.holder is not None and slot.holder() is self:
                slot.holder = None
                slot.dirty = slot.dirty or dirty


class OneSlot:
    """Below a link: sees to it that what is sent to one card is sent in the name of one slot, so that nobody who reaches down
    here opens a second session on the card in another name."""

    __slots__ = ("_slot",)

    def __init__(self) -> None:
        self._slot: weakref.ref[CardSlot] | None = None

    def check(self, slot: CardSlot) -> None:
        """Take the first slot for good.

        Raises:
            GateError: it is another one.
        """
        if self._slot is None:
            self._slot = weakref.ref(slot)
        if self._slot() is not slot:
            raise _another_card()


_lock = threading.RLock()  # reentrant: objects may be collected, and forgotten, while it is held
_slots: dict[int, tuple[weakref.ref[CardSlot], Slot]] = {}  # by identity: a card may compare equal to another


def was_reset(card: CardSlot) -> None:
    """Note that a card has lost its power: the last thing that the ``reset`` of a bottom link does."""
    with _lock:
        slot = _slot_of(card)
        slot.resets += 1
        slot.dirty = False
        if slot.holder is not None and slot.holder() is None:  # the gate that nobody closed is made up for
            slot.holder = None


def is_held(card: CardSlot) -> bool:
    """Whether an open gate is bound to a card."""
    with _lock:
        holder = _slot_of(card).holder
        return holder is not None and holder() is not None


def busy() -> DomainBusy:
    """The error for a card or link that has an open session."""
    return DomainBusy(
        Text(
            "This card has an open session. Nothing was sent; close that session first.",
            "このカードでは別のセッションが開いています。何も送っていません。先に閉じてください。",
        )
    )


def _slot_of(card: CardSlot) -> Slot:
    key = id(card)

    def forget(gone: weakref.ref[CardSlot]) -> None:
        with _lock:
            if key in _slots and _slots[key][0] is gone:
                del _slots[key]

    known = _slots.get(key)
    if known is not None and known[0]() is card:
        return known[1]
    try:
        reference = weakref.ref(card, forget)
    except TypeError:
        raise UsageError(
            Text(
                "A card slot has to allow weak references.",
                "カードを表すオブジェクトは弱参照できるものにしてください。",
            )
        ) from None
    slot = Slot()
    _slots[key] = (reference, slot)
    return slot


def _another_card() -> GateError:
    return GateError(
        Text(
            "The command was permitted for another card. It was not sent; one session talks to one card.",
            "別のカードに対して許可されたコマンドです。送信していません。1つのセッションで扱うカードは1枚だけです。",
        )
    )


def _astray() -> GateError:
    return GateError(
        Text(
            "Something between this session and the card answered a command in the card's place. The command was not sent; "
            "open a new session, over a link that passes every command on.",
            "このセッションとカードの間で、カードの代わりに応答したものがあります。送信していません。"
            "すべてのコマンドをカードへ渡すリンクで、セッションを開き直してください。",
        )
    )


def _not_selected() -> GateError:
    return GateError(
        Text(
            "The card was reset since the last command of this session. The command was not sent; open a new session.",
            "このセッションの途中でカードがリセットされました。送信していません。セッションを開き直してください。",
        )
    )
