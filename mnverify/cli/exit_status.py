"""The exit status of each cause (``docs/reference/cli.md``)."""

from __future__ import annotations

from mnverify.errors import (
    CredentialError,
    EvidenceError,
    GateError,
    LinkError,
    MissingExtra,
    MnverifyError,
    RoleError,
    UnsupportedCard,
)

DONE = 0
CHECK_FAILED = 1
USAGE = 2
LINK = 3
REFUSED = 4
CREDENTIAL = 5
INTERRUPTED = 130


def exit_status(error: MnverifyError, *, reading: bool) -> int:
    """The exit status for an error.

    Args:
        error: what stopped the command.
        reading: the command reads a card, so that unreadable data is the card's fault and not the input's, and a package
            that is missing means that there is no reader.
    """
    if isinstance(error, GateError | RoleError):
        return REFUSED
    if isinstance(error, CredentialError):
        return CREDENTIAL
    if isinstance(error, LinkError) or (reading and isinstance(error, EvidenceError | MissingExtra | UnsupportedCard)):
        return LINK
    return USAGE
