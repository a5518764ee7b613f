"""The gate: the only way to the link, below every session.

What is not on the allow-list of the domain and role (:mod:`mnverify.card.allowlist`) raises before a byte is sent and
is recorded; so does what no profile can allow (:mod:`mnverify.card.forbidden`), and a credential whose counter was not asked
or leaves too little (:mod:`mnverify.card.state`). What passes gets a permit for this one exchange (:mod:`mnverify.link.permit`).
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Never, Self

from mnverify.card import apdu
from mnverify.card.allowlist import AllowList
from mnverify.card.apdu import Command, instruction_name
from mnverify.card.arguments import check_link, word
from mnverify.card.audit import Audit, AuditEntry
from mnverify.card.forbidden import forbidden
from mnverify.card.state import Allowed, CardState, Effect
from mnverify.errors import DomainBusy, GateError, LinkCorrupt, LinkError, RoleError, UsageError
from mnverify.link import Link, LinkCapabilities, Permit, capabilities_of, link_errors
from mnverify.link.permit import PermitIssuer, the_gate
from mnverify.link.slots import ResetFirst
from mnverify.masked import MaskedBytes, masked
from mnverify.profile import KNOWN_PROFILES, PRESENT_CARD, CardProfile
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role

_REPEATABLE = (apdu.READ_BINARY, apdu.SIGN, apdu.GET_RESPONSE)  # a broken answer to these leaves the card as it was
_GONE_BY = (0x90, 0x61, 0x62, 0x63)  # first status bytes of answers that say what the card is in
_MALFORMED = Text("it is no well-formed command", "コマンドの形式が正しくありません")
_CLOSED = Text("the gate is closed", "ゲートは閉じています")


@the_gate
class Gate:
    """Judges every command of one session; holds the link for it, and resets the card when it is closed.

    It is neither copied nor pickled, and none of its attributes can be set.

    Args:
        link: the way to the card.
        domain: the one domain.
        role: what the relying party declares to be.
        profile: the card generation, one of ``mnverify.profile.KNOWN_PROFILES``.

    Raises:
        DomainBusy: the link has an open session.
        UsageError: there is no such link, domain, role or profile.
        LinkError: the last session could not reset the card, and now it failed again.
    """

    __slots__ = (
        "__weakref__",
        "_allowed",
        "_audit",
        "_capabilities",
        "_closed",
        "_domain",
        "_issuer",
        "_link",
        "_lock",
        "_office",
        "_role",
        "_state",
    )
    _allowed: AllowList
    _audit: Audit
    _capabilities: LinkCapabilities
    _closed: threading.Event
    _domain: Domain
    _issuer: PermitIssuer[Allowed]
    _link: Link
    _lock: threading.Lock
    _office: AllowList
    _role: Role
    _state: CardState

    def __init__(self, link: Link, domain: Domain | str, role: Role | str, profile: CardProfile = PRESENT_CARD) -> None:
        check_link(link)
        domain, role = word(Domain, domain), word(Role, role)
        rules = _known(profile).domains[domain]
        self._domain, self._role = domain, role
        self._allowed, self._office = AllowList(rules, role), AllowList(rules, Role.MY_NUMBER_OFFICE)
        self._state, self._audit = CardState(), Audit(domain, role)
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._capabilities, self._link = capabilities_of(link), link
        self._issuer = PermitIssuer(self, link)

    @property
    def domain(self) -> Domain:
        """The one domain."""
        return self._domain

    @property
    def role(self) -> Role:
        """The declared role."""
        return self._role

    @property
    def audit(self) -> tuple[AuditEntry, ...]:
        """What was asked for, in order: at most the last 4096."""
        return self._audit.entries

    @property
    def capabilities(self) -> LinkCapabilities:
        """What the link was found to carry."""
        return self._capabilities

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed.is_set()

    @property
    def selected(self) -> bool:
        """Whether the application is selected; no longer after an exchange that nobody knows the end of."""
        return self._state.selected

    @property
    def verified(self) -> frozenset[CredentialKind]:
        """Credentials that the card accepted by VERIFY with data, through this gate."""
        return frozenset(self._state.verified)

    def transmit(self, command: bytes, *, allow_last_try: bool = False) -> bytes:
        """Send a command if it may pass.

        Args:
            command: one command APDU.
            allow_last_try: let this one VERIFY spend the last try of its key.

        Returns:
            Response data and the two status bytes.

        Raises:
            GateError: it is not on the allow-list; it presents a credential whose tries were not asked for since the last
                VERIFY, or are too few; or the gate is closed. Nothing was sent.
            DomainBusy: the card has another open session; nothing was sent.
            RoleError: it is on the list of role ``my-number-office`` only; nothing was sent.
            LinkError: the exchange failed. After any but :class:`LinkCorrupt` on a read or signature, the
                application has to be selected again.
        """
        raw = MaskedBytes(command)
        with self._lock:
            try:
                return self._pass(raw, allow_last_try)
            except ResetFirst:  # an earlier session on this card was lost: now the card is known, and can be reset
                self._issuer.reset_card()
                return self._pass(raw, allow_last_try)

    def judge(self, command: MaskedBytes, *, allow_last_try: bool = False) -> Allowed:
        """Whether a command may pass now; nothing is sent. A refusal is recorded.

        Raises:
            GateError, RoleError: as ``transmit``.
        """
        name = instruction_name(command[1]) if len(command) >= 4 else "nothing"
        parsed = _parsed(command)
        if parsed is None or self.closed:
            raise self._refusal(name, _CLOSED if self.closed else _MALFORMED)
        state = self._state
        allowed = self._allowed.judge(parsed, state)
        if isinstance(allowed, Text):
            if isinstance(self._office.judge(parsed, state), Allowed):
                raise self._refusal_by_role(name)
            raise self._refusal(name, allowed)
        reason = forbidden(parsed, self._domain, self._role, state.current)
        reason = reason or state.why_not_presented(allowed, allow_last_try=allow_last_try)
        if reason is not None:
            raise self._refusal(name, reason)
        return allowed

    def close(self) -> None:
        """Reset the card and give the link back. Closing again does nothing.

        A reset that fails, also because the link was closed before, is recorded, not raised: what was read is good, and
        the next session on the card has to do the reset before it sends anything.
        """
        with self._lock:
            if self.closed:
                return
            self._closed.set()
            self._state.forget()
            try:
                self._issuer.release()
                self._audit.record("RESET", status_word=0x9000)
            except (LinkError, UsageError):
                self._audit.record("RESET", "the card was not reset; the next session has to do it")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Gate({self._domain}, {self._role}{', closed' if self.closed else ''})"

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, name):
            raise AttributeError(f"a gate does not change: {name} cannot be set")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"a gate does not change: {name} cannot be deleted")

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a gate is not pickled or copied")

    def __init_subclass__(cls, **kwargs: object) -> Never:
        raise TypeError("Gate has no subclasses")

    def _refusal(self, name: str, reason: Text) -> GateError:
        self._audit.record(name, reason.en)
        return GateError(
            Text(
                f"The gate refused {name}: {reason.en}. Nothing was sent.",
                f"ゲートが {name} を拒否しました（{reason.ja}）。何も送っていません。",
            )
        )

    def _refusal_by_role(self, name: str) -> RoleError:
        self._audit.record(name, "the role may not do this")
        return RoleError(
            Text(
                f"Role {self._role} may not touch what holds the My Number ({name}). Nothing was sent.",
                f"この役割（{self._role}）では個人番号を含むものに触れられません（{name}）。何も送っていません。",
            )
        )

    def _pass(self, raw: MaskedBytes, allow_last_try: bool) -> bytes:
        with self._issuer.permit(self, raw, allow_last_try=allow_last_try) as (allowed, permit):
            return self._exchange(permit, allowed)

    def _exchange(self, permit: Permit, allowed: Allowed) -> bytes:
        self._state.before(allowed)
        try:
            with link_errors():
                answer = _checked(self._link.transmit(permit))
        except BaseException as error:
            if not isinstance(error, ResetFirst):
                self._audit.record(allowed.what, _refused_below(error))
            if not (isinstance(error, LinkCorrupt) and permit[1] in _REPEATABLE):
                self._state.forget()
            raise
        status_word = int.from_bytes(answer[-2:])
        self._state.after(allowed, status_word)
        if allowed.effect is not Effect.NONE and status_word >> 8 in _GONE_BY:
            self._issuer.check_redeemed()
        self._audit.record(allowed.what, status_word=status_word)
        return answer


def _known(profile: object) -> CardProfile:
    """The profile, if it is one of the package's own: the very object."""
    for known in KNOWN_PROFILES:
        if profile is known:
            return known
    raise UsageError(
        Text(
            "A card profile is one of mnverify.profile.KNOWN_PROFILES, not one made elsewhere. The card was not touched.",
            "カードのプロファイルは mnverify.profile.KNOWN_PROFILES のいずれかに限ります。カードには触れていません。",
        )
    )


def _refused_below(error: BaseException) -> str | None:
    """Why the link let a command not through to the card; ``None`` where it may have."""
    if isinstance(error, DomainBusy):
        return "the card has another open session"
    return "the permit was refused" if isinstance(error, GateError) else None


def _parsed(raw: bytes) -> Command | None:
    try:
        return Command.parse(raw)
    except ValueError:
        return None


def _checked(answer: bytes) -> MaskedBytes:
    """The answer, if a card can give it. No frame that refuses one shows what it holds."""
    whole = masked(answer) if isinstance(answer, bytes) else MaskedBytes()
    del answer
    if not 2 <= len(whole) <= apdu.MAX_ANSWER + 2 or whole[-2] >> 4 not in (6, 9):
        raise LinkCorrupt(
            Text(
                "The reader passed on an answer that no card gives. Put the card on the reader again.",
                "カードの応答として正しくないデータを受け取りました。カードを置き直してください。",
            )
        )
    return whole
