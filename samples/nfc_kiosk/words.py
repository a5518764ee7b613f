"""The kiosk's own words: states, modes, problems, outcomes. The page, the history and the tests hold on to them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where the kiosk is; ``<body data-state>``."""

    IDLE = "idle"
    PRINTED = "printed"
    CONFIRM = "confirm"
    PLACE_CARD = "place-card"
    READING = "reading"
    VERDICT = "verdict"
    AGE_BIRTH = "age-birth"
    AGE_VERDICT = "age-verdict"
    PROBLEM = "problem"


class Mode(StrEnum):
    """What a visit is for."""

    FACE = "face"  # the card face beside the print, and the clerk's own eyes
    AGE = "age"  # one question, unattended
    NUMBER = "number"  # the counter of a 個人番号利用事務等実施者


class Outcome(StrEnum):
    """What the visit came to; ``<body data-outcome>``."""

    MATCH = "match"
    MISMATCH = "mismatch"
    UNCERTAIN = "uncertain"
    REJECTED = "rejected"
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Problem(StrEnum):
    """Why the kiosk does not go on, and so what to do."""

    NO_READER = "no-reader"
    SERVICE_DOWN = "service-down"
    NOT_ALLOWED = "not-allowed"
    READER_IN_USE = "reader-in-use"
    TWO_CARDS = "two-cards"
    NOT_MY_NUMBER_CARD = "not-my-number-card"
    UNKNOWN_CARD = "unknown-card"
    CARD_LOST = "card-lost"
    CARD_TROUBLE = "card-trouble"
    WRONG_NUMBER = "wrong-number"
    ASK_STAFF = "ask-staff"
    BLOCKED = "blocked"
    ENDPOINT = "endpoint"
    FAULT = "fault"


class Desk(StrEnum):
    """How the reader is."""

    READY = "ready"
    NO_READER = "no-reader"
    SERVICE_DOWN = "service-down"
    NOT_ALLOWED = "not-allowed"


class Torn(StrEnum):
    """What a reading waits for after the card was taken away too soon."""

    PUT_BACK = "put-back"
    OTHER_CARD = "other-card"


class Action(StrEnum):
    """What a person can do on the problem screen."""

    CORRECT = "correct"  # type the print again
    AGAIN = "again"  # put the card on once more
    FINISH = "finish"


DESK_PROBLEMS = {
    Desk.NO_READER: Problem.NO_READER,
    Desk.SERVICE_DOWN: Problem.SERVICE_DOWN,
    Desk.NOT_ALLOWED: Problem.NOT_ALLOWED,
}
"""These pass by themselves when the reader is back."""

CARD_PROBLEMS = frozenset(
    {
        Problem.TWO_CARDS,
        Problem.NOT_MY_NUMBER_CARD,
        Problem.CARD_LOST,
        Problem.CARD_TROUBLE,
        Problem.READER_IN_USE,
    }
)
"""These pass when the card is taken off, and the next one is read."""

ACTIONS: dict[Problem, tuple[Action, ...]] = {
    Problem.NO_READER: (Action.FINISH,),
    Problem.SERVICE_DOWN: (Action.FINISH,),
    Problem.NOT_ALLOWED: (Action.FINISH,),
    Problem.READER_IN_USE: (Action.AGAIN, Action.FINISH),
    Problem.TWO_CARDS: (Action.AGAIN, Action.FINISH),
    Problem.NOT_MY_NUMBER_CARD: (Action.AGAIN, Action.FINISH),
    Problem.UNKNOWN_CARD: (Action.FINISH,),
    Problem.CARD_LOST: (Action.AGAIN, Action.FINISH),
    Problem.CARD_TROUBLE: (Action.AGAIN, Action.FINISH),
    Problem.WRONG_NUMBER: (Action.CORRECT, Action.FINISH),
    Problem.ASK_STAFF: (Action.FINISH,),
    Problem.BLOCKED: (Action.FINISH,),
    Problem.ENDPOINT: (Action.AGAIN, Action.FINISH),
    Problem.FAULT: (Action.FINISH,),
}
"""What can be done about each problem. Staff are asked where nothing but to finish is left."""
