"""Recorded readings, played again: the same story, the stand-in's files, and every fault in its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnverify.card import FaceCheck, LinkCapabilities, PartialReading, VerificationNumberB, credential_from_text
from mnverify.errors import (
    AlreadyVerified,
    CardLost,
    CardRefused,
    CredentialBlocked,
    DomainBusy,
    EvidenceError,
    LinkCorrupt,
    LinkError,
    LinkTimeout,
    LinkUnreliable,
    MnverifyError,
    NoReader,
    NotMyNumberCard,
    RoleError,
    TooFewTries,
    UnexpectedCommand,
    UsageError,
    WrongCredential,
)
from mnverify.readers.scripts.replay import ReplayLink
from mnverify.readers.scripts.script import Exchange, Script
from mnverify.recording import CHALLENGE, Recorder
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role
from mnverify.verification import verify

from .readings import (
    ASSIST,
    BIRTH,
    FACE,
    GENERAL,
    HOLDER,
    LINKS,
    OFFICE,
    PIN,
    READINGS,
    TRUST,
    A,
    B,
    Wire,
    corrupt,
    cut_at,
    issue,
    play,
    record,
)

STAND_IN = "sato-hanako"


def number_b(link: Wire) -> VerificationNumberB:
    return VerificationNumberB(link.card.credentials[B])


@pytest.mark.parametrize("wire", LINKS)
@pytest.mark.parametrize(("domain", "role", "kind"), READINGS)
def test_a_script_tells_the_story_and_gives_the_stand_ins_evidence(
    domain: Domain, role: Role, kind: CredentialKind, wire: str
) -> None:
    script = Script.from_json(record(LINKS[wire](HOLDER), domain, role, kind).to_json())
    if domain is ASSIST and kind is not A and wire in ("cut at 231", "cut at 100"):
        assert (script.faithful, script.reason) == (False, "order")  # the stand-in's attributes are too short to be cut
    else:
        assert (script.faithful, script.reason) == (True, None)
    link = ReplayLink(script, strict_end=True)
    with link:
        evidence = play(script, link)
    on_card = issue(STAND_IN).files(domain)
    assert all(on_card[name].startswith(content) for name, content in evidence.files.items())
    result = verify(evidence, trust=TRUST, challenge=CHALLENGE, require_presence=True)
    assert result.verified


@pytest.mark.parametrize("wire", sorted(LINKS.keys() - {"cut at 100"}))  # there, filler is cut off that nobody misses
@pytest.mark.parametrize(("domain", "role", "kind"), READINGS)
def test_the_script_of_the_stand_ins_own_card_is_what_passed_byte_for_byte(
    domain: Domain, role: Role, kind: CredentialKind, wire: str
) -> None:
    link = LINKS[wire](STAND_IN)
    known = LinkCapabilities(link.capabilities.extended, link.capabilities.max_short)
    script = record(link, domain, role, kind)
    assert (script.extended, script.max_short) == (known.extended, known.max_short)
    passed: list[tuple[bytes, bytes]] = []
    tap = LINKS[wire](STAND_IN)
    inner = tap.after

    def listen(command: bytes, answer: bytes) -> bytes:
        try:
            answer = inner(command, answer) if inner is not None else answer
        except LinkCorrupt:
            passed.append((command, b"corrupt"))
            raise
        passed.append((command, answer))
        return answer

    tap.after = listen
    play(script, tap)
    played = [
        (step.command, step.answer if step.error is None else b"corrupt")
        for step in script.exchanges
        if step.command is not None
    ]
    assert played == passed


def test_without_presence_there_is_no_challenge() -> None:
    script = record(Wire(issue()), FACE, GENERAL, B, presence=False)
    assert script.challenge is None and script.faithful
    with ReplayLink(script, strict_end=True) as link:
        assert play(script, link).presence is None


def test_a_chosen_purpose_and_persona() -> None:
    link = Wire(issue())
    recorder = Recorder(FACE, A, role=OFFICE, purposes=[Purpose.NUMBER], persona_id="ri-mirei")
    recorder.read(link, credential_from_text(A, link.card.credentials[A]), trust=TRUST)
    script = recorder.script()
    assert (script.persona, script.purposes, script.faithful) == ("ri-mirei", ("number",), True)
    with ReplayLink(script, strict_end=True) as replayed:
        assert set(play(script, replayed).files) == {"0004", "0005"}


# -- what a replay does not take


def altered(script: Script, at: int) -> Script:
    """The script with another command in one place."""
    step = script.exchanges[at]
    assert step.command is not None
    other = Exchange(step.command[:-1] + bytes((step.command[-1] ^ 1,)), step.answer, step.error)
    steps = (*script.exchanges[:at], other, *script.exchanges[at + 1 :])
    return Script(**{name: getattr(script, name) for name in Script.__slots__} | {"exchanges": steps})


def without(script: Script, at: int) -> Script:
    steps = (*script.exchanges[:at], *script.exchanges[at + 1 :])
    return Script(**{name: getattr(script, name) for name in Script.__slots__} | {"exchanges": steps})


@pytest.mark.parametrize("change", [altered, without])
def test_any_changed_command_is_unexpected(change: Callable[[Script, int], Script]) -> None:
    script = record(Wire(issue()), FACE, GENERAL, B)
    commands = [at for at, step in enumerate(script.exchanges) if step.command is not None]
    assert len(commands) >= 7
    for at in commands:
        link = ReplayLink(change(script, at))
        with pytest.raises(UnexpectedCommand):
            play(script, link)
        assert not link.finished


@pytest.mark.parametrize("digit", [0, 1, 3, 5, 9, 10, 13])
def test_a_wrong_digit_of_the_credential_is_unexpected(digit: int) -> None:
    script = record(Wire(issue()), FACE, GENERAL, B)
    right = script.credential_value
    wrong = right[:digit] + str((int(right[digit]) + 1) % 10) + right[digit + 1 :]
    with pytest.raises(UnexpectedCommand):
        play(script, ReplayLink(script), digits=wrong)


def test_another_file_another_challenge_or_another_command_is_unexpected() -> None:
    script = record(Wire(issue()), FACE, OFFICE, A)
    link = ReplayLink(script)
    for purposes, challenge in (((Purpose.NUMBER,), CHALLENGE), ((Purpose.FACE, Purpose.NUMBER), bytes(32))):
        link.rewind()
        with pytest.raises(UnexpectedCommand), FaceCheck.open(link, role=OFFICE) as session:
            session.present(credential_from_text(A, script.credential_value))
            session.read(*purposes, challenge=challenge)
    link.rewind()
    with pytest.raises(UnexpectedCommand), FaceCheck.open(link, role=OFFICE) as session:
        session.retries()


# -- faults

FAULTS: list[LinkError] = [
    CardLost(Text("gone", "消失")),
    LinkTimeout(Text("mute", "無応答")),
    NoReader(Text("unplugged", "抜去")),
    corrupt(),
]


def counts(domain: Domain, role: Role, kind: CredentialKind, wire: Callable[[str], Wire]) -> int:
    link = wire(HOLDER)
    record(link, domain, role, kind)
    return link.commands


def failing(link: Wire, at: int, error: LinkError) -> Wire:
    inner = link.after

    def after(command: bytes, answer: bytes) -> bytes:
        if link.commands == at:
            raise error
        return answer if inner is None else inner(command, answer)

    link.after = after
    return link


@pytest.mark.parametrize(
    ("wire", "error"),
    [
        *(("any length", error) for error in FAULTS),
        *(
            (wire, error)
            for wire in ("short lengths, 6700", "231 bytes, known", "GET RESPONSE of 100")
            for error in (FAULTS[0], FAULTS[-1])
        ),
    ],
)
@pytest.mark.parametrize(("domain", "role", "kind"), [(FACE, GENERAL, B), (ASSIST, OFFICE, A)])
def test_an_error_at_each_command_is_played_as_that_error(
    domain: Domain, role: Role, kind: CredentialKind, error: LinkError, wire: str
) -> None:
    unlike = []
    for at in range(1, counts(domain, role, kind, LINKS[wire]) + 1):
        link = failing(LINKS[wire](HOLDER), at, error)
        recorder = Recorder(domain, kind, role=role)
        raised: MnverifyError | None = None
        try:
            recorder.read(link, credential_from_text(kind, link.card.credentials[kind]), trust=TRUST)
        except MnverifyError as stopped:
            raised = stopped
        script = Script.from_json(recorder.script().to_json())
        if not script.faithful:
            unlike.append(at)
            continue
        replayed = ReplayLink(script, strict_end=True)
        if raised is None:
            assert isinstance(error, LinkCorrupt)
            play(script, replayed)
        else:
            with pytest.raises(type(raised)) as caught:
                play(script, replayed)
            assert type(caught.value) is type(raised)
        assert replayed.finished, at
        assert sum(step.error is not None for step in script.exchanges) == 1
    # the last piece of a file may be one of three answers with the holder and one of one with the stand-in
    assert len(unlike) <= (wire == "GET RESPONSE of 100" and isinstance(error, LinkCorrupt))


@pytest.mark.parametrize("status_word", [0x6982, 0x6A82, 0x6F00, 0x6881])
def test_a_status_word_at_each_command_is_played_as_that_status_word(status_word: int) -> None:
    for at in range(1, counts(FACE, GENERAL, B, LINKS["any length"]) + 1):
        link = Wire(issue(status_at={at: status_word}))
        recorder = Recorder(FACE, B)
        raised: MnverifyError | None = None
        try:
            recorder.read(link, number_b(link), trust=TRUST)
        except MnverifyError as stopped:
            raised = stopped
        script = recorder.script()
        assert (script.faithful, script.reason) == (True, None), at
        replayed = ReplayLink(script, strict_end=True)
        if raised is None:
            play(script, replayed)
        else:
            with pytest.raises(type(raised)) as caught:
                play(script, replayed)
            if isinstance(raised, CardRefused):
                assert isinstance(caught.value, CardRefused) and caught.value.status_word == raised.status_word
        assert replayed.finished, at


@pytest.mark.parametrize(
    ("limits", "error", "left"),
    [
        ({"tries": {"face-check/0012": 0}}, CredentialBlocked, 0),
        ({"tries": {"face-check/0012": 0}, "blocked_status": 0x6984}, CredentialBlocked, 0),
        ({"tries": {"face-check/0012": 1}}, TooFewTries, 1),
        ({"tries": {"face-check/0012": None}}, None, 0),
        ({"status_at": {1: 0x6A82}}, NotMyNumberCard, 0),
    ],
)
def test_a_card_that_does_not_open(limits: dict[str, object], error: type[MnverifyError] | None, left: int) -> None:
    link = Wire(issue(HOLDER, **limits))
    recorder = Recorder(FACE, B)
    if error is None:
        recorder.read(link, number_b(link), trust=TRUST)
        play(recorder.script(), ReplayLink(recorder.script(), strict_end=True))
        return
    with pytest.raises(error) as caught:
        recorder.read(link, number_b(link), trust=TRUST)
    script = recorder.script()
    assert script.faithful
    replayed = ReplayLink(script)
    with pytest.raises(error) as again:
        play(script, replayed)
    assert replayed.finished
    assert [getattr(one.value, "tries_left", left) for one in (caught, again)] == [left, left]


def test_a_wrong_credential_is_played_with_the_stand_ins_right_one() -> None:
    link = Wire(issue())
    recorder = Recorder(FACE, B)
    with pytest.raises(WrongCredential) as caught:
        recorder.read(link, VerificationNumberB("60010120339999"), trust=TRUST)
    assert caught.value.tries_left == 9
    script = recorder.script()
    assert script.faithful and script.credential_value == issue(STAND_IN).credentials[B]
    replayed = ReplayLink(script, strict_end=True)
    with pytest.raises(WrongCredential) as again:
        play(script, replayed)
    assert again.value.tries_left == 9 and replayed.finished


def test_a_card_that_was_verified_by_others() -> None:
    link = Wire(issue())
    select = bytes.fromhex("00A4040C0AD3921000310001010402")
    verify_b = bytes.fromhex("002000920E") + link.card.credentials[B].encode()

    def keep_verified(command: bytes, answer: bytes) -> bytes:
        if command == select:
            link.card.transmit(verify_b)
        return answer

    link.after = keep_verified
    script = record(link, FACE, GENERAL, B)
    assert script.faithful and not any(
        step.command and step.command[1] == 0x20 and len(step.command) > 4 for step in script.exchanges
    )
    with ReplayLink(script, strict_end=True) as replayed, pytest.raises(AlreadyVerified):
        play(script, replayed)


# -- a torn reading


@pytest.mark.parametrize("wire", ["any length", "231 bytes, known"])
def test_a_torn_reading_that_went_on_is_one_script(wire: str) -> None:
    for at in range(1, counts(FACE, GENERAL, B, LINKS[wire]) + 1):
        link = failing(LINKS[wire](HOLDER), at, CardLost(Text("gone", "消失")))
        asked: list[LinkError] = []

        def come_back(error: LinkError, link: Wire = link, asked: list[LinkError] = asked) -> Wire:
            asked.append(error)
            return link

        recorder = Recorder(FACE, B)
        recorder.read(link, number_b(link), trust=TRUST, on_torn=come_back)
        assert len(asked) == 1
        script = recorder.script()
        assert (script.faithful, script.reason) == (True, None), at
        kept = PartialReading()
        with ReplayLink(script, strict_end=True) as replayed:
            with pytest.raises(CardLost):
                play(script, replayed, kept)
            evidence = play(script, replayed, kept)
        assert verify(evidence, trust=TRUST, challenge=CHALLENGE).verified


def test_a_torn_reading_that_was_given_up() -> None:
    link = failing(Wire(issue()), 5, CardLost(Text("gone", "消失")))
    recorder = Recorder(FACE, B)
    with pytest.raises(CardLost):
        recorder.read(link, number_b(link), trust=TRUST, on_torn=lambda _: None)
    script = recorder.script()
    assert script.faithful
    with pytest.raises(CardLost), ReplayLink(script, strict_end=True) as replayed:
        play(script, replayed)
    with FaceCheck.open(link):  # the link was given back
        pass


# -- what cannot be told again


def test_a_card_with_a_broken_file_is_called_unfaithful() -> None:
    def two_bytes_before(command: bytes, answer: bytes) -> bytes:
        return b"\x00\x00" + answer[:-4] + answer[-2:] if command[1] == 0xB0 else answer

    link = Wire(issue(), two_bytes_before)
    recorder = Recorder(FACE, B)
    with pytest.raises(MnverifyError) as caught:
        recorder.read(link, number_b(link), trust=TRUST)
    assert not isinstance(caught.value, LinkError)
    script = Script.from_json(recorder.script().to_json())
    assert (script.faithful, script.reason) == (False, "order")
    with ReplayLink(script, strict_end=True) as replayed:
        play(script, replayed)  # playable all the same


def test_another_ending_is_called_unfaithful() -> None:
    link = Wire(issue())
    recorder = Recorder(FACE, B)
    with pytest.raises(EvidenceError), recorder.observe(link) as observed:
        play(Script.from_json(recorder_of(link).to_json()), observed, digits=link.card.credentials[B])
        raise EvidenceError("somewhere", Text("afterwards", "その後"))
    script = recorder.script()
    assert (script.faithful, script.reason) == (False, "outcome")


def recorder_of(link: Wire) -> Script:
    return record(Wire(link.card), FACE, GENERAL, B)


def test_data_that_no_card_holds_back_is_called_unfaithful() -> None:
    """An answer with status 61xx and no data, as over T=0: the stand-in's card does not do that."""
    waiting: list[bytes] = []

    def hold_back(command: bytes, answer: bytes) -> bytes:
        if command[1] != 0xB0 or len(answer) == 2:
            return answer
        waiting[:] = [answer]
        return bytes((0x61, (len(answer) - 2) & 0xFF))

    class Holding(Wire):
        def transmit(self, command: bytes) -> bytes:
            return waiting.pop() if command[1] == 0xC0 else super().transmit(command)

    link = Holding(issue(extended=False), hold_back)
    script = record(link, FACE, GENERAL, BIRTH)
    assert (script.faithful, script.reason) == (False, "more-data")


# -- before and after


def test_what_does_not_go_together_is_refused_before_the_card_is_touched() -> None:
    with pytest.raises(RoleError):
        Recorder(FACE, A)
    with pytest.raises(UsageError):
        Recorder(FACE, PIN)
    with pytest.raises(UsageError):
        Recorder(FACE, BIRTH, purposes=[Purpose.FACE])
    with pytest.raises(UsageError):
        Recorder(FACE, BIRTH, persona_id="nobody")
    link = Wire(issue())
    with pytest.raises(UsageError):
        Recorder(FACE, BIRTH).read(link, number_b(link), trust=TRUST)
    assert link.commands == 0


def test_nothing_recorded_is_no_script() -> None:
    link = Wire(issue())
    recorder = Recorder(FACE, B)
    with FaceCheck.open(link), pytest.raises(DomainBusy):
        recorder.read(link, number_b(link), trust=TRUST)
    assert recorder.shapes == ()
    with pytest.raises(UsageError):
        recorder.script()


def test_the_reading_itself_is_the_real_one() -> None:
    link = Wire(issue())
    told: list[tuple[int, int]] = []
    recorder = Recorder(ASSIST, PIN)
    checked = recorder.read(
        link, credential_from_text(PIN, link.card.credentials[PIN]), trust=TRUST, progress=lambda *now: told.append(now)
    )
    assert checked.result.fields["name"].value == link.card.persona.name
    assert checked.evidence.reader == Wire.reader_name
    assert told and told[-1][0] == told[-1][1]
    assert link.capabilities.extended  # learnt for the reader, as without a recorder
    assert recorder.script() == recorder.script()


def test_a_cut_in_the_signature_is_played() -> None:
    link = Wire(issue(extended=False), lambda command, answer: cut_at(231)(b"\0\xb0", answer))
    script = record(link, FACE, GENERAL, B)
    assert script.faithful
    with pytest.raises(LinkUnreliable):
        play(script, ReplayLink(script))
