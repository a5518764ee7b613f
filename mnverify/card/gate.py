"""The gate: the only way to the link, below every session.

What is not on the allow-list of the domain and role (:mod:`mnverify.card.allowlist`) raises before a byte is sent and
is recorded. What passes gets a permit (:mod:`mnverify.link.permit`) for this one exchange.
"""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType
from typing import NamedTuple, Self

from mnverify.card import apdu
from mnverify.card.allowlist import Allowed, AllowList, Effect, State
from mnverify.card.apdu import Command, instruction_name
from mnverify.errors import GateError, LinkCorrupt, LinkError, RoleError, UsageError
from mnverify.link import Link, LinkCapabilities, Permit, capabilities_of, link_errors
from mnverify.link.permit import PermitIssuer, the_gate
from mnverify.link.slots import ResetFirst
from mnverify.masked import MaskedBytes
from mnverify.profile import PRESENT_CARD, CardProfile
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role

_AUDIT_LIMIT = 4096  # entries; the oldest go first
_REPEATABLE = (apdu.READ_BINARY, apdu.SIGN, apdu.GET_RESPONSE)  # a broken answer to these leaves the card as it was
_SECURE_GONE = (0x6988, 0x69FC)
_MALFORMED = Text("it is no well-formed command", "コマンドの形式が正しくありません")
_CLOSED = Text("the gate is closed", "ゲートは閉じています")


class AuditEntry(NamedTuple):
    """One command that was asked for. It holds no data byte.

    Attributes:
        domain, role: under which it was judged.
        instruction: ``READ BINARY 0002``; of a refused one the instruction alone.
        reason: why it was refused; ``None`` where it passed.
        status_word: the card's answer; ``None`` where there is none.
    """

    domain: Domain
    role: Role
    instruction: str
    reason: str | None = None
    status_word: int | None = None

    @property
    def allowed(self) -> bool:
        """Whether it passed."""
        return self.reason is None


@the_gate
class Gate:
    """Judges every command of one session; holds the link for it, and resets the card when it is closed.

    Args:
        link: the way to the card.
        domain: the one domain.
        role: what the relying party declares to be.
        profile: the card generation.

    Raises:
        DomainBusy: the link has an open session.
        UsageError: the domain is not in the profile.
        LinkError: the last session could not reset the card, and now it failed again.
    """

    def __init__(self, link: Link, domain: Domain, role: Role, profile: CardProfile = PRESENT_CARD) -> None:
        if not isinstance(role, Role) or domain not in profile.domains:
            raise UsageError(Text("There is no such domain or role.", "そのような領域または役割はありません。"))
        rules = profile.domains[domain]
        self.domain, self.role = rules.domain, role
        self._allowed = AllowList(rules, role)
        self._office = AllowList(rules, Role.MY_NUMBER_OFFICE)
        self._state = State()
        self._audit: deque[AuditEntry] = deque(maxlen=_AUDIT_LIMIT)
        self._lock = threading.Lock()
        self._closed = False
        self._capabilities = capabilities_of(link)
        self._link = link
        self._issuer: PermitIssuer[Allowed] = PermitIssuer(self, link)

    @property
    def audit(self) -> tuple[AuditEntry, ...]:
        """What was asked for, in order: at most the last 4096."""
        return tuple(self._audit)

    @property
    def capabilities(self) -> LinkCapabilities:
        """What the link was found to carry."""
        return self._capabilities

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    @property
    def selected(self) -> bool:
        """Whether the application is selected; no longer after an exchange that nobody knows the end of."""
        return self._state.selected

    @property
    def verified(self) -> frozenset[CredentialKind]:
        """Credentials that the card accepted by VERIFY with data, through this gate."""
        return frozenset(self._state.verified)

    def transmit(self, command: bytes) -> bytes:
        """Send a command if it is on the allow-list.

        Args:
            command: one command APDU.

        Returns:
            Response data and the two status bytes.

        Raises:
            GateError: it is not on the allow-list, or the gate is closed; nothing was sent.
            RoleError: it is on the list of role ``my-number-office`` only; nothing was sent.
            LinkError: the exchange failed. After any but :class:`LinkCorrupt` on a read or signature, the
                application has to be selected again.
        """
        raw = MaskedBytes(command)
        with self._lock:
            try:
                return self._pass(raw)
            except ResetFirst:
                self._issuer.reset_card()
                return self._pass(raw)

    def close(self) -> None:
        """Reset the card and give the link back. Closing again does nothing.

        A reset that fails, also because the link was closed before, is recorded, not raised: what was read is good, and
        the next session on the link has to do the reset before it sends anything.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._state = State()
            try:
                self._issuer.release()
                self._record("RESET", status_word=0x9000)
            except (LinkError, UsageError):
                self._record("RESET", "the card was not reset; the next session has to do it")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Gate({self.domain}, {self.role}{', closed' if self._closed else ''})"

    def judge(self, command: MaskedBytes, *, allow_last_try: bool = False) -> Allowed:
        """Whether a command may pass now; nothing is sent. A refusal is recorded.

        Raises:
            GateError, RoleError: as ``transmit``.
        """
        name = instruction_name(command[1]) if len(command) >= 4 else "nothing"
        parsed = _parsed(command)
        if parsed is None or self._closed:
            raise self._refusal(name, _CLOSED if self._closed else _MALFORMED)
        verdict = self._allowed.judge(parsed, self._state)
        if isinstance(verdict, Allowed):
            return verdict
        if isinstance(self._office.judge(parsed, self._state), Allowed):
            self._record(name, "the role may not do this")
            raise RoleError(
                Text(
                    f"Role {self.role} may not touch what holds the My Number ({name}). Nothing was sent.",
                    f"この役割（{self.role}）では個人番号を含むものに触れられません（{name}）。何も送っていません。",
                )
            )
        raise self._refusal(name, verdict)

    def _refusal(self, name: str, reason: Text) -> GateError:
        self._record(name, reason.en)
        return GateError(
            Text(
                f"The gate refused {name}: {reason.en}. Nothing was sent.",
                f"ゲートが {name} を拒否しました（{reason.ja}）。何も送っていません。",
            )
        )

    def _pass(self, raw: MaskedBytes) -> bytes:
        with self._issuer.permit(self, raw, allow_last_try=False) as (allowed, permit):
            return self._exchange(permit, allowed)

    def _exchange(self, permit: Permit, allowed: Allowed) -> bytes:
        state = self._state
        self._before(state, allowed)
        try:
            with link_errors():
                answer = _checked(self._link.transmit(permit))
        except BaseException as error:
            self._record(allowed.what)
            if not (isinstance(error, LinkCorrupt) and permit[1] in _REPEATABLE):
                self._state = State()  # nobody knows what the card is in: start from SELECT
            raise
        status_word = int.from_bytes(answer[-2:])
        self._after(state, allowed, status_word)
        self._record(allowed.what, status_word=status_word)
        return answer

    @staticmethod
    def _before(state: State, allowed: Allowed) -> None:
        """Give up what the command may change, so that only its success brings it back."""
        state.more = False
        if allowed.effect is Effect.SELECT_DOMAIN:
            state.selected, state.secure = False, False
            state.verified.clear()
        if allowed.effect is not Effect.NONE:
            state.current = None
        if allowed.kind is not None:
            state.verified.discard(allowed.kind)
        if allowed.effect is Effect.SESSION_KEY:
            state.secure = False

    @staticmethod
    def _after(state: State, allowed: Allowed, status_word: int) -> None:
        state.more = status_word >> 8 == 0x61
        if status_word in _SECURE_GONE:
            state.secure = False
        done = status_word == 0x9000
        if allowed.effect is Effect.SELECT_DOMAIN:
            state.selected = done
        elif allowed.effect is Effect.VERIFY:
            state.current = allowed.ef
            if done and allowed.kind is not None:
                state.verified.add(allowed.kind)
        elif allowed.effect is Effect.SELECT_EF and (done or status_word == 0x6282 or state.more):
            state.current = allowed.ef
        elif allowed.effect is Effect.SESSION_KEY:
            state.secure = done

    def _record(self, what: str, reason: str | None = None, status_word: int | None = None) -> None:
        import logging  # here: it is a tenth of what importing mnverify would take

        self._audit.append(AuditEntry(self.domain, self.role, what, reason, status_word))
        log = logging.getLogger("mnverify.gate")
        if log.isEnabledFor(logging.DEBUG):
            outcome = reason or ("no answer" if status_word is None else f"{status_word:04X}")
            log.debug("%s %s: %s: %s", self.domain, self.role, what, outcome)


def _parsed(raw: bytes) -> Command | None:
    try:
        return Command.parse(raw)
    except ValueError:
        return None


def _checked(answer: bytes) -> MaskedBytes:
    """The answer, if a card can give it."""
    if not isinstance(answer, bytes) or not 2 <= len(answer) <= apdu.MAX_ANSWER + 2 or answer[-2] >> 4 not in (6, 9):
        raise LinkCorrupt(
            Text(
                "The reader passed on an answer that no card gives. Put the card on the reader again.",
                "カードの応答として正しくないデータを受け取りました。カードを置き直してください。",
            )
        )
    return MaskedBytes(answer)
