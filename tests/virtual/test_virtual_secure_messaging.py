"""Secure messaging from the terminal's side."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256

from mnverify.virtual import Limits, VirtualCard

from .plain import ASSIST, children, laboratory_card, object_end, present, public_key, say, select, value

SEED = bytes(range(32))


class Terminal:
    """The other end: session key, counter, objects."""

    def __init__(self, card: VirtualCard, head: str = "A0228020") -> None:
        self.card, self.count = card, 0
        record = children(card.files("input-assist")["0006"], "A1")
        wrapped = public_key(record["90"] + record["91"]).encrypt(
            bytes.fromhex(head) + SEED, padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
        )
        self.answer = card.transmit(b"\x80\xae\x00\x00\x00" + len(wrapped).to_bytes(2) + wrapped).hex()

    def cipher(self) -> Cipher[modes.CBC]:
        key = algorithms.AES128(SEED[:16])
        first = Cipher(key, modes.CBC(bytes(16))).encryptor()
        return Cipher(key, modes.CBC(first.update(self.count.to_bytes(16))))

    def send(self, ins: int, p1: int, p2: int, plain: bytes) -> str:
        self.count += 1
        padded = plain + b"\x80" + bytes(15 - len(plain) % 16)
        body = b"\x01" + self.cipher().encryptor().update(padded)
        data = b"\x86" + bytes([len(body)]) + body
        return self.card.transmit(bytes([0x08, ins, p1, p2, len(data)]) + data).hex().upper()

    def read(self, p1: int, p2: int, length: int = 0) -> bytes:
        self.count += 1
        answer = self.card.transmit(bytes([8, 0xB0, p1, p2, 0, 0, 5, 0x96, 3, 0]) + length.to_bytes(2) + b"\x00\x00")
        assert answer[-2:] == b"\x90\x00", answer.hex()
        body = value(answer[:-2])
        assert answer[0] == 0x86 and body[0] == 1
        plain = self.cipher().decryptor().update(body[1:])
        return plain[: plain.rindex(b"\x80")]


def terminal(limits: Limits | None = None) -> Terminal:
    card = laboratory_card(limits=limits)
    select(card, ASSIST)
    assert present(card, 0x11, card.credentials["pin"]) == "9000"
    return Terminal(card)


def test_every_file_comes_whole_and_in_the_dark() -> None:
    end = terminal()
    assert end.answer == "9000"
    for file_id, content in end.card.files("input-assist").items():
        assert end.read(0x80 | int(file_id, 16), 0) == content


def test_a_part_by_offset_and_by_length() -> None:
    end = terminal()
    content = end.card.files("input-assist")["0002"]
    assert end.read(0x82, 3, 40) == content[3:43]
    assert end.read(0x00, 10) == content[10:]


def test_a_credential_in_the_dark() -> None:
    end = terminal()
    number = end.card.credentials["verification-number-a"].encode()
    assert end.send(0x20, 0, 0x94, b"0" * 12) == "63C9"
    assert end.send(0x20, 0, 0x94, number) == "9000"
    assert say(end.card, "00200094") == "9000"
    assert len(end.card.number_touches) == 3


def test_select_in_the_dark_and_refusals_count() -> None:
    end = terminal()
    assert end.send(0xA4, 2, 0x0C, b"\x00\x02") == "9000"
    assert end.send(0xA4, 2, 0x0C, b"\x00\x99") == "6A82"
    assert end.send(0xD6, 0, 0, b"\x00") == "6D00"
    assert end.send(0xA4, 4, 0x0C, ASSIST) == "6A86"
    assert end.read(0x82, 0, 2) == b"\xff\x20"


def test_a_wrong_counter_ends_the_session() -> None:
    end = terminal()
    end.count = 7
    assert end.send(0x20, 0, 0x94, b"0" * 12) == "6988"
    assert end.send(0x20, 0, 0x94, b"0" * 12) == "69FC"
    assert end.card.retries("input-assist", "0014") == 10


@pytest.mark.parametrize(
    "command",
    [
        "08B08200000006" + "960400000000" + "0000",  # a length of three bytes
        "08B08200000005" + "9603010000" + "0000",  # not 00 before it
        "08B08200000005" + "9703000000" + "0000",  # another tag
        "08B08200000000",  # nothing at all, asked in extended length
        "08200094",  # a counter asked for in the dark
        "0820009405" + "8603010000",  # not whole blocks
        "0820009403" + "860101",  # no block
        "0820009413" + "861102" + "00" * 16,  # another padding indicator
        "0820009413" + "861201" + "00" * 16,  # another length
    ],
)
def test_wrong_objects_end_the_session(command: str) -> None:
    end = terminal()
    assert say(end.card, command) == "6988"
    assert say(end.card, "08B08200000005" + "9603000000" + "0000") == "69FC"
    assert say(end.card, "00B0820001") == "FF9000", "the clear goes on"


def test_the_pin_comes_first_and_in_the_clear() -> None:
    card = laboratory_card()
    select(card, ASSIST)
    assert Terminal(card).answer == "6982"
    assert present(card, 0x15, card.credentials["verification-number-b"]) == "9000"
    assert Terminal(card).answer == "6982"


def test_a_session_key_of_another_form_is_refused() -> None:
    card = laboratory_card()
    select(card, ASSIST)
    present(card, 0x11, card.credentials["pin"])
    assert Terminal(card, "A0228120").answer == "6a80"
    assert card.transmit(b"\x80\xae\x00\x00\x00\x01\x00" + bytes(256)).hex() == "6a80"
    assert say(card, "08B0840000") == "69FC"


def test_leaving_the_application_ends_the_session() -> None:
    end = terminal()
    select(end.card, ASSIST)
    assert end.send(0x20, 0, 0x94, b"0" * 12) == "69FC"


def test_long_answers_in_parts() -> None:
    end = terminal(Limits(max_response=200))
    content = end.card.files("input-assist")["0004"]
    assert object_end(content) == 568
    end.count += 1
    answer = end.card.transmit(bytes.fromhex("08B0840000000596030000000000"))
    whole = answer[:-2]
    while answer[-2] == 0x61:
        answer = end.card.transmit(b"\x00\xc0\x00\x00" + answer[-1:])
        whole += answer[:-2]
    plain = end.cipher().decryptor().update(value(whole)[1:])
    assert plain[: plain.rindex(b"\x80")] == content
