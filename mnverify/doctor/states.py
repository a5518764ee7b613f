"""What the PC/SC service knows of the card on each reader: held by another program, or not answering. It is asked, not the card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnverify.errors import LinkError
from mnverify.readers.model import ReaderInfo
from mnverify.text import Text

_EXCLUSIVE, _IN_USE, _MUTE = 0x80, 0x100, 0x200  # SCARD_STATE_… of winscard.h
_HELD = Text(
    "Another program uses the card on it. Close it (a browser, a signing client, another window), and try again.",
    "置かれたカードをほかのプログラムが使っています。ブラウザーや利用者クライアントソフトなどを終了してください。",
)
_SILENT = Text(
    "What lies on it does not answer. Turn the card over (chip side to the reader), take other cards off, and put it on again.",
    "置かれたカードが応答しません。裏表と向き（IC チップ側を読み取り機へ）を確かめ、ほかのカードを除いて置き直してください。",
)


def pcsc_readers_with_notes() -> Sequence[ReaderInfo]:
    """The readers of PC/SC, with a note where a card could not be taken now.

    Raises:
        MissingExtra, ServiceNotRunning, NotAllowed: as ``pcsc_readers``.
    """
    from mnverify.readers.pcsc.reader import pcsc_readers

    return [replace(info, note=info.note or state_note(_bits(info.selector))) for info in pcsc_readers()]


def state_note(bits: int) -> Text | None:
    """What is to be said of a reader's state.

    Args:
        bits: ``SCARD_STATE_…``.
    """
    if bits & _MUTE:
        return _SILENT
    return _HELD if bits & (_EXCLUSIVE | _IN_USE) else None


def _bits(name: str) -> int:
    """The state; 0 where the reader or the service went away meanwhile."""
    from mnverify.readers.pcsc import api as pcsc_api

    try:
        context = pcsc_api.establish()
        try:
            return pcsc_api.states(context, {name: 0}, 0)[name].bits
        finally:
            pcsc_api.release(context)
    except LinkError:
        return 0
