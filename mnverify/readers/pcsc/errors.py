"""What PC/SC reports, as our errors: one table of result codes, one of pyscard's exception classes, and nothing else.

The codes are those of winscard.h and pcsclite.h. pyscard's classes are known by their dotted names, so that this module
imports nothing of pyscard; a test compares both tables with what is installed.
"""

from __future__ import annotations

from types import TracebackType

from mnverify.errors import LinkError
from mnverify.readers.pcsc.texts import (
    CANCELLED,
    EMPTY,
    IN_USE,
    LOST,
    MUTE,
    NO_ROOM,
    NO_SERVICE,
    NOT_ALLOWED,
    READER_GONE,
    SERVICE_GONE,
    TIMED_OUT,
    TROUBLE,
    UNSUITABLE,
    Doing,
    Meaning,
    made,
)

# By result code. What a card does has two names: `pcsc_error` picks the one for before or within a session.
CODES: dict[int, Meaning] = {
    0x8010001D: NO_SERVICE,
    # F_INTERNAL_ERROR, E_INVALID_HANDLE, E_SYSTEM_CANCELLED, F_COMM_ERROR, P_SHUTDOWN, E_SERVICE_STOPPED, E_UNKNOWN_RES_MNG
    **dict.fromkeys((0x80100001, 0x80100003, 0x80100012, 0x80100013, 0x80100018, 0x8010001E, 0x8010002B), SERVICE_GONE),
    **dict.fromkeys((0x80100027, 0x8010006A), NOT_ALLOWED),  # E_NO_ACCESS, W_SECURITY_VIOLATION
    0x8010000B: IN_USE,  # E_SHARING_VIOLATION
    **dict.fromkeys((0x80100006, 0x80100031), NO_ROOM),  # E_NO_MEMORY, E_SERVER_TOO_BUSY
    # E_UNKNOWN_READER, E_READER_UNAVAILABLE, E_NO_READERS_AVAILABLE
    **dict.fromkeys((0x80100009, 0x80100017, 0x8010002E), READER_GONE),
    **dict.fromkeys((0x8010001A, 0x8010001B), UNSUITABLE),  # E_READER_UNSUPPORTED, E_DUPLICATE_READER
    **dict.fromkeys((0x8010000C, 0x80100069), EMPTY),  # E_NO_SMARTCARD, W_REMOVED_CARD
    # E_UNKNOWN_CARD, E_PROTO_MISMATCH, E_INVALID_ATR, E_CARD_UNSUPPORTED, W_UNSUPPORTED_, W_UNRESPONSIVE_, W_UNPOWERED_CARD
    **dict.fromkeys((0x8010000D, 0x8010000F, 0x80100015, 0x8010001C, 0x80100065, 0x80100066, 0x80100067), MUTE),
    # E_NOT_READY, E_NOT_TRANSACTED, E_COMM_DATA_LOST, W_RESET_CARD
    **dict.fromkeys((0x80100010, 0x80100016, 0x8010002F, 0x80100068), LOST),
    **dict.fromkeys((0x80100007, 0x8010000A), TIMED_OUT),  # F_WAITED_TOO_LONG, E_TIMEOUT
    **dict.fromkeys((0x80100002, 0x8010006E), CANCELLED),  # E_CANCELLED, W_CANCELLED_BY_USER
    # What no call of ours brings about, but a driver might pass on: parameters, buffers, files, certificates, other PINs.
    **dict.fromkeys((0x80100004, 0x80100005, 0x80100008, 0x8010000E, 0x80100011, 0x80100014, 0x80100019), TROUBLE),
    **dict.fromkeys((0x8010001F, *range(0x80100020, 0x80100027), 0x80100028, 0x80100029, 0x8010002A), TROUBLE),
    **dict.fromkeys((0x8010002C, 0x8010002D, 0x80100030, *range(0x8010006B, 0x8010006E), 0x8010006F), TROUBLE),
}

# By class, where it carries no code. All are from version 2.3 on; a subclass counts as its base.
_EXCEPTIONS = "smartcard.Exceptions."
_PCSC_EXCEPTIONS = "smartcard.pcsc.PCSCExceptions."
CLASSES: dict[str, Meaning] = {
    "scard.error": TROUBLE,  # smartcard.scard.error, by the name it gives itself
    "smartcard.reader.ReaderGroups.BadReaderGroupException": TROUBLE,
    _EXCEPTIONS + "SmartcardException": TROUBLE,
    _EXCEPTIONS + "CardConnectionException": LOST,
    _EXCEPTIONS + "CardRequestException": SERVICE_GONE,
    _EXCEPTIONS + "CardRequestTimeoutException": EMPTY,
    _EXCEPTIONS + "CardServiceException": TROUBLE,
    _EXCEPTIONS + "CardServiceStoppedException": SERVICE_GONE,
    _EXCEPTIONS + "CardServiceNotFoundException": NO_SERVICE,
    _EXCEPTIONS + "InvalidATRMaskLengthException": TROUBLE,
    _EXCEPTIONS + "InvalidReaderException": READER_GONE,
    _EXCEPTIONS + "ListReadersException": SERVICE_GONE,
    _EXCEPTIONS + "NoCardException": EMPTY,
    _EXCEPTIONS + "NoReadersException": READER_GONE,
    _PCSC_EXCEPTIONS + "BaseSCardException": TROUBLE,  # of its own, not a SmartcardException
    _PCSC_EXCEPTIONS + "EstablishContextException": NO_SERVICE,
    _PCSC_EXCEPTIONS + "ListReadersException": SERVICE_GONE,
    _PCSC_EXCEPTIONS + "ReleaseContextException": SERVICE_GONE,
    **{
        f"{_PCSC_EXCEPTIONS}{name}Exception": TROUBLE
        for name in ("AddReaderToGroup", "IntroduceReader", "RemoveReaderFromGroup")
    },
    **{
        f"smartcard.sw.SWExceptions.{name}Exception": TROUBLE
        for name in ("SW", "CheckingError", "ExecutionError", "SecurityRelated", "WarningProcessing")
    },
}


def pcsc_error(cause: BaseException | int, doing: Doing) -> LinkError:
    """Our error for a result code or an exception of pyscard. The cause's own text is not taken over.

    Args:
        cause: a result code, signed or not, or an exception.
        doing: what was being done.
    """
    code = cause & 0xFFFFFFFF if isinstance(cause, int) else _code_of(cause)
    meaning = _meaning(cause, code)
    if meaning is NO_SERVICE and doing not in (Doing.LIST, Doing.CONNECT):
        meaning = SERVICE_GONE  # it was there when the wait began, or when the card was taken
    if doing in (Doing.CONNECT, Doing.RESET):
        meaning = MUTE if meaning in (LOST, TROUBLE) else meaning
    elif doing is Doing.EXCHANGE:
        meaning = LOST if meaning in (EMPTY, MUTE) else meaning
    return made(meaning, doing, code)


class pcsc_errors:  # noqa: N801  # used as a function is
    """A context in which exceptions of pyscard become ours. All others pass.

    Args:
        doing: what is being done.

    Raises:
        LinkError: by class and code.
    """

    def __init__(self, doing: Doing) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is not None and _is_pyscards(error):
            raise pcsc_error(error, self._doing) from None


def dotted_name(kind: type[BaseException]) -> str:
    """The name that the table of classes has for a class."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _meaning(cause: BaseException | int, code: int | None) -> Meaning:
    if code is not None:
        return CODES.get(code, TROUBLE)
    names = (dotted_name(kind) for kind in type(cause).__mro__)
    return next((CLASSES[name] for name in names if name in CLASSES), TROUBLE)


def _code_of(error: BaseException) -> int | None:
    """The result code that an exception carries. -1 is pyscard's word for none; 0 is what an empty answer has."""
    code = getattr(error, "hresult", None)
    return code & 0xFFFFFFFF if isinstance(code, int) and code not in (-1, 0) else None


def _is_pyscards(error: BaseException) -> bool:
    return any(kind.__module__.split(".")[0] in ("scard", "smartcard") for kind in type(error).__mro__)
