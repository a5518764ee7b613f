"""The link to one card over NFC."""

from __future__ import annotations

import threading
import time

from mnverify.errors import CardLost, LinkCorrupt, LinkError, UsageError
from mnverify.link import was_reset
from mnverify.masked import MaskedBytes
from mnverify.readers.model import CardLink, remembered
from mnverify.readers.nfc.card import activate
from mnverify.readers.nfc.errors import GARBLED, SILENT
from mnverify.readers.nfc.field import Field
from mnverify.readers.nfc.iso_dep import IsoDep, without_frames
from mnverify.text import Text

_IDLE_SECONDS = 0.5  # after which the card is asked whether it is there, so that no credential goes into an empty field
_CLOSED = Text(
    "This link was closed. Nothing was sent; connect again.",
    "この接続は閉じられています。何も送っていません。接続し直してください。",
)
_NO_ANSWER = Text(
    "What the card sent is no answer to a command. Put the card on the reader again.",
    "カードの応答として正しくないデータを受け取りました。カードを置き直してください。",
)


class NfcLink(CardLink):
    """An activated card in the field of a reader, which this link has for itself. Made by ``connect`` of a reader or watch.

    Args:
        place: the reader.
        power_timeout: seconds to activate the card again after a reset.
        exchange_timeout: deadline of each exchange, in seconds.

    Raises:
        NoCard, TooManyCards, NotMyNumberCard, CardLost, LinkTimeout: as `activate` has them.
        LinkError: as the reader has it.
    """

    def __init__(self, place: Field, *, power_timeout: float, exchange_timeout: float) -> None:
        self._place, self.reader_name = place, place.name
        self._power_timeout = power_timeout
        self._exchange_timeout = exchange_timeout
        self._lock = threading.RLock()
        self._closed = False
        self._error: LinkError | None = None
        self._card = self._activated()
        self.reader_name = place.name  # its own, now that the device is open
        self.capabilities = remembered(place.name)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU that a gate has let through; response data and the two status bytes come back.

        Raises:
            GateError: the command did not come through a gate.
            UsageError: the link was closed.
            LinkCorrupt: the answer came whole, and is none (under two bytes); same card, not reset.
            CardLost: the card is gone, or its answers are garbled; the link is dead until ``reset``.
            LinkTimeout: the card asked for more time than ``exchange_timeout``; dead too.
            LinkError: as the reader has it; dead too.
        """
        with self._lock:
            self._require_open()
            if self._error is not None:
                raise without_frames(self._error)
            try:
                answer = self._exchanged(command)
            except LinkError as error:
                self._error = without_frames(error)
                raise
            self._last = time.monotonic()
        if len(answer) < 2:
            raise LinkCorrupt(_NO_ANSWER)
        return answer

    def reset(self) -> None:
        """Switch the field off and on, and activate the card that is there: it may be another one.

        Raises:
            UsageError: the link was closed.
            NoCard, TooManyCards, NotMyNumberCard, CardLost, LinkTimeout: the link stays dead, or is dead now.
            LinkError: as the reader has it; likewise.
        """
        with self._lock:
            self._require_open()
            dead, self._error = self._error, self._error or CardLost(SILENT)  # which it stays where this is interrupted
            try:
                self._card = self._activated()
            except LinkError as error:
                self._error = dead or without_frames(error)
                raise
            self._error = None
            was_reset(self)

    def is_present(self) -> bool:
        """Whether the card of this link is still in the field. A link that is dead has none."""
        with self._lock:
            if self._closed or self._error is not None:
                return False
            if self._card.is_present():
                self._last = time.monotonic()
                return True
            self._error = without_frames(self._cause())
            return False

    def close(self) -> None:
        """Send the card to sleep and switch the field off. Closing again does nothing."""
        with self._lock:
            if self._closed:
                return
            if self._error is None:
                self._card.deselect()
            self._place.mute()
            self._closed = True  # only now may another link take the field

    def _activated(self) -> IsoDep:
        card = activate(self._place, self._power_timeout)
        self._last = time.monotonic()
        return card

    def _exchanged(self, command: bytes) -> MaskedBytes:
        if time.monotonic() - self._last > _IDLE_SECONDS and not self._card.is_present():
            raise self._cause()
        try:
            return self._card.transceive(command, self._exchange_timeout, self)
        except LinkCorrupt:  # of blocks: the card and we are not in step any more
            raise CardLost(GARBLED) from None

    def _cause(self) -> LinkError:
        """What ended the card; of the classes that say that the link is dead."""
        try:
            self._card.require_alive()
        except LinkCorrupt:
            return CardLost(GARBLED)
        except LinkError as error:
            return error
        raise AssertionError  # pragma: no cover - asked only where it is dead

    def _require_open(self) -> None:
        if self._closed:
            raise UsageError(_CLOSED)
