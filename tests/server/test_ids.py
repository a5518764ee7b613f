"""Ids of the service: of their form, and never the same twice, in a process that was forked neither."""

from __future__ import annotations

import os

import pytest

from mnverify.server.words import ID, new_id


def test_each_is_another_and_of_the_form() -> None:
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == len(ids)
    assert all(ID.fullmatch(one) for one in ids)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_draws_its_own() -> None:
    new_id()  # whatever was drawn with it waits in this process
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.write(theirs, "\n".join(new_id() for _ in range(300)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        told = pipe.read().split("\n")
    assert len(set(told)) == 300
    assert not set(told) & {new_id() for _ in range(300)}
