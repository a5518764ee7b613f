"""API keys: add, revoke, rotate with an overlap. A key is shown once, when it is made; kept is its keyed hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from mnverify.errors import UsageError
from mnverify.server.outcomes import moment_text
from mnverify.server.secret import ServiceSecret
from mnverify.server.storage import audit
from mnverify.server.storage.api_keys import ApiKey, add_key, all_keys, end_key, find_key, revoke_key
from mnverify.server.storage.database import Database
from mnverify.server.storage.moments import to_milliseconds
from mnverify.server.words import KEY_ID, PURPOSE, RELYING_PARTY, TRUST_FRAMEWORKS, Word, new_key
from mnverify.text import Text
from mnverify.values.terms import Role

DEFAULT_RATE = 600  # requests a minute
_RATES = (1, 10_000_000)


class NewKey(NamedTuple):
    """A key that was just made.

    Attributes:
        key: what is kept of it.
        secret: the key itself, shown this once.
    """

    key: ApiKey
    secret: str

    def __repr__(self) -> str:
        return f"NewKey({self.key.id})"


def add_api_key(
    database: Database,
    secret: ServiceSecret,
    at: datetime,
    *,
    relying_party: str,
    role: Role,
    purposes: Sequence[str] = (),
    trust_frameworks: Sequence[str] = (),
    rate_per_minute: int = DEFAULT_RATE,
) -> NewKey:
    """Make a key for a relying party.

    Args:
        database: where it is kept.
        secret: of the service.
        at: now.
        relying_party: its name; keys of one name see one another's outcomes, and nobody else's.
        role: what it is under the My Number Act, in the business that the key is for.
        purposes: what the key may be used for; none for anything.
        trust_frameworks: what its verified claims may name.
        rate_per_minute: requests that it may make.

    Raises:
        UsageError: a value has not its form. Nothing was kept.
        DatabaseUnavailable: the database does not answer.
    """
    _check(relying_party, purposes, trust_frameworks, rate_per_minute)
    key_id, shown = new_key()
    key = ApiKey(
        id=key_id,
        family=key_id,
        relying_party=Word(relying_party),
        role=role,
        purposes=tuple(Word(purpose) for purpose in dict.fromkeys(purposes)),
        trust_frameworks=tuple(dict.fromkeys(trust_frameworks)),
        rate_per_minute=rate_per_minute,
        key_hash=secret.api_key(shown),
        created_at=to_milliseconds(at),
        ends_at=None,
        revoked_at=None,
    )
    with database.begin() as connection:
        add_key(connection, key)
        audit.append(connection, secret, _entry("key-added", key, at), to_milliseconds(at))
    return NewKey(key, shown)


def rotate_api_key(
    database: Database, secret: ServiceSecret, at: datetime, *, key_id: str, overlap_seconds: int
) -> NewKey:
    """Make a key that takes another's place; the other is good for the overlap still.

    Challenges and rate belong to both: a challenge that was asked for with the one is answered with the other.

    Raises:
        UsageError: there is no such key in force.
        DatabaseUnavailable: the database does not answer.
    """
    now = to_milliseconds(at)
    new_id, shown = new_key()
    with database.begin() as connection:
        old = _find(connection, key_id)
        if old is None or not old.in_force(now):
            raise UsageError(_NO_KEY)
        key = old._replace(id=new_id, key_hash=secret.api_key(shown), created_at=now, ends_at=None)
        add_key(connection, key)
        end = now + overlap_seconds * 1000
        end_key(connection, old.id, min(end, old.ends_at) if old.ends_at is not None else end)
        audit.append(connection, secret, _entry("key-rotated", key, at), now)
    return NewKey(key, shown)


def revoke_api_key(database: Database, secret: ServiceSecret, at: datetime, *, key_id: str) -> None:
    """End a key now. Nothing that is asked for with it from here on is evaluated.

    Raises:
        UsageError: there is no such key, or it was revoked already.
        DatabaseUnavailable: the database does not answer.
    """
    with database.begin() as connection:
        key = _find(connection, key_id)
        if key is None or not revoke_key(connection, key_id, to_milliseconds(at)):
            raise UsageError(_NO_KEY)
        audit.append(connection, secret, _entry("key-revoked", key, at), to_milliseconds(at))


def list_api_keys(database: Database) -> list[ApiKey]:
    """Every key, the oldest first.

    Raises:
        DatabaseUnavailable: the database does not answer.
    """
    with database.read() as connection:
        return all_keys(connection)


def _find(connection: Connection, key_id: str) -> ApiKey | None:
    """The key; none has an id that is not even one."""
    return find_key(connection, key_id) if KEY_ID.fullmatch(key_id) else None


def _entry(event: audit.AuditEvent, key: ApiKey, at: datetime) -> audit.AuditEntry:
    return audit.AuditEntry(
        event=event, at=moment_text(at), relying_party=key.relying_party, key_id=key.id, role=key.role.value
    )


def _check(relying_party: str, purposes: Sequence[str], trust_frameworks: Sequence[str], rate: int) -> None:
    if not RELYING_PARTY.fullmatch(relying_party):
        raise UsageError(_BAD_NAME)
    if not all(PURPOSE.fullmatch(purpose) for purpose in purposes):
        raise UsageError(_BAD_PURPOSE)
    if not all(word in TRUST_FRAMEWORKS for word in trust_frameworks):
        raise UsageError(_BAD_FRAMEWORK.fill(words=", ".join(TRUST_FRAMEWORKS)))
    if not _RATES[0] <= rate <= _RATES[1]:
        raise UsageError(_BAD_RATE.fill(least=_RATES[0], most=_RATES[1]))


_BAD_NAME = Text(
    "A relying party's name is 1 to 64 letters, digits, dots, hyphens and underscores. No key was made; choose such a name.",
    "事業者の名前は英数字・ドット・ハイフン・下線で64文字以内です。キーは作っていません。名前を選び直してください。",
)
_BAD_PURPOSE = Text(
    "A purpose is a word of 1 to 64 letters, digits, dots, hyphens and underscores. No key was made; choose such a word.",
    "目的は英数字・ドット・ハイフン・下線で64文字以内の語です。キーは作っていません。語を選び直してください。",
)
_BAD_FRAMEWORK = Text(
    "That is none of the trust frameworks {words}. No key was made; name only what the relying party may claim.",
    "トラストフレームワークは {words} のいずれかです。キーは作っていません。事業者が主張できるものだけを指定してください。",
)
_BAD_RATE = Text(
    "A rate is {least} to {most} requests a minute. No key was made; give another number.",
    "要求数の上限は毎分{least}から{most}までです。キーは作っていません。別の数を指定してください。",
)
_NO_KEY = Text(
    "There is no such key in force. Nothing was changed; see: mnverify keys list",
    "有効なキーの中にそのIDはありません。何も変更していません。mnverify keys list で確認してください。",
)
