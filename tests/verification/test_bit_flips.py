"""Every single-bit flip in every signed file of two cards. Exhaustive: no bit is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.evidence import AcceptedNumberB, Evidence
from mnverify.values import Domain, Role
from mnverify.verification import VerificationResult, verify
from tests.support import forgery
from tests.support.forgery import ASSIST, AT, FACE, ONE, OTHER

OFFICE = Role.MY_NUMBER_OFFICE
# domain, the flipped file, what else the evidence has to hold for it to be verified
TARGETS = [
    (FACE, "0001", ("0004",)),
    (FACE, "0002", ("0004",)),
    (FACE, "0004", ("0001",)),
    (FACE, "0005", ("0004",)),
    (ASSIST, "0001", ("0003", "0004")),
    (ASSIST, "0002", ("0003", "0004")),
    (ASSIST, "0003", ("0001", "0002", "0004")),
    (ASSIST, "0004", ("0002", "0003")),
    (ASSIST, "0007", ("0002", "0003", "0004")),
]


def flipped(data: bytes, begin: int = 0, end: int | None = None) -> Iterator[tuple[str, bytes]]:
    """The data with one bit turned over, for every bit of a range."""
    work = bytearray(data)
    for at in range(begin, len(data) if end is None else end):
        for bit in range(8):
            work[at] ^= 1 << bit
            yield f"{at}.{bit}", bytes(work)
            work[at] ^= 1 << bit


def judge(arguments: dict[str, Any], name: str, data: bytes) -> VerificationResult | None:
    """The result, or None where the evidence is refused with a documented error."""
    files = dict(arguments["files"])
    files[name] = data
    try:
        evidence = Evidence(**{**arguments, "files": files})
    except (EvidenceError, UnsupportedCard):
        return None
    return verify(evidence, trust=forgery.trust(), at=AT)


def tail(face: bytes) -> tuple[int, int]:
    """Where the unsigned objects of a card face begin and end."""
    return forgery.child(face, 0xDF29).start, forgery.child(face, 0xDF2A).end


@pytest.mark.parametrize("owner", [ONE, OTHER])
@pytest.mark.parametrize(("domain", "name", "beside"), TARGETS, ids=[f"{d}-{n}" for d, n, _ in TARGETS])
def test_no_flip_of_a_signed_file_is_verified(owner: str, domain: Domain, name: str, beside: tuple[str, ...]) -> None:
    card = forgery.card(owner)
    arguments = forgery.parts(card, domain, name, *beside, role=OFFICE, answered=card)
    genuine = card.files(domain)[name]
    untouched = judge(arguments, name, genuine)
    assert untouched is not None and untouched.verified
    unsigned = range(*tail(genuine)) if (domain, name) == (FACE, "0002") else range(0)
    object_end = len(forgery.plain(genuine))
    wrong = []
    for where, data in flipped(genuine):
        at = int(where.partition(".")[0])
        if at in unsigned:
            continue
        result = judge(arguments, name, data)
        if result is not None and (result.verified or at >= object_end):
            wrong.append(where)
    assert not wrong


@pytest.mark.parametrize("owner", [ONE, OTHER])
def test_flips_of_the_unsigned_tail_are_never_reported_as_signed(owner: str) -> None:
    card = forgery.card(owner)
    arguments = forgery.parts(card, FACE, "0002", "0004", answered=card)
    genuine, accepted = card.files(FACE)["0002"], 0
    for where, data in flipped(genuine, *tail(genuine)):
        result = judge(arguments, "0002", data)
        if result is None or not result.verified:
            continue
        accepted += 1
        for field in ("expiry", "security_code_image"):
            assert result.fields[field].assurance == "unsigned", where
        assert all(result.fields[name].assurance == "signed" for name in ("birth_date", "sex", "photo", "name_image"))
    assert accepted  # the unsigned content is content: it is reported, as what it is


def test_a_flipped_expiry_year_contradicts_the_number_that_the_chip_accepted() -> None:
    card = forgery.card()
    arguments = forgery.parts(card, FACE, "0002", "0004", answered=card)
    number = AcceptedNumberB(card.persona.birth_digits, card.persona.expiry.year)
    genuine = card.files(FACE)["0002"]
    expiry = forgery.child(genuine, 0xDF29)
    for where, data in flipped(genuine, expiry.start, expiry.end):
        try:
            read = Evidence.from_session(
                **{**arguments, "files": {**arguments["files"], "0002": data}},
                read_at=AT,
                reader=None,
                accepted_number_b=number,
            )
        except (EvidenceError, UnsupportedCard):
            continue
        result = verify(read, trust=forgery.trust(), at=AT)
        if result.verified:
            field = result.fields["expiry"]
            assert isinstance(field.value, date) and field.value.year == card.persona.expiry.year, where
            assert (field.assurance, field.extent) == ("corroborated", "year")
        else:
            assert result.check("expiry").code == "contradicted", where
