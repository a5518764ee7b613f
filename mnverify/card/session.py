"""What the sessions of both domains share: open, ask the counters, present, read, close.

The order is fixed: form of the credential (its constructor) → role → counter → floor → VERIFY, once.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hmac import compare_digest
from types import TracebackType
from typing import ClassVar, Never, Self

from mnverify.card.arguments import check_callable, check_challenge, check_kind, word
from mnverify.card.audit import AuditEntry
from mnverify.card.credentials import Credential, VerificationNumberB
from mnverify.card.exchange import Channel, Progress, different_card
from mnverify.card.gate import Gate
from mnverify.card.guard import ask_tries, check_floor, check_tries, verify_once
from mnverify.card.partial import PartialReading
from mnverify.card.plan import key_for, plan_reading
from mnverify.card.reading import answer_challenge, confirm_same_card, read_files, serves
from mnverify.card.state import LOWEST_FLOOR
from mnverify.card.structure import read_structure
from mnverify.errors import AlreadyVerified, CredentialError, LinkCorrupt, LinkUnreliable, UsageError
from mnverify.evidence import AcceptedNumberB, Evidence, Presence
from mnverify.files.structure import FileStructure
from mnverify.link import Link
from mnverify.profile import PRESENT_CARD, CardProfile, DomainProfile, KeyRule
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role

_ENDING = (LinkCorrupt, LinkUnreliable, AlreadyVerified)  # after these nothing more is asked of the card


class Session:
    """An open application of one card; made by ``open`` of ``FaceCheck`` or ``InputAssist``.

    A link error in mid-session closes it: what was read is lost, and the card is reset. A session is neither copied nor pickled.
    """

    __slots__ = (
        "__weakref__",
        "_accepted",
        "_channel",
        "_gate",
        "_lock",
        "_now",
        "_profile",
        "_random",
        "_reader",
        "_rules",
        "_signed",
        "_tries_in_doubt",
    )
    domain: ClassVar[Domain]

    def __init__(
        self,
        gate: Gate,
        profile: CardProfile,
        reader: str | None,
        now: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._gate = gate
        self._profile = profile
        self._rules: DomainProfile = profile.domains[self.domain]
        self._reader = reader
        self._now = now
        self._random = random
        self._channel = Channel(gate)
        self._lock = threading.RLock()  # between the question for the tries and VERIFY nobody else presents
        self._accepted: dict[CredentialKind, Credential] = {}
        self._tries_in_doubt: int | None = None
        self._signed: Presence | None = None

    @classmethod
    def open(
        cls,
        link: Link,
        *,
        role: Role | str = Role.GENERAL,
        reader: str | None = None,
        profile: CardProfile = PRESENT_CARD,
        now: Callable[[], datetime] | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Self:
        """Take the link, select the application.

        Args:
            link: the card.
            role: what the relying party is under the My Number Act; it cannot be changed later.
            reader: the reader's name, for the evidence.
            profile: the card generation: one of ``mnverify.profile.KNOWN_PROFILES``.
            now: the clock; it has to give a time zone. Default: local time, whole seconds.
            random: the source of challenges and session keys.

        Raises:
            UsageError: an argument is not of its kind; the card was not touched.
            DomainBusy: the link, or the card behind it, has an open session.
            NotMyNumberCard: the card does not have the application.
            LinkError: reader or card.
        """
        check_kind("reader", reader, str)
        check_callable("now", now)
        check_callable("random", random)
        gate = Gate(link, cls.domain, role, profile)
        try:
            session = cls(gate, profile, reader, now or _local_time, random)
            session._channel.select(session._rules.aid)
        except BaseException:
            gate.close()
            raise
        return session

    @property
    def role(self) -> Role:
        """The declared role."""
        return self._gate.role

    @property
    def audit(self) -> tuple[AuditEntry, ...]:
        """What was asked of the card, passed or refused, without a data byte."""
        return self._gate.audit

    @property
    def closed(self) -> bool:
        """Whether the session was closed, by the caller or by a link error."""
        return self._gate.closed

    @property
    def tries_in_doubt(self) -> int | None:
        """Tries that were left before a VERIFY whose answer did not come, or says neither yes nor no: where fewer are left
        now, the card refused the number. ``None`` where there is no such VERIFY."""
        return self._tries_in_doubt

    def retries(self) -> Mapping[CredentialKind, int | None]:
        """Tries left on each credential that the role may use, spending none.

        Returns:
            A number; 0 where it is blocked; ``None`` where the card names none (no limit, or already verified).

        Raises:
            UsageError: the session is closed.
            CardRefused: an answer that is none of the documented ones.
            LinkError: reader or card.
        """
        with self._open():
            return {kind: ask_tries(self._channel, key).left for kind, key in self._rules.keys_for(self.role).items()}

    def present(self, credential: Credential, *, floor: int = LOWEST_FLOOR, allow_last_try: bool = False) -> None:
        """Present what the holder gave. One try at most is spent, and none below the floor.

        Args:
            credential: its form was checked when it was made.
            floor: tries that have to be left, 2 or more.
            allow_last_try: spend even the last try. Say so to the holder first.

        Raises:
            UsageError: the domain takes no such credential, another one of its kind was accepted in this session, the
                floor is below 2, or the session is closed; nothing was sent, or nothing but the question for tries.
            AlreadyVerified: another program has left the card with this credential verified; not presented, and the session is
                closed, so that the card is reset.
            RoleError: the role may not present it; nothing was sent.
            TooFewTries: not presented.
            WrongCredential: the card refused it; ``tries_left``.
            CredentialBlocked: no tries are left, before or after.
            CardRefused: an answer that is none of the documented ones.
            LinkError: reader or card. Whether a try was spent is known to the card alone: ask ``retries``.
        """
        if not isinstance(credential, Credential):
            raise UsageError(Text("Present a Credential object.", "Credential オブジェクトを渡してください。"))
        check_floor(floor, allow_last_try)
        with self._open():
            key = key_for(self._rules, self.role, credential.kind)
            tries = ask_tries(self._channel, key)
            if tries.verified:
                self._check_same_number(credential)
                return
            check_tries(tries, floor, allow_last_try=allow_last_try)
            self._accepted.pop(credential.kind, None)
            self._verify(key, credential, tries.left, allow_last_try)
            self._accepted[credential.kind] = credential

    def read(
        self,
        *purposes: Purpose | str,
        challenge: bytes | None = None,
        presence: bool = True,
        progress: Progress | None = None,
        partial: PartialReading | None = None,
    ) -> Evidence:
        """Read what the purposes need, and nothing else; let the card answer a challenge.

        Args:
            purposes: one or more.
            challenge: 32 bytes chosen by whoever verifies; fresh ones if none is given.
            presence: ask for the answer at all.
            progress: is told bytes done and bytes expected so far after each exchange; the second number grows as the
                heads of files are read.
            partial: takes what was read, so that a torn reading can be resumed. What was in it is forgotten.

        Raises:
            RoleError, UsageError: nothing was sent.
            EvidenceError: a file is malformed.
            UnsupportedCard: a file of an unknown card generation.
            CardRefused: the card does not give a file.
            LinkError: reader or card; the session is closed.
        """
        wanted = tuple(word(Purpose, purpose) for purpose in purposes)
        check_challenge(challenge, self._profile.challenge_length, presence=presence)
        check_callable("progress", progress)
        check_kind("partial", partial, PartialReading)
        with self._open():
            reading = PartialReading() if partial is None else partial
            first_answer = reading.first_answer
            reading.clear()
            reading.first_answer = first_answer
            plan = plan_reading(self._rules, self.role, self._accepted, wanted)
            reading.domain, reading.role, reading.plan = self.domain, self.role, plan
            reading.challenge, reading.presence = challenge, presence
            reading.accepted_number_b = self._number_b(plan.credential)
            return self._go_on(reading, progress)

    def recognise(self, reading: PartialReading, challenge: bytes | None = None) -> None:
        """Have the card sign before a number is presented to it: the first time to be known by it, later to be known again.

        The same key gives the same signature over the same challenge (RSASSA-PKCS1-v1_5, RFC 8017 §8.2), so a reading that
        is torn before the card's key was read is not resumed on another holder's card, which would cost a try there. The
        signature serves as the answer to the challenge too. A reader that cannot carry it in a short answer leaves the card
        unknown, and the reading goes on without.

        Args:
            reading: the one that ``read(partial=…)`` and ``resume`` are given.
            challenge: as in ``read``; used the first time.

        Raises:
            DifferentCard: another card than the first time.
            UsageError: the challenge has not 32 bytes, or the session is closed.
            LinkError: reader or card; a card that was known and cannot prove itself now.
        """
        check_kind("reading", reading, PartialReading, required=True)
        check_challenge(challenge, self._profile.challenge_length)
        with self._open():
            known = reading.first_answer
            length, carries = self._profile.scheme.signature_length, self._gate.capabilities
            if known is None and not carries.extended and carries.max_short < length:
                return
            wanted = challenge if known is None else known.challenge
            try:
                signed = answer_challenge(self._channel, self._profile, wanted, self._random)
            except (LinkCorrupt, LinkUnreliable):
                if known is not None:
                    raise
                return
            if known is not None and not compare_digest(known.signature, signed.signature):
                raise different_card()
            reading.first_answer = self._signed = signed

    def resume(
        self,
        reading: PartialReading,
        credential: Credential,
        *,
        floor: int = LOWEST_FLOOR,
        progress: Progress | None = None,
    ) -> Evidence:
        """Go on with a reading that was torn. The card has to prove first that it is the same one, by its key and its
        certificate; only then, and only if a file is missing that needs it, is the credential presented.

        Where the card's key had not been read yet, nothing is kept, and the reading begins anew.

        Args:
            reading: what ``read(partial=…)`` of an earlier session got.
            credential: as in ``present``; of the kind of the first session.
            floor: as in ``present``.
            progress: as in ``read``; it begins with the bytes that are there.

        Raises:
            UsageError: the reading has not begun, or is of another domain, role or kind of credential; nothing was sent.
            DifferentCard: another card; no number was presented to it. ``reading`` is as it was.
            CredentialError: as in ``present``.
            EvidenceError, UnsupportedCard, LinkError: as in ``read``.
        """
        check_kind("reading", reading, PartialReading, required=True)
        check_kind("credential", credential, Credential, required=True)
        check_floor(floor)
        check_callable("progress", progress)
        plan = reading.plan
        if plan is None or (reading.domain, reading.role) != (self.domain, self.role) or self._accepted:
            raise UsageError(
                Text(
                    "There is no torn reading of this domain and role to resume in a new session. Nothing was sent.",
                    "この領域と役割で、新しいセッションから再開できる読み取りがありません。何も送っていません。",
                )
            )
        if credential.kind is not plan.credential:
            raise UsageError(
                Text(
                    f"The torn reading was opened with {plan.credential}. Nothing was sent.",
                    f"中断した読み取りは {plan.credential} で開いたものです。何も送っていません。",
                )
            )
        with self._open():
            if reading.card_key is None:
                reading.restart()
            else:
                confirm_same_card(self._channel, self._profile, reading, self._random, self._signed)
            if reading.needs_credential:
                self.present(credential, floor=floor)
                reading.accepted_number_b = self._number_b(plan.credential)
            return self._go_on(reading, progress)

    def structure(self) -> Mapping[str, FileStructure]:
        """How the files that can be read now are laid out, by file id: tags and lengths, nothing of their content.

        The free files, and what the credentials presented in this session open; never more than the role may read. It is for a
        card whose layout is not the known one: whatever is in a file is taken as it comes.

        Raises:
            UsageError: the session is closed, or secure messaging has begun.
            LinkError: reader or card.
        """
        if type(self._channel) is not Channel:
            raise UsageError(
                Text(
                    "The structure of the files is read before secure messaging begins. Nothing was sent.",
                    "ファイルの構造は、セキュアメッセージングの開始前に読み取ってください。何も送っていません。",
                )
            )
        with self._open():
            return read_structure(self._channel, self._rules, self.role, self._accepted)

    def close(self) -> None:
        """Reset the card and give the link back; closing again does nothing.

        Credentials, session key and signature are let go of. A failed reset is in ``audit``, and the next session on the link
        has to do it before anything else.
        """
        self._accepted.clear()
        self._signed = None
        self._channel = Channel(self._gate)
        self._gate.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.role}{', closed' if self.closed else ''})"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a session is not pickled or copied")

    @contextmanager
    def _open(self) -> Iterator[None]:
        """One operation at a time; none on a closed session; the session is closed where card or link are gone."""
        with self._lock:
            if self.closed:
                raise UsageError(
                    Text(
                        "The session is closed. Open a new one; the credential has to be presented again.",
                        "セッションは閉じています。開き直して、番号をもう一度提示してください。",
                    )
                )
            try:
                yield
            except BaseException as error:
                if isinstance(error, _ENDING) or not self._gate.selected:
                    self.close()
                raise

    def _verify(self, key: KeyRule, credential: Credential, left: int | None, allow_last_try: bool) -> None:
        """VERIFY; in doubt until the card has said yes or no."""
        self._tries_in_doubt = left
        try:
            verify_once(self._channel, key, credential, allow_last_try=allow_last_try)
        except CredentialError:
            self._tries_in_doubt = None
            raise
        self._tries_in_doubt = None

    def _check_same_number(self, credential: Credential) -> None:
        """The card says that this kind is verified already: that counts only where this session presented this very number."""
        known = self._accepted.get(credential.kind)
        if known is None:
            raise AlreadyVerified
        if known != credential:
            raise UsageError(
                Text(
                    "The card has accepted another number in this session, so this one was not presented. "
                    "Open a new session for it.",
                    "このセッションでは別の番号が照合済みのため、提示していません。新しいセッションを開いてください。",
                )
            )

    def _go_on(self, reading: PartialReading, progress: Progress | None) -> Evidence:
        """Read what is missing, have the challenge answered, make the evidence of it."""
        plan = reading.plan
        assert plan is not None  # noqa: S101 - both callers have set or checked it
        read_files(self._channel, reading, progress)
        if reading.presence and reading.answer is None and self._signed is not None and serves(self._signed, reading):
            reading.answer = self._signed
        if reading.presence and reading.answer is None:
            reading.answer = answer_challenge(self._channel, self._profile, reading.challenge, self._random)
        evidence = Evidence.from_session(
            domain=self._gate.domain,
            role=self._gate.role,
            credential=plan.credential,
            files=reading.files,
            presence=reading.answer,
            read_at=self._now(),
            reader=self._reader,
            accepted_number_b=reading.accepted_number_b,
            profile=self._profile,
        )
        reading.clear()
        self._signed = None  # one answer, one reading
        return evidence

    def _number_b(self, kind: CredentialKind) -> AcceptedNumberB | None:
        """Number B, where this session presented it and the chip accepted it."""
        credential = self._accepted.get(kind)
        if not isinstance(credential, VerificationNumberB):
            return None
        return AcceptedNumberB(*credential.birth_and_expiry_year())


def _local_time() -> datetime:
    return datetime.now().astimezone().replace(microsecond=0)
