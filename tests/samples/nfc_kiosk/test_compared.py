"""The print against the chip, as the kiosk judges it, without a browser: what the camera did not read is for the clerk."""

from __future__ import annotations

from datetime import date

import pytest

from mnverify.masked import MaskedText
from mnverify.printed import PrintedData, Source
from mnverify.values import Domain
from mnverify.virtual import persona
from samples.nfc_kiosk.compared import compare_print
from samples.nfc_kiosk.typed import Birth, Print
from samples.nfc_kiosk.visit import Visit
from tests.printed.chips import chip, printed_of
from tests.printed.test_compare import seen_in

SATO = persona("sato-hanako")


def visit(*unread: str, year: int = SATO.expiry.year) -> Visit:
    """Number B typed or confirmed; the camera read all but some fields."""
    whole = printed_of(SATO)
    texts = {name: getattr(whole, name) for name in whole.fields() if name not in unread}
    found = Visit()
    found.printed = Print(Birth("showa", 60, 7, 3), year, MaskedText(SATO.security_code))
    found.scanned = PrintedData(
        texts, sources=dict.fromkeys(texts, Source.PICTURE), confidence=dict.fromkeys(texts, 0.99)
    )
    return found


def test_all_was_read() -> None:
    assert SATO.birth == date(1985, 7, 3)
    found = compare_print(visit(), chip(SATO.id, Domain.FACE_CHECK), seen_in(SATO))
    assert found.outcome == "match" and {one.outcome for one in found.fields.values()} == {"match"}


@pytest.mark.parametrize("unread", ["name", "address", "sex"])
def test_what_the_camera_did_not_read_is_for_the_clerk(unread: str) -> None:
    found = compare_print(visit(unread), chip(SATO.id, Domain.FACE_CHECK), seen_in(SATO))
    assert found.outcome == "uncertain"
    row = found.fields[unread]
    assert (row.outcome, row.code) == ("uncertain", "not-read")
    assert row.detail is not None and "画像から読み取れません" in row.detail.ja


def test_an_expiry_that_was_not_read_is_known_by_the_year_that_was_typed() -> None:
    verified = chip(SATO.id, Domain.FACE_CHECK)
    found = compare_print(visit("expiry", "security_code"), verified, seen_in(SATO))
    assert (found.outcome, found.fields["expiry"].code) == ("match", "number-accepted")
    other = compare_print(visit("expiry", year=SATO.expiry.year + 1), verified, seen_in(SATO))
    assert (other.outcome, other.fields["expiry"].outcome) == ("mismatch", "mismatch")
    assert compare_print(visit("expiry", "name"), verified, seen_in(SATO)).outcome == "uncertain"
