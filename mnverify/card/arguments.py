"""Wrong arguments are refused at once, by our errors, before a card is touched. No error repeats what was given."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from mnverify.errors import UsageError
from mnverify.link import Link
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role

Word = TypeVar("Word", bound=StrEnum)

_NAMES = {
    Role: Text("role", "役割"),
    Domain: Text("domain", "領域"),
    Purpose: Text("purpose", "目的"),
    CredentialKind: Text("kind of credential", "番号の種類"),
}


def word(kind: type[Word], value: object) -> Word:
    """A member of an enumeration, given as such or as its word.

    Raises:
        UsageError: there is no such word.
    """
    if isinstance(value, kind):
        return value
    if type(value) is str and value in {member.value for member in kind}:
        return kind(value)
    known = ", ".join(member.value for member in kind)
    name = _NAMES[kind]
    raise UsageError(
        Text(
            f"There is no such {name.en}; the words are: {known}. The card was not touched.",
            f"そのような{name.ja}はありません。使えるのは {known} です。カードには触れていません。",
        )
    )


def check_link(link: object) -> Link:
    """The link, if it is one.

    Raises:
        UsageError: it lacks ``transmit`` or ``reset``.
    """
    if not (callable(getattr(link, "transmit", None)) and callable(getattr(link, "reset", None))):
        raise UsageError(
            Text(
                "This is no link: it has no transmit and reset. Give what Reader.connect returns. The card was not touched.",
                "リンクではありません（transmit と reset がありません）。Reader.connect の戻り値を渡してください。"
                "カードには触れていません。",
            )
        )
    return link  # type: ignore[return-value]  # it has what the protocol asks for


def check_challenge(challenge: object, length: int, *, presence: object = True) -> None:
    """Refuse a challenge that is none, or that goes with no presence.

    Raises:
        UsageError: it is not ``length`` bytes, or the card is not asked to answer.
    """
    if challenge is None:
        return
    if not isinstance(challenge, bytes) or len(challenge) != length or not presence:
        raise UsageError(
            Text(
                f"A challenge is {length} bytes, and goes with presence. Nothing was read.",
                f"チャレンジは{length}バイトで、存在確認を行うときだけ指定できます。何も読んでいません。",
            )
        )


def check_kind(name: str, value: object, kind: type, *, required: bool = False) -> None:
    """Refuse a value of another type; ``None`` counts as left out, where it may be.

    Raises:
        UsageError: it is of another type. The message names the argument and the type, not the value.
    """
    if isinstance(value, kind) or (value is None and not required):
        return
    raise UsageError(
        Text(
            f"{name} has to be a {kind.__name__}. The card was not touched.",
            f"{name} には {kind.__name__} を渡してください。カードには触れていません。",
        )
    )


def check_callable(name: str, value: object) -> None:
    """Refuse what cannot be called; ``None`` counts as left out.

    Raises:
        UsageError: it cannot.
    """
    if value is not None and not callable(value):
        raise UsageError(
            Text(
                f"{name} has to be a function. The card was not touched.",
                f"{name} には関数を渡してください。カードには触れていません。",
            )
        )
