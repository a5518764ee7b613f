"""What an error of the SDK is for the person at the kiosk: one table."""

from __future__ import annotations

from mnverify import errors
from mnverify.client import ClientError
from mnverify.receipts import ReceiptError
from samples.nfc_kiosk.words import Problem

_BY_CLASS: tuple[tuple[type[errors.MnverifyError], Problem], ...] = (
    (errors.WrongCredential, Problem.WRONG_NUMBER),
    (errors.CredentialBlocked, Problem.BLOCKED),
    (errors.TooFewTries, Problem.ASK_STAFF),
    (errors.NoReader, Problem.NO_READER),
    (errors.ServiceNotRunning, Problem.SERVICE_DOWN),
    (errors.NotAllowed, Problem.NOT_ALLOWED),
    (errors.ReaderInUse, Problem.READER_IN_USE),
    (errors.TooManyCards, Problem.TWO_CARDS),
    (errors.NotMyNumberCard, Problem.NOT_MY_NUMBER_CARD),
    (errors.UnsupportedCard, Problem.UNKNOWN_CARD),
    (errors.NoCard, Problem.CARD_LOST),
    (errors.CardLost, Problem.CARD_LOST),
    (errors.LinkError, Problem.CARD_TROUBLE),
    (errors.EvidenceError, Problem.CARD_TROUBLE),
    (ClientError, Problem.ENDPOINT),
    (ReceiptError, Problem.ENDPOINT),
)


def problem_of(error: errors.MnverifyError) -> Problem:
    """The problem that an error is; a fault of the kiosk where no line of the table fits."""
    return next((problem for kind, problem in _BY_CLASS if isinstance(error, kind)), Problem.FAULT)
