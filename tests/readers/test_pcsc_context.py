"""A service that runs and does not answer: no question waits for ever, and none is left behind."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from mnverify.errors import LinkTimeout, ServiceNotRunning
from mnverify.readers.model import CardEvent, CardEventKind
from mnverify.readers.pcsc import api as pcsc_api
from mnverify.readers.pcsc import context as pcsc_context
from mnverify.readers.pcsc.context import Context, ask
from mnverify.readers.pcsc.reader import PcscReader, pcsc_readers
from mnverify.readers.pcsc.texts import Doing
from mnverify.readers.pcsc.watch import PcscWatch
from tests.readers.readings import nothing_left_behind
from tests.support.pcsc_service import PcscService
from tests.support.slack import SLACK


class Hanging:
    """The service, which hangs from a call of this until it is told to go on; meanwhile it has 0.2 seconds to answer, for else
    a busy machine would be taken for one that hangs."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._patience = pytest.MonkeyPatch()

    def __call__(self) -> None:
        self.hurry()
        os.killpg(self._process, signal.SIGSTOP)

    def hurry(self) -> None:
        """0.2 seconds from now on."""
        self._patience.setattr(pcsc_context, "SILENT_SECONDS", 0.2)
        self._patience.setattr(pcsc_context, "_BACK_SECONDS", 0.1)

    def go_on(self) -> None:
        """It answers again, in its time."""
        self._patience.undo()
        os.killpg(self._process, signal.SIGCONT)


@pytest.fixture
def hang(service: PcscService) -> Iterator[Hanging]:
    """Makes the service hang until the end of the test."""
    process = service._process
    assert process is not None
    hanging = Hanging(process.pid)
    with nothing_left_behind():
        yield hanging
        hanging.go_on()


@pytest.mark.parametrize("name", ["list", "wait for a card", "wait for removal"])
def test_a_service_that_hangs_is_a_service_that_does_not_run(service: PcscService, hang: Hanging, name: str) -> None:
    reader = PcscReader(service.readers[0])
    question: Callable[[], object] = {
        "list": pcsc_readers,
        "wait for a card": lambda: reader.wait_for_card(5),
        "wait for removal": lambda: reader.wait_for_removal(5),
    }[name]
    before = threading.active_count()  # other tests of this process may have left some
    hang()
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(ServiceNotRunning, match="does not answer"):
            question()
        assert time.monotonic() - began < 1.5 + SLACK
    assert threading.active_count() <= before + 2  # no thread more for each question
    assert reader.info.card_present is None


def test_a_service_that_hangs_in_mid_wait(service: PcscService, hang: Hanging) -> None:
    hang.hurry()
    timer = threading.Timer(0.3, hang)
    timer.start()
    began = time.monotonic()
    with pytest.raises(ServiceNotRunning, match="does not answer"):
        PcscReader(service.readers[0]).wait_for_card(10)
    assert time.monotonic() - began < 1.5 + SLACK
    timer.join()


def test_a_connection_to_a_service_that_hangs(service: PcscService, hang: Hanging) -> None:
    hang()
    began = time.monotonic()
    with pytest.raises(LinkTimeout):
        PcscReader(service.readers[0]).connect(timeout=0.3)
    assert time.monotonic() - began < 1.6 + SLACK


def test_a_watch_lives_through_it(service: PcscService, hang: Hanging) -> None:
    before = threading.active_count()
    with PcscWatch() as watch:
        added = [CardEvent(CardEventKind.READER_ADDED, name) for name in service.readers]
        assert [watch.next(30), watch.next(30)] == added
        hang()
        event = watch.next(30)
        assert event == CardEvent(CardEventKind.SERVICE_LOST)
        gone = {watch.next(30), watch.next(30)}
        assert gone == {CardEvent(CardEventKind.READER_REMOVED, name) for name in service.readers}
        assert watch.next(1) is None
        assert threading.active_count() <= before + 3
        hang.go_on()
        assert watch.next(30) == CardEvent(CardEventKind.SERVICE_BACK)
        assert [watch.next(30), watch.next(30)] == added


def test_close_does_not_wait_for_it(service: PcscService, hang: Hanging) -> None:
    watch = PcscWatch()
    watch.next(1)
    hang()
    began = time.monotonic()
    watch.close()
    assert time.monotonic() - began < 1.5 + SLACK


def test_a_context_that_is_forgotten_is_given_back(service: PcscService, monkeypatch: pytest.MonkeyPatch) -> None:
    released = []
    release = pcsc_api.release

    def counted(context: int) -> None:
        released.append(context)
        release(context)

    monkeypatch.setattr(pcsc_api, "release", counted)
    with nothing_left_behind():
        context = Context()
        assert context.readers() == list(service.readers)
        del context
        gc.collect()
    assert len(released) == 1


def test_an_interrupted_question_is_given_up_and_the_next_is_asked(
    service: PcscService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(job: object, deadline: float) -> bool:
        raise KeyboardInterrupt

    with nothing_left_behind():
        with Context() as context, monkeypatch.context() as patch:
            patch.setattr("mnverify.readers.pcsc.worker._Job._wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                context.states({pcsc_api.NOTIFICATION: 0}, 0.2)
        assert ask(lambda: 5, Doing.LIST) == 5
