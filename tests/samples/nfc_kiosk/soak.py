"""Visit after visit with things that go wrong, without a browser: is it ever stuck, does it grow, does it cost anybody a try?

The kiosk, its threads and the virtual cards are in this process; the clock of the silence is moved by hand.
"""

from __future__ import annotations

import gc
import json
import queue
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from mnverify import TrustStore
from mnverify.virtual import Persona, persona
from samples.nfc_kiosk import events as ev
from samples.nfc_kiosk.demo.reader import DemoReaders
from samples.nfc_kiosk.demo.stage import Choice, Stage
from samples.nfc_kiosk.kiosk import Kiosk
from samples.nfc_kiosk.settings import Settings
from samples.nfc_kiosk.words import Action, Desk, State
from tests.samples.nfc_kiosk.bench import PATIENCE, typed

PEOPLE = ("sato-hanako", "nagai-jusho", "aoi-makoto", "garcia-maria", "hi-fusho", "hikkoshi-ichiro")
STORIES = (
    "plain", "plain", "cloned", "expired", "wrong-code", "wrong-twice", "pulled", "pulled-for-good", "bank-card", "two-cards",
    "no-reader", "service-down", "cancelled", "silent", "few-tries", "early-card", "age", "age-wrong", "taken-too-early",
)  # fmt: skip
KEY, AGE_KEY = "face-check/0012", "face-check/0011"


@dataclass
class Report:
    """What came of it.

    Attributes:
        visits: how many.
        ends: how they ended, by story.
        stuck: stories that did not come to their end.
        tries_lost: tries that no wrong number of a person explains.
        grown: bytes of memory between the end of the first third and the end.
        threads: more at the end than at the beginning.
    """

    visits: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    stuck: list[str] = field(default_factory=list)
    tries_lost: int = 0
    grown: int = 0
    threads: int = 0


class Stuck(Exception):
    """A condition that never came."""


class Room:
    """A kiosk with its events in a queue, so that one thread is its own."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.stage = Stage(DemoReaders())
        self.late = 0.0
        self._events: queue.SimpleQueue[ev.Event] = queue.SimpleQueue()
        self.kiosk = Kiosk(
            Settings(warn_before=10.0),
            TrustStore.from_json(json.dumps(self.stage.anchors)),
            self.stage.readers,
            clock=lambda: time.monotonic() + self.late,
        )
        self.kiosk.start(self._events.put)
        self.wrong = 0

    @property
    def state(self) -> State:
        return self.kiosk.machine.state

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Let things happen until something is so."""
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                raise Stuck(f"{what}, but {self.state} {self.kiosk.machine.problem}")
            try:
                self.kiosk.take(self._events.get(timeout=0.02))
            except queue.Empty:
                self.kiosk.take(ev.Tick())

    def at(self, *states: State) -> None:
        """Let things happen until the kiosk is there."""
        self.until(lambda: self.state in states, " or ".join(states))

    def to_the_card(self, holder: Persona, code: str | None = None) -> None:
        """What is printed, as a person types it."""
        self.kiosk.act("begin", {"mode": "face"})
        self.print(holder, code)

    def print(self, holder: Persona, code: str | None = None) -> None:
        """The form, and the confirmation."""
        self.wrong += code is not None
        self.kiosk.act("print", {**typed(holder), **({"security_code": code} if code else {})})
        self.kiosk.act("confirm", {})

    def finish(self) -> None:
        """The visit is over, and so is everything of it."""
        self.kiosk.act("finish", {})
        self.stage.take()
        self.until(lambda: self.state is State.IDLE and self.kiosk.machine.cards == 0, "idle")
        assert self.kiosk.visit.printed is None and not self.kiosk.visit.pictures

    def close(self) -> None:
        self.kiosk.close()


def tell(room: Room, story: str, holder: Persona) -> str:  # noqa: C901 - one branch a story
    """One visit; how it ended."""
    put, stage, kiosk = room.stage.put, room.stage, room.kiosk
    fault = {"taken-too-early": "slow", "pulled-for-good": "pulled"}.get(story, story)
    known = ("cloned", "expired", "pulled", "bank-card", "two-cards", "few-tries", "slow")
    stage.choose(Choice(holder.id, fault if fault in known else "none"))
    holder = stage.card().persona  # an expired card is printed so
    end = "nothing"
    match story:
        case "age" | "age-wrong":
            kiosk.act("begin", {"mode": "age"})
            birth = {**typed(holder), **({"day": "15", "month": "5"} if story == "age-wrong" else {})}
            kiosk.act("birth", birth)
            put()
            room.at(State.AGE_VERDICT, State.PROBLEM)
        case "early-card":
            put()
            room.to_the_card(holder)
            room.at(State.VERDICT)
        case "wrong-code" | "wrong-twice":
            wrong = "0000" if holder.security_code != "0000" else "1111"
            room.to_the_card(holder, wrong)
            put()
            room.at(State.PROBLEM)
            kiosk.act("correct", {})
            room.print(holder, wrong if story == "wrong-twice" else None)
            room.at(State.VERDICT, State.PROBLEM)
        case "no-reader" | "service-down":
            room.to_the_card(holder)
            stage.readers.turn(Desk.NO_READER if story == "no-reader" else Desk.SERVICE_DOWN)
            room.at(State.PROBLEM)
            stage.readers.turn(Desk.READY)
            room.at(State.PLACE_CARD)
            put()
            room.at(State.VERDICT)
        case "cancelled":
            room.to_the_card(holder)
            put()
            room.at(State.READING, State.VERDICT)
        case "silent":
            room.to_the_card(holder)
            room.at(State.PLACE_CARD)
            room.late += kiosk.settings.wipe_after + 1
            room.at(State.IDLE)
            return "forgotten"
        case "pulled":
            room.to_the_card(holder)
            put()
            room.until(lambda: kiosk.machine.torn is not None, "torn")
            put()
            room.at(State.VERDICT)
        case "pulled-for-good":
            room.to_the_card(holder)
            put()
            room.until(lambda: kiosk.machine.torn is not None, "torn")
        case "taken-too-early":
            room.to_the_card(holder)
            put()
            room.until(lambda: kiosk.machine.progress > 10, "some of it")
            stage.take()
            room.until(lambda: kiosk.machine.torn is not None, "torn")
            put()
            room.at(State.VERDICT)
        case _:
            room.to_the_card(holder)
            put()
            room.at(State.VERDICT, State.PROBLEM)
    machine = kiosk.machine
    end = str(machine.outcome or machine.problem or machine.state)
    if machine.state is State.PROBLEM and Action.AGAIN in machine.actions and story in ("bank-card", "two-cards"):
        stage.choose(Choice(holder.id, "none"))
        room.at(State.PLACE_CARD, State.READING)
        put()
        room.at(State.VERDICT)
        end += f", then {kiosk.machine.outcome}"
    return end


def run(visits: int, seed: int) -> Report:
    """So many visits, with stories and people by the seed; each story comes at least once where there are enough."""
    room, report, me = Room(seed), Report(visits), psutil.Process()
    try:
        room.at(State.IDLE)
        stories = [*STORIES, *room.chance.choices(STORIES, k=visits)][:visits]
        room.chance.shuffle(stories)
        before = threads = 0
        for number, story in enumerate(stories):
            holder = persona(room.chance.choice(PEOPLE))
            room.wrong = 0
            try:
                report.ends[f"{story}: {tell(room, story, holder)}"] += 1
                cost = lost(room, story)
                report.tries_lost += abs(cost)
                room.finish()
            except Stuck as error:
                report.stuck.append(f"{number} {story}: {error}")
                room.kiosk.act("finish", {})
                room.stage.choose(Choice())
                room.stage.readers.turn(Desk.READY)
                room.at(State.IDLE)
            if number == visits // 3:
                gc.collect()
                before, threads = me.memory_info().rss, me.num_threads()
        end = time.monotonic() + PATIENCE
        while me.num_threads() > threads and time.monotonic() < end:
            time.sleep(0.05)  # what has ended for the visit may still be on its way out
        gc.collect()
        report.grown, report.threads = me.memory_info().rss - before, me.num_threads() - threads
    finally:
        room.close()
    return report


def lost(room: Room, story: str) -> int:
    """Tries of the card that the person's own wrong numbers do not explain. A right number gives them all back."""
    card = room.stage.card()
    if story == "few-tries":
        return 2 - (card.retries("face-check", "0012") or 0)
    if story == "age-wrong":
        return 9 - (card.retries("face-check", "0011") or 0)
    right = story != "wrong-twice" and room.kiosk.machine.state is State.VERDICT
    left = card.retries("face-check", "0012") or 0
    return 10 - (0 if right else room.wrong) - left
