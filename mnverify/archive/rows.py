"""One kept evidence, verified again: from what a row holds to what is told of it. Nothing here knows tables or files."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeVar

from mnverify.errors import MnverifyError, NotStorable
from mnverify.evidence import Evidence
from mnverify.strict_json import Limits, StrictJson
from mnverify.values.terms import Role
from mnverify.verification import TrustStore, verify

NO_EVIDENCE = "no-evidence"
"""The row holds no evidence at all, or something that is no text."""
MUST_NOT_BE_KEPT = NotStorable.code
"""Input-assist evidence of role ``general``: nobody may keep it ("the trap" in the docs). It was not verified."""
BAD_MOMENT = "bad-moment"
"""The row's ``at`` is no moment with a time zone."""
BAD_CHALLENGE = "bad-challenge"
"""The row's ``challenge`` is not base64, or no bytes."""
BAD_LINE = "bad-line"
"""The line is no JSON object with texts, has a key twice, or is longer than a line may be."""

MAX_LINE_BYTES = 192 * 1024
"""Bytes of a line of JSON: evidence of 64 KiB with every quotation mark escaped, and the other members."""

T = TypeVar("T")
Checks = tuple[tuple[str, str, str], ...]
"""Id, outcome and code of each check, in order."""


class Settings(NamedTuple):
    """What a verification of an archive goes by.

    Attributes:
        trust: the anchors.
        at: the moment to judge expiry by, for rows without one of their own.
        role: the receiver's own role (``docs/explanation/roles``).
        require_presence: reject where presence did not pass.
    """

    trust: TrustStore
    at: datetime
    role: Role = Role.GENERAL
    require_presence: bool = False


class RowIn(NamedTuple):
    """A kept evidence as it is stored.

    Attributes:
        evidence: its JSON text.
        id: whatever names the row; it is repeated in the output.
        at: the moment to judge expiry by: a moment with a time zone, or RFC 3339.
        challenge: bytes, or base64.
        error: a code where the row could not be read at all.
    """

    evidence: object = None
    id: object = None
    at: object = None
    challenge: object = None
    error: str | None = None

    def __repr__(self) -> str:
        return "RowIn()"


class RowOut(NamedTuple):
    """What is told of a row: no name, picture, number or file.

    Attributes:
        id: as given, as a text.
        verdict: ``verified`` or ``rejected``; ``None`` where it is no evidence.
        environment: of the anchor that the chain reached.
        authority: that anchor's name.
        checks: id, outcome and code of each check.
        error: a stable code where it is no evidence.
    """

    id: str | None
    verdict: str | None = None
    environment: str | None = None
    authority: str | None = None
    checks: Checks = ()
    error: str | None = None


def verify_row(row: RowIn, settings: Settings) -> RowOut:
    """Verify one kept evidence. What is no evidence is a row with an error, and never raises."""
    name = None if row.id is None else str(row.id)
    try:
        return _verified(row, name, settings)
    except _BadValue as error:
        return RowOut(name, error=error.code)
    except MnverifyError as error:
        return RowOut(name, error=error.code)


def line_of_json(line: bytes) -> RowIn:
    """The row in a line of JSON: an object with ``evidence`` and, if they are there, ``id``, ``at``, ``challenge``."""
    try:
        members = _LINES.load(line)
    except _BadValue as error:
        return RowIn(error=error.code)
    return RowIn(*(members.get(name) for name in ("evidence", "id", "at", "challenge")))


class _BadValue(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_LINES = StrictJson(
    "line",
    lambda where, why: _BadValue(BAD_LINE),
    Limits(MAX_LINE_BYTES, max_depth=8, longest_number=40),  # numbers: an id, or a column that is not looked at
)


def _verified(row: RowIn, name: str | None, settings: Settings) -> RowOut:
    if row.error is not None:
        raise _BadValue(row.error)
    if not isinstance(row.evidence, str | bytes) or not row.evidence:
        raise _BadValue(NO_EVIDENCE)
    evidence = Evidence.from_json(row.evidence, role=settings.role)
    if not evidence.storable:
        raise _BadValue(MUST_NOT_BE_KEPT)
    result = verify(
        evidence,
        trust=settings.trust,
        at=_given(row.at, _moment) or settings.at,
        challenge=_given(row.challenge, _challenge),
        require_presence=settings.require_presence,
    )
    checks = tuple((check.id, check.outcome.value, check.code) for check in result.checks)
    return RowOut(name, result.verdict, result.environment, result.authority, checks)


def _given(value: object, read: Callable[[object], T]) -> T | None:
    return None if value is None else read(value)


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise _BadValue(BAD_MOMENT)
    return moment


def _challenge(value: object) -> bytes:
    try:
        challenge = binascii.a2b_base64(value, strict_mode=True) if isinstance(value, str) else value
    except ValueError:
        challenge = None
    if not isinstance(challenge, bytes) or not challenge:
        raise _BadValue(BAD_CHALLENGE)
    return challenge
