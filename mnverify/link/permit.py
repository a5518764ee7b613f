"""Permits: what a gate has let through, for one exchange, on one card, once.

A permit says nothing of itself. Which one is valid at this moment is written down here, by the identity of the object, so
that nothing about a permit can be copied, kept or moved to another command. The lowest code of each reader redeems it
(:func:`redeem`) in the moment of sending. Whatever stands between gate and reader, it holds that

- a permit is valid only while its gate waits for this one exchange: it can be neither hoarded nor sent late;
- it is redeemed once: nothing between gate and card can repeat a VERIFY;
- its gate is bound to the card of its first exchange, and a card to one open gate: two wrappers around one card are not two
  sessions (:mod:`mnverify.link.slots`);
- what the gate knows of the card is so: once a wrapper has answered in the card's place, or has reset it between two commands,
  nothing more reaches the card until the application is selected anew, or at all.

Permits are written down in one place, :meth:`PermitIssuer.permit`, and not before the gate has judged the command.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Generic, Never, Protocol, Self, TypeVar

from mnverify.errors import GateError
from mnverify.link.claims import claim, leave, release
from mnverify.link.protocol import Link, link_errors
from mnverify.link.slots import Binding, CardSlot
from mnverify.masked import MaskedBytes
from mnverify.text import Text

R_co = TypeVar("R_co", covariant=True)
G = TypeVar("G", bound=type)


class Permit(MaskedBytes):
    """A command that a gate has let through. It cannot be made, copied, pickled or subclassed elsewhere.

    Raises:
        GateError: made by anything but a gate.
    """

    def __new__(cls, *_: object) -> Self:
        """Refuse: a gate is asked for one."""
        raise GateError(
            Text(
                "Only a gate permits a command. Nothing was sent; use a session.",
                "コマンドを許可できるのはゲートだけです。何も送っていません。セッションを使ってください。",
            )
        )

    def __init_subclass__(cls, **kwargs: object) -> Never:
        raise TypeError("Permit has no subclasses")


class _Issued:
    """A permit whose gate is in its exchange.

    Attributes:
        permit: kept alive, so that its identity is nobody else's.
        binding: of its gate.
        card: on which it was redeemed.
    """

    __slots__ = ("binding", "card", "permit")

    def __init__(self, permit: Permit, binding: Binding) -> None:
        self.permit, self.binding = permit, binding
        self.card: CardSlot | None = None


_SELECT_APPLICATION = b"\xa4\x04"  # INS and P1

_lock = threading.Lock()
_valid: dict[int, _Issued] = {}  # by the permit's identity: what may be redeemed now
_exchanges: dict[int, list[_Issued]] = {}  # by thread: what its gates are in the exchange of, the innermost last


def redeem(command: bytes, card: CardSlot) -> MaskedBytes:
    """Use up the permit of a command: the last thing before its bytes leave for the card.

    Args:
        command: what ``transmit`` was given, the object itself.
        card: what stands for the card at the bottom of this stack, always the same object.

    Returns:
        The bytes to send.

    Raises:
        GateError: no gate waits for this exchange, the permit was used before, or the gate is bound to another card.
        DomainBusy: the card has another open session.

    After any of them the permit is void, and nothing may be sent.
    """
    with _lock:
        issued = _valid.pop(id(command), None)
    if issued is None:
        raise _not_permitted()
    issued.binding.bind(card, selects=command[1:3] == _SELECT_APPLICATION)
    issued.card = card
    return MaskedBytes(command)


def redeem_if_permitted(command: bytes, card: CardSlot) -> MaskedBytes:
    """The same for a card that answers other programs too, and takes plain bytes from them.

    Plain bytes that are the very command of the exchange that a gate is in, in this thread, are that command, unwrapped by
    something on the way: they use up its permit, and are answered once.

    Raises:
        GateError, DomainBusy: as ``redeem``.
    """
    if not isinstance(command, Permit):
        exchanges = _exchanges.get(threading.get_ident())
        issued = exchanges[-1] if exchanges else None
        if issued is None or bytes(issued.permit) != bytes(command):
            return MaskedBytes(command)
        if issued.card is not None and issued.card is not card:  # it left by a reader of its own
            return MaskedBytes(command)
        command = issued.permit
    return redeem(command, card)


class Judging(Protocol[R_co]):
    """What a gate has to be."""

    def judge(self, command: MaskedBytes, *, allow_last_try: bool = False) -> R_co:
        """The ruling on a command that may pass.

        Raises:
            GateError, RoleError: it may not.
        """
        ...


_gates: list[type] = []


def the_gate(gate: G) -> G:
    """Declare the one class whose judgement counts; once in a process, by ``mnverify.card.gate``.

    Raises:
        GateError: it was declared before.
    """
    if _gates:
        raise GateError(Text("There is one gate, and it is declared.", "ゲートは1つだけで、すでに定められています。"))
    _gates.append(gate)
    return gate


class PermitIssuer(Generic[R_co]):
    """Holds a link for one gate, and issues that gate's permits: one at a time, each after the gate has judged the command.

    Args:
        gate: the gate; it is not kept alive.
        link: the link that it was given.

    Raises:
        GateError: ``gate`` is no gate.
        DomainBusy: the link, or the card that it led to last, has an open session.
        LinkError: the last session could not reset the card, and now it failed again.
    """

    __slots__ = ("__weakref__", "_binding", "_gate", "_link")

    def __init__(self, gate: Judging[R_co], link: Link) -> None:
        if not _gates or type(gate) is not _gates[0]:
            raise _no_gate()
        self._gate = weakref.ref(gate)
        self._link = link
        self._binding = Binding()
        claim(link, gate)

    @contextmanager
    def permit(
        self, gate: Judging[R_co], command: MaskedBytes, *, allow_last_try: bool
    ) -> Iterator[tuple[R_co, Permit]]:
        """The gate's ruling, and a permit that is valid within this context, for one exchange.

        Args:
            gate: the gate of this issuer.
            command: the command.
            allow_last_try: for the gate's judgement.

        Raises:
            GateError, RoleError: the gate refuses the command.
        """
        if type(gate) is not _gates[0] or self._gate() is not gate:
            raise _no_gate()
        ruling: R_co = _gates[0].judge(gate, command, allow_last_try=allow_last_try)
        issued = _Issued(bytes.__new__(Permit, command), self._binding)
        exchanges = _exchanges.setdefault(threading.get_ident(), [])
        exchanges.append(issued)
        with _lock:
            _valid[id(issued.permit)] = issued
        try:
            yield ruling, issued.permit
        finally:
            with _lock:
                _valid.pop(id(issued.permit), None)
            exchanges.pop()
            if not exchanges:
                del _exchanges[threading.get_ident()]

    def check_redeemed(self) -> None:
        """Within the context of a permit, after an answer that the gate goes by: see whether it can be the card's.

        Where the permit was not redeemed, something above the card has answered, and no command of this gate reaches a card any
        more. A link that redeems none at all, and so leads to no reader of this package, is left to its maker.
        """
        self._binding.astray = self._binding.astray or _exchanges[threading.get_ident()][-1].card is None

    def reset_card(self) -> None:
        """Take the power from the card: through the link, and at the bottom itself where the link did not do it.

        Raises:
            LinkError, UsageError: it did not happen, or nobody knows.
        """
        binding, link = self._binding, self._link
        card, before = binding.card, binding.resets
        if card is None or card is link:
            with link_errors():
                link.reset()
            return
        with suppress(Exception):  # whatever a wrapper does, the card itself is asked next
            link.reset()
        if binding.resets == before:
            with link_errors():
                card.reset()

    def release(self) -> None:
        """Reset the card, give link and card back. Where the reset fails, the next session has to do it.

        A card that turned out to be another session's is left alone: nothing was sent to it.

        Raises:
            LinkError, UsageError: the reset failed. Link and card are given back all the same.
        """
        gate, binding = self._gate(), self._binding
        if binding.refused and binding.card is None:
            leave(self._link, gate)
            return
        dirty = True
        try:
            release(self._link, gate, self.reset_card, binding.card)
            dirty = False
        finally:
            binding.free(dirty=dirty)


def _not_permitted() -> GateError:
    return GateError(
        Text(
            "No gate waits for this command, or its permit was used before. It was not sent; use a session.",
            "ゲートが許可していないか、許可が使用済みのコマンドです。送信していません。セッションを使ってください。",
        )
    )


def _no_gate() -> GateError:
    return GateError(Text("Only the gate issues permits.", "許可を出せるのはゲートだけです。"))
