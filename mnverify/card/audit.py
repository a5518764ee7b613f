"""What was asked of a card, passed or refused, without a data byte."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from mnverify.values.terms import Domain, Role

_LIMIT = 4096  # entries; the oldest go first


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


class Audit:
    """The entries of one gate, and the log ``mnverify.gate``.

    Args:
        domain, role: of the gate.
    """

    __slots__ = ("_domain", "_entries", "_role")

    def __init__(self, domain: Domain, role: Role) -> None:
        self._domain, self._role = domain, role
        self._entries: deque[AuditEntry] = deque(maxlen=_LIMIT)

    @property
    def entries(self) -> tuple[AuditEntry, ...]:
        """In order: at most the last 4096."""
        return tuple(self._entries)

    def record(self, what: str, reason: str | None = None, status_word: int | None = None) -> None:
        """Add an entry."""
        import logging  # here: it is a tenth of what importing mnverify would take

        self._entries.append(AuditEntry(self._domain, self._role, what, reason, status_word))
        log = logging.getLogger("mnverify.gate")
        if log.isEnabledFor(logging.DEBUG):
            outcome = reason or ("no answer" if status_word is None else f"{status_word:04X}")
            log.debug("%s %s: %s: %s", self._domain, self._role, what, outcome)
