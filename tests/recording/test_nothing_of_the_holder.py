"""A script, and the recorder itself, hold nothing of the real holder, whoever that is and however the reading ends."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from types import FunctionType, MethodType, ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnverify.card import credential_from_text
from mnverify.errors import CardLost, LinkTimeout, MnverifyError
from mnverify.recording import CHALLENGE, Recorder
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role
from mnverify.virtual import personas

from .readings import LINKS, READINGS, TRUST, Wire, corrupt, issue

WINDOW = 8  # bytes
STAND_IN = "sato-hanako"
HOLDERS = [one.id for one in personas() if one.id != STAND_IN]
ERRORS = [CardLost(Text("gone", "消失")), LinkTimeout(Text("mute", "無応答")), corrupt()]


def windows(data: bytes) -> Iterator[bytes]:
    return (data[at : at + WINDOW] for at in range(len(data) - WINDOW + 1))


@cache
def on_card(who: str) -> frozenset[bytes]:
    """Every window of every file of a card, of its signatures over the published challenge, and of what opens it.

    Filler and one more byte are none: the status word behind a filler looks the same.
    """
    card = issue(who)
    contents = [content for domain in Domain for content in card.files(domain).values()]
    contents += [card.sign(domain, CHALLENGE) for domain in Domain]
    contents += [digits.encode() for digits in card.credentials.values()]
    return frozenset(window for content in contents for window in windows(content) if len(set(window)) > 2)


def values_in(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for one in document.values() if isinstance(document, dict) else document:
            yield from values_in(one)


def pieces_in(text: str) -> list[bytes]:
    """The text, and what its values are in hex."""
    pieces = [text.encode()]
    for value in values_in(json.loads(text)):
        with suppress(ValueError):
            pieces.append(bytes.fromhex(value))
    return pieces


def leaks(text: str, who: str) -> list[str]:
    """What of a holder stands in the text of a script."""
    holder, card = next(one for one in personas() if one.id == who), issue(who)
    secret = on_card(who) - on_card(STAND_IN)
    pieces = pieces_in(text)
    found = ["a window" for piece in pieces for window in windows(piece) if window in secret]
    words = [
        *holder.name.split("\u3000"),
        holder.address,
        holder.id,
        holder.birth.isoformat(),
        holder.birth_compact,
    ]
    found += ["a word" for word in words for piece in pieces if word.encode() in piece]
    verify = [piece[5:] for piece in pieces[1:] if piece[:3] == b"\x00\x20\x00" and len(piece) > 5]
    found += ["a credential" for digits in card.credentials.values() if digits.encode() in verify]
    return found + ["a reader" for part in Wire.reader_name.split()[:3] if part in text]


def record(link: Wire, domain: Domain, role: Role, kind: CredentialKind, stand_in: str = STAND_IN) -> Recorder:
    recorder = Recorder(domain, kind, role=role, persona_id=stand_in)
    credential = credential_from_text(kind, link.card.credentials[kind])
    with suppress(MnverifyError):
        recorder.read(link, credential, trust=TRUST)
    return recorder


@pytest.mark.parametrize("who", HOLDERS)
@pytest.mark.parametrize(("domain", "role", "kind"), READINGS)
def test_nothing_of_the_holder_is_in_the_script(domain: Domain, role: Role, kind: CredentialKind, who: str) -> None:
    script = record(LINKS["short lengths, broken"](who), domain, role, kind).script()
    assert script.observed and script.faithful
    assert leaks(script.to_json(), who) == []


@pytest.mark.parametrize(("domain", "role", "kind"), READINGS)
def test_the_search_finds_what_is_there(domain: Domain, role: Role, kind: CredentialKind) -> None:
    script = record(LINKS["any length"](HOLDERS[0]), domain, role, kind, HOLDERS[0]).script()
    assert {"a window", "a credential", "a word"} <= set(leaks(script.to_json(), HOLDERS[0]))


@settings(max_examples=60, deadline=None)
@given(
    who=st.sampled_from(HOLDERS),
    reading=st.sampled_from(READINGS),
    wire=st.sampled_from(sorted(LINKS)),
    at=st.integers(1, 40),
    fault=st.sampled_from([*ERRORS, b"\x6f\x00", b"\x90\x00", "cut", "no status word"]),
)
def test_nothing_of_the_holder_is_in_the_script_of_a_broken_reading(
    who: str, reading: tuple[Domain, Role, CredentialKind], wire: str, at: int, fault: object
) -> None:
    link = LINKS[wire](who)
    inner = link.after

    def broken(command: bytes, answer: bytes) -> bytes:
        if link.commands != at:
            return answer if inner is None else inner(command, answer)
        if isinstance(fault, MnverifyError):
            raise fault
        if isinstance(fault, bytes):
            return fault
        return answer[:-2] if fault == "no status word" else answer[: len(answer) // 2] + b"\x90\x00"

    link.after = broken
    recorder = record(link, *reading)
    assert leaks(recorder.script().to_json(), who) == []


def everything_in(root: object) -> Iterator[object]:
    """Every object that can be reached, apart from code."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType | MethodType):
            continue
        seen.add(id(one))
        yield one
        waiting += gc.get_referents(one)


@pytest.mark.parametrize("fails", [False, True])
def test_the_recorder_holds_nothing_of_the_holder(fails: bool) -> None:
    who = "garcia-maria"
    link = LINKS["any length"](who)
    recorder = Recorder(Domain.INPUT_ASSIST, CredentialKind.PIN)
    credential = credential_from_text(CredentialKind.PIN, link.card.credentials["pin"])
    if fails:
        link.after = lambda command, answer: b"\x90\x00" if command[1] == 0x2A else answer
    try:
        recorder.read(link, credential, trust=TRUST)
    except MnverifyError as error:  # its frames hold what was read, as long as somebody holds it
        assert fails and error.__traceback__ is not None
    secret = on_card(who) - on_card(STAND_IN)
    found = list(everything_in(recorder))
    assert link not in found and credential not in found and len(found) > 20
    contents = [one for one in found if isinstance(one, bytes | bytearray)]
    contents += [one.encode() for one in found if isinstance(one, str)]
    assert not [window for content in contents for window in windows(bytes(content)) if window in secret]
    assert link.card.persona.name not in found and link.card.credentials["pin"] not in found
