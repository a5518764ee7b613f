"""Calls with a deadline that cannot be cancelled."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from mnverify.readers.pcsc.worker import Worker, WorkerStuck, _Job
from tests.support.slack import SLACK


def threads(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def test_a_call_gives_its_result_from_one_thread_of_that_name() -> None:
    worker = Worker("one")
    seen = {worker.call(threading.current_thread, 30) for _ in range(3)}
    assert len(seen) == 1
    assert seen == set(threads("one"))
    assert seen.pop().daemon
    assert worker.close(30)
    assert threads("one") == []


def test_what_the_function_raises_is_raised_to_the_caller_and_the_worker_goes_on() -> None:
    worker = Worker("two")

    def fail() -> None:
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        worker.call(fail, 30)
    assert worker.usable
    assert worker.call(lambda: 5, 30) == 5
    worker.close(30)


def test_an_error_keeps_nothing_of_the_caller_alive() -> None:
    worker = Worker("frames")

    class Held:
        pass

    def fail() -> None:
        raise KeyError

    def ask() -> weakref.ref[Held]:
        held = Held()
        with pytest.raises(KeyError):
            worker.call(fail, 30)
        return weakref.ref(held)

    gc.disable()
    try:
        assert ask()() is None
    finally:
        gc.enable()
    worker.close(30)


def test_a_call_that_does_not_come_back_is_given_up_in_time_and_cleaned_up_when_it_does() -> None:
    worker, back, cleaned = Worker("stuck"), threading.Event(), []
    began = time.monotonic()
    with pytest.raises(WorkerStuck):
        worker.call(lambda: back.wait(60), 0.1, lambda: cleaned.append(threading.current_thread().name))
    assert 0.1 <= time.monotonic() - began < 1.4 + SLACK
    assert not worker.usable
    assert cleaned == []
    with pytest.raises(WorkerStuck):
        worker.call(lambda: None, 1.0)
    assert not worker.join(0.05)
    back.set()
    assert worker.join(30)
    assert cleaned == ["stuck"]
    assert threads("stuck") == []


def test_a_given_up_call_that_fails_is_cleaned_up_too() -> None:
    worker, back, cleaned = Worker("fails"), threading.Event(), []

    def fail() -> None:
        back.wait(60)
        raise ValueError

    with pytest.raises(WorkerStuck):
        worker.call(fail, 0.05, lambda: cleaned.append(1))
    back.set()
    assert worker.join(30)
    assert cleaned == [1]


def test_a_call_that_comes_back_in_time_is_never_cleaned_up() -> None:
    worker, cleaned = Worker("edge"), []
    results = []
    for _ in range(200):
        if not worker.usable:
            worker = Worker("edge")
        try:
            worker.call(lambda: time.sleep(0.0005), 0.0006, lambda: cleaned.append(1))
            results.append(True)
        except WorkerStuck:
            results.append(False)
            assert worker.join(30)
    worker.close(30)
    assert results.count(False) == len(cleaned)


def test_an_interrupt_while_waiting_gives_the_call_up(monkeypatch: pytest.MonkeyPatch) -> None:
    worker, back, cleaned = Worker("interrupted"), threading.Event(), []

    def interrupted(job: object, deadline: float) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("mnverify.readers.pcsc.worker._Job._wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        worker.call(lambda: back.wait(60), 1.0, lambda: cleaned.append(1))
    assert not worker.usable
    back.set()
    assert worker.join(30)
    assert cleaned == [1]


def test_an_interrupt_when_the_call_has_just_come_back_cleans_up_and_ends_the_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker, cleaned = Worker("interrupted late"), []
    wait = _Job._wait

    def interrupted(job: _Job[object], deadline: float) -> bool:
        wait(job, deadline)
        raise KeyboardInterrupt

    monkeypatch.setattr(_Job, "_wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        worker.call(lambda: 5, 30, lambda: cleaned.append(1))
    assert not worker.usable
    assert worker.join(30)
    assert cleaned == [1]


def test_a_posted_call_is_the_last() -> None:
    worker, done = Worker("posted"), []
    worker.post(lambda: done.append(1))
    assert worker.join(30)
    assert done == [1]
    with pytest.raises(WorkerStuck):
        worker.call(lambda: None, 1.0)


def test_close_waits_no_longer_than_it_is_told() -> None:
    worker, back = Worker("slow"), threading.Event()
    worker.post(lambda: (back.wait(60), None)[1])
    began = time.monotonic()
    assert not worker.close(0.1)
    assert time.monotonic() - began < 1.4 + SLACK
    back.set()
    assert worker.join(30)
