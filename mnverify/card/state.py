"""What the card is in, as far as the commands that passed the gate and their answers tell; and what a command does to it."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from mnverify.text import Text
from mnverify.values.terms import CredentialKind

LOWEST_FLOOR = 2  # tries; the last one is never spent unless the caller says so for this one VERIFY
UNCOUNTED = 16  # stands for a key without a limit: more than 63Cx can say

_OK, _END_OF_FILE, _NO_LIMIT, _COUNTED = 0x9000, 0x6282, 0x6300, 0x63C0
_SECURE_GONE = (0x6988, 0x69FC)

_NOT_ASKED = Text(
    "the tries of this key were not asked for since the last VERIFY",
    "前回の照合の後、この鍵の残り回数を確認していません",
)
_BLOCKED = Text("the key is blocked", "この鍵はロックされています")
_LAST_TRY = Text("one try is left, and the caller did not allow it", "残り1回で、使用が許可されていません")


class Effect(Enum):
    """What a command does to the state, where the card accepts it."""

    NONE = auto()
    SELECT_DOMAIN = auto()
    SELECT_EF = auto()
    COUNTER = auto()
    VERIFY = auto()
    SESSION_KEY = auto()


class Allowed(NamedTuple):
    """A command that may pass.

    Attributes:
        what: instruction and target, for the audit; it holds no data byte.
        effect: what follows from its success.
        ef: the file that becomes the current one.
        kind: the credential that is presented; ``None`` where none is.
        key: the short id of the key that it is about.
    """

    what: str
    effect: Effect = Effect.NONE
    ef: int | None = None
    kind: CredentialKind | None = None
    key: int | None = None


class CardState:
    """The state between two commands.

    Attributes:
        selected: SELECT DF succeeded, and nothing was lost since.
        current: the current EF; ``None`` where it is not sure.
        verified: credentials that the card accepted by VERIFY with data.
        tries: by key, what the card has answered to the question for them since the last VERIFY.
        more: the last answer was ``61xx``.
        secure: a session key is set.
    """

    __slots__ = ("current", "more", "secure", "selected", "tries", "verified")

    def __init__(self) -> None:
        self.verified: set[CredentialKind] = set()
        self.tries: dict[int, int] = {}
        self.forget()

    def forget(self) -> None:
        """Nobody knows what the card is in: start from SELECT."""
        self.selected = self.more = self.secure = False
        self.current: int | None = None
        self.verified.clear()
        self.tries.clear()

    def why_not_presented(self, allowed: Allowed, *, allow_last_try: bool) -> Text | None:
        """Why a credential is not presented now; ``None`` where it may be, and for any command that presents none."""
        if allowed.kind is None:
            return None
        left = self.tries.get(allowed.key or 0)
        if left is None:
            return _NOT_ASKED
        if left == 0:
            return _BLOCKED
        return _LAST_TRY if left < LOWEST_FLOOR and not allow_last_try else None

    def before(self, allowed: Allowed) -> None:
        """Give up what a command may change, so that only its success brings it back."""
        self.more = False
        if allowed.effect is Effect.SELECT_DOMAIN:
            self.forget()
        if allowed.effect is not Effect.NONE:
            self.current = None
        if allowed.kind is not None:
            self.verified.discard(allowed.kind)
            self.tries.clear()
        if allowed.effect is Effect.SESSION_KEY:
            self.secure = False

    def after(self, allowed: Allowed, status_word: int) -> None:
        """Take what the answer says."""
        done = status_word == _OK
        self.more = status_word >> 8 == 0x61
        if status_word in _SECURE_GONE:
            self.secure = False
        match allowed.effect:
            case Effect.SELECT_DOMAIN:
                self.selected = done
            case Effect.SELECT_EF if done or status_word == _END_OF_FILE or self.more:
                self.current = allowed.ef
            case Effect.COUNTER:
                self.current = allowed.ef
                self._take_tries(allowed.key or 0, status_word)
            case Effect.VERIFY:
                self.current = allowed.ef
                if done and allowed.kind is not None:
                    self.verified.add(allowed.kind)
            case Effect.SESSION_KEY:
                self.secure = done

    def _take_tries(self, key: int, status_word: int) -> None:
        """Tries of a key; none where the answer names none, also not where the card calls the credential verified."""
        self.tries.pop(key, None)
        if status_word == _NO_LIMIT:
            self.tries[key] = UNCOUNTED
        elif status_word & 0xFFF0 == _COUNTED:
            self.tries[key] = status_word & 0x0F
