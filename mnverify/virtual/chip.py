"""The chip: what each command does, and the state between two commands."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from mnverify.virtual.applications import Application, KeyFile
from mnverify.virtual.command import Command, Refusal
from mnverify.virtual.encoding import digest_info, tlv
from mnverify.virtual.limits import Limits
from mnverify.virtual.secure_messaging import SecureSession, unwrap_session_key
from mnverify.virtual.tripwires import CARD_MANAGER, Tripwires

_CARD_DATA = bytes.fromhex("66124C1056697274") + b"ual serial 0"  # what a real card would tell its serial in
_PIN_KEY = 0x11
_SIGNATURE_LENGTH = 256
_SUPPORTED_CLASSES = (0x00, 0x80, 0x08)
_DIGEST_INFO_LENGTH = 51
_MOST_RANDOM = 256  # bytes

Answer = tuple[bytes, int]


class Chip:
    """A card's operating system. One command in, data and status word out.

    Args:
        applications: in the order in which a short AID finds them.
        limits: its limits; the faults of the link are not its business.
        tripwires: told of every touch.
    """

    def __init__(self, applications: Sequence[Application], limits: Limits, tripwires: Tripwires) -> None:
        self._applications = applications
        self._limits = limits
        self._tripwires = tripwires
        self._selected: Application | None = None
        self._holding: Application | None = None  # the one selected last: its verified credentials outlive a warm reset
        self._current: int | None = None
        self._secure: SecureSession | None = None
        self._pending = b""

    def reset(self) -> None:
        """Lose power: forget selection, verified credentials, secure messaging and pending data. Counters stay."""
        self.warm_reset()
        if self._holding is not None:
            self._holding.forget()
        self._holding = None

    def warm_reset(self) -> None:
        """Reset with the power on: forget selection, secure messaging and pending data. Verified credentials stay, as real cards
        are said to keep them, until another application is selected or the power is cut. Only a cold
        reset surely ends them, and a program may rely on no other."""
        self._selected, self._current, self._secure, self._pending = None, None, None, b""

    def run(self, command: Command) -> Answer:
        """Carry out a command.

        Raises:
            Refusal: with the status word, where it is neither ``9000`` nor comes with data.
        """
        self._tripwires.instruction(command, self._selected)
        pending, self._pending = self._pending, b""
        self._check_class(command.cla)
        if command.cla == 0x08:
            return self._secured(command)
        if (command.cla, command.ins) == (0x00, 0xC0):
            return self._get_response(command, pending)
        return self._in_length(command, *self._plain(command))

    # -- which command

    def _check_class(self, cla: int) -> None:
        if cla in _SUPPORTED_CLASSES:
            return
        other_channel = (cla & 0x70 == 0 and cla & 0x03 != 0) or cla & 0xC0 == 0x40
        raise Refusal(0x6881 if other_channel else 0x6E00)

    def _plain(self, command: Command) -> Answer:
        match command.cla, command.ins:
            case 0x00, 0xA4:
                return self._select_command(command)
            case 0x00, 0xB0:
                return self._read_binary(command)
            case 0x00, 0x20:
                return self._verify(command)
            case 0x80, 0x2A:
                return self._sign(command)
            case 0x80, 0xAE:
                return self._set_session_key(command)
            case 0x00, 0x84:
                return self._get_challenge(command)
            case ((0x00 | 0x80), 0xCA) if self._selected in (None, CARD_MANAGER):
                return _CARD_DATA, 0x9000
        raise Refusal(0x6D00)

    # -- SELECT

    def _select_command(self, command: Command) -> Answer:
        if command.p1 == 0x04:
            return self._select_application(command)
        if command.p1 != 0x02 or command.p2 not in (0x00, 0x0C):
            raise Refusal(0x6A86)
        if len(command.data) != 2:
            raise Refusal(0x6700)
        self._choose(command, int.from_bytes(command.data), 0x6A82)
        return b"", 0x9000

    def _select_application(self, command: Command) -> Answer:
        """By the whole AID or its first bytes; ``P2`` = next occurrence goes on from the application selected now."""
        matching = [one for one in self._applications if command.data and one.aid.startswith(command.data)]
        following = command.p2 & 0x03 == 0x02
        if following and self._selected in matching:
            matching = matching[matching.index(self._selected) + 1 :]
        found = matching[0] if matching else None
        self._tripwires.select(command, found)
        if command.p2 not in (0x00, 0x02, 0x0C, 0x0E):
            raise Refusal(0x6A86)
        if not command.data or len(command.data) > 16:
            raise Refusal(0x6700)
        if found is None:
            raise Refusal(0x6A82)
        self._select(found)
        return (b"" if command.p2 & 0x0C else tlv(0x6F, tlv(0x84, found.aid))), 0x9000

    def _select(self, application: Application) -> None:
        """Selecting the same application again deselects nothing, so what was verified in it stays."""
        if self._holding is not None and self._holding is not application:
            self._holding.forget()
        self._selected = self._holding = application
        self._current = self._secure = None

    def _choose(self, command: Command, file_id: int, missing: int) -> Application:
        """Make a file or key file the current one."""
        application = self._selected
        if application is None:
            raise Refusal(missing)
        self._tripwires.file(command, application, file_id)
        if file_id not in application.files and file_id not in application.keys:
            raise Refusal(missing)
        self._current = file_id
        return application

    # -- READ BINARY

    def _read_binary(self, command: Command) -> Answer:
        if command.data or command.le is None:
            raise Refusal(0x6700)
        return self._read(command, command.le, command.asks_for_all)

    def _read(self, command: Command, length: int, whole: bool) -> Answer:
        content, offset = self._readable(command)
        if offset >= len(content):
            raise Refusal(0x6B00)
        data = content[offset : offset + length]
        if whole or len(data) == length:
            return data, 0x9000
        if self._limits.exact_le and not command.extended:
            raise Refusal(0x6C00 | len(data))
        return data, 0x6282

    def _readable(self, command: Command) -> tuple[bytes, int]:
        if command.p1 & 0x80:
            sfi = _short_id(command.p1, 0x6A86)
            application, offset = self._choose(command, sfi, 0x6A82), command.p2
        else:
            application, offset = self._with_current(command), command.p1 << 8 | command.p2
        file_id = self._current
        if file_id is None or file_id not in application.files:
            raise Refusal(0x6981)
        if not application.opens(file_id):
            raise Refusal(0x6982)
        return application.files[file_id], offset

    def _with_current(self, command: Command) -> Application:
        if self._selected is None or self._current is None:
            raise Refusal(0x6986)
        return self._choose(command, self._current, 0x6986)

    # -- VERIFY

    def _verify(self, command: Command) -> Answer:
        if command.p1 != 0x00 or command.p2 & 0x80 == 0:
            raise Refusal(0x6A86)
        if command.le is not None:
            raise Refusal(0x6700)
        key = self._key(command)
        if not command.data:
            self._tell_counter(key)
        elif key.left == 0:
            raise Refusal(0x6984)
        elif not key.present(command.data):
            raise Refusal(0x6300 if key.left is None else 0x63C0 | min(key.left, 15))
        return b"", 0x9000

    def _key(self, command: Command) -> KeyFile:
        if command.p2 == 0x80:
            application = self._with_current(command)
        else:
            application = self._choose(command, _short_id(command.p2, 0x6A86), 0x6A88)
        key = application.keys.get(self._current or 0)
        if key is None:
            raise Refusal(0x6981)
        return key

    def _tell_counter(self, key: KeyFile) -> None:
        if key.verified:
            return
        if key.left == 0:
            raise Refusal(self._limits.blocked_status)
        raise Refusal(0x6300 if key.left is None else 0x63C0 | min(key.left, 15))

    # -- keys of the card

    def _sign(self, command: Command) -> Answer:
        key = self._selected.signing_key if self._selected else None
        if key is None:
            raise Refusal(0x6D00)
        if (command.p1, command.p2) != (0, 0):
            raise Refusal(0x6A86)
        if not command.data or command.le is None:
            raise Refusal(0x6700)
        digest = command.data[-32:]
        if len(command.data) != _DIGEST_INFO_LENGTH or command.data != digest_info(digest):
            raise Refusal(0x6A80)
        if command.le < _SIGNATURE_LENGTH:
            raise Refusal(0x6C00 | _SIGNATURE_LENGTH & 0xFF)
        return sign_digest(key, digest), 0x9000

    @staticmethod
    def _get_challenge(command: Command) -> Answer:
        """GET CHALLENGE (ISO/IEC 7816-4): random bytes. Nothing here needs it, but other programs have the card choose
        the challenge that it then signs."""
        if (command.p1, command.p2) != (0, 0):
            raise Refusal(0x6A86)
        if command.data or command.le is None or command.le > _MOST_RANDOM:
            raise Refusal(0x6700)
        return secrets.token_bytes(command.le), 0x9000

    def _set_session_key(self, command: Command) -> Answer:
        application = self._selected
        if application is None or application.transport_key is None:
            raise Refusal(0x6D00)
        if (command.p1, command.p2) != (0, 0):
            raise Refusal(0x6A86)
        if not application.keys[_PIN_KEY].verified:
            raise Refusal(0x6982)
        if not command.data:
            raise Refusal(0x6700)
        self._secure = SecureSession(unwrap_session_key(application.transport_key, command.data))
        return b"", 0x9000

    # -- secure messaging

    def _secured(self, command: Command) -> Answer:
        session = self._secure
        if session is None:
            raise Refusal(0x69FC)
        session.next_command()
        try:
            return self._secured_command(command, session)
        except Refusal as refusal:
            if refusal.status_word == 0x6988:
                self._secure = None
            raise

    def _secured_command(self, command: Command, session: SecureSession) -> Answer:
        match command.ins, command.p1:
            case 0xA4, 0x02:
                return self._select_command(replace(command, data=session.decrypt(command.data)))
            case 0x20, _:
                return self._verify(replace(command, data=session.decrypt(command.data)))
            case 0xB0, _:
                length = session.expected_length(command.data)
                if command.le is None:
                    raise Refusal(0x6700)
                data, status_word = self._read(command, length, length == 65536)
                return self._in_length(command, session.encrypt(data), status_word)
            case 0xA4, _:
                raise Refusal(0x6A86)
        raise Refusal(0x6D00)

    # -- long answers

    def _in_length(self, command: Command, data: bytes, status_word: int) -> Answer:
        """Hold back what is more than was asked for, for GET RESPONSE."""
        if command.le is not None and len(data) > command.le:
            return self.hold_back(data, command.le)
        return data, status_word

    def hold_back(self, data: bytes, most: int) -> Answer:
        """The first ``most`` bytes with ``61xx``; the rest waits for GET RESPONSE, before what waits already."""
        part, self._pending = data[:most], data[most:] + self._pending
        return part, (0x6100 | (min(len(self._pending), 256) & 0xFF) if self._pending else 0x9000)

    def _get_response(self, command: Command, pending: bytes) -> Answer:
        if (command.p1, command.p2) != (0, 0):
            raise Refusal(0x6A86)
        if not pending:
            raise Refusal(0x6985)
        if command.le is None or command.data:
            raise Refusal(0x6700)
        if command.le > len(pending) and not command.asks_for_all:
            self._pending = pending
            raise Refusal(0x6C00 | len(pending) & 0xFF)
        return self.hold_back(pending, command.le)


def sign_digest(key: rsa.RSAPrivateKey, digest: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 over a SHA-256 digest: what the card makes of a DigestInfo."""
    return key.sign(digest, padding.PKCS1v15(), utils.Prehashed(SHA256()))


def _short_id(parameter: int, refusal: int) -> int:
    """The short file id in a parameter ``100xxxxx``, 1 to 30."""
    short_id = parameter & 0x1F
    if parameter & 0x60 or short_id in (0, 31):
        raise Refusal(refusal)
    return short_id
