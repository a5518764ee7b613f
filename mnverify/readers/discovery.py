"""Which readers are here, over both stacks, and which of them a selector means."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from mnverify.errors import MissingExtra, MnverifyError, NoReader, ReaderUnsuitable, UsageError
from mnverify.readers.model import CardWatch, Reader, ReaderInfo, ReaderKind
from mnverify.text import Text

NFC_PREFIXES = ("usb", "tty", "com", "udp")
"""First words of nfcpy's paths, before a colon or alone (``usb``)."""
_MOST_DIGITS = 9  # of an index

_NONE = Text(
    "There is no card reader. Nothing was read; plug one in, or let mnverify doctor look for the cause.",
    "読み取り機が見つかりません。何も読んでいません。読み取り機を接続するか、mnverify doctor で原因を調べてください。",
)


class Survey(NamedTuple):
    """What was found.

    Attributes:
        readers: in the order of their ``index``: PC/SC first, in the order of the service.
        problems: why a stack could not be asked, one for each.
    """

    readers: tuple[ReaderInfo, ...]
    problems: tuple[MnverifyError, ...]


def survey() -> Survey:
    """Ask both stacks. What one cannot tell is a problem, not an error."""
    found: list[ReaderInfo] = []
    problems: list[MnverifyError] = []
    for stack in (_pcsc, _nfc):
        try:
            found += stack()
        except MnverifyError as problem:
            problems.append(problem)
    return Survey(tuple(replace(info, index=at) for at, info in enumerate(found)), tuple(problems))


def list_readers() -> tuple[ReaderInfo, ...]:
    """The readers here; none of them is opened, and no card is touched.

    Serial NFC readers (``tty:…``, ``com:…``) are not searched for: that would write to whatever hangs on the port.

    Raises:
        MissingExtra: neither of the extras ``pcsc`` and ``nfc`` is installed.
        ServiceNotRunning, NotAllowed, LinkError: no reader was found, and this is why one stack could not be asked.
    """
    found = survey()
    if not found.readers:
        _raise_cause(found)
    return found.readers


def open_reader(selector: str | int | None = None) -> Reader:
    """Open one reader.

    Args:
        selector: its index in ``list_readers`` (a number, or digits); its PC/SC name, or a part of it that no other name
            has; a path of nfcpy: ``usb``, ``usb:054c:06c3``, ``usb:001:012``, ``tty:USB0:pn532``, ``udp:localhost:54321``.
            ``None`` takes the first usable one, before others one that a card lies on.

    Raises:
        NoReader: there is none, or none such.
        UsageError: the selector means more than one reader, or is malformed.
        ReaderUnsuitable: it cannot read a My Number Card over this stack.
        MissingExtra, ServiceNotRunning, NotAllowed, ReaderInUse: as they say.
    """
    if isinstance(selector, bool) or not isinstance(selector, str | int | None):
        raise _no_selector()
    if isinstance(selector, str) and is_nfc_path(selector):
        return _open_nfc(selector)
    info = _chosen(survey(), selector)
    if not info.usable:
        raise ReaderUnsuitable(info.note or _NONE)
    if info.kind is ReaderKind.NFC:
        return _open_nfc(info.selector)
    from mnverify.readers.pcsc.reader import PcscReader

    return PcscReader(info.selector)


def watch_cards(selector: str | None = None) -> CardWatch:
    """Events of cards and readers, for as long as the program runs.

    Args:
        selector: a path of nfcpy for one NFC reader; ``None`` for all PC/SC readers.

    Raises:
        MissingExtra: the stack's package is not installed.
        UsageError: any other selector: events of PC/SC come from all readers, and carry the name.
    """
    if selector is None:
        from mnverify.readers.pcsc.watch import PcscWatch

        return PcscWatch()
    if not isinstance(selector, str):
        raise _no_selector()
    if not is_nfc_path(selector):
        raise UsageError(
            Text(
                "Watch all PC/SC readers (no selector) or one NFC reader (its path).",
                "PC/SC はすべての読み取り機（指定なし）、NFC はパスを指定して監視してください。",
            )
        )
    from mnverify.readers.nfc.watch import NfcWatch

    return NfcWatch(selector)


def _no_selector() -> UsageError:
    return UsageError(
        Text(
            "A reader is named by a number or text. Nothing was opened; mnverify readers lists them.",
            "読み取り機は番号か名前で指定してください。何も開いていません。一覧は mnverify readers で確認できます。",
        )
    )


def is_nfc_path(selector: str) -> bool:
    """Whether a selector is a path of nfcpy and no name of a PC/SC reader."""
    first, colon, _ = selector.partition(":")
    return first in NFC_PREFIXES and (bool(colon) or first == "usb")


def _chosen(found: Survey, selector: str | int | None) -> ReaderInfo:
    if not found.readers:
        _raise_cause(found)
    if selector is None:
        usable = [info for info in found.readers if info.usable] or list(found.readers)
        return max(usable, key=lambda info: info.card_present is True)  # the first of the best
    if isinstance(selector, int) or (selector.isdecimal() and len(selector) <= _MOST_DIGITS):
        at = int(selector)
        if not 0 <= at < len(found.readers):
            raise _no_such(str(at), found)
        return found.readers[at]
    return _named(found, selector)


def _named(found: Survey, name: str) -> ReaderInfo:
    exact = [info for info in found.readers if name in (info.name, info.selector)]
    part = exact or [info for info in found.readers if name.casefold() in info.name.casefold()]
    if not part or not name.strip():
        raise _no_such(name, found)
    if len(part) > 1:
        raise UsageError(
            Text(
                f"{name!r} means more than one reader ({_names(part)}). Nothing was read; give the whole name or an index.",
                f"{name!r} に当てはまる読み取り機が複数あります（{_names(part)}）。"
                "何も読んでいません。名前全体か番号で指定してください。",
            )
        )
    return part[0]


def _no_such(name: str, found: Survey) -> NoReader:
    return NoReader(
        Text(
            f"There is no reader {name!r}; there is: {_names(found.readers)}. Nothing was read.",
            f"読み取り機 {name!r} はありません（接続中: {_names(found.readers)}）。何も読んでいません。",
        )
    )


def _names(readers: tuple[ReaderInfo, ...] | list[ReaderInfo]) -> str:
    return ", ".join(f"{info.index}: {info.name}" for info in readers)


def _raise_cause(found: Survey) -> None:
    """Why there is no reader: a stack that is there but cannot be asked tells more than one that is not installed."""
    missing = [problem for problem in found.problems if isinstance(problem, MissingExtra)]
    others = [problem for problem in found.problems if not isinstance(problem, MissingExtra)]
    if others:
        raise others[0]
    if len(missing) == 2:
        raise missing[0]
    raise NoReader(_NONE)


def _pcsc() -> list[ReaderInfo]:
    from mnverify.readers.pcsc.reader import pcsc_readers

    return pcsc_readers()


def _nfc() -> list[ReaderInfo]:
    from mnverify.readers.nfc.reader import nfc_readers

    return nfc_readers()


def _open_nfc(path: str) -> Reader:
    from mnverify.readers.nfc.reader import NfcReader

    return NfcReader(path)
