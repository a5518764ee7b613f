"""The recorder: a reading of a real card becomes a script that holds nothing of the holder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from mnverify.card import Credential, Link, PartialReading, credential_from_text, open_session
from mnverify.card.exchange import Progress
from mnverify.card.plan import key_for, plan_reading
from mnverify.check import CheckedCard, OnTorn, check_card
from mnverify.errors import LinkError, MnverifyError, UsageError
from mnverify.link import LinkCapabilities, capabilities_of
from mnverify.profile import PRESENT_CARD
from mnverify.readers.scripts.observer import ObservedLink, Shape
from mnverify.readers.scripts.script import CHALLENGE_LENGTH, Exchange, Script
from mnverify.recording.stand_in import StandIn, limits_of
from mnverify.recording.steps import SELECT, Step, outline, signs_first, steps_of, without_pieces
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.verification import TrustStore
from mnverify.virtual import VirtualAuthority, persona

CHALLENGE = bytes(range(CHALLENGE_LENGTH))
"""What the invented holder's card signs in every script."""


class _Enacted(NamedTuple):
    exchanges: tuple[Exchange, ...]
    shapes: tuple[Shape, ...]
    ending: str | None


class Recorder:
    """Records one reading, also one that fails.

    ::

        recorder = Recorder(Domain.FACE_CHECK, credential.kind)
        try:
            checked = recorder.read(link, credential, trust=trust)
        finally:
            if recorder.shapes:
                path.write_text(recorder.script().to_json())

    Of the real reading it keeps the shapes (``Shape`` of ``readers.scripts.observer``): headers, lengths, status words, times;
    no data of command or answer, no credential, no name of a reader. The bytes of the script come from a second reading, of
    an invented holder's card behind a link that fails in the same places.

    Args:
        domain: the domain to read.
        kind: the kind of credential that will be presented.
        role: the declared role.
        purposes: what the reading is for; default: all that role and credential open.
        presence: challenge the card.
        persona_id: the invented holder.

    Raises:
        UsageError, RoleError: there is no such persona, or domain, role, credential and purposes do not go together.
        MissingExtra: Pillow is not installed.
    """

    def __init__(
        self,
        domain: Domain,
        kind: CredentialKind,
        *,
        role: Role = Role.GENERAL,
        purposes: Iterable[Purpose] | None = None,
        presence: bool = True,
        persona_id: str = "sato-hanako",
    ) -> None:
        rules = PRESENT_CARD.domains[domain]
        key_for(rules, role, kind)
        self._purposes = tuple(purposes or rules.purposes_for(role, kind))
        plan_reading(rules, role, (kind,), self._purposes)
        self._domain, self._role, self._kind, self._presence = domain, role, kind, presence
        self._persona = persona(persona_id)
        self._digits = VirtualAuthority.laboratory().issue(self._persona).credentials[kind.value]
        self._capabilities: LinkCapabilities | None = None
        self._shapes: list[Shape] = []
        self._ending: str | None = None

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What has passed on the real link; empty where nothing was sent."""
        return tuple(self._shapes)

    def read(
        self,
        link: Link,
        credential: Credential,
        *,
        trust: TrustStore,
        require_presence: bool = False,
        at: datetime | None = None,
        reader: str | None = None,
        progress: Progress | None = None,
        on_torn: OnTorn | None = None,
    ) -> CheckedCard:
        """``check_card``, recorded. The arguments are those of ``check_card``.

        Raises:
            UsageError: the credential is of another kind; nothing was sent.
            MnverifyError: whatever stopped the reading. The script can be had all the same.
        """
        if credential.kind is not self._kind:
            raise UsageError(
                Text(
                    f"The recorder was made for {self._kind}. Nothing was sent.",
                    f"この記録は {self._kind} 用です。何も送っていません。",
                )
            )
        with ExitStack() as observing:

            def go_on(error: LinkError) -> Link | None:
                observing.close()
                self._ending = _ending(error)
                again = on_torn(error) if on_torn is not None else None
                return None if again is None else observing.enter_context(self.observe(again))

            return check_card(
                observing.enter_context(self.observe(link)),
                self._domain,
                credential,
                trust=trust,
                role=self._role,
                purposes=self._purposes,
                presence=self._presence,
                require_presence=require_presence,
                at=at,
                reader=reader,
                progress=progress,
                on_torn=None if on_torn is None else go_on,
            )

    @contextmanager
    def observe(self, link: Link) -> Iterator[ObservedLink]:
        """The link to read through, for readings that ``read`` does not do. What a session does on it is recorded.

        Raises:
            DomainBusy: the link has an open session.
            LinkError: the last session could not reset the card, and now it failed again.
        """
        if self._capabilities is None:
            self._capabilities = replace(capabilities_of(link))
        with ObservedLink(link) as observed:
            try:
                yield observed
            except BaseException as error:
                self._ending = _ending(error)
                raise
            else:
                self._ending = None
            finally:
                self._shapes += observed.shapes

    def script(self) -> Script:
        """The script of what was recorded so far.

        Raises:
            UsageError: nothing was sent.
        """
        if not self._shapes:
            raise UsageError(
                Text("Nothing was recorded; read a card first.", "記録がありません。先にカードを読んでください。")
            )
        enacted, reason = self._enact_alike()
        known = self._known()
        return Script(
            domain=self._domain.value,
            role=self._role.value,
            credential=self._kind.value,
            credential_value=self._digits,
            purposes=tuple(purpose.value for purpose in self._purposes),
            persona=self._persona.id,
            challenge=CHALLENGE if self._presence else None,
            exchanges=enacted.exchanges,
            extended=known.extended,
            max_short=known.max_short,
            faithful=reason is None,
            reason=reason,
            observed=tuple(self._shapes),
        )

    def __repr__(self) -> str:
        return f"Recorder({self._domain}, {self._role}, {len(self._shapes)} exchanges)"

    def _known(self) -> LinkCapabilities:
        return replace(self._capabilities) if self._capabilities is not None else LinkCapabilities()

    def _enact_alike(self) -> tuple[_Enacted, str | None]:
        """The second reading with the same outline as the first, and why none has it.

        Where the invented holder's files have fewer pieces, what failed late fails earlier, by as few pieces as will do.
        """
        steps = steps_of(self._shapes)
        first = enacted = self._enact(steps)
        reason = why = self._difference(enacted)
        for count in range(1, len(steps)):
            fewer = without_pieces(steps, count)
            if reason is None or len(fewer) == len(without_pieces(steps, count - 1)):
                break
            enacted = self._enact(fewer)
            reason = self._difference(enacted)
        return (enacted, None) if reason is None else (first, why)

    def _enact(self, steps: Sequence[Step]) -> _Enacted:
        """The same reading with the invented holder's card."""
        card = VirtualAuthority.laboratory().issue(self._persona, limits=limits_of(steps))
        stand_in = StandIn(card, self._digits, steps, self._known())
        link, partial = ObservedLink(stand_in), PartialReading()
        ending: str | None = None
        for _ in range(max(1, sum(step.key.word == SELECT for step in steps))):
            try:
                ending = None
                self._read_once(link, partial, recognise=signs_first(steps))
                break
            except MnverifyError as error:
                ending = _ending(error)
                if not isinstance(error, LinkError):
                    break
        return _Enacted(tuple(stand_in.taped), link.shapes, ending)

    def _read_once(self, link: Link, partial: PartialReading, *, recognise: bool) -> None:
        """One session, as ``check_card`` has it."""
        credential = credential_from_text(self._kind, self._digits)
        with open_session(link, self._domain, role=self._role, random=lambda length: CHALLENGE[:length]) as session:
            challenge = CHALLENGE if self._presence else None
            if recognise:
                session.recognise(partial, challenge)
            if partial.started:
                session.resume(partial, credential)
                return
            session.present(credential)
            session.read(*self._purposes, challenge=challenge, presence=self._presence, partial=partial)

    def _difference(self, enacted: _Enacted) -> str | None:
        """What the second reading does otherwise than the first; ``None`` where that is nothing."""
        real, again = steps_of(self._shapes), steps_of(enacted.shapes)
        if outline(real) != outline(again):
            return "order"
        if self._ending != enacted.ending:
            return "outcome"
        if any(step.more for step in real) != any(step.more for step in again):
            return "more-data"
        return None


def _ending(error: BaseException) -> str:
    """The class of an error, among those of ``mnverify.errors``. The error itself is not kept: its frames hold data."""
    kinds = (kind for kind in type(error).__mro__ if kind.__module__ == MnverifyError.__module__)
    return next(kinds, type(error)).__name__
