"""The gate, exhaustively, with the virtual card's tripwires as the judge: what is refused sends nothing."""

from __future__ import annotations

import copy
import itertools
import pickle
from collections.abc import Iterable

import pytest

from mnverify.card import FaceCheck, Gate, InputAssist, Pin, VerificationNumberB
from mnverify.card import gate as gate_module
from mnverify.errors import CardLost, CredentialBlocked, GateError, RoleError, UsageError, WrongCredential
from mnverify.profile import PRESENT_CARD, CardProfile, FileRule, KeyRule
from mnverify.text import Text
from mnverify.values.terms import CredentialKind, Domain, Role
from mnverify.virtual import VirtualAuthority, VirtualCard, persona

from .conftest import Issue
from .links import AIDS, OTHER_AIDS, WAYS, CardLink, all_tries, corrupt, refused, select_df

BOTH = list(itertools.product(Domain, Role))
FACE, ASSIST = Domain.FACE_CHECK, Domain.INPUT_ASSIST
GENERAL, OFFICE = Role.GENERAL, Role.MY_NUMBER_OFFICE

# What the standard permits, written down a second time and by hand.
FILES = {
    (FACE, GENERAL): {1, 2, 3, 4},
    (FACE, OFFICE): {1, 2, 3, 4, 5},
    (ASSIST, GENERAL): {2, 3, 4, 5, 6, 7},
    (ASSIST, OFFICE): {1, 2, 3, 4, 5, 6, 7},
}
KEYS = {
    (FACE, GENERAL): {0x11: 6, 0x12: 14},
    (FACE, OFFICE): {0x11: 6, 0x12: 14, 0x13: 12},
    (ASSIST, GENERAL): {0x11: 4, 0x15: 14},
    (ASSIST, OFFICE): {0x11: 4, 0x14: 12, 0x15: 14},
}
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + bytes(range(32))


class Bench:
    """A gate on a counting link to a virtual card, with its application selected."""

    def __init__(self, card: VirtualCard, domain: Domain, role: Role, *, select: bool = True) -> None:
        self.card, self.link = card, CardLink(card)
        self.gate = Gate(self.link, domain, role)
        if select:
            assert self.gate.transmit(select_df(domain)) == b"\x90\x00"
        self.start = len(self.link.sent)

    def passes(self, command: bytes) -> bool:
        """Whether the gate lets a command through; a refused one must have sent nothing."""
        before = len(self.link.sent)
        try:
            self.gate.transmit(command)
        except (GateError, RoleError):
            assert len(self.link.sent) == before
            return False
        assert self.link.sent[before:] == [command]
        return True

    def passing(self, commands: Iterable[bytes]) -> set[bytes]:
        """The commands that pass."""
        return {command for command in commands if self.passes(command)}


@pytest.fixture(params=BOTH, ids=lambda both: f"{both[0]}-{both[1]}")
def bench(request: pytest.FixtureRequest, card: VirtualCard, way: str) -> Iterable[Bench]:
    """A gate per domain, role and way to the card."""
    yield from benched(card, *request.param)


@pytest.fixture(
    params=zip(BOTH, ["card", "wrapped", "unwrapped", "no reset"], strict=True), ids=lambda one: f"{one[0]}"
)
def wide(request: pytest.FixtureRequest, card: VirtualCard, monkeypatch: pytest.MonkeyPatch) -> Iterable[Bench]:
    """The same for tests that try everything: a way to the card for each domain and role."""
    both, way = request.param
    monkeypatch.setattr(CardLink, "way", staticmethod(WAYS[way]))
    yield from benched(card, *both)


def benched(card: VirtualCard, domain: Domain, role: Role) -> Iterable[Bench]:
    """A gate. Afterwards nothing forbidden was touched and no try was spent."""
    before = all_tries(card)
    bench = Bench(card, domain, role)
    yield bench
    assert card.touches == ()
    assert role is OFFICE or card.number_touches == ()
    assert all_tries(card) == before
    bench.gate.close()


def scope(bench: Bench) -> tuple[Domain, Role]:
    return bench.gate.domain, bench.gate.role


def test_every_class_and_instruction(wide: Bench) -> None:
    read = b"\x84\x00\x00\x01\x00"  # after 00 B0: the certificate, in extended length
    select = b"\x04\x0c\x0a" + OTHER_AIDS[0]
    bodies = [b"\x00\x00", b"\x00\x00\x00", read, b"\x00\x91\x03123", select]
    heads = (bytes(pair) for pair in itertools.product(range(256), repeat=2))
    passed = wide.passing(head + body for head in heads for body in bodies)
    assert passed == {b"\x00\xb0" + read}
    assert len(wide.link.sent) - wide.start == len(passed)


def test_every_file_id_by_select(wide: Bench) -> None:
    commands = (b"\x00\xa4\x02\x0c\x02" + fid.to_bytes(2) for fid in range(1 << 16))
    passed = {int.from_bytes(command[5:]) for command in wide.passing(commands)}
    assert passed == FILES[scope(wide)] | set(KEYS[scope(wide)])


def test_every_short_id_by_read(bench: Bench) -> None:
    bodies = (b"\x00\x00", b"\x07\x10", b"\x00\x00\x01\x00", b"\xff\x00\x00\x00")
    commands = [bytes((0, 0xB0, p1)) + body for p1 in range(0x80, 0x100) for body in bodies]
    passed = {command[2] for command in bench.passing(commands)}
    assert passed == {0x80 + fid for fid in FILES[scope(bench)]}


def test_every_short_id_by_counter(bench: Bench) -> None:
    commands = [bytes((0, 0x20, p1, p2)) for p1 in range(256) for p2 in range(256)]
    passed = {command[2:] for command in bench.passing(commands)}
    assert passed == {bytes((0, 0x80 + fid)) for fid in KEYS[scope(bench)]}


def test_every_short_id_by_verify_takes_only_its_digits(issue: Issue) -> None:
    for domain, role in BOTH:
        card = issue(tries={f"{domain}/{key:04X}": None for key in (0x11, 0x12, 0x13, 0x14, 0x15)})
        bench = Bench(card, domain, role)
        passed = set()
        for sfi, length in itertools.product(range(32), range(1, 30)):
            asked = bench.passes(bytes((0, 0x20, 0, 0x80 + sfi)))
            assert asked == (sfi in KEYS[domain, role])
            if bench.passes(bytes((0, 0x20, 0, 0x80 + sfi, length)) + b"1" * length):
                passed.add((sfi, length))
        assert passed == set(KEYS[domain, role].items())
        assert card.touches == () and (role is OFFICE or card.number_touches == ())
        bench.gate.close()


def test_verify_takes_ascii_digits_only(bench: Bench) -> None:
    for fid, length in KEYS[scope(bench)].items():
        assert bench.passes(bytes((0, 0x20, 0, 0x80 + fid)))
        for wrong in (b"x" * length, b" " * length, b"1" * (length - 1) + b"\xb9", b"1" * (length - 1) + b"\x00"):
            assert not bench.passes(bytes((0, 0x20, 0, 0x80 + fid, length)) + wrong)
        assert not bench.passes(bytes((0, 0x20, 0, 0x80 + fid, length)) + b"1" * length + b"\x00")  # Le
        assert not bench.passes(bytes((0, 0x20, 0, 0x80 + fid, 0, 0, length)) + b"1" * length)  # extended


def test_every_form_of_select(wide: Bench) -> None:
    own = AIDS[wide.gate.domain]
    every = [aid[:length] for aid in (*AIDS.values(), *OTHER_AIDS) for length in range(len(aid) + 1)]
    every += [own + b"\x00", own * 2]
    commands = []
    for aid in every:
        lengths = bytes((len(aid),)) + aid if aid else b""
        commands += [b"\x00\xa4" + bytes((p1, p2)) + lengths for p1 in range(16) for p2 in range(16)]
        commands += [b"\x00\xa4\x04\x0c" + lengths + b"\x00", b"\x00\xa4\x04\x0c\x00\x00" + lengths]
        commands += [bytes((cla,)) + b"\xa4\x04\x0c" + lengths for cla in range(1, 256)]
    assert wide.passing(commands) == {select_df(wide.gate.domain)}


def test_every_p1p2_of_select(wide: Bench) -> None:
    fid = (b"\x02\x00\x02", b"\x02\x00\x12")
    pairs = [bytes(pair) for pair in itertools.product(range(256), repeat=2)]
    passed = wide.passing(b"\x00\xa4" + pair + body for pair in pairs for body in fid)
    assert {command[2:4] for command in passed} == {b"\x02\x0c"}


def test_other_forms_of_read(bench: Bench) -> None:
    head = b"\x00\xb0\x84\x00"
    for body in (b"", b"\x02\x00\x00", b"\x02\x00\x00\x00", b"\x00\x00\x02\x00\x00\x00\x00", b"\x00\x01"):
        assert not bench.passes(head + body)
    assert not bench.passes(b"\x00\xb1\x84\x00\x00")
    assert not bench.passes(b"")
    assert not bench.passes(b"\x00\xb0")


def test_signature_takes_one_form(bench: Bench) -> None:
    short = b"\x80\x2a\x00\x00\x33" + DIGEST_INFO + b"\x00"
    extended = b"\x80\x2a\x00\x00\x00\x00\x33" + DIGEST_INFO
    assert bench.passing((short, extended + b"\x00\x00", extended + b"\x01\x00")) == {
        short,
        extended + b"\x00\x00",
        extended + b"\x01\x00",
    }
    altered = [
        short[:at] + bytes((short[at] ^ bit,)) + short[at + 1 :]
        for at in [*range(24), len(short) - 1]
        for bit in (1, 128)
    ]
    altered += [short[:-1], short[:-2] + b"\x00", short + b"\x00", extended + b"\x00\xff", extended]
    altered += [b"\x80\x2a\x9e\x9a\x33" + DIGEST_INFO + b"\x00", b"\x80\x2a\x00\x00\x20" + bytes(32) + b"\x00"]
    assert bench.passing(altered) == set()


def test_nothing_before_select(card: VirtualCard) -> None:
    for domain, role in BOTH:
        bench = Bench(card, domain, role, select=False)
        commands = [
            b"\x00\xb0\x84\x00\x00",
            b"\x00\x20\x00\x91",
            b"\x00\xa4\x02\x0c\x02\x00\x04",
            b"\x00\xb0\x00\x00\x00",
        ]
        commands += [b"\x80\x2a\x00\x00\x33" + DIGEST_INFO + b"\x00", b"\x00\xc0\x00\x00\x00", b"\x00\x20\x00\x80"]
        assert bench.passing(commands) == set()
        bench.gate.close()


def test_offset_reads_follow_the_current_file(card: VirtualCard) -> None:
    bench = Bench(card, FACE, GENERAL)
    offset = b"\x00\xb0\x00\x10\x08"
    assert not bench.passes(offset)
    assert bench.passes(b"\x00\xb0\x84\x00\x08") and bench.passes(offset)  # by SFI, then in it
    assert bench.passes(b"\x00\xa4\x02\x0c\x02\x00\x12") and not bench.passes(offset)  # a key is no file
    assert bench.passes(b"\x00\x20\x00\x80")  # but its counter can be asked
    assert bench.passes(b"\x00\xa4\x02\x0c\x02\x00\x03") and bench.passes(offset)
    assert not bench.passes(b"\x00\x20\x00\x80")
    assert bench.passes(b"\x00\x20\x00\x92") and not bench.passes(offset)  # by SFI: who knows what is current now
    assert bench.passes(b"\x00\xb0\x82\x00\x08") and not bench.passes(offset)  # refused by the card
    assert bench.passes(select_df(FACE)) and not bench.passes(offset)
    assert card.touches == () == card.number_touches


def test_get_response_only_after_61(issue: Issue) -> None:
    bench = Bench(issue(max_response=100), FACE, GENERAL)
    get_response = b"\x00\xc0\x00\x00\x00"
    assert not bench.passes(get_response)
    assert bench.gate.transmit(b"\x00\xb0\x84\x00\xc8")[-2] == 0x61
    assert not bench.passes(b"\x00\xc0\x01\x00\x00") and not bench.passes(b"\x80\xc0\x00\x00\x00")
    assert bench.passes(get_response)
    assert not bench.passes(get_response)


def test_the_role_alone_is_lacking(card: VirtualCard) -> None:
    for domain, number_file, number_key in ((FACE, 5, 0x13), (ASSIST, 1, 0x14)):
        with Gate(CardLink(card), domain, GENERAL) as gate:
            gate.transmit(select_df(domain))
            for command in (
                bytes((0, 0xB0, 0x80 + number_file, 0, 0)),
                bytes((0, 0xB0, 0x80 + number_file, 0, 0, 0, 0)),
                bytes((0, 0xA4, 2, 0x0C, 2, 0, number_file)),
                bytes((0, 0xA4, 2, 0x0C, 2, 0, number_key)),
                bytes((0, 0x20, 0, 0x80 + number_key)),
                bytes((0, 0x20, 0, 0x80 + number_key, 12)) + b"1" * 12,
            ):
                with pytest.raises(RoleError, match="general"):
                    gate.transmit(command)
            assert len(refused(gate.audit)) == 6
    assert card.number_touches == () == card.touches


def test_session_key_only_after_the_pin_and_in_its_domain(card: VirtualCard) -> None:
    session_key = b"\x80\xae\x00\x00\x00\x01\x00" + bytes(256)
    secure = (
        b"\x08\x20\x00\x95\x13\x86\x11\x01" + bytes(16),
        b"\x08\xb0\x82\x00\x00\x00\x05\x96\x03\x00\x00\x00\x00\x00",
    )
    for domain, role in BOTH:
        bench = Bench(card, domain, role)
        assert bench.passing((session_key, *secure)) == set()
        bench.gate.close()
    bench = Bench(card, ASSIST, GENERAL)
    assert bench.passes(b"\x00\x20\x00\x91")
    assert bench.passes(b"\x00\x20\x00\x91\x04" + card.credentials["pin"].encode())
    wrong = (
        session_key[:-1],
        session_key + b"\x00\x00",
        b"\x80\xae\x00\x01" + session_key[4:],
        b"\x80\xae\x00\x00\x01\x00",
    )
    assert bench.passing(wrong) == set()
    assert bench.passes(session_key)  # garbage, which the card refuses
    assert bench.passing(secure) == set()
    bench.gate.close()


def test_audit_holds_no_data_byte(card: VirtualCard) -> None:
    with Gate(CardLink(card), FACE, GENERAL) as gate:
        gate.transmit(select_df(FACE))
        for command in (
            b"123456789018",
            b"\x00\x20\x00\x93\x0c123456789018",
            b"12",
            b"\x00\xa4\x04\x00\x0c123456789018",
        ):
            with pytest.raises((GateError, RoleError)) as caught:
                gate.transmit(command)
            assert "1234" not in str(caught.value) + caught.value.text.ja
        assert "1234" not in repr(gate.audit) and "3132" not in repr(gate.audit)
        assert [entry.instruction for entry in gate.audit if entry.allowed] == ["SELECT application"]
        assert {entry.role for entry in gate.audit} == {GENERAL}


def test_after_an_unknown_end_everything_has_to_be_selected_again(card: VirtualCard) -> None:
    link = CardLink(card)
    gate = Gate(link, FACE, GENERAL)
    for error in (CardLost(Text("gone", "なし")), OSError(), KeyboardInterrupt(), corrupt()):
        link.after = None
        gate.transmit(select_df(FACE))

        def fail(command: bytes, answer: bytes, error: BaseException = error) -> bytes:
            raise error

        link.after = fail
        with pytest.raises((CardLost, KeyboardInterrupt, type(corrupt()))):
            gate.transmit(b"\x00\x20\x00\x92")
        assert not gate.selected
        with pytest.raises(GateError, match="not selected"):
            gate.transmit(b"\x00\x20\x00\x92")
    gate.close()
    with pytest.raises(GateError, match="closed"):
        gate.transmit(select_df(FACE))


# -- below the profile


def forged_profile(domain: Domain) -> CardProfile:
    """A profile that calls nothing the number's, names another application, and lists what nobody may touch."""
    rules = PRESENT_CARD.domains[domain]
    files = {name: rule._replace(holds_number=False, opened_by=frozenset()) for name, rule in rules.files.items()}
    files["0006"] = FileRule("0006", "certificate", frozenset())
    keys = {kind: rule._replace(is_number=False) for kind, rule in rules.keys.items()}
    keys[CredentialKind.PIN] = (
        KeyRule("0012", CredentialKind.PIN, 4) if domain is ASSIST else keys[CredentialKind.BIRTH_DATE]
    )
    forged = rules._replace(aid=OTHER_AIDS[2], files=files, keys=keys)
    return PRESENT_CARD._replace(domains={**PRESENT_CARD.domains, domain: forged})


@pytest.mark.parametrize("domain", Domain)
def test_a_profile_made_elsewhere_is_refused(card: VirtualCard, domain: Domain) -> None:
    opened = FaceCheck if domain is FACE else InputAssist
    for profile in (forged_profile(domain), PRESENT_CARD._replace(name="2016"), None, "2016", copy.copy(PRESENT_CARD)):
        if profile is PRESENT_CARD:
            continue
        with pytest.raises(UsageError):
            Gate(CardLink(card), domain, GENERAL, profile)  # type: ignore[arg-type]
        with pytest.raises(UsageError):
            opened.open(CardLink(card), profile=profile)  # type: ignore[arg-type]
    assert card.log.exchanges == 0


@pytest.mark.parametrize("domain", Domain)
def test_what_no_profile_can_allow(
    card: VirtualCard, domain: Domain, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = forged_profile(domain)
    monkeypatch.setattr(gate_module, "KNOWN_PROFILES", (profile,))  # slipped in below the check
    gate = Gate(CardLink(card), domain, GENERAL, profile)
    with pytest.raises(GateError, match="full AID"):
        gate.transmit(b"\x00\xa4\x04\x0c\x0a" + OTHER_AIDS[2])
    gate.close()
    profile = profile._replace(
        domains={**profile.domains, domain: profile.domains[domain]._replace(aid=PRESENT_CARD.domains[domain].aid)}
    )
    monkeypatch.setattr(gate_module, "KNOWN_PROFILES", (profile,))
    bench = Bench.__new__(Bench)
    bench.card, bench.link = card, CardLink(card)
    bench.gate = Gate(bench.link, domain, GENERAL, profile)
    bench.gate.transmit(select_df(domain))
    files = (5, 6) if domain is FACE else (1,)
    keys = (0x13,) if domain is FACE else (0x12, 0x14)
    for touched in (*files, *keys):
        assert not bench.passes(bytes((0, 0xA4, 2, 0x0C, 2, 0, touched)))
        assert not bench.passes(bytes((0, 0xB0, 0x80 + touched, 0, 0)))
        assert not bench.passes(bytes((0, 0x20, 0, 0x80 + touched)))
        assert not bench.passes(bytes((8, 0xB0, 0x80 + touched, 0, 0, 0, 5)) + b"\x96\x03\x00\x00\x00\x00\x00")
    assert bench.passes(b"\x00\xb0\x84\x00\x08")
    bench.gate.close()
    assert card.touches == () == card.number_touches


# -- VERIFY


def test_verify_needs_the_answer_of_its_own_counter_each_time(card: VirtualCard, way: str) -> None:
    wrong_b, wrong_birth = b"\x00\x20\x00\x92\x0e60070320334999", b"\x00\x20\x00\x91\x06600704"
    bench = Bench(card, FACE, GENERAL)
    assert not bench.passes(wrong_b)
    assert bench.passes(b"\x00\x20\x00\x91")
    assert not bench.passes(wrong_b)  # that was another key's
    assert bench.passes(b"\x00\x20\x00\x92")
    assert bench.passes(wrong_b)
    assert not bench.passes(wrong_b) and not bench.passes(wrong_birth)  # each VERIFY uses up all answers
    assert bench.passes(b"\x00\x20\x00\x92") and bench.passes(select_df(FACE))
    assert not bench.passes(wrong_b)  # nor does an answer outlive the application
    assert card.retries("face-check", "0012") == 9 and card.retries("face-check", "0011") == 10
    bench.gate.close()


def test_verify_leaves_the_floor(issue: Issue, way: str) -> None:
    card = issue(tries={"face-check/0012": 2, "face-check/0011": 0})
    wrong, asked = b"\x00\x20\x00\x92\x0e60070320334999", b"\x00\x20\x00\x92"
    bench = Bench(card, FACE, GENERAL)
    assert bench.passes(asked) and bench.passes(wrong)
    assert bench.passes(asked) and not bench.passes(wrong)
    assert card.retries("face-check", "0012") == 1
    with pytest.raises(GateError, match="not asked"):  # leave to spend it is no leave not to ask
        bench.gate.transmit(b"\x00\x20\x00\x91\x06600704", allow_last_try=True)
    assert bench.passes(b"\x00\x20\x00\x91")
    with pytest.raises(GateError, match="blocked"):
        bench.gate.transmit(b"\x00\x20\x00\x91\x06600704", allow_last_try=True)
    assert bench.gate.transmit(wrong, allow_last_try=True) == b"\x63\xc0"
    bench.gate.close()


def test_verify_in_secure_messaging_is_under_the_same_rule(issue: Issue, way: str) -> None:
    card = issue(tries={"input-assist/0015": 2})
    link = CardLink(card)
    with InputAssist.open(link) as session:
        session.present(Pin(card.credentials["pin"]))
        session.start_secure_messaging()
        secure = b"\x08\x20\x00\x95\x13\x86\x11\x01" + bytes(16)
        with pytest.raises(GateError, match="not asked"):
            session._gate.transmit(secure)
        with pytest.raises(WrongCredential):
            session.present(VerificationNumberB("60070320334999"))
        with pytest.raises(GateError, match="not asked"):
            session._gate.transmit(secure)
        session._gate.transmit(b"\x00\x20\x00\x95")
        with pytest.raises(GateError, match="one try is left"):
            session._gate.transmit(secure)
        assert card.retries("input-assist", "0015") == 1
        with pytest.raises(CredentialBlocked):
            session.present(VerificationNumberB("60070320334999"), allow_last_try=True)


def test_a_card_that_calls_it_verified_gets_no_verify(card: VirtualCard, way: str) -> None:
    bench = Bench(card, FACE, GENERAL)
    verify = b"\x00\x20\x00\x92\x0e" + card.credentials["verification-number-b"].encode()
    card.transmit(verify)  # another program
    assert bench.gate.transmit(b"\x00\x20\x00\x92") == b"\x90\x00"
    assert not bench.passes(verify)
    bench.gate.close()


# -- a gate does not change


def test_nothing_of_a_gate_can_be_set(card: VirtualCard) -> None:
    gate = Gate(CardLink(card), FACE, GENERAL)
    session_link = CardLink(VirtualAuthority.laboratory().issue(persona("sato-hanako")))
    with FaceCheck.open(session_link) as session:
        for name, value in (("role", OFFICE), ("domain", ASSIST), ("closed", False)):
            for frozen in (gate, session):
                with pytest.raises(AttributeError):
                    setattr(frozen, name, value)
        for make in (copy.copy, copy.deepcopy, pickle.dumps):
            for frozen in (gate, session):
                with pytest.raises(TypeError):
                    make(frozen)
    for name in Gate.__slots__:
        with pytest.raises(AttributeError):
            setattr(gate, name, None)
        with pytest.raises(AttributeError):
            delattr(gate, name)
    with pytest.raises(TypeError):
        type("Lax", (Gate,), {})
    gate.close()
    with pytest.raises(GateError, match="closed"):
        gate.transmit(select_df(FACE))
