"""The state machine, as tables: what happens in each state, and that no order of events leaves it stuck."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from samples.nfc_kiosk import events as ev
from samples.nfc_kiosk.machine import Effect, Machine, Rules, seconds_left, step
from samples.nfc_kiosk.words import ACTIONS, CARD_PROBLEMS, Action, Desk, Mode, Outcome, Problem, State, Torn

RULES = Rules(frozenset(Mode))
ON, OFF = ev.DeskChanged(Desk.READY, 1), ev.DeskChanged(Desk.READY, 0)
GONE = ev.DeskChanged(Desk.NO_READER, 0)


def play(*events: ev.Event, machine: Machine | None = None, now: float = 0.0) -> tuple[Machine, list[Effect]]:
    """Events one after another; readings are of the attempt that runs."""
    machine = machine or Machine()
    done: list[Effect] = []
    for event in events:
        if isinstance(event, ev.Reading):
            event = replace(event, attempt=machine.attempt)  # type: ignore[type-var]
        machine, effects = step(machine, event, now, RULES)
        done += effects
    return machine, done


TYPED = (ev.Begin(Mode.FACE), ev.Typed(), ev.Confirm())
READ = (*TYPED, ON)
AGE = (ev.Begin(Mode.AGE), ev.Typed(), ON)


@pytest.mark.parametrize(
    ("events", "state", "effects"),
    [
        ((), State.IDLE, []),
        ((ev.Begin(Mode.FACE),), State.PRINTED, [Effect.BEGIN, Effect.LOOK]),
        ((ev.Begin(Mode.AGE),), State.AGE_BIRTH, [Effect.BEGIN]),
        ((ev.Begin(Mode.NUMBER),), State.PRINTED, [Effect.BEGIN, Effect.LOOK]),
        ((ev.Begin(Mode.FACE), ev.Begin(Mode.AGE)), State.PRINTED, [Effect.BEGIN, Effect.LOOK]),
        ((ev.Begin(Mode.FACE), ev.Typed()), State.CONFIRM, [Effect.BEGIN, Effect.LOOK, Effect.LOOK_AWAY]),
        (TYPED, State.PLACE_CARD, [Effect.BEGIN, Effect.LOOK, Effect.LOOK_AWAY]),
        (READ, State.READING, [Effect.BEGIN, Effect.LOOK, Effect.LOOK_AWAY, Effect.READ]),
        ((ON, *TYPED), State.READING, [Effect.BEGIN, Effect.LOOK, Effect.LOOK_AWAY, Effect.READ]),
        (AGE, State.READING, [Effect.BEGIN, Effect.READ]),
        ((*AGE, ev.Read(0, Outcome.YES)), State.AGE_VERDICT, [Effect.BEGIN, Effect.READ]),
        ((ev.Typed(),), State.IDLE, []),
        ((ev.Confirm(),), State.IDLE, []),
        ((ev.Finish(),), State.IDLE, []),
        ((GONE,), State.PROBLEM, []),
        ((GONE, OFF), State.IDLE, []),
        ((GONE, ev.Begin(Mode.FACE)), State.PROBLEM, []),
    ],
)
def test_where_events_lead(events: tuple[ev.Event, ...], state: State, effects: list[Effect]) -> None:
    machine, done = play(*events)
    assert (machine.state, done) == (state, effects)


@pytest.mark.parametrize("problem", [one for one in Problem if one is not Problem.WRONG_NUMBER])
def test_every_failure_says_what_it_is_and_can_be_left(problem: Problem) -> None:
    desk = {Problem.NO_READER: Desk.NO_READER, Problem.SERVICE_DOWN: Desk.SERVICE_DOWN}.get(problem, Desk.READY)
    desk = Desk.NOT_ALLOWED if problem is Problem.NOT_ALLOWED else desk
    machine, _ = play(*READ, ev.DeskChanged(desk, 1 if desk is Desk.READY else 0), ev.Failed(0, problem))
    assert (machine.state, machine.problem) == (State.PROBLEM, problem)
    assert machine.actions == ACTIONS[problem] and Action.FINISH in machine.actions
    machine, done = play(ev.DeskChanged(Desk.READY, 0), ev.Finish(), machine=machine)
    assert machine.state is State.IDLE and done[-1] is Effect.WIPE


@pytest.mark.parametrize("problem", sorted(CARD_PROBLEMS - {Problem.TWO_CARDS}))
def test_a_card_that_is_taken_off_and_put_back_is_read_again(problem: Problem) -> None:
    machine, _ = play(*READ, ev.Failed(0, problem))
    assert machine.state is State.PROBLEM
    machine, done = play(OFF, ON, machine=machine)
    assert machine.state is State.READING and done == [Effect.READ]


def test_two_cards_become_one() -> None:
    two = ev.DeskChanged(Desk.READY, 2)
    machine, done = play(*TYPED, two)
    assert machine.problem is Problem.TWO_CARDS and Effect.READ not in done
    machine, done = play(ON, machine=machine)
    assert machine.state is State.READING and done == [Effect.READ]


def test_after_two_wrong_numbers_staff_are_asked() -> None:
    wrong = ev.Failed(0, Problem.WRONG_NUMBER, 9)
    machine, _ = play(*READ, wrong)
    assert (machine.problem, machine.tries_left) == (Problem.WRONG_NUMBER, 9)
    machine, done = play(ev.Correct(), machine=machine)
    assert (machine.state, done) == (State.PRINTED, [Effect.LOOK])
    machine, _ = play(ev.Typed(), ev.Confirm(), replace(wrong, tries_left=8), machine=machine)
    assert (machine.problem, machine.tries_left) == (Problem.ASK_STAFF, 8)
    assert machine.actions == (Action.FINISH,)
    for event in (ev.Correct(), ev.Again(), OFF, ON):
        assert play(event, machine=machine)[0].state is State.PROBLEM


def test_a_wrong_number_is_not_presented_again_by_itself() -> None:
    machine, _ = play(*READ, ev.Failed(0, Problem.WRONG_NUMBER, 9))
    machine, done = play(OFF, ON, OFF, ON, machine=machine)
    assert machine.problem is Problem.WRONG_NUMBER and done == []


def test_a_torn_reading_waits_and_goes_on() -> None:
    machine, _ = play(*READ, ev.Progress(0, 40), ev.WasTorn(0))
    assert (machine.state, machine.torn, machine.progress) == (State.READING, Torn.PUT_BACK, 40)
    assert play(ev.WasTorn(0, other_card=True), machine=machine)[0].torn is Torn.OTHER_CARD
    machine, _ = play(OFF, ON, ev.Progress(0, 60), machine=machine)
    assert (machine.torn, machine.progress) == (None, 60)
    assert play(ev.Read(0, Outcome.MATCH), machine=machine)[0].outcome is Outcome.MATCH


def test_a_reading_that_was_stopped_says_nothing_more() -> None:
    machine, _ = play(*READ)
    late = [ev.Read(1, Outcome.MATCH), ev.Failed(1, Problem.FAULT), ev.Progress(1, 50), ev.WasTorn(1)]
    assert machine.attempt == 1
    machine, done = play(ev.Finish(), machine=machine)
    assert done == [Effect.STOP, Effect.LOOK_AWAY, Effect.WIPE]
    for event in late:
        assert step(machine, event, 0.0, RULES) == (machine, ())
    again, _ = play(*TYPED, machine=machine)
    for event in late:
        assert step(again, event, 0.0, RULES)[0].state is State.READING and again.attempt != 1


def test_only_a_verdict_has_a_line_in_the_history() -> None:
    machine, _ = play(*READ, ev.Read(0, Outcome.MATCH), ev.SamePerson(False))
    assert machine.same_person is False
    assert play(ev.Finish(), machine=machine)[1] == [Effect.RECORD, Effect.LOOK_AWAY, Effect.WIPE]
    age, _ = play(*AGE, ev.Read(0, Outcome.NO))
    for other in (age, play(*READ)[0], play(*TYPED)[0]):
        assert Effect.RECORD not in play(ev.Finish(), machine=other)[1]


def test_nobody_is_said_to_be_the_holder_of_a_rejected_card() -> None:
    machine, _ = play(*READ, ev.Read(0, Outcome.REJECTED), ev.SamePerson(True))
    assert machine.same_person is None


@pytest.mark.parametrize("events", [(ev.Begin(Mode.FACE),), (*TYPED,), READ, AGE, (*READ, ev.Read(0, Outcome.MATCH))])
def test_silence_is_warned_of_and_then_everything_is_forgotten(events: tuple[ev.Event, ...]) -> None:
    machine, _ = play(*events)
    assert seconds_left(machine, 44.0, RULES) == 16.0
    assert not play(ev.Tick(), machine=machine, now=44.0)[0].warned
    machine, done = play(ev.Tick(), machine=machine, now=45.0)
    assert machine.warned and done == []
    extended, _ = play(ev.Touch(), machine=machine, now=59.0)
    assert not extended.warned and seconds_left(extended, 59.0, RULES) == 60.0
    machine, done = play(ev.Tick(), machine=machine, now=60.0)
    assert machine.state is State.IDLE and done[-1] is Effect.WIPE and not machine.warned
    assert seconds_left(machine, 61.0, RULES) is None


def test_the_reader_alone_is_no_sign_of_a_person() -> None:
    machine, _ = play(*READ)
    machine, _ = play(ev.Progress(0, 10), machine=machine, now=50.0)
    assert seconds_left(machine, 50.0, RULES) == 10.0
    assert seconds_left(play(OFF, machine=machine, now=50.0)[0], 50.0, RULES) == 60.0


def test_a_mode_that_is_off_does_not_begin() -> None:
    for mode in Mode:
        off = Rules(frozenset(Mode) - {mode})
        assert step(Machine(), ev.Begin(mode), 0.0, off) == (Machine(), ()) or mode not in off.modes
        assert step(Machine(), ev.Begin(mode), 0.0, off)[0].state is State.IDLE


def test_the_reader_may_vanish_at_any_moment() -> None:
    for events in ((), (ev.Begin(Mode.FACE),), TYPED, READ, AGE, (*READ, ev.Read(0, Outcome.MATCH))):
        machine, _ = play(*events)
        for broken in (Desk.NO_READER, Desk.SERVICE_DOWN, Desk.NOT_ALLOWED):
            after, _ = play(ev.DeskChanged(broken, 0), machine=machine)
            if after.state is State.READING:  # the reading says so
                after, _ = play(ev.Failed(0, Problem.NO_READER), machine=after)
            back, _ = play(OFF, ON, machine=after)
            assert back.state not in (State.PROBLEM, State.PLACE_CARD), (events, broken)


def anything(chance: random.Random, machine: Machine) -> ev.Event:
    """Any event at all."""
    attempt = chance.choice([machine.attempt, machine.attempt - 1])
    if chance.random() < 0.5:  # what somebody would do who means it
        return chance.choice([ev.Begin(Mode.FACE), ev.Typed(), ev.Confirm(), ON])
    return chance.choice(
        [
            ev.Begin(chance.choice(list(Mode))),
            ev.Typed(),
            ev.Confirm(),
            ev.Correct(),
            ev.Again(),
            ev.SamePerson(chance.random() < 0.5),
            ev.Finish(),
            ev.Touch(),
            ev.Tick(),
            ev.DeskChanged(chance.choice([*Desk, *[Desk.READY] * 8]), chance.choice([0, 1, 1, 2])),
            ev.Progress(attempt, chance.randrange(100)),
            ev.WasTorn(attempt, chance.random() < 0.5),
            ev.Read(attempt, chance.choice(list(Outcome))),
            ev.Failed(attempt, chance.choice(list(Problem)), chance.choice([None, 9])),
        ]
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_order_of_events_leaves_it_stuck(seed: int) -> None:
    """Whatever happens, silence and a whole reader lead back to the start, everything forgotten; and a card is read only for
    somebody who has typed and confirmed, one try for each."""
    chance, machine, now = random.Random(seed), Machine(), 0.0
    reads = asked = 0
    for _ in range(400):
        event, now = anything(chance, machine), now + chance.random() * 8
        before = machine
        machine, effects = step(machine, event, now, RULES)
        asked += isinstance(event, ev.ByHand | ev.DeskChanged)
        if Effect.READ in effects:
            reads += 1
            assert before.wrong < RULES.most_wrong
            assert isinstance(event, ev.Typed | ev.Confirm | ev.Again | ev.DeskChanged)
        assert (machine.state is State.PROBLEM) == (machine.problem is not None)
        assert machine.outcome is None or machine.state in (State.VERDICT, State.AGE_VERDICT)
        if before.in_visit and not machine.in_visit:
            assert effects[-1] is Effect.WIPE
    assert reads and asked
    machine, _ = step(machine, ev.Tick(), now + 61, RULES)
    machine, _ = step(machine, OFF, now + 62, RULES)
    assert machine.state is State.IDLE
