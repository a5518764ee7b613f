"""The replay link: the script's answers to the script's commands, and to nothing else."""

from __future__ import annotations

import pytest

from mnverify.card import FaceCheck
from mnverify.errors import LinkCorrupt, LinkError, UnexpectedCommand, UsageError
from mnverify.readers.scripts.observer import LINK_ERRORS
from mnverify.readers.scripts.replay import ReplayLink
from mnverify.readers.scripts.script import Exchange, Script

SELECT = bytes.fromhex("00A4040C0AD3921000310001010402")
COUNTER = bytes.fromhex("00200092")
VERIFY = bytes.fromhex("002000920E") + b"60070320334102"
READ = bytes.fromhex("00B08200E7")
DONE = b"\x90\x00"
RESET = Exchange(None)
A, B, C = Exchange(SELECT, DONE), Exchange(COUNTER, b"\x63\xca"), Exchange(READ, b"data" + DONE)


def script(*steps: Exchange, extended: bool | None = None, max_short: int = 256) -> Script:
    return Script(
        domain="face-check",
        role="general",
        credential="verification-number-b",
        credential_value="60070320334102",
        purposes=("face",),
        persona="sato-hanako",
        challenge=None,
        exchanges=steps,
        extended=extended,
        max_short=max_short,
    )


def replay(*steps: Exchange) -> ReplayLink:
    return ReplayLink(script(*steps))


def play(link: ReplayLink, *steps: bytes | None) -> list[bytes]:
    """Send commands, reset where there is ``None``; the answers."""
    answers = []
    for step in steps:
        if step is None:
            link.reset()
        else:
            answers.append(link.transmit(step))
    return answers


def test_the_script_is_played_to_plain_bytes() -> None:
    link = replay(A, B, C)
    assert not link.finished
    assert play(link, SELECT, COUNTER, READ) == [DONE, b"\x63\xca", b"data" + DONE]
    assert link.finished


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ((), COUNTER),  # another order
        ((SELECT,), SELECT),  # once more
        ((SELECT,), COUNTER + b"\0"),  # longer
        ((SELECT,), COUNTER[:-1]),  # shorter
        ((SELECT,), b"\x00\x20\x00\x93"),  # another key
        ((SELECT,), VERIFY),
        ((SELECT,), b""),
        ((SELECT, COUNTER, READ), READ),  # after the end
    ],
)
def test_any_other_command_is_unexpected_and_ends_the_play(before: tuple[bytes, ...], command: bytes) -> None:
    link = replay(A, B, C)
    play(link, *before)
    with pytest.raises(UnexpectedCommand):
        link.transmit(command)
    assert not link.finished and not link.is_present()
    for late in (SELECT, COUNTER, READ):
        with pytest.raises(UnexpectedCommand):
            link.transmit(late)
    with pytest.raises(UnexpectedCommand):
        link.reset()
    link.rewind()
    assert len(play(link, SELECT, COUNTER, READ)) == 3


def test_the_error_names_place_instruction_and_length_and_no_data() -> None:
    link = replay(A, Exchange(VERIFY, DONE))
    link.transmit(SELECT)
    with pytest.raises(UnexpectedCommand) as caught:
        link.transmit(VERIFY[:5] + b"60070320334103")
    text = caught.value.text
    assert text.en.startswith("Step 1 of the script is VERIFY of 19 bytes, not another VERIFY of 19 bytes.")
    assert "VERIFY（19バイト）" in text.ja
    for shown in (*text, repr(link), repr(caught.value)):
        assert "6007" not in shown and "3630" not in shown and "4102" not in shown


def test_the_error_after_the_end_says_so() -> None:
    link = replay(A)
    link.transmit(SELECT)
    with pytest.raises(UnexpectedCommand, match="Step 1 of the script is the end, not INS FF of 4 bytes"):
        link.transmit(b"\0\xff\0\0")


# -- errors


@pytest.mark.parametrize(("word", "kind"), LINK_ERRORS.items())
def test_each_error_is_raised_as_its_class_and_the_link_is_dead_until_a_reset(word: str, kind: type[LinkError]) -> None:
    link = replay(A, Exchange(READ, error=word), RESET, A)
    link.transmit(SELECT)
    with pytest.raises(kind) as caught:
        link.transmit(READ)
    assert type(caught.value) is kind
    if kind is LinkCorrupt:
        return
    assert not link.is_present()
    for command in (READ, SELECT):
        with pytest.raises(kind):
            link.transmit(command)
    assert play(link, None, SELECT) == [DONE]
    assert link.finished


def test_after_a_corrupt_answer_the_script_goes_on() -> None:
    link = replay(A, Exchange(READ, error="link-corrupt"), C)
    link.transmit(SELECT)
    with pytest.raises(LinkCorrupt):
        link.transmit(READ)
    assert link.transmit(READ) == b"data" + DONE


# -- resets


@pytest.mark.parametrize(
    ("steps", "played"),
    [
        ((A, B), (None, SELECT, COUNTER)),  # before the first command
        ((RESET, A, B), (SELECT, COUNTER)),
        ((RESET, A, B), (None, SELECT, COUNTER)),
        ((A, B), (SELECT, COUNTER, None, None)),  # after the last
        ((A, B, RESET), (SELECT, COUNTER)),
        ((A, B, RESET), (SELECT, COUNTER, None, None)),
        ((A, RESET, B), (SELECT, None, COUNTER)),  # where the script has it
        ((A, RESET, B), (SELECT, None, None, COUNTER)),
        ((A, RESET, RESET, B), (SELECT, None, COUNTER)),
        ((RESET,), ()),
        ((), (None,)),
    ],
)
def test_resets_that_change_nothing(steps: tuple[Exchange, ...], played: tuple[bytes | None, ...]) -> None:
    link = replay(*steps)
    play(link, *played)
    assert link.finished


@pytest.mark.parametrize(
    ("steps", "played"),
    [
        ((A, B, C), (SELECT, None)),
        ((A, B, RESET, C), (SELECT, None)),
        ((A, RESET, B), (SELECT, COUNTER)),  # the reset was left out
    ],
)
def test_resets_that_do_not_belong_there(steps: tuple[Exchange, ...], played: tuple[bytes | None, ...]) -> None:
    link = replay(*steps)
    with pytest.raises(UnexpectedCommand, match="a reset"):
        play(link, *played)
    assert not link.finished


# -- the whole link


def test_what_is_known_of_the_link_is_the_scripts_and_is_forgotten_on_rewind() -> None:
    link = ReplayLink(script(A, extended=False, max_short=231))
    capabilities = link.capabilities
    assert (capabilities.extended, capabilities.max_short) == (False, 231)
    capabilities.extended, capabilities.max_short = True, 256
    link.rewind()
    assert (link.capabilities.extended, link.capabilities.max_short) == (False, 231)


def test_a_closed_replay_plays_nothing() -> None:
    with replay(A) as link:
        pass
    for call in (lambda: link.transmit(SELECT), link.reset):
        with pytest.raises(UsageError):
            call()
    link.close()
    assert not link.is_present()
    link.rewind()
    assert link.transmit(SELECT) == DONE


def test_leaving_before_the_end() -> None:
    with ReplayLink(script(A, B)) as link:
        link.transmit(SELECT)
    with pytest.raises(UnexpectedCommand, match="Step 1"), ReplayLink(script(A, B), strict_end=True) as link:
        link.transmit(SELECT)
    with ReplayLink(script(A, B, RESET), strict_end=True) as link:
        play(link, SELECT, COUNTER)
    with pytest.raises(KeyError), ReplayLink(script(A, B), strict_end=True):
        raise KeyError  # the first error is the one that counts


def test_a_session_that_was_closed_early_can_be_played_again() -> None:
    link = replay(A, B, C, RESET)
    for _ in range(2):
        with FaceCheck.open(link):
            pass
        assert not link.finished
        link.rewind()
