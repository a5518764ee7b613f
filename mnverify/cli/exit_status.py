"""The exit status of each cause (``docs/reference/cli.md``)."""

from __future__ import annotations

from mnverify.errors import (
    CodeRefused,
    CredentialError,
    EvidenceError,
    GateError,
    LinkError,
    MissingExtra,
    MnverifyError,
    NotMasked,
    RoleError,
    UnsupportedCard,
)
from mnverify.text import Text

_READER_PACKAGES = ("pyscard", "nfcpy")  # without them there is no reader

DONE = 0
CHECK_FAILED = 1
USAGE = 2
LINK = 3
REFUSED = 4
CREDENTIAL = 5
INTERRUPTED = 130

MEANINGS = {
    DONE: Text("verified, or done", "確認できた、または正常に終了"),
    CHECK_FAILED: Text("a check failed: not verified, or too young", "確認できない、または年齢が足りない"),
    USAGE: Text("wrong usage, or unreadable input", "使い方の誤り、または入力を読めない"),
    LINK: Text("no reader, no card, or the card or link failed", "読み取り機かカードがない、または通信の失敗"),
    REFUSED: Text("refused by the gate or the role", "ゲートまたは役割による拒否"),
    CREDENTIAL: Text(
        "the credential was wrong, is blocked, or was not presented because too few tries are left",
        "番号の誤り、ロック中、または残り回数が少なく送らなかった",
    ),
    INTERRUPTED: Text("interrupted (Ctrl+C)", "中断（Ctrl+C）"),
}
"""What each says, for the help."""


def exit_status(error: MnverifyError, *, reading: bool) -> int:
    """The exit status for an error.

    Args:
        error: what stopped the command.
        reading: the command reads a card, so that unreadable data is the card's fault and not the input's.
    """
    if isinstance(error, GateError | RoleError):
        return REFUSED
    if isinstance(error, CodeRefused | NotMasked):
        return CHECK_FAILED
    if isinstance(error, CredentialError):
        return CREDENTIAL
    if isinstance(error, LinkError) or (reading and isinstance(error, EvidenceError | UnsupportedCard)):
        return LINK
    if isinstance(error, MissingExtra) and error.package in _READER_PACKAGES:
        return LINK
    return USAGE
