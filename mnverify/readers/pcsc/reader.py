"""Readers over PC/SC: their list, and one of them."""

from __future__ import annotations

import re
import threading
import time
import weakref

from mnverify.errors import LinkError, NoReader, UsageError
from mnverify.readers.model import (
    EXCHANGE_SECONDS,
    POWER_SECONDS,
    Reader,
    ReaderInfo,
    ReaderKind,
    remembered,
)
from mnverify.readers.pcsc import api
from mnverify.readers.pcsc.absence import Absence
from mnverify.readers.pcsc.context import Context, look_at_all, look_once
from mnverify.readers.pcsc.link import PcscLink
from mnverify.readers.pcsc.texts import CANCELLED, READER_GONE, Doing, made
from mnverify.text import Text

SLICE_SECONDS = 0.25
"""The longest single wait: how long ``cancel`` may take to be noticed."""

_NAME_LIMIT = 128  # characters, as evidence takes them
_CONTACTLESS = re.compile(
    r"contactless|\b(nfc|picc|cl|rfid|felica|pasori|rc-?s\d+|acr122\w*|acr12[57]\w*)\b", re.IGNORECASE
)
_CONTACT = re.compile(r"\b(sam|icc|contact)\b", re.IGNORECASE)


def pcsc_readers() -> list[ReaderInfo]:
    """The readers that the PC/SC service knows, in its order. No card is touched.

    Raises:
        MissingExtra: pyscard is not installed.
        ServiceNotRunning, NotAllowed: as they say.
    """
    return [_info(name, state) for name, state in look_at_all()]


class PcscReader(Reader):
    """One reader over PC/SC. Making it touches nothing; it may be made before the reader is plugged in.

    Args:
        name: as PC/SC has it (``ReaderInfo.selector``).
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = _printable(name)
        self._cancelled = threading.Event()
        self._closed = False
        self._absence = Absence()
        self._links: weakref.WeakSet[PcscLink] = weakref.WeakSet()

    @property
    def info(self) -> ReaderInfo:
        """Its description, as of now; ``card_present`` is ``None`` where the service or the reader is gone."""
        try:
            state = look_once(self._name)
        except LinkError:
            state = None
        return _info(self._name, state)

    def connect(self, *, timeout: float = POWER_SECONDS, exchange_timeout: float = EXCHANGE_SECONDS) -> PcscLink:
        """See ``Reader``. A call of an earlier link that has not come back is waited for, within the timeout."""
        self._require_open()
        link = PcscLink(self._name, self._shown, timeout, exchange_timeout)
        self._links.add(link)
        return link

    def wait_for_card(self, timeout: float | None = None) -> bool:
        """See ``Reader``. A card that does not answer counts; ``connect`` says so then."""
        return self._wait(timeout, present=True)

    def wait_for_removal(self, timeout: float | None = None) -> bool:
        """See ``Reader``."""
        try:
            return self._wait(timeout, present=False)
        except NoReader:
            return True

    def cancel(self) -> None:
        """See ``Reader``."""
        self._cancelled.set()

    def close(self) -> None:
        """See ``Reader``."""
        self._closed = True
        self._cancelled.set()
        for link in tuple(self._links):
            link.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown})"

    def _wait(self, timeout: float | None, *, present: bool) -> bool:
        self._require_open()
        deadline = None if timeout is None else time.monotonic() + timeout
        bits, seconds = 0, 0.0
        with Context() as context:
            while True:
                self._require_not_cancelled()
                state = context.states({self._name: bits}, seconds)[self._name]
                if self._absence.is_to_be_asked(self._name, state):
                    state = context.look_for_card(self._name)
                if not state.known:
                    raise made(READER_GONE, Doing.WAIT)
                if state.present is present:
                    return True
                left = SLICE_SECONDS if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    return False
                bits, seconds = state.bits, max(min(left, SLICE_SECONDS), 0.001)

    def _require_not_cancelled(self) -> None:
        if self._cancelled.is_set():
            self._cancelled.clear()
            raise made(CANCELLED, Doing.WAIT)

    def _require_open(self) -> None:
        if self._closed:
            raise UsageError(
                Text("This reader was closed. Open it again.", "この読み取り機は閉じられています。開き直してください。")
            )


def _info(name: str, state: api.State | None) -> ReaderInfo:
    """The description of a reader, by its name, its state, and what was learnt of it."""
    shown = _printable(name)
    carries = remembered(shown)
    known = state is not None and state.known
    return ReaderInfo(
        name=shown,
        kind=ReaderKind.PCSC,
        selector=name,
        contactless=_contactless(name, state.atr if state is not None and state.present else b""),
        card_present=state.present if state is not None and known else None,
        extended=carries.extended,
        max_short=carries.max_short,
    )


def _contactless(name: str, atr: bytes) -> bool | None:
    """By the card's answer to reset, which the reader makes up for a contactless card (PC/SC part 3, §3.1.3.2.3): 3B 8n 80 01;
    else by words that makers put in names."""
    if len(atr) >= 4:
        return atr[0] == 0x3B and atr[1] >> 4 == 8 and atr[2:4] == b"\x80\x01"
    if _CONTACTLESS.search(name):
        return True
    return False if _CONTACT.search(name) else None


def _printable(name: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in name)[:_NAME_LIMIT]
