"""What nfcpy and its transports raise, in our classes: by class and errno, never by text.

The classes are named by their dotted names, so that nothing has to be imported to know them. A class that is not in the table
is known by the nearest of its bases that is; one without such a base is a bug, and passes as it is.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, StrEnum, auto
from types import MappingProxyType

from mnverify.errors import CardLost, LinkError, MnverifyError, NoReader, NotAllowed, ReaderInUse, ReaderUnsuitable
from mnverify.text import Text


class Doing(StrEnum):
    """What the reader was asked for. Trouble between computer and reader is a reader that is gone, but for an exchange: there
    the card may be the cause, and a fresh start will tell."""

    OPENING = "opening"
    SENSING = "sensing"
    EXCHANGING = "exchanging"


class _Fault(Enum):
    GONE = auto()
    DENIED = auto()
    BUSY = auto()
    UNSUITABLE = auto()
    SILENT = auto()
    GARBLED = auto()
    TROUBLE = auto()  # the reader's chip, its driver or its cable; which of the two it is depends on what was done
    ERRNO = auto()  # as its errno says


GARBLED = Text(
    "The answers of the card were garbled. Nothing that was read is used; put exactly one card on the middle of the reader.",
    "カードの応答が乱れました。読み取った内容は使いません。カードを1枚だけ、読み取り機の中央に置いてください。",
)
"""A card at the edge of the field, or two of them."""
SILENT = Text(
    "The card was lost in mid-session. Nothing that was read is used; put the card back and start again.",
    "処理の途中でカードとの通信が切れました。読み取った内容は使いません。置き直して最初からやり直してください。",
)
"""No card answers."""
GONE = Text(
    "The NFC reader is not there, or does not answer. Nothing more was sent; plug it in again.",
    "NFC の読み取り機がないか、応答しません。以後は何も送っていません。挿し直してください。",
)
"""No reader answers."""
NO_TYPE_B = Text(
    "This reader cannot read Type B cards, and a My Number Card is one. Nothing was sent; use another reader.",
    "この読み取り機は Type B に対応していないため、マイナンバーカードを読めません。"
    "何も送っていません。別の読み取り機を使ってください。",
)
"""PN531."""

_ERRORS: Mapping[_Fault, tuple[type[LinkError], Text]] = MappingProxyType(
    {
        _Fault.GONE: (NoReader, GONE),
        _Fault.DENIED: (
            NotAllowed,
            Text(
                "This user may not open the NFC reader. Nothing was sent; allow it by a udev rule, and plug the reader in again.",
                "NFC の読み取り機を開く権限がありません。何も送っていません。udev ルールで許可し、挿し直してください。",
            ),
        ),
        _Fault.BUSY: (
            ReaderInUse,
            Text(
                "Another program, pcscd or a kernel driver (port100, pn533_usb) holds the NFC reader. Nothing was sent; end it "
                "(mnverify doctor says how).",
                "NFC の読み取り機を、別のプログラムや pcscd、カーネルのドライバー（port100、pn533_usb）が使っています。"
                "何も送っていません。終了させてください（方法は mnverify doctor）。",
            ),
        ),
        _Fault.UNSUITABLE: (ReaderUnsuitable, NO_TYPE_B),
        _Fault.SILENT: (CardLost, SILENT),
        _Fault.GARBLED: (CardLost, GARBLED),
    }
)

_BY_ERRNO: Mapping[int, _Fault] = MappingProxyType(
    {
        errno.EACCES: _Fault.DENIED,
        errno.EPERM: _Fault.DENIED,
        errno.EBUSY: _Fault.BUSY,
        errno.EAGAIN: _Fault.BUSY,  # a serial port that another program has locked
        errno.ENODEV: _Fault.GONE,
        errno.ENOENT: _Fault.GONE,
        errno.ENXIO: _Fault.GONE,
        errno.ESHUTDOWN: _Fault.GONE,
        errno.EBADF: _Fault.GONE,  # closed meanwhile
    }
)
"""Any other, as ETIMEDOUT and EIO, is trouble between computer and reader."""

_BY_CLASS: Mapping[str, _Fault] = MappingProxyType(
    {
        # nfcpy: contactless front ends
        "nfc.clf.Error": _Fault.TROUBLE,
        "nfc.clf.UnsupportedTargetError": _Fault.UNSUITABLE,
        "nfc.clf.CommunicationError": _Fault.GARBLED,
        "nfc.clf.ProtocolError": _Fault.GARBLED,
        "nfc.clf.TransmissionError": _Fault.GARBLED,
        "nfc.clf.TimeoutError": _Fault.SILENT,
        "nfc.clf.BrokenLinkError": _Fault.SILENT,
        # nfcpy: chips; their drivers turn most of these into those above
        "nfc.clf.pn53x.Chipset.Error": _Fault.TROUBLE,
        "nfc.clf.rcs380.CommunicationError": _Fault.GARBLED,
        "nfc.clf.rcs380.StatusError": _Fault.TROUBLE,
        # nfcpy: layers that are not used here
        "nfc.tag.TagCommandError": _Fault.GARBLED,
        "nfc.llcp.err.Error": _Fault.TROUBLE,
        "nfc.llcp.pdu.Error": _Fault.TROUBLE,
        "nfc.llcp.sec.Error": _Fault.TROUBLE,
        "nfc.snep.client.SnepError": _Fault.TROUBLE,
        # libusb1
        "usb1._libusb1.USBError": _Fault.TROUBLE,
        "usb1.USBErrorAccess": _Fault.DENIED,
        "usb1.USBErrorBusy": _Fault.BUSY,
        "usb1.USBErrorNoDevice": _Fault.GONE,
        "usb1.USBErrorNotFound": _Fault.GONE,
        "usb1.DoomedTransferError": _Fault.GONE,
        # pyserial and the terminal
        "serial.serialutil.SerialException": _Fault.ERRNO,
        "serial.serialutil.SerialTimeoutException": _Fault.TROUBLE,
        "serial.serialutil.PortNotOpenError": _Fault.GONE,
        "termios.error": _Fault.ERRNO,
        # what drivers stumble over when a chip answers what they did not expect
        "builtins.OSError": _Fault.ERRNO,
        "builtins.ArithmeticError": _Fault.TROUBLE,
        "builtins.AssertionError": _Fault.TROUBLE,
        "builtins.AttributeError": _Fault.TROUBLE,
        "builtins.LookupError": _Fault.TROUBLE,
        "builtins.NotImplementedError": _Fault.UNSUITABLE,
        "builtins.TypeError": _Fault.TROUBLE,
        "builtins.UnboundLocalError": _Fault.TROUBLE,
        "builtins.ValueError": _Fault.TROUBLE,
        "struct.error": _Fault.TROUBLE,
    }
)


def is_known(kind: type[BaseException]) -> bool:
    """Whether a class, or one of its bases, is in the table."""
    return _fault_of(kind) is not None


def nfc_error(error: BaseException, doing: Doing) -> LinkError:
    """Our error for one of nfcpy's.

    Args:
        error: what nfcpy or a transport raised.
        doing: what was asked for.

    Raises:
        KeyError: it is not known (`is_known`).
    """
    fault = _fault_of(type(error))
    if fault is None:
        raise KeyError(type(error).__qualname__)
    if fault is _Fault.ERRNO:
        fault = _BY_ERRNO.get(_errno(error), _Fault.TROUBLE)
    if fault is _Fault.TROUBLE:
        fault = _Fault.SILENT if doing is Doing.EXCHANGING else _Fault.GONE
    kind, text = _ERRORS[fault]
    return kind(text)


@contextmanager
def nfc_errors(doing: Doing) -> Iterator[None]:
    """Turn what nfcpy raises into ours. Only calls of nfcpy belong in it: it takes a driver's slips for a reader's trouble.

    Raises:
        LinkError: for every class in the table; others pass, and so do ours.
    """
    try:
        yield
    except MnverifyError:
        raise
    except BaseException as error:
        if not is_known(type(error)):
            raise
        raise nfc_error(error, doing) from None


def _fault_of(kind: type[BaseException]) -> _Fault | None:
    names = (f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__)
    return next((_BY_CLASS[name] for name in names if name in _BY_CLASS), None)


def _errno(error: BaseException) -> int:
    """The number that an ``OSError`` has, or ``termios.error`` begins with; 0 without one."""
    number = error.errno if isinstance(error, OSError) else next(iter(error.args), None)
    return number if isinstance(number, int) else 0
