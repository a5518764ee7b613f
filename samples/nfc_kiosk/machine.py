"""The one state machine: what the kiosk does when something happens. Pure: no clock, no reader, no person.

It knows codes and counts alone. Whose card it is, what was typed and what was read is in the visit (`visit.py`), which the
effect ``WIPE`` forgets; the page draws what this says.

    machine, effects = step(machine, event, now, rules)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from samples.nfc_kiosk import events as ev
from samples.nfc_kiosk.words import (
    ACTIONS,
    CARD_PROBLEMS,
    DESK_PROBLEMS,
    Action,
    Desk,
    Mode,
    Outcome,
    Problem,
    State,
    Torn,
)


class Effect(StrEnum):
    """What has to be done outside, in this order."""

    STOP = "stop"  # end the reading that runs
    RECORD = "record"  # the line of the history
    WIPE = "wipe"  # forget the visit
    BEGIN = "begin"  # a fresh visit
    LOOK = "look"  # the camera on
    LOOK_AWAY = "look-away"  # the camera off
    READ = "read"  # read the card on the reader


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decided.

    Attributes:
        modes: those that may begin.
        wipe_after: seconds without a touch, after which everything is forgotten.
        warn_before: seconds before that in which the person is warned and can go on.
        most_wrong: wrong numbers of one visit, after which staff are asked.
    """

    modes: frozenset[Mode] = frozenset({Mode.FACE, Mode.AGE})
    wipe_after: float = 60.0
    warn_before: float = 15.0
    most_wrong: int = 2


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the kiosk is.

    Attributes:
        state: the screen.
        mode: what the visit is for.
        visit: counts visits: what comes late of an earlier one is not listened to.
        attempt: counts readings, for the same reason.
        desk: how the reader is.
        cards: how many cards lie on it.
        problem: on the screen ``problem``, which.
        back_to: where a problem that passes leads.
        tries_left: tries that the card told of, on a wrong number.
        wrong: wrong numbers in this visit.
        torn: what a reading waits for.
        progress: of a reading, in percent.
        outcome: on the verdict screens.
        same_person: the clerk's answer, ``None`` before it.
        touched: when somebody last did something.
        warned: the wipe is near, and the person was told.
    """

    state: State = State.IDLE
    mode: Mode = Mode.FACE
    visit: int = 0
    attempt: int = 0
    desk: Desk = Desk.READY
    cards: int = 0
    problem: Problem | None = None
    back_to: State = State.IDLE
    tries_left: int | None = None
    wrong: int = 0
    torn: Torn | None = None
    progress: int = 0
    outcome: Outcome | None = None
    same_person: bool | None = None
    touched: float = 0.0
    warned: bool = False

    @property
    def actions(self) -> tuple[Action, ...]:
        """What can be done on the problem screen; nothing where the kiosk waits for its reader and nobody is here."""
        if self.problem is None or (self.back_to is State.IDLE and self.problem in DESK_PROBLEMS.values()):
            return ()
        return ACTIONS[self.problem]

    @property
    def in_visit(self) -> bool:
        """Whether somebody is here, so that there may be something to forget."""
        return self.state is not State.IDLE and not (self.state is State.PROBLEM and self.back_to is State.IDLE)


Step = tuple[Machine, tuple[Effect, ...]]
_STAY: tuple[Effect, ...] = ()


def step(machine: Machine, event: ev.Event, now: float, rules: Rules) -> Step:
    """What happens.

    Args:
        machine: where the kiosk is.
        event: what came.
        now: seconds of a clock that never goes back.
        rules: the operator's.
    """
    if isinstance(event, ev.Reading) and event.attempt != machine.attempt:
        return machine, _STAY  # of a reading that was stopped
    after, effects = _HANDLERS[type(event)](machine, event, now, rules)
    if isinstance(event, ev.Touch | ev.ByHand) or (isinstance(event, ev.DeskChanged) and after.cards != machine.cards):
        after = replace(after, touched=now, warned=False)
    return after, effects


def seconds_left(machine: Machine, now: float, rules: Rules) -> float | None:
    """Seconds until everything is forgotten; ``None`` where nobody is here."""
    return max(0.0, machine.touched + rules.wipe_after - now) if machine.in_visit else None


# -- the beginning and the end of a visit


def _begin(machine: Machine, event: ev.Begin, _now: float, rules: Rules) -> Step:
    if machine.state is not State.IDLE or event.mode not in rules.modes:
        return machine, _STAY
    state = State.AGE_BIRTH if event.mode is Mode.AGE else State.PRINTED
    fresh = replace(machine, state=state, mode=event.mode, visit=machine.visit + 1, wrong=0)
    looks = () if event.mode is Mode.AGE else (Effect.LOOK,)
    return fresh, (Effect.BEGIN, *looks)


def _leave(machine: Machine, *_: Any) -> Step:
    """Finish, cancel, silence: everything is forgotten, and the history gets its line if there was a verdict."""
    if not machine.in_visit:
        return machine, _STAY
    effects = [Effect.STOP] if machine.state is State.READING else []
    effects += [Effect.RECORD] if machine.state is State.VERDICT else []
    idle = Machine(
        visit=machine.visit + 1,
        attempt=machine.attempt + 1,
        desk=machine.desk,
        cards=machine.cards,
        touched=machine.touched,
    )
    return _at_desk(idle), (*effects, Effect.LOOK_AWAY, Effect.WIPE)


def _tick(machine: Machine, _event: ev.Tick, now: float, rules: Rules) -> Step:
    left = seconds_left(machine, now, rules)
    if left is None:
        return machine, _STAY
    if left <= 0:
        return _leave(machine)
    return replace(machine, warned=left <= rules.warn_before), _STAY


def _stay(machine: Machine, *_: Any) -> Step:
    return machine, _STAY


# -- what a person does


def _typed(machine: Machine, *_: Any) -> Step:
    if machine.state is State.PRINTED:
        return replace(machine, state=State.CONFIRM), (Effect.LOOK_AWAY,)
    if machine.state is State.AGE_BIRTH:
        return _ask_for_card(machine)
    return machine, _STAY


def _confirm(machine: Machine, *_: Any) -> Step:
    return _ask_for_card(machine) if machine.state is State.CONFIRM else (machine, _STAY)


def _correct(machine: Machine, *_: Any) -> Step:
    wrong = machine.state is State.PROBLEM and Action.CORRECT in machine.actions
    if not wrong and machine.state not in (State.CONFIRM, State.PLACE_CARD):
        return machine, _STAY
    if machine.mode is Mode.AGE:
        return replace(machine, state=State.AGE_BIRTH, problem=None), _STAY
    return replace(machine, state=State.PRINTED, problem=None), (Effect.LOOK,)


def _again(machine: Machine, *_: Any) -> Step:
    if machine.state is not State.PROBLEM or Action.AGAIN not in machine.actions:
        return machine, _STAY
    return _ask_for_card(replace(machine, problem=None))


def _same_person(machine: Machine, event: ev.SamePerson, *_: Any) -> Step:
    if machine.state is not State.VERDICT or machine.outcome is Outcome.REJECTED:
        return machine, _STAY
    return replace(machine, same_person=event.same), _STAY


# -- reader and card


def _ask_for_card(machine: Machine) -> Step:
    """Ask for the card; read it where it lies there already."""
    waiting = replace(machine, state=State.PLACE_CARD, torn=None, progress=0, tries_left=None)
    if waiting.desk is not Desk.READY:
        return _at_desk(waiting), _STAY
    if waiting.cards == 0:
        return waiting, _STAY
    if waiting.cards > 1:
        return _trouble(waiting, Problem.TWO_CARDS), _STAY
    return replace(waiting, state=State.READING, attempt=waiting.attempt + 1), (Effect.READ,)


def _at_desk(machine: Machine) -> Machine:
    """The same, or the problem of a reader that is not there."""
    return machine if machine.desk is Desk.READY else _trouble(machine, DESK_PROBLEMS[machine.desk])


def _trouble(machine: Machine, problem: Problem) -> Machine:
    if machine.state is not State.PROBLEM:
        machine = replace(machine, back_to=machine.state)
    return replace(machine, state=State.PROBLEM, problem=problem, torn=None, progress=0)


def _desk_changed(machine: Machine, event: ev.DeskChanged, *_: Any) -> Step:
    before, machine = machine, replace(machine, desk=event.desk, cards=event.cards)
    if machine.state is State.PROBLEM:
        return _passing(before, machine)
    if machine.state is State.PLACE_CARD:
        return _ask_for_card(machine)
    if machine.state is State.IDLE:
        return _at_desk(machine), _STAY
    return machine, _STAY  # a reading tells by itself what became of it; a verdict stays on the screen


def _passing(before: Machine, machine: Machine) -> Step:
    """A problem passes by itself: the reader is back, or the card that was in the way is gone."""
    if machine.problem in DESK_PROBLEMS.values():
        if machine.desk is not Desk.READY:
            return replace(machine, problem=DESK_PROBLEMS[machine.desk]), _STAY
        back = replace(machine, state=machine.back_to, problem=None, back_to=State.IDLE)
        return _ask_for_card(back) if back.state is State.PLACE_CARD else (back, _STAY)
    if machine.problem in CARD_PROBLEMS and machine.cards != before.cards:
        if machine.problem is Problem.TWO_CARDS or machine.cards == 0:
            return _ask_for_card(replace(machine, problem=None))
        if before.cards == 0:
            return _ask_for_card(replace(machine, problem=None))
    return machine, _STAY


# -- a reading


def _progress(machine: Machine, event: ev.Progress, *_: Any) -> Step:
    if machine.state is not State.READING:
        return machine, _STAY
    return replace(machine, progress=event.percent, torn=None), _STAY


def _was_torn(machine: Machine, event: ev.WasTorn, *_: Any) -> Step:
    if machine.state is not State.READING:
        return machine, _STAY
    return replace(machine, torn=Torn.OTHER_CARD if event.other_card else Torn.PUT_BACK), _STAY


def _read(machine: Machine, event: ev.Read, now: float, *_: Any) -> Step:
    if machine.state is not State.READING:
        return machine, _STAY
    state = State.AGE_VERDICT if machine.mode is Mode.AGE else State.VERDICT
    return replace(machine, state=state, outcome=event.outcome, torn=None, progress=100, touched=now), _STAY


def _failed(machine: Machine, event: ev.Failed, now: float, rules: Rules) -> Step:
    if machine.state is not State.READING:
        return machine, _STAY
    asked = replace(machine, state=State.PLACE_CARD, touched=now)
    if event.problem is Problem.WRONG_NUMBER:
        wrong = machine.wrong + 1
        problem = Problem.ASK_STAFF if wrong >= rules.most_wrong else Problem.WRONG_NUMBER
        return replace(_trouble(asked, problem), wrong=wrong, tries_left=event.tries_left), _STAY
    if event.problem in DESK_PROBLEMS.values() and machine.desk is Desk.READY:
        return _trouble(asked, Problem.CARD_TROUBLE), _STAY  # the reader is back already
    return replace(_trouble(asked, event.problem), tries_left=event.tries_left), _STAY


_Handler = Callable[[Machine, Any, float, Rules], Step]
_HANDLERS: dict[type[ev.Event], _Handler] = {
    ev.Begin: _begin,
    ev.Typed: _typed,
    ev.Confirm: _confirm,
    ev.Correct: _correct,
    ev.Again: _again,
    ev.SamePerson: _same_person,
    ev.Finish: _leave,
    ev.Touch: _stay,
    ev.Tick: _tick,
    ev.DeskChanged: _desk_changed,
    ev.Progress: _progress,
    ev.WasTorn: _was_torn,
    ev.Read: _read,
    ev.Failed: _failed,
}
