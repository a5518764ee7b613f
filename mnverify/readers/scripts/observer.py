"""A link that keeps the shape of what passes, and no byte of data: for reports about readers and cards met in the field."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType, TracebackType
from typing import Self

from mnverify.errors import (
    Cancelled,
    CardLost,
    DifferentCard,
    LinkCorrupt,
    LinkError,
    LinkTimeout,
    MnverifyError,
    NoCard,
    NoReader,
    NotAllowed,
    ReaderInUse,
    ReaderUnsuitable,
    ServiceNotRunning,
    TooManyCards,
)
from mnverify.link import Link, LinkCapabilities, capabilities_of, claim, leave, link_errors, release
from mnverify.masked import MaskedList

LINK_ERRORS: Mapping[str, type[LinkError]] = MappingProxyType(
    {
        "card-lost": CardLost,
        "link-timeout": LinkTimeout,
        "link-corrupt": LinkCorrupt,
        "no-reader": NoReader,
        "no-card": NoCard,
        "service-not-running": ServiceNotRunning,
        "not-allowed": NotAllowed,
        "reader-in-use": ReaderInUse,
        "reader-unsuitable": ReaderUnsuitable,
        "too-many-cards": TooManyCards,
        "different-card": DifferentCard,
        "cancelled": Cancelled,
        "link-error": LinkError,
    }
)
"""The words for what a link raises, in shapes and scripts."""

_WITH_DATA = (0x9000, 0x6281, 0x6282)  # what ends an answer that has data (ISO/IEC 7816-4, 5.6), and:
_MORE = (0x61,)  # first status byte
_WITHOUT_DATA = range(0x61, 0x70)


def error_word(error: BaseException) -> str:
    """The word for an error of a link; ``link-error`` for one that has no word of its own."""
    words = {kind: word for word, kind in LINK_ERRORS.items()}
    return next((words[kind] for kind in type(error).__mro__ if kind in words), "link-error")


@dataclass(frozen=True, slots=True)
class Shape:
    """One exchange, or one reset, without the data of command and answer.

    Attributes:
        header: CLA INS P1 P2; ``None`` for a reset.
        lc: bytes of command data; ``None`` where there are none.
        le: bytes that were asked for (256 or 65536 for "all"); ``None`` where none were.
        extended: the command had three-byte lengths.
        received: bytes of data in the answer; ``None`` where none came.
        status: the status word; ``None`` where none came, or what came last was none (it may be data then).
        error: what the link raised, a word of ``LINK_ERRORS``; ``None`` where it raised nothing.
        ms: how long it took, in milliseconds, to the tenth.
    """

    header: bytes | None
    lc: int | None = None
    le: int | None = None
    extended: bool = False
    received: int | None = None
    status: int | None = None
    error: str | None = None
    ms: float | None = None

    @classmethod
    def of(cls, command: bytes) -> Self:
        """The shape of a command that has not been sent yet."""
        extended = len(command) >= 7 and command[4] == 0
        width, at = (2, 5) if extended else (1, 4)
        header, rest = bytes(command[:4]), len(command) - at - width
        if rest < 0:
            return cls(header)
        length = int.from_bytes(command[at : at + width])
        if rest == 0:
            return cls(header, le=length or 1 << 8 * width, extended=extended)
        le = command[at + width + length :]
        return cls(header, length, (int.from_bytes(le) or 1 << 8 * width) if le else None, extended)


class ObservedLink:
    """Passes everything on to another link, and keeps the shape of each exchange.

    Other attributes than those named here are those of the other link. While it is observed, that link takes no session but
    through here: leave the context, or call ``release``, which resets the card.

    Args:
        link: the link to observe.

    Attributes:
        capabilities: those of the other link.

    Raises:
        DomainBusy: the link has an open session, or is observed already.
        LinkError: the last session could not reset the card, and now it failed again.
    """

    def __init__(self, link: Link) -> None:
        claim(link, self)
        self._link = link
        self._shapes: list[Shape] = []
        self.capabilities: LinkCapabilities = capabilities_of(link)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What has passed so far, in order."""
        return tuple(self._shapes)

    def transmit(self, command: bytes) -> bytes:
        """Pass a command on.

        Raises:
            LinkError: what the other link raises; ``OSError`` and ``TimeoutError`` as their ``LinkError``.
        """
        with self._noted(Shape.of(command)) as answers:
            answer = self._link.transmit(command)
            answers.append(answer)
        return answer

    def reset(self) -> None:
        """Pass a reset on.

        Raises:
            LinkError: as in ``transmit``.
        """
        with self._noted(Shape(None)):
            self._link.reset()

    def release(self) -> None:
        """Give the other link back, with the card reset, if anything was sent. Releasing again does nothing.

        Where the reset fails, the next session on the link has to do it before anything else.
        """
        if not self._shapes:  # the card may be another session's, and that was refused
            leave(self._link, self)
            return
        try:
            release(self._link, self)
        except MnverifyError:
            return  # the link remembers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.release()

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._link, name)

    def __repr__(self) -> str:
        return f"ObservedLink({len(self._shapes)} exchanges)"

    @contextmanager
    def _noted(self, shape: Shape) -> Iterator[list[bytes]]:
        """Keep the shape with what came of it. What was refused before it was sent is no exchange."""
        answers: list[bytes] = MaskedList()
        began = time.perf_counter()
        try:
            with link_errors():
                yield answers
        except BaseException as error:
            if isinstance(error, LinkError) or not isinstance(error, MnverifyError):
                self._add(replace(shape, error=error_word(error)), began)
            raise
        if answers:
            received, status = _outcome(answers.pop())
            shape = replace(shape, received=received, status=status)
        self._add(shape, began)

    def _add(self, shape: Shape, began: float) -> None:
        self._shapes.append(replace(shape, ms=round((time.perf_counter() - began) * 1000, 1)))


def _outcome(answer: object) -> tuple[int, int | None]:
    """Length and status word of an answer. A reader may have cut off the status word: what stands there is data then."""
    if not isinstance(answer, bytes) or len(answer) < 2:
        return 0, None
    received, status = len(answer) - 2, int.from_bytes(answer[-2:])
    known = status in (_WITH_DATA if received else (0x9000,)) or status >> 8 in (_MORE if received else _WITHOUT_DATA)
    return received, status if known else None
