"""Every error has the exit status that the reference gives its cause."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest

from mnverify.cli.exit_status import MEANINGS, exit_status
from mnverify.errors import (
    CodeRefused,
    CredentialError,
    GateError,
    LinkError,
    MissingExtra,
    MnverifyError,
    NotMasked,
    RoleError,
)
from mnverify.virtual import VirtualCard, persona
from tests.cli.conftest import Ran
from tests.test_errors import instances

Run = Callable[..., Ran]
READER = f"virtual:{persona().id}"


@pytest.mark.parametrize("error", instances(), ids=lambda error: type(error).__name__)
def test_of_every_error(error: MnverifyError) -> None:
    status = exit_status(error, reading=False)
    if isinstance(error, GateError | RoleError):
        assert status == 4
    elif isinstance(error, CredentialError):
        assert status == 5
    elif isinstance(error, LinkError):
        assert status == 3
    elif isinstance(error, MissingExtra):
        assert status == 3  # pyscard
    elif isinstance(error, CodeRefused | NotMasked):
        assert status == 1
    else:
        assert status == 2


def test_unreadable_data_of_a_card_is_the_card_s_fault() -> None:
    by_name = {type(error).__name__: error for error in instances()}
    for name in ("EvidenceError", "UnsupportedCard"):
        assert exit_status(by_name[name], reading=True) == 3
    assert exit_status(by_name["UnreadableFile"], reading=True) == 2
    assert exit_status(MissingExtra("Pillow", "pcsc"), reading=True) == 2


def test_each_has_a_meaning() -> None:
    assert set(MEANINGS) == {0, 1, 2, 3, 4, 5, 130}


def test_verbose_shows_the_gate_s_audit_and_no_data(run: Run, card: VirtualCard) -> None:
    number = card.credentials["verification-number-b"]
    handlers = list(logging.getLogger("mnverify").handlers)
    ran = run("-v", "read", "face-check", "--reader", READER, "--trust", "virtual", "--json", stdin=number)
    assert ran.document["verdict"] == "verified"
    lines = ran.err.splitlines()
    assert any("VERIFY" in line for line in lines) and any("READ BINARY 0002" in line for line in lines)
    assert all(line.startswith("mnverify.gate: face-check general: ") for line in lines)
    assert number not in ran.err
    assert not re.search(r"[0-9A-F]{8}", ran.err)
    assert logging.getLogger("mnverify").handlers == handlers
    assert run("retries", "--reader", READER).err == ""
