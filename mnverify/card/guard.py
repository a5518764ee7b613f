"""The guard of the retry counters: ask first, keep the floor, present once, and name what came of it."""

from __future__ import annotations

from typing import NamedTuple

from mnverify.card.credentials import Credential
from mnverify.card.exchange import Channel
from mnverify.card.state import LOWEST_FLOOR
from mnverify.errors import CardRefused, CredentialBlocked, TooFewTries, UsageError, WrongCredential
from mnverify.profile import KeyRule
from mnverify.text import Text

_UNCOUNTED_TRIES = 15  # the most that 63Cx can say: stands for a key without a limit
_OK, _NO_LIMIT, _BLOCKED, _COUNTED = 0x9000, 0x6300, 0x6984, 0x63C0


class Tries(NamedTuple):
    """What the card says of a key.

    Attributes:
        left: tries left, 0 where it is blocked; ``None`` where the card names no number.
        verified: the credential is verified already.
    """

    left: int | None
    verified: bool = False


def check_floor(floor: object, allow_last_try: object = False) -> None:
    """Refuse a floor below 2, and a leave to spend the last try that is neither yes nor no.

    Raises:
        UsageError: it is.
    """
    if type(allow_last_try) is not bool:
        raise UsageError(
            Text(
                "allow_last_try is True or False. Nothing was sent.",
                "allow_last_try は True か False で指定してください。何も送っていません。",
            )
        )
    if type(floor) is not int or floor < LOWEST_FLOOR:
        raise UsageError(
            Text(
                "The floor is 2 or more; to spend the last try, pass allow_last_try=True. Nothing was sent.",
                "下限は2以上です。最後の1回を使うには allow_last_try=True を指定してください。何も送っていません。",
            )
        )


def ask_tries(channel: Channel, key: KeyRule) -> Tries:
    """Ask for the tries of a key, spending none: VERIFY without data (ISO/IEC 7816-4).

    Raises:
        CardRefused: an answer that is none of the documented ones.
    """
    status_word = channel.counter(key)
    if status_word in (_OK, _NO_LIMIT):
        return Tries(None, verified=status_word == _OK)
    if status_word == _BLOCKED:
        return Tries(0)
    if status_word & 0xFFF0 == _COUNTED:
        return Tries(status_word & 0x0F)
    raise CardRefused(
        Text(f"the question for the tries of key {key.key_id}", f"鍵 {key.key_id} の残り回数の問い合わせ"), status_word
    )


def check_tries(tries: Tries, floor: int, *, allow_last_try: bool) -> None:
    """Whether a credential may be presented.

    Raises:
        CredentialBlocked: no tries are left.
        TooFewTries: fewer than the floor are left.
    """
    if tries.left == 0:
        raise CredentialBlocked
    if tries.left is not None and tries.left < floor and not allow_last_try:
        raise TooFewTries(tries.left, floor)


def verify_once(channel: Channel, key: KeyRule, credential: Credential, *, allow_last_try: bool) -> None:
    """Present a credential. It is never sent a second time.

    Raises:
        WrongCredential: the card refused it; ``tries_left`` is 15 where the card names no limit.
        CredentialBlocked: the card refused it, and no tries are left.
        CardRefused: any other answer but ``9000``.
    """
    status_word = channel.verify(key, credential.digits_for_card(), allow_last_try=allow_last_try)
    if status_word == _OK:
        return
    if status_word in (_BLOCKED, _COUNTED):
        raise CredentialBlocked
    if status_word & 0xFFF0 == _COUNTED:
        raise WrongCredential(status_word & 0x0F)
    if status_word == _NO_LIMIT:
        raise WrongCredential(_UNCOUNTED_TRIES)
    raise CardRefused(Text(f"VERIFY of key {key.key_id}", f"鍵 {key.key_id} の照合"), status_word)
