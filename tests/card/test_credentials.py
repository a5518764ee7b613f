"""Credentials: their forms, and that they never show."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.card import (
    BirthDate,
    Credential,
    FaceCheck,
    Pin,
    VerificationNumberA,
    VerificationNumberB,
    credential_from_text,
)
from mnverify.card.apdu import Command, Response
from mnverify.errors import CredentialFormatError, WrongCredential
from mnverify.masked import MaskedBytes
from mnverify.values.dates import Era, PartialDate, Wareki
from mnverify.values.my_number import check_digit
from mnverify.values.terms import CredentialKind
from mnverify.virtual import VirtualCard, personas
from tests.support.by_chance import without_addresses

from .links import CardLink

NUMBER_A = "12345678901" + check_digit("12345678901")
ALL = (BirthDate("600703"), VerificationNumberB("60070320334102"), VerificationNumberA(NUMBER_A), Pin("2468"))
SECRETS = ("600703", "4103", "60070320334102", "4102", NUMBER_A, "2468")
DAYS = st.dates(date(1868, 1, 25), date(2099, 12, 31))


def carried(credential: Credential) -> str:
    return bytes(credential.digits_for_card()).decode()


@pytest.mark.parametrize(
    "value",
    [
        "600703",
        "1985-07-03",
        date(1985, 7, 3),
        "昭和60年7月3日",
        "S60.7.3",
        Wareki(Era.SHOWA, 60, 7, 3),
        " ６００７０３ ",
    ],
)
def test_every_way_to_say_a_birth_date(value: str | date | Wareki) -> None:
    assert carried(BirthDate(value)) == "600703"
    assert carried(VerificationNumberB.from_printed(value, 2033, "4102")) == "60070320334102"
    assert carried(VerificationNumberB.from_printed(value, "2033", "４１０２")) == "60070320334102"


@pytest.mark.parametrize("digits", ["600700", "600000", "130300"])
def test_a_birth_date_of_which_the_day_is_not_known_can_be_presented(digits: str) -> None:
    assert carried(BirthDate(digits)) == digits
    assert carried(VerificationNumberB(f"{digits}20334102")) == f"{digits}20334102"


@pytest.mark.parametrize(
    ("born", "era", "gregorian"),
    [(PartialDate(1985, 7), "600700", "850700"), (PartialDate(1985), "600000", "850000")],
)
def test_a_partial_date_has_nought_for_what_is_not_known(born: PartialDate, era: str, gregorian: str) -> None:
    assert carried(BirthDate(born)) == era
    number = VerificationNumberB.from_printed(born, 2030, "0001", printed="gregorian")
    assert carried(number) == f"{gregorian}20300001"


def test_a_partial_date_in_either_of_two_eras_is_asked_for_as_printed() -> None:
    with pytest.raises(CredentialFormatError):
        BirthDate(PartialDate(1989))
    assert carried(BirthDate("010000")) == "010000"


@pytest.mark.parametrize("digits", ["601300", "600003", "609900"])
def test_other_noughts_are_no_birth_date(digits: str) -> None:
    with pytest.raises(CredentialFormatError):
        BirthDate(digits)


def test_gregorian_print_takes_the_last_two_digits_of_the_year() -> None:
    assert carried(BirthDate.from_gregorian_print(date(2000, 12, 31))) == "001231"
    number = VerificationNumberB.from_printed("1991-04-05", 2030, "0001", printed="gregorian")
    assert carried(number) == "91040520300001"


def test_era_bounds() -> None:
    assert [carried(BirthDate(day)) for day in ("1989-01-07", "1989-01-08", "2019-04-30", "2019-05-01")] == [
        "640107", "010108", "310430", "010501",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", list(CredentialKind))
@pytest.mark.parametrize(
    "text", ["", "1", "12a4", "12 34", "1234567890123456", "²²²²", "-123", "+123", "999999", "00\n00"]
)
def test_what_has_not_the_form(kind: CredentialKind, text: str) -> None:
    with pytest.raises(CredentialFormatError) as caught:
        credential_from_text(kind, text)
    assert caught.value.__cause__ is None and caught.value.__context__ is None


@pytest.mark.parametrize(
    "text", ["601303", "600732", "600230", "1867-01-01", "1985-02-30", "昭和65年1月1日", "1985-7-3", "20200101"]
)
def test_days_that_do_not_exist(text: str) -> None:
    with pytest.raises(CredentialFormatError) as caught:
        BirthDate(text)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "parts",
    [
        ("600703", 33, "4102"),
        ("600703", 2033, "410"),
        ("600703", "203３x", "4102"),
        ("60073", 20331, "4102"),
        ("600703", 2015, "4102"),
    ],
)
def test_printed_items_each_have_their_form(parts: tuple[str, int, str]) -> None:
    with pytest.raises(CredentialFormatError):
        VerificationNumberB.from_printed(*parts)
    with pytest.raises(CredentialFormatError):
        VerificationNumberB.from_printed("600703", 2033, "4102", printed="both")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, 600703, b"600703", 1.5, ["600703"]])
def test_other_types_are_refused(value: object) -> None:
    for kind in (BirthDate, VerificationNumberB, VerificationNumberA, Pin):
        with pytest.raises(CredentialFormatError):
            kind(value)  # type: ignore[arg-type]


def test_number_a_needs_its_check_digit() -> None:
    wrong = NUMBER_A[:-1] + str((int(NUMBER_A[-1]) + 1) % 10)
    with pytest.raises(CredentialFormatError):
        VerificationNumberA(wrong)


@given(DAYS)
def test_birth_date_of_any_day_is_its_era_date(day: date) -> None:
    assert carried(BirthDate(day)) == Wareki.from_date(day).digits == carried(BirthDate(day.isoformat()))


@given(st.text(max_size=20), st.sampled_from(CredentialKind))
def test_any_text_is_a_credential_or_a_format_error(text: str, kind: CredentialKind) -> None:
    try:
        credential = credential_from_text(kind, text)
    except CredentialFormatError:
        return
    assert carried(credential).isascii() and len(carried(credential)) == credential.length


def test_every_persona_has_credentials_of_the_form() -> None:
    for one in personas():
        BirthDate(one.birth_digits)
        VerificationNumberB(one.verification_number_b)


@pytest.mark.parametrize("credential", ALL, ids=lambda credential: credential.kind)
def test_credentials_never_show(credential: Credential) -> None:
    command = Command(0, 0x20, 0, 0x92, credential.digits_for_card())
    shown = [repr(credential), str(credential), f"{credential}", f"{credential!r:>40}", repr([credential])]
    shown += [repr(credential.digits_for_card()), str(command), repr(command), repr(command.encode())]
    shown += [str(Response.parse(credential.digits_for_card() + b"\x90\x00"))]
    for text in shown:
        assert not any(secret in text for secret in SECRETS)
    for secretive in (
        credential,
        credential.digits_for_card(),
        command,
        command.encode(),
        Response(MaskedBytes(b"2468"), 0x9000),
    ):
        for make in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                make(secretive)
    assert not hasattr(credential, "__dict__")


def test_comparing() -> None:
    assert Pin("2468") == Pin("2468") != Pin("2469")
    assert BirthDate("600703") != "600703"
    assert len({each.kind for each in ALL}) == 4
    with pytest.raises(TypeError):
        hash(Pin("2468"))


def test_no_log_no_error_no_audit_shows_them(card: VirtualCard, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FaceCheck.open(CardLink(card)) as session:
        wrong = VerificationNumberB("60070320334103")
        with pytest.raises(WrongCredential) as caught:
            session.present(wrong)
        shown = caplog.text + repr(session.audit) + repr(session)
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown += without_addresses("".join(report.format()))
    assert "VERIFY 0012" in caplog.text
    assert not any(secret in shown for secret in SECRETS)


@pytest.mark.parametrize(
    "typed",
    [
        "600703-2033-4102",
        "600703 2033 4102",
        "６００７０３　２０３３　４１０２",
        "600703 - 2033 - 4102",
        "6007-0320-3341-02",
    ],
)
def test_number_b_as_people_type_it(typed: str) -> None:
    assert carried(VerificationNumberB(typed)) == "60070320334102"


def test_number_a_as_it_is_printed() -> None:
    assert carried(VerificationNumberA(f"{NUMBER_A[:4]} {NUMBER_A[4:8]} {NUMBER_A[8:]}")) == NUMBER_A


@pytest.mark.parametrize("typed", ["-60070320334102", "60070320334102-", "600703----20334102", "600703.2033.4102"])
def test_other_separators_are_not_guessed(typed: str) -> None:
    with pytest.raises(CredentialFormatError):
        VerificationNumberB(typed)


@pytest.mark.parametrize("digits", ["600700", "600000"])
def test_days_that_nobody_knows(digits: str) -> None:
    assert carried(BirthDate(digits)) == digits
    partial = PartialDate(1985, 7 if digits == "600700" else None)
    assert carried(BirthDate(partial)) == digits
    number = VerificationNumberB.from_printed(partial, 2033, "4102", printed="gregorian")
    assert carried(number) == "85" + digits[2:] + "20334102"
    with pytest.raises(CredentialFormatError):
        BirthDate(PartialDate(1989))  # 昭和64年 or 平成元年
    assert carried(VerificationNumberB(digits + "20334102")) == digits + "20334102"
    with pytest.raises(CredentialFormatError):
        BirthDate("600003")
    with pytest.raises(CredentialFormatError):
        BirthDate("601300")


MALFORMED: list[tuple[Callable[[], object], tuple[str, ...]]] = [
    (lambda: BirthDate("987654"), ("987654",)),
    (lambda: BirthDate("昭和60年17月31日"), ("17", "31")),
    (lambda: VerificationNumberB("60131320334102"), ("601313", "4102")),
    (lambda: VerificationNumberB("6007032033410"), ("600703", "3410")),
    (lambda: VerificationNumberB.from_printed("601313", 2033, "4102"), ("601313", "4102")),
    (lambda: VerificationNumberB.from_printed(date(1985, 7, 3), 20331, "4102"), ("1985", "600703", "20331", "4102")),
    (lambda: VerificationNumberB.from_printed("600703", 2033, "410"), ("600703", "2033", "410")),
    (lambda: VerificationNumberA("123456789012"), ("123456789012",)),
    (lambda: Pin("24689"), ("24689",)),
    (lambda: Pin(b"24689"), ("24689",)),  # type: ignore[arg-type]
    (lambda: credential_from_text(CredentialKind.PIN, "24689"), ("24689",)),
    (lambda: credential_from_text(CredentialKind.VERIFICATION_NUMBER_A, "123456789012"), ("123456789012",)),
]


@pytest.mark.parametrize(("make", "secrets"), MALFORMED)
def test_a_traceback_with_locals_shows_no_digit_of_what_was_refused(
    make: Callable[[], object], secrets: tuple[str, ...]
) -> None:
    with pytest.raises(CredentialFormatError) as caught:
        make()
    ours = [frame for frame in traceback.walk_tb(caught.tb) if "mnverify/card" in frame[0].f_code.co_filename]
    assert ours
    for frame, _ in ours:
        shown = without_addresses(repr(frame.f_locals))
        assert not any(secret in shown for secret in secrets), shown
