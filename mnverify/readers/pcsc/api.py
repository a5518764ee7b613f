"""The few functions of PC/SC that the readers use: each gives data or raises our error. The one module that knows pyscard.

It is pyscard's lowest layer (``smartcard.scard``): result codes, and contexts of our own. Importing it starts no thread and
logs nothing. pcsc-lite's client reads ``PCSCLITE_CSOCK_NAME`` once per process, at its first call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mnverify.errors import MissingExtra
from mnverify.masked import MaskedBytes, MaskedList
from mnverify.readers.pcsc.errors import pcsc_error, pcsc_errors
from mnverify.readers.pcsc.texts import HUNG_UP, NO_SERVICE, Doing, made

OK = 0
COMM_ERROR = 0x80100013
TIMEOUT = 0x8010000A
NO_READERS = 0x8010002E

# Bits of a state. GONE is UNKNOWN or UNAVAILABLE, IN_USE is EXCLUSIVE or INUSE.
PRESENT, MUTE, GONE, CHANGED, IN_USE = 0x20, 0x200, 0x0C, 0x02, 0x180
NOTIFICATION = "\\\\?PnP?\\Notification"
"""A name that stands for the list of readers in ``states``: it changes when a reader comes or goes."""

LEAVE, UNPOWER = 0, 2
"""What becomes of the card. A warm reset (1) is not enough: others found that a real card keeps a verified credential
through one, and loses it only with its power."""

_SCOPE_USER = 0
SHARING_VIOLATION = 0x8010000B
EXCLUSIVE, SHARED, _DIRECT = 1, 2, 3
"""How a card is taken. Shared counts only within a transaction, which keeps others out too; direct is the reader alone."""
_T0_OR_T1 = 3
_FEATURE_REQUEST = 3400  # CM_IOCTL_GET_FEATURE_REQUEST of PC/SC part 10, §2.2


class State(NamedTuple):
    """The state of one reader.

    Attributes:
        bits: as PC/SC has them; the high word counts insertions and removals.
        atr: the answer to reset of the card that is there.
    """

    bits: int = 0
    atr: bytes = b""

    @property
    def known(self) -> bool:
        """Whether there is such a reader."""
        return not self.bits & GONE

    @property
    def present(self) -> bool:
        """Whether a card is there, be it one that does not answer."""
        return self.known and bool(self.bits & PRESENT)

    @property
    def in_use(self) -> bool:
        """Whether a program is connected to the card."""
        return bool(self.bits & IN_USE)

    @property
    def mute(self) -> bool:
        """Whether the card does not answer to a reset."""
        return bool(self.bits & MUTE)

    @property
    def counter(self) -> int:
        """How often a card came or went since the service knows the reader, by 16 bits."""
        return self.bits >> 16 & 0xFFFF


def _scard() -> Any:
    """pyscard's lowest layer.

    Raises:
        MissingExtra: pyscard is not installed.
        ServiceNotRunning: it is, but not the system's PC/SC library. (Where the library cannot be opened on Linux, the
            import succeeds, and every call answers that no service runs.)
    """
    try:
        import smartcard.scard
    except ModuleNotFoundError:
        raise MissingExtra("pyscard", "pcsc") from None
    except ImportError:
        raise made(NO_SERVICE, Doing.LIST) from None
    return smartcard.scard


def load() -> None:
    """Import pyscard, so that it is known whether it is there.

    Raises:
        MissingExtra, ServiceNotRunning: as they say.
    """
    _scard()


def establish() -> int:
    """A context: one client's place at the service. It carries one blocking call at a time.

    Raises:
        MissingExtra, ServiceNotRunning, NotAllowed: as they say.
    """
    for _ in range(2):
        code, context = _call(Doing.CONNECT, "SCardEstablishContext", _SCOPE_USER)
        if code == OK:
            return int(context)
        if code != COMM_ERROR:
            raise pcsc_error(code, Doing.CONNECT)
    # It answers the door and hangs up, twice: how pcscd refuses whom polkit does not know.
    raise made(HUNG_UP, Doing.CONNECT)


def release(context: int) -> None:
    """Give a context back, with the cards connected through it. A service that is gone has forgotten it already."""
    _call(Doing.CONNECT, "SCardReleaseContext", context)


def readers(context: int) -> list[str]:
    """The names of the readers there are.

    Raises:
        LinkError: the service does not tell.
    """
    code, names = _call(Doing.LIST, "SCardListReaders", context, [])
    if code == NO_READERS:
        return []
    _require(code, Doing.LIST)
    return [str(name) for name in names]


def states(context: int, known: Mapping[str, int], milliseconds: int) -> dict[str, State]:
    """Wait until the state of a reader is no longer what is known of it, at most ``milliseconds``.

    Args:
        context: used by no other call.
        known: the bits by reader; 0 for a reader whose state is not known, which ends the wait at once.
        milliseconds: 0 to look once.

    Returns:
        The states of all these readers, changed or not.

    Raises:
        NoReader: one of them does not exist.
        LinkError: the service does not tell.
    """
    code, found = _call(Doing.WAIT, "SCardGetStatusChange", context, milliseconds, list(known.items()))
    if code != TIMEOUT:
        _require(code, Doing.WAIT)
    return {
        name: State(known[name] if code == TIMEOUT else int(bits) & ~CHANGED, bytes(atr)) for name, bits, atr in found
    }


def connect(context: int, reader: str, mode: int = EXCLUSIVE) -> tuple[int, int]:
    """Take the card; a handle and the protocol. It waits, without limit, for a transaction of others to end.

    Raises:
        ReaderInUse: it cannot be had in that mode.
        LinkError: by what is wrong.
    """
    code, handle, protocol = _call(Doing.CONNECT, "SCardConnect", context, reader, mode, _T0_OR_T1)
    _require(code, Doing.CONNECT)
    return int(handle), int(protocol)


def power_card(context: int, reader: str) -> None:
    """Have the driver look for a card on a reader that is said to be empty, and power it up and down again.

    What clients are told of the reader is right afterwards. It waits, without limit, for a transaction of others to end.

    Raises:
        ReaderInUse: another program holds the reader.
        LinkError: by what is wrong. That there is no card, or one that does not answer, is not.
    """
    code, handle, _ = _call(Doing.WAIT, "SCardConnect", context, reader, _DIRECT, 0)
    _require(code, Doing.WAIT)
    powered, _ = _call(Doing.WAIT, "SCardReconnect", handle, SHARED, _T0_OR_T1, UNPOWER)
    _call(Doing.WAIT, "SCardDisconnect", handle, UNPOWER if powered == OK else LEAVE)


def begin_transaction(handle: int) -> None:
    """Keep others from the card. It waits, without limit, for a transaction of others to end.

    Raises:
        LinkError: by what is wrong.
    """
    code, *_ = _call(Doing.CONNECT, "SCardBeginTransaction", handle)
    _require(code, Doing.CONNECT)


def reconnect(handle: int, mode: int) -> int:
    """Cut the power of the card of a handle and go on with it in the same mode; the protocol.

    Raises:
        LinkError: by what is wrong.
    """
    code, protocol = _call(Doing.RESET, "SCardReconnect", handle, mode, _T0_OR_T1, UNPOWER)
    _require(code, Doing.RESET)
    return int(protocol)


def end_transaction(handle: int, disposition: int) -> None:
    """Let others at the card again, leaving it or cutting its power."""
    _call(Doing.RESET, "SCardEndTransaction", handle, disposition)


def disconnect(handle: int, disposition: int) -> bool:
    """Let go of the card, leaving it or cutting its power; whether that was done."""
    code, *_ = _call(Doing.RESET, "SCardDisconnect", handle, disposition)
    return bool(code == OK)


def transmit(handle: int, protocol: int, command: bytes) -> tuple[int, MaskedBytes]:
    """One exchange, however long it takes: the result code and the answer.

    Where the code is not ``OK`` the answer is empty: pyscard hands out its whole buffer then, old answers included.
    """
    code, answer = _call(Doing.EXCHANGE, "SCardTransmit", handle, protocol, MaskedList(command))
    return code, MaskedBytes(answer if code == OK else b"")


def control(handle: int, code: int) -> bytes:
    """Ask the driver, by a control code and no data.

    Raises:
        LinkError: it does not answer.
    """
    result, answer = _call(Doing.CONNECT, "SCardControl", handle, code, [])
    _require(result, Doing.CONNECT)
    return bytes(answer)


def feature_request() -> int:
    """This platform's control code of ``CM_IOCTL_GET_FEATURE_REQUEST``."""
    return int(_scard().SCARD_CTL_CODE(_FEATURE_REQUEST))


def _call(doing: Doing, name: str, *arguments: object) -> list[Any]:
    """Call a function of the library: the result code, unsigned, and what comes with it."""
    with pcsc_errors(doing):
        result = getattr(_scard(), name)(*arguments)
    code, *rest = MaskedList(result if isinstance(result, list | tuple) else (result,))
    return MaskedList((int(code) & 0xFFFFFFFF, *rest))


def _require(code: int, doing: Doing) -> None:
    if code != OK:
        raise pcsc_error(code, doing)
