"""The virtual card's print against its chip: genuine ones match, forged fields never do, swapped variants are never equal."""

from __future__ import annotations

from functools import cache

import pytest

from mnverify.errors import UsageError
from mnverify.printed import FieldOutcome, PrintedData, compare
from mnverify.values import Domain
from mnverify.virtual import persona
from mnverify.virtual.print import Print, PrintFlaw, print_front
from tests.printed.chips import chip
from tests.printed.test_compare import read_as, seen_in

FLAWS = [
    PrintFlaw.ALTERED_BIRTH,
    PrintFlaw.ALTERED_EXPIRY,
    PrintFlaw.ALTERED_CODE,
    PrintFlaw.ALTERED_ADDRESS,
    PrintFlaw.ALTERED_NAME,
    PrintFlaw.SWAPPED_VARIANT,
]
SOME = ["sato-hanako", "yoshida-takatsugu", "hikkoshi-ichiro", "kyuji-sachiko", "tsukihi-fusho"]
ONE_SIDED = ("not-in-chip", "not-printed", "not-explained")


@cache
def drawn(persona_id: str, flaw: PrintFlaw | None) -> Print:
    return print_front(persona(persona_id), dpi=150, flaws=[flaw] if flaw else [], seed=1)


def data_of(printed: Print) -> PrintedData:
    texts = dict(printed.printed)
    entry = texts.pop("additional_entry", None)
    return PrintedData(texts, additional_entry=(entry,) if entry else ())


@pytest.mark.parametrize("domain", Domain)
@pytest.mark.parametrize("persona_id", SOME)
def test_a_genuine_print_matches(persona_id: str, domain: Domain) -> None:
    data = data_of(drawn(persona_id, None))
    for printed in (data, read_as(data)):
        read = seen_in(persona(persona_id)) if domain is Domain.FACE_CHECK else None
        assert compare(chip(persona_id, domain), printed, read=read).outcome is FieldOutcome.MATCH


@pytest.mark.parametrize("flaw", FLAWS)
@pytest.mark.parametrize("persona_id", SOME)
def test_a_forged_print_never_does(persona_id: str, flaw: PrintFlaw) -> None:
    try:
        forged = drawn(persona_id, flaw)
    except UsageError:
        pytest.skip("this print cannot be forged so")
    assert forged.altered
    data = data_of(forged)
    for domain in Domain:
        read = seen_in(persona(persona_id)) if domain is Domain.FACE_CHECK else None
        for printed in (data, read_as(data)):
            found = compare(chip(persona_id, domain), printed, read=read)
            for name in forged.altered:
                field = found.fields.get(name)
                if field is None or field.code in ONE_SIDED:
                    continue
                assert not field.exact
                assert field.code != "equal"
                if flaw is not PrintFlaw.SWAPPED_VARIANT:
                    assert field.outcome is not FieldOutcome.MATCH
