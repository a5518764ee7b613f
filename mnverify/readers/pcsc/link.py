"""The link to one card over PC/SC."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from mnverify.errors import LinkCorrupt, LinkError, UsageError
from mnverify.link import LinkCapabilities, was_reset
from mnverify.readers.model import CardLink, remembered
from mnverify.readers.pcsc import api
from mnverify.readers.pcsc.card_handle import SETTLE_SECONDS, CardHandle
from mnverify.readers.pcsc.connection import CLOSE_SECONDS, CardConnection
from mnverify.readers.pcsc.context import look_once
from mnverify.readers.pcsc.errors import pcsc_error
from mnverify.readers.pcsc.texts import LOST, Doing, made
from mnverify.text import Text

_LOOK_SECONDS = 2.0
# Broken, but perhaps only this exchange: besides these, codes of drivers on Windows, which are small numbers.
_DOUBTFUL = frozenset(
    (
        api.OK,  # an answer of less than two bytes
        api.COMM_ERROR,
        0x80100004,  # E_INVALID_PARAMETER
        0x80100008,  # E_INSUFFICIENT_BUFFER
        0x8010000F,  # E_PROTO_MISMATCH
        0x80100011,  # E_INVALID_VALUE
        0x80100014,  # F_UNKNOWN_ERROR
        0x80100016,  # E_NOT_TRANSACTED
        0x8010001F,  # E_UNEXPECTED; pcsc-lite: E_UNSUPPORTED_FEATURE
        0x80100022,  # E_UNSUPPORTED_FEATURE
        0x8010002F,  # E_COMM_DATA_LOST
    )
)
_WINDOWS_CODES = range(1, 0x10000)

_asked: dict[str, LinkCapabilities] = {}  # by reader: whose driver has been asked, for as long as this is remembered


class PcscLink(CardLink):
    """The card on one reader, held exclusively. Made by ``PcscReader.connect``.

    Args:
        reader: the reader's name, as PC/SC has it.
        shown: the same as people and evidence may see it.
        timeout: seconds to power the card, now and at each ``reset``.
        exchange_timeout: deadline of each exchange, in seconds.

    Raises:
        LinkError: as ``Reader.connect`` says.
    """

    def __init__(self, reader: str, shown: str, timeout: float, exchange_timeout: float) -> None:
        self.reader_name = shown
        self.capabilities = remembered(shown)
        self._reader = reader
        self._timeout, self._exchange_timeout = timeout, exchange_timeout
        self._lock = threading.Lock()
        self._dead: tuple[type[LinkError], Text] | None = None
        self._closed = False
        self._at_close: Callable[[], None] | None = None
        self._connection = CardConnection(reader)
        self._finalizer = weakref.finalize(self, self._connection.drop)
        self._finalizer.atexit = False  # the connection is closed then, and waited for
        self._connection.connect(timeout)
        self._learn()

    def transmit(self, command: bytes) -> bytes:
        """See ``CardLink``."""
        with self._lock:
            self._require_open()
            if self._dead is not None:
                kind, text = self._dead
                raise kind(text)
            try:
                code, answer = self._connection.call(
                    lambda handle: handle.exchange(command, self), self._exchange_timeout, Doing.EXCHANGE
                )
                if code != api.OK or len(answer) < 2:
                    raise self._judged(code)
            except LinkCorrupt:
                raise
            except LinkError as error:
                self._dead = type(error), error.text
                raise
            return answer

    def reset(self) -> None:
        """See ``CardLink``."""
        with self._lock:
            self._require_open()
            try:
                self._connection.reset(self._timeout)
            except LinkError as error:
                self._dead = type(error), error.text
                raise
            self._dead = None
            was_reset(self)

    def is_present(self) -> bool:
        """See ``CardLink``. It may be called while another thread is in an exchange."""
        if self._closed or self._dead is not None:
            return False
        try:
            state = look_once(self._reader)
        except LinkError:
            return False
        return state.present and state.counter == self._connection.counter

    def close(self) -> None:
        """See ``CardLink``. At most two seconds; a reader that takes longer is released when it allows it."""
        self._closed = True
        if self._lock.acquire(timeout=CLOSE_SECONDS):
            try:
                self._finalizer.detach()
                self._connection.close()
            finally:
                self._lock.release()
        else:  # another thread is in an exchange: everything is released after it
            self._finalizer()
        at_close, self._at_close = self._at_close, None
        if at_close is not None:
            at_close()

    def at_close(self, action: Callable[[], None]) -> None:
        """Have something closed with this link."""
        self._at_close = action

    def _learn(self) -> None:
        """Ask the driver whether it carries extended length, once per reader. A yes is left to the card to confirm."""
        if _asked.get(self._reader) is self.capabilities or self.capabilities.extended is not None:
            return
        _asked[self._reader] = self.capabilities
        try:
            if self._connection.call(CardHandle.extended, self._timeout, Doing.CONNECT) is False:
                self.capabilities.extended = False
        except BaseException:
            self._connection.close()
            raise

    def _judged(self, code: int) -> LinkError:
        """The error for an exchange that went wrong: is it the exchange, or the card?"""
        if code in _DOUBTFUL or code in _WINDOWS_CODES:
            if self._connection.call(CardHandle.is_same_card, SETTLE_SECONDS + _LOOK_SECONDS, Doing.EXCHANGE):
                return LinkCorrupt(_BROKEN.fill(code=f"0x{code:08X}"))
            return made(LOST, Doing.EXCHANGE, code)
        return pcsc_error(code, Doing.EXCHANGE)

    def _require_open(self) -> None:
        if self._closed:
            raise UsageError(
                Text(
                    "This link was closed. Nothing was sent; connect again.",
                    "この接続は閉じられています。何も送っていません。接続し直してください。",
                )
            )


_BROKEN = Text(
    "The reader could not carry this exchange ({code}). The card is still there; read again, or use another reader.",
    "読み取り機がこの通信を処理できませんでした（{code}）。カードはそのままです。"
    "もう一度読み取るか、別の読み取り機を使ってください。",
)
