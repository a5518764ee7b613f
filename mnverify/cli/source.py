"""Where a command's card is: on a reader, virtual, or in a recorded script."""

from __future__ import annotations

import argparse
import sys
from typing import Protocol, Self

from mnverify.card import Link
from mnverify.cli import inputs
from mnverify.errors import DifferentCard, LinkError, NoCard, NoReader, UnreadableFile, UsageError, os_reason
from mnverify.readers import CardLink, Reader, open_reader
from mnverify.text import Text
from mnverify.verification import TrustStore

VIRTUAL = "virtual:"
REPLAY = "replay:"
PRODUCTION = "production"
TERMINAL_WAIT = 30.0
"""Seconds to wait for a card where a person sits at a terminal and ``--wait`` says nothing."""

_MAX_TORN = 3  # a person may put the card back so often
_LOOK_SECONDS = 1.0  # a card that lies there already is seen within this
_MAX_SCRIPT = 1 << 20
_PUT_ON = Text("Put the My Number Card on the reader …", "マイナンバーカードを読み取り機に置いてください …")
_PUT_BACK = Text(
    "The card was lost. Put the same card back on the reader …",
    "カードとの通信が切れました。同じカードをもう一度置いてください …",
)
_NO_REPLAY = Text(
    "A recorded reading is no card in circulation, so it is not verified with production anchors. Nothing was played; give "
    "--trust virtual, --trust test or a file of your own.",
    "記録の再生は実際のカードではないため、本番（production）の認証局では検証しません。何も再生していません。"
    "--trust virtual、--trust test または独自のファイルを指定してください。",
)
_NO_CARD = Text(
    "No card was put on the reader. Nothing was read; put one My Number Card on it, chip to the reader, and try again.",
    "読み取り機にカードがありません。何も読んでいません。マイナンバーカードを1枚だけ置いてやり直してください。",
)


class Source(Protocol):
    """A place that gives a card. A context manager.

    Attributes:
        name: the reader's name, for the evidence.
        challenge: what the card has to be asked, where only that can be answered (a script); else ``None``.
        torn: whether a torn reading may go on, and the card has to be known again for it.
        live: whether an answer comes from a card now; a recorded one proves no presence.
    """

    name: str
    challenge: bytes | None
    torn: bool
    live: bool

    def wait(self) -> None:
        """Wait until a card is there, where waiting makes sense."""

    def connect(self) -> Link:
        """The link to it. The source closes it."""

    def again(self, error: LinkError) -> Link | None:
        """A link to go on with after a torn reading; ``None`` to give up."""

    def close(self) -> None:
        """Let go of everything."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


class _Fixed:
    """A link that is there, and is not put back when it was lost."""

    def __init__(self, name: str, link: Link, challenge: bytes | None = None, *, torn: bool = False) -> None:
        self.name = name
        self.challenge = challenge
        self.torn = torn
        self.live = challenge is None
        self._link = link

    def wait(self) -> None:
        """There is nothing to wait for."""

    def connect(self) -> Link:
        """The link."""
        return self._link

    def again(self, error: LinkError) -> Link | None:
        """Give up."""
        return None

    def close(self) -> None:
        """There is nothing to close."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class ReaderSource:
    """A real reader.

    Args:
        reader: it is closed with the source.
        wait: seconds to wait for a card, and for one that was lost.
        lang: of what is said to the person.
    """

    def __init__(self, reader: Reader, wait: float, lang: str) -> None:
        self.name = reader.info.name
        self.challenge: bytes | None = None
        self.torn = wait > 0
        self.live = True
        self._reader = reader
        self._wait = wait
        self._lang = lang
        self._link: CardLink | None = None
        self._torn = 0

    def wait(self) -> None:
        """Wait for a card.

        Raises:
            NoCard: none came.
            LinkError: the reader or its service is gone.
        """
        if self._reader.wait_for_card(min(_LOOK_SECONDS, self._wait)):
            return
        if self._wait > _LOOK_SECONDS:
            self._say(_PUT_ON)
            if self._reader.wait_for_card(self._wait - _LOOK_SECONDS):
                return
        raise NoCard(_NO_CARD)

    def connect(self) -> Link:
        """Take the card."""
        self._let_go()
        self._link = self._reader.connect()
        return self._link

    def again(self, error: LinkError) -> Link | None:
        """Ask for the card again, a few times, where there is time to."""
        self._torn += 1
        if self._wait <= 0 or self._torn > _MAX_TORN:
            return None
        self._let_go()
        different = isinstance(error, DifferentCard)
        self._say(error.text if different else _PUT_BACK)
        if different and not self._reader.wait_for_removal(self._wait):
            return None
        if not self._reader.wait_for_card(self._wait):
            return None
        return self.connect()

    def close(self) -> None:
        """Reset the card, let go of the reader."""
        self._let_go()
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _let_go(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _say(self, text: Text) -> None:
        print(text.in_language(self._lang), file=sys.stderr, flush=True)


def open_source(options: argparse.Namespace, trust: TrustStore | None = None) -> Source:
    """What ``--reader`` and ``--wait`` name.

    Args:
        options: of the command.
        trust: the anchors that what is read will be verified with; ``None`` where nothing is.

    Raises:
        NoReader: there is no such reader, or no such persona.
        ScriptError: ``replay:FILE`` is not a script.
        UsageError: a script was to be verified with production anchors: it is no card in circulation.
        MnverifyError: as ``open_reader`` says.
    """
    selector: str | None = options.reader
    if selector is not None and selector.startswith(VIRTUAL):
        return _Fixed(selector, inputs.virtual_card(selector.removeprefix(VIRTUAL)))
    if selector is not None and selector.startswith(REPLAY):
        if trust is not None and PRODUCTION in {anchor.environment for anchor in trust.anchors}:
            raise UsageError(_NO_REPLAY)
        return _replay(selector.removeprefix(REPLAY))
    wait = options.wait if options.wait is not None else (TERMINAL_WAIT if sys.stdin.isatty() else 0.0)
    return ReaderSource(_open(selector), wait, options.lang)


def _open(selector: str | None) -> Reader:
    try:
        return open_reader(selector)
    except NoReader as error:
        hint = Text(
            f"{error.text.en} Without a card, try --reader virtual:PERSONA (see: mnverify card list).",
            f"{error.text.ja}カードなしで試すには --reader virtual:PERSONA（一覧は mnverify card list）を使ってください。",
        )
        raise NoReader(hint) from None


def _replay(path: str) -> Source:
    from mnverify.readers import ReplayLink, Script

    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_SCRIPT + 1)
    except OSError as error:
        raise UnreadableFile(path, os_reason(error)) from None
    script = Script.from_json(data)
    return _Fixed("replay", ReplayLink(script), script.challenge, torn=script.signs_first)
