"""What a link over PC/SC has of the service: a context and a handle of the card. It knows no deadline; a worker calls it."""

from __future__ import annotations

import contextlib
import time

from mnverify.errors import LinkError, NoCard
from mnverify.link import CardSlot, OneSlot, redeem
from mnverify.masked import MaskedBytes
from mnverify.readers.pcsc import api
from mnverify.readers.pcsc.absence import CAN_BE_WRONG
from mnverify.readers.pcsc.context import look_for_card
from mnverify.readers.pcsc.features import carries_extended
from mnverify.readers.pcsc.texts import LOST, Doing, made

SETTLE_SECONDS = 0.5
"""How long a card has to be seen after a broken exchange to be called the same. pcscd looks for the card every 0.4 s, so that
one that was pulled in mid-exchange still counts as present for up to 0.4 s, under the same event counter."""


class CardHandle:
    """The card on one reader, as PC/SC hands it out, with the context that it belongs to. Its methods run in a worker.

    Args:
        reader: the name.
    """

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._context: int | None = None
        self._card: int | None = None
        self._protocol = 0
        self._mode = api.EXCLUSIVE
        self._used = False
        self._slot = OneSlot()
        self.counter = 0

    def connect(self) -> None:
        """Take the card exclusively, at once or not at all. Where that fails, nothing is left open.

        The card begins without power, so that what another program has verified counts for nothing here.
        """
        try:
            self._take(api.EXCLUSIVE)
        except NoCard:  # or is there one, and nobody was told (`absence`)?
            if not CAN_BE_WRONG:
                raise
            self._look_for_card()
            self._take(api.EXCLUSIVE)
        self._cut_power()

    def share(self) -> None:
        """Take a card that is not to be had exclusively: another program is connected to it, or the driver knows no such
        mode (others found that of the RC-S300 to be so). Within a transaction, nobody's command gets between ours. The card
        begins without power, so that what another program has verified counts for nothing here.

        It waits, without limit, for a transaction of others to end.
        """
        self._take(api.SHARED)
        self._cut_power(in_transaction=True)

    def extended(self) -> bool | None:
        """What the driver says of extended length."""
        card = self._require_card()
        return carries_extended(api.feature_request(), lambda code: api.control(card, code))

    def exchange(self, command: bytes, slot: CardSlot) -> tuple[int, MaskedBytes]:
        """One exchange of a command that a gate has let through: the result code and the answer.

        Args:
            command: the permit itself; it is used up.
            slot: stands for the card; always the same.

        Raises:
            GateError, DomainBusy: as `redeem` has them. Nothing was sent.
        """
        card = self._require_card()
        self._slot.check(slot)
        permitted = redeem(command, slot)
        self._used = True
        return api.transmit(card, self._protocol, permitted)

    def is_same_card(self) -> bool:
        """Whether the card is still there, was never away, and stays for as long as an absence needs to be noticed.

        Raises:
            LinkError: the service or the reader is gone.
        """
        end = time.monotonic() + SETTLE_SECONDS
        state = self._look(0, 0)
        while state.present and not state.mute and state.counter == self.counter:
            left = end - time.monotonic()
            if left <= 0:
                return True
            state = self._look(state.bits, left)
        return False

    def reset(self) -> None:
        """Reset the card: by the handle there is, or by connecting anew, which also a restarted service allows."""
        if self._card is not None:
            with contextlib.suppress(LinkError):
                self._reconnect()
                return
        mode = self._mode
        self.let_go()
        if mode == api.SHARED:
            self.share()
        else:
            self.connect()

    def let_go(self) -> None:
        """Release everything; a card that was talked to loses its power. No ``LinkError`` comes out of it."""
        card, context, self._card, self._context = self._card, self._context, None, None
        with contextlib.suppress(LinkError):
            if card is not None:
                after = api.UNPOWER if self._used else api.LEAVE
                if self._mode == api.SHARED:
                    api.end_transaction(card, after)  # with the power gone before others come
                api.disconnect(card, after)
        with contextlib.suppress(LinkError):
            if context is not None:
                api.release(context)
        self._used = False

    def _look_for_card(self) -> None:
        context = api.establish()
        try:
            look_for_card(context, self._reader)
        finally:
            api.release(context)

    def _cut_power(self, *, in_transaction: bool = False) -> None:
        try:
            if in_transaction:
                api.begin_transaction(self._require_card())
            self._reconnect()
        except BaseException:
            self.let_go()
            raise

    def _take(self, mode: int) -> None:
        try:
            self._context = api.establish()
            self._card, self._protocol = api.connect(self._context, self._reader, mode)
            self._mode = mode
            self.counter = self._look(0, 0).counter
        except BaseException:
            self.let_go()
            raise

    def _reconnect(self) -> None:
        self._protocol = api.reconnect(self._require_card(), self._mode)
        self._used = False
        self.counter = self._look(0, 0).counter

    def _look(self, known: int, seconds: float) -> api.State:
        if self._context is None:
            raise made(LOST, Doing.EXCHANGE)
        return api.states(self._context, {self._reader: known}, int(seconds * 1000))[self._reader]

    def _require_card(self) -> int:
        if self._card is None:
            raise made(LOST, Doing.EXCHANGE)
        return self._card
