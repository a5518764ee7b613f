"""Secure messaging against the virtual card's own end of it: nothing secret goes over the link in the clear."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mnverify.card import InputAssist, Pin, VerificationNumberA, VerificationNumberB
from mnverify.card.secure_messaging import SecureChannel
from mnverify.errors import (
    CardRefused,
    EvidenceError,
    GateError,
    LinkError,
    LinkUnreliable,
    RoleError,
    TooFewTries,
    UnsupportedCard,
    UsageError,
    WrongCredential,
)
from mnverify.values.terms import CredentialKind, Purpose, Role
from mnverify.virtual import VirtualCard

from .conftest import Issue
from .links import CardLink, digits

pytestmark = pytest.mark.usefixtures("way")  # whatever stands between link and card

A, B, PIN = CredentialKind.VERIFICATION_NUMBER_A, CredentialKind.VERIFICATION_NUMBER_B, CredentialKind.PIN
GENERAL, OFFICE = Role.GENERAL, Role.MY_NUMBER_OFFICE


def secured(link: CardLink, role: Role = GENERAL) -> InputAssist:
    session = InputAssist.open(link, role=role)
    session.present(Pin(digits(link.card, PIN)))
    session.start_secure_messaging()
    return session


def test_number_file_is_the_same_and_is_not_seen_on_the_link(card: VirtualCard) -> None:
    answers: list[bytes] = []

    def listen(command: bytes, answer: bytes) -> bytes:
        answers.append(answer)
        return answer

    link = CardLink(card, listen)
    with secured(link, OFFICE) as session:
        answers.clear()
        session.present(VerificationNumberA(digits(card, A)))
        evidence = session.read(Purpose.NUMBER, Purpose.ATTRIBUTES)
    assert evidence.files["0001"] == card.files("input-assist")["0001"]
    heard = b"".join(answers + link.sent[3:])
    assert digits(card, A).encode() not in heard
    assert evidence.files["0002"][10:60] not in heard
    assert {form[:2] for form in link.forms[6:-1]} == {"08"}


def test_same_evidence_as_in_the_clear(card: VirtualCard) -> None:
    with InputAssist.open(CardLink(card)) as session:
        session.present(Pin(digits(card, PIN)))
        clear = session.read(Purpose.ATTRIBUTES, presence=False)
    link = CardLink(card)
    with secured(link) as session:
        hidden = session.read(Purpose.ATTRIBUTES, presence=False)
    assert clear.files == hidden.files
    assert link.forms == [
        "00a4040c", "00200091", "00200091", "00b08600", "80ae0000", "08b08200", "08b08300", "08b08400", "08b08700",
    ]  # fmt: skip


def test_every_target_and_every_other_form(card: VirtualCard) -> None:
    read = b"\x00\x00\x00\x05\x96\x03\x00\x00\x00\x00\x00"
    for role, files, keys in (
        (GENERAL, {2, 3, 4, 5, 6, 7}, {0x11, 0x15}),
        (OFFICE, {1, 2, 3, 4, 5, 6, 7}, {0x11, 0x14, 0x15}),
    ):
        link = CardLink(card)
        with secured(link, role) as session:
            reads = [bytes((8, 0xB0, p1)) + read for p1 in range(256)]
            assert {command[2] & 0x1F for command in passing(session, link, reads)} == files
            wrong = [
                b"\x08\xb0\x82\x01" + read[1:],
                b"\x08\xb0\x82\x00\x05\x96\x03\x00\x00\x00\x00",
                b"\x08\xb0\x82\x00\x00",
            ]
            wrong += [
                b"\x08\xa4\x02\x0c\x13\x86\x11\x01" + bytes(16),
                b"\x08\x20\x00\x91",
                b"\x08\x20\x00\x80\x13\x86\x11\x01",
            ]
            wrong += [bytes((8, ins)) + read for ins in range(256) if ins != 0xB0]
            assert passing(session, link, wrong) == []
        for sfi in range(32):
            with secured(link, role) as session:
                verify = bytes((8, 0x20, 0, 0x80 + sfi, 0x13)) + b"\x86\x11\x01" + bytes(16)
                assert passing(session, link, [verify]) == []  # the counter first
                passing(session, link, [bytes((0, 0x20, 0, 0x80 + sfi))])
                assert bool(passing(session, link, [verify])) == (sfi in keys and sfi != 0x11)  # the PIN is verified
    assert card.touches == ()


def passing(session: InputAssist, link: CardLink, commands: list[bytes]) -> list[bytes]:
    passed = []
    for command in commands:
        before = len(link.sent)
        try:
            session._gate.transmit(command)
            passed.append(command)
        except (GateError, RoleError):
            assert len(link.sent) == before
    return passed


def test_starts_once_and_after_the_pin(card: VirtualCard) -> None:
    link = CardLink(card)
    with InputAssist.open(link) as session:
        with pytest.raises(UsageError):
            session.start_secure_messaging()
        session.present(VerificationNumberB(digits(card, B)))
        with pytest.raises(UsageError):
            session.start_secure_messaging()
        assert len(link.sent) == 3
    with secured(link) as session:
        before = len(link.sent)
        with pytest.raises(UsageError):
            session.start_secure_messaging()
        assert len(link.sent) == before


def test_without_extended_length_there_is_a_clear_error_and_the_session_goes_on(issue: Issue) -> None:
    link = CardLink(issue(extended=False))
    with InputAssist.open(link) as session:
        session.present(Pin(digits(link.card, PIN)))
        with pytest.raises(LinkError, match="extended"):
            session.start_secure_messaging()
        assert "80ae0000" not in link.forms
        assert session.read(Purpose.ATTRIBUTES).files["0002"]


def test_wrong_numbers_and_the_floor(issue: Issue) -> None:
    card = issue(tries={"input-assist/0015": 3})
    with secured(CardLink(card)) as session:
        wrong = VerificationNumberB("60070320334999")
        with pytest.raises(WrongCredential) as caught:
            session.present(wrong)
        assert caught.value.tries_left == 2
        with pytest.raises(WrongCredential):
            session.present(wrong)
        with pytest.raises(TooFewTries):
            session.present(wrong)
        assert card.retries("input-assist", "0015") == 1
        assert session.read(Purpose.ATTRIBUTES).files["0002"]  # the counter went on with the refused ones


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answer: answer[:1] + b"\xff" + answer[2:],
        lambda answer: answer[:-18] + bytes(16) + b"\x90\x00",
        lambda answer: answer[:2] + answer[3:],
        lambda answer: b"\x90\x00",
        lambda answer: b"\x86\x01\x01\x90\x00",
        lambda answer: b"\x87" + answer[1:],
    ],
)
def test_answers_that_are_not_enciphered_right(card: VirtualCard, spoil: Callable[[bytes], bytes]) -> None:
    link = CardLink(card)
    session = secured(link)
    link.after = lambda command, answer: spoil(answer)
    with pytest.raises(LinkUnreliable):
        session.read(Purpose.ATTRIBUTES)
    assert session.closed


def test_a_session_key_that_is_gone_never_falls_back_to_the_clear(card: VirtualCard) -> None:
    link = CardLink(card)
    with secured(link) as session:
        link.after = lambda command, answer: b"\x69\xfc"
        with pytest.raises(CardRefused):
            session.read(Purpose.ATTRIBUTES)
        link.after = None
        before = len(link.sent)
        with pytest.raises(GateError):
            session.read(Purpose.ATTRIBUTES)
        assert len(link.sent) == before


def enciphered(secret: bytes, count: int, padded: bytes) -> bytes:
    """An answer of the card in which this stands, padding and all, as the count-th secure command is answered."""

    def run(iv: bytes, plain: bytes) -> bytes:
        cipher = Cipher(algorithms.AES(secret[:16]), modes.CBC(iv)).encryptor()
        return cipher.update(plain) + cipher.finalize()

    value = b"\x01" + run(run(bytes(16), count.to_bytes(16)), padded)
    return b"\x86\x82" + len(value).to_bytes(2) + value + b"\x90\x00"


@pytest.mark.parametrize(("more", "taken"), [(0, True), (16, False), (32, False), (160, False)])
def test_padding_is_never_longer_than_a_block(card: VirtualCard, more: int, taken: bool) -> None:
    secret, content = bytes(range(32)), card.files("input-assist")["0002"]
    padding = b"\x80" + bytes(-(len(content) + 1) % 16) + bytes(more)
    link = CardLink(card)
    session = InputAssist.open(link, random=lambda length: secret[:length])
    session.present(Pin(digits(card, PIN)))
    session.start_secure_messaging()
    link.after = lambda command, answer: enciphered(secret, 1, content + padding) if command[2] == 0x82 else answer
    if taken:
        assert session.read(Purpose.ATTRIBUTES, presence=False).files["0002"]
    else:
        with pytest.raises(LinkUnreliable, match="not enciphered"):
            session.read(Purpose.ATTRIBUTES, presence=False)
    session.close()


def weaker(modulus: int, exponent: int) -> bytes:
    """EF 0006 with another key."""
    size = (modulus.bit_length() + 7) // 8
    inner = b"\x90\x03" + exponent.to_bytes(3) + b"\x91\x82" + size.to_bytes(2) + modulus.to_bytes(size)
    return b"\xa1\x82" + len(inner).to_bytes(2) + inner + b"\x90\x00"


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        (rsa.generate_private_key(65537, 1024).public_key().public_numbers().n, 65537),
        (rsa.generate_private_key(65537, 2048).public_key().public_numbers().n, 3),
        ((1 << 2046) + 1, 65537),
    ],
    ids=["1024 bits", "exponent 3", "2047 bits"],
)
def test_a_weak_transport_key_gets_no_secret(card: VirtualCard, modulus: int, exponent: int) -> None:
    link = CardLink(card)
    with InputAssist.open(link) as session:
        session.present(Pin(digits(card, PIN)))
        link.after = lambda command, answer: weaker(modulus, exponent) if command[2] == 0x86 else answer
        with pytest.raises((UnsupportedCard, EvidenceError)):
            session.start_secure_messaging()
        assert "80ae0000" not in link.forms


def test_the_session_key_is_let_go_of_at_close(card: VirtualCard) -> None:
    session = secured(CardLink(card))
    kept = session._channel
    assert isinstance(kept, SecureChannel)
    session.close()
    assert session._channel is not kept and not isinstance(session._channel, SecureChannel)
