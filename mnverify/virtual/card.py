"""A whole My Number Card behind the one-method link: ``transmit`` and ``reset``."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from types import MappingProxyType

from mnverify.errors import UsageError
from mnverify.link import redeem_if_permitted, was_reset
from mnverify.text import Text
from mnverify.values import CredentialKind
from mnverify.virtual.applications import Application
from mnverify.virtual.chip import Chip, sign_digest
from mnverify.virtual.command import Refusal, parse_command
from mnverify.virtual.limits import CardLog, CardMute, FieldLost, Limits, LongAnswer
from mnverify.virtual.personas import Persona
from mnverify.virtual.tripwires import FORBIDDEN, Touch, Tripwires


class VirtualCard:
    """An invented person's card, made by `VirtualAuthority.issue`. It answers as a real one does.

    A reset from another thread is what taking its power is: a command that takes its time (`Limits.slow_at`) ends at once.

    Args:
        persona: whose card it is.
        face_check: the face-check application.
        input_assist: the input-assist application.
        credentials: what opens it, by the words of `CredentialKind`.
        limits: limits and faults.
    """

    def __init__(
        self,
        persona: Persona,
        face_check: Application,
        input_assist: Application,
        credentials: Mapping[str, str],
        limits: Limits,
    ) -> None:
        self._persona = persona
        self._domains = {one.name: one for one in (face_check, input_assist)}
        self._credentials = MappingProxyType(dict(credentials))
        self._limits = limits
        self._tripwires = Tripwires()
        self._log = CardLog()
        self._lost = self._mute = False
        self._running = threading.Lock()
        self._power_cut = threading.Event()
        applications = (*FORBIDDEN[:1], face_check, input_assist, *FORBIDDEN[1:])
        self._chip = Chip(applications, limits, self._tripwires)

    def transmit(self, command: bytes) -> bytes:
        """Answer a command APDU.

        Returns:
            The answer's data and two bytes of status word.

        Raises:
            FieldLost: `Limits.lost_at` was reached, and the card was not reset since; or it was reset in mid-command.
            CardMute: `Limits.mute_at` was reached, and the card was not reset since; or `Limits.mute_after` was.
            GateError: a permit that is not valid any more; plain bytes need none.
        """
        command = redeem_if_permitted(command, self)
        with self._running:
            self._log.command(command)
            self._play_faults()
            answer = self._answer(command)
            self._log.answer(answer)
            return answer

    def reset(self) -> None:
        """Switch the card off and on (cut its power): nothing is selected or verified any more. Retry counters stay."""
        self._power_cut.set()
        with self._running:
            self._power_cut.clear()
            self._lost = self._mute = False
            self._chip.reset()
        was_reset(self)

    def warm_reset(self) -> None:
        """Reset the card with its power on, as ``SCARD_RESET_CARD`` may: nothing is selected any more, but credentials that were
        verified in the application selected last stay so, as real cards are said to behave. Only `reset` ends that."""
        with self._running:
            self._lost = self._mute = False
            self._chip.warm_reset()

    @property
    def persona(self) -> Persona:
        """Whose card it is (the expiry as this card has it)."""
        return self._persona

    @property
    def credentials(self) -> Mapping[str, str]:
        """The digits that open the card, by ``birth-date``, ``verification-number-b``, ``verification-number-a``, ``pin``."""
        return self._credentials

    @property
    def touches(self) -> tuple[Touch, ...]:
        """Every touch of a forbidden application, file, key or instruction."""
        return tuple(self._tripwires.touches)

    @property
    def number_touches(self) -> tuple[Touch, ...]:
        """Every touch of what holds the 個人番号 in the permitted domains."""
        return tuple(self._tripwires.number_touches)

    @property
    def log(self) -> CardLog:
        """Counts of commands and bytes."""
        return self._log

    def files(self, domain: str) -> dict[str, bytes]:
        """The files of a domain by four hex digits, filler included, as if every credential were known.

        Raises:
            UsageError: there is no such domain.
        """
        return {f"{file_id:04X}": content for file_id, content in self._application(domain).files.items()}

    def sign(self, domain: str, challenge: bytes) -> bytes:
        """The card's signature over a challenge, as COMPUTE DIGITAL SIGNATURE gives it.

        Raises:
            UsageError: there is no such domain.
        """
        key = self._application(domain).signing_key
        if key is None:
            raise _unknown(f"{domain} signing key")
        return sign_digest(key, hashlib.sha256(challenge).digest())

    def retries(self, domain: str, key_id: str) -> int | None:
        """Tries left on a key, as ``retries("face-check", "0012")``; None for a key without a counter.

        Raises:
            UsageError: there is no such domain or key.
        """
        key = self._application(domain).keys.get(int(key_id, 16))
        if key is None:
            raise _unknown(f"{domain}/{key_id}")
        return key.left

    def __repr__(self) -> str:
        return f"VirtualCard({self._persona.id}, {self._log.exchanges} exchanges)"

    def _application(self, domain: str) -> Application:
        if domain not in self._domains:
            raise _unknown(domain)
        return self._domains[domain]

    def _play_faults(self) -> None:
        limits, count = self._limits, self._log.exchanges
        seconds = limits.seconds(count)
        if seconds and self._power_cut.wait(seconds):
            raise FieldLost
        if count in limits.reset_at:
            self._chip.reset()
        self._mute = self._mute or count == limits.mute_at
        if self._mute or (limits.mute_after is not None and count > limits.mute_after):
            raise CardMute
        if count == limits.lost_at:
            self._lost = True
            self._chip.reset()
        if self._lost:
            raise FieldLost

    def _answer(self, command: bytes) -> bytes:
        limits, count = self._limits, self._log.exchanges
        if count in limits.status_at:
            return limits.status_at[count].to_bytes(2)
        data, status_word = self._run(command)
        return limits.garbage_at.get(count, data + status_word.to_bytes(2))

    def _run(self, raw: bytes) -> tuple[bytes, int]:
        try:
            command = parse_command(raw)
            if command.extended and not self._limits.extended:
                raise Refusal(0x6700)
            data, status_word = self._chip.run(command)
        except Refusal as refusal:
            return b"", refusal.status_word
        return self._limited(data, status_word)

    def _limited(self, data: bytes, status_word: int) -> tuple[bytes, int]:
        most = self._limits.max_response
        if most is None or len(data) <= most:
            return data, status_word
        if self._limits.long_answer is LongAnswer.CUT:
            return data[:most], 0x9000
        if self._limits.long_answer is LongAnswer.EMPTY:
            return b"", 0x9000
        return self._chip.hold_back(data, most)


def holder_credentials(persona: Persona) -> dict[str, str]:
    """What opens a holder's card."""
    return {
        CredentialKind.BIRTH_DATE.value: persona.birth_digits,
        CredentialKind.VERIFICATION_NUMBER_B.value: persona.verification_number_b,
        CredentialKind.VERIFICATION_NUMBER_A.value: persona.my_number.reveal(),
        CredentialKind.PIN.value: persona.pin,
    }


def _unknown(what: str) -> UsageError:
    return UsageError(Text(f"The virtual card has no {what!r}.", f"仮想カードに {what!r} はありません。"))
