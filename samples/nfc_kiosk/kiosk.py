"""The kiosk: machine, visit, reader and camera together. It lives in one thread; the others send it events.

The machine decides, and this carries out. Nothing else changes the visit.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from mnverify import MyNumber, TrustStore
from mnverify.client import VerificationClient
from mnverify.masked import MaskedBytes
from samples.nfc_kiosk import events as ev
from samples.nfc_kiosk.booth import Booth, NoBooth
from samples.nfc_kiosk.desk import CardDesk, Post, Readers
from samples.nfc_kiosk.history import History, NoHistory, line_of
from samples.nfc_kiosk.hub import Hub
from samples.nfc_kiosk.machine import Effect, Machine, step
from samples.nfc_kiosk.settings import Settings
from samples.nfc_kiosk.task import AgeTask, FaceTask, Task
from samples.nfc_kiosk.typed import (
    FormError,
    birth_credential,
    number_credential,
    read_birth,
    read_my_number,
    read_print,
)
from samples.nfc_kiosk.view import view
from samples.nfc_kiosk.visit import Visit
from samples.nfc_kiosk.words import Mode, State

log = logging.getLogger("nfc_kiosk")
NUMBER_PICTURE = "my_number_image"
HOLD_SECONDS = 10.0
"""The longest time that a 個人番号 is shown for one press."""


class Kiosk:
    """One kiosk.

    Args:
        settings: the operator's.
        trust: the anchors.
        readers: where readers come from.
        history: where the lines go.
        booth: the camera.
        endpoint: who judges in place of the kiosk.
        clock: seconds that never go back.
        today: the day, for dates that cannot be yet.
    """

    def __init__(
        self,
        settings: Settings,
        trust: TrustStore,
        readers: Readers,
        *,
        history: History | None = None,
        booth: Booth | None = None,
        endpoint: VerificationClient | None = None,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.settings = settings
        self.history: History = history or NoHistory()
        self.hub = Hub()
        self._trust, self._readers, self._endpoint = trust, readers, endpoint
        self._clock, self._today = clock, today
        self._booth: Booth = booth or NoBooth()
        self._machine = Machine(touched=clock())
        self._visit = Visit()
        self._desk: CardDesk | None = None
        self._held_until = 0.0
        self._actions: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "begin": self._begin,
            "print": self._give_print,
            "birth": self._give_birth,
            "confirm": lambda _: self.take(ev.Confirm()),
            "correct": lambda _: self.take(ev.Correct()),
            "again": lambda _: self.take(ev.Again()),
            "answer": self._answer,
            "hold": self._hold,
            "finish": lambda _: self.take(ev.Finish()),
            "touch": lambda _: self.take(ev.Touch()),
        }

    def use(self, booth: Booth) -> None:
        """Another camera, before the start."""
        self._booth = booth

    # -- life

    def start(self, post: Post) -> None:
        """Begin to watch the reader.

        Args:
            post: hands an event to ``take`` in the kiosk's own thread.
        """
        self._booth.start(post)
        self._desk = CardDesk(post, self._readers, self.settings.reader)
        self._desk.start()

    def close(self) -> None:
        """Forget, and end every thread."""
        self.take(ev.Finish())
        self.hub.close()
        self._booth.close()
        if self._desk is not None:
            self._desk.close()
        self._visit.wipe()

    @property
    def healthy(self) -> bool:
        """Whether the threads live."""
        return self._desk is not None and self._desk.alive

    @property
    def machine(self) -> Machine:
        """Where the kiosk is."""
        return self._machine

    @property
    def visit(self) -> Visit:
        """What is known of the person who is here."""
        return self._visit

    # -- what happens

    def take(self, event: ev.Event) -> None:
        """Something happened."""
        if isinstance(event, ev.CameraNews):
            self.hub.changed()
            return
        if isinstance(event, ev.WasSeen):
            self._was_seen(event.visit)
            return
        before = self._machine
        self._machine, effects = step(before, event, self._clock(), self.settings.rules)
        for effect in effects:
            self._carry_out(effect, before)
        told = isinstance(event, ev.Tick) and not self._machine.warned
        if self._machine != before and not (told and self._machine.warned == before.warned):
            self.hub.changed()
        elif self._machine.warned and isinstance(event, ev.Tick):
            self.hub.changed()  # the seconds that are left

    def act(self, name: str, form: Mapping[str, Any]) -> None:
        """Somebody did something at the page.

        Raises:
            FormError: what was typed is not printed so on any card.
            KeyError: there is no such action.
        """
        self._actions[name](form)

    def view(self) -> dict[str, Any]:
        """The whole state, for the page."""
        return view(self._machine, self._visit, self.settings, self._clock(), camera=self._booth.view())

    def picture(self, name: str) -> MaskedBytes | None:
        """A PNG of this visit; that of the 個人番号 only while it is held."""
        if name == NUMBER_PICTURE and not self._held:
            return None
        return self._visit.pictures.get(name)

    def number(self) -> MyNumber | None:
        """The 個人番号, only while it is held."""
        return self._visit.number if self._held and self._machine.mode is Mode.NUMBER else None

    @property
    def booth(self) -> Booth:
        """The camera."""
        return self._booth

    def _was_seen(self, visit: int) -> None:
        """The camera has read the print, or the code: it is as if somebody had typed it."""
        seen = self._booth.seen(visit)
        if seen is None or visit != self._machine.visit or self._machine.state is not State.PRINTED:
            return
        if seen.number is not None and self._machine.mode is Mode.NUMBER:
            self._visit.number, self._visit.number_from_code = seen.number, True
            self.take(ev.Typed())
        elif seen.scan is not None and self._machine.mode is Mode.FACE:
            from samples.nfc_kiosk.seen import take_scan

            if take_scan(self._visit, seen.scan):
                self.take(ev.Typed())

    # -- what is done at the page

    def _begin(self, form: Mapping[str, Any]) -> None:
        try:
            self.take(ev.Begin(Mode(str(form.get("mode")))))
        except ValueError:
            raise FormError({"mode": "no-such-mode"}) from None

    def _give_print(self, form: Mapping[str, Any]) -> None:
        if self._machine.state is not State.PRINTED:
            return
        if self._machine.mode is Mode.NUMBER:
            self._visit.number = read_my_number(form)
            self._visit.number_from_code = False
        else:
            self._visit.printed = read_print(form, self._today())
            self._visit.forget_scan()  # a person says what is printed
        self.take(ev.Typed())

    def _give_birth(self, form: Mapping[str, Any]) -> None:
        if self._machine.state is State.AGE_BIRTH:
            self._visit.birth = read_birth(form, self._today())
            self.take(ev.Typed())

    def _hold(self, form: Mapping[str, Any]) -> None:
        self._held_until = self._clock() + HOLD_SECONDS if form.get("down") is True else 0.0
        self.take(ev.Touch())

    @property
    def _held(self) -> bool:
        return self._clock() < self._held_until

    def _answer(self, form: Mapping[str, Any]) -> None:
        self.take(ev.SamePerson(form.get("same") is True))

    # -- effects

    def _carry_out(self, effect: Effect, before: Machine) -> None:
        match effect:
            case Effect.READ:
                if self._desk is not None:
                    self._desk.read(self._machine.attempt, self._task())
            case Effect.STOP:
                if self._desk is not None:
                    self._desk.stop_reading()
            case Effect.RECORD:
                self._record(before)
            case Effect.BEGIN | Effect.WIPE:
                self._visit.wipe()
                self._visit = Visit()
                self._held_until = 0.0
            case Effect.LOOK:
                self._booth.look(self._machine.visit, self._machine.mode)
            case Effect.LOOK_AWAY:
                self._booth.look_away()

    def _task(self) -> Task:
        visit, settings = self._visit, self.settings
        if self._machine.mode is Mode.AGE:
            if visit.birth is None:
                raise AssertionError("the age gate reads no card without a birth date")
            return AgeTask(visit, birth_credential(visit.birth), self._trust, settings.age, settings.age_floor)
        if self._machine.mode is Mode.NUMBER and visit.number is not None:
            credential = number_credential(visit.number)
            return FaceTask(visit, credential, self._trust, Mode.NUMBER, settings.floor)
        if visit.printed is None:
            raise AssertionError("no card is read without a number")
        return FaceTask(
            visit, visit.printed.credential, self._trust, Mode.FACE, settings.floor, endpoint=self._endpoint
        )

    def _record(self, before: Machine) -> None:
        """The line of the history, of the verdict that is left now."""
        if not self.history.on or before.outcome is None:
            return
        year = self._visit.findings.expiry_year if self._visit.findings else None
        now = datetime.now().astimezone()
        try:
            self.history.add(line_of(now, before.outcome.value, year, before.same_person))
        except OSError:
            log.error("the history cannot be written")
