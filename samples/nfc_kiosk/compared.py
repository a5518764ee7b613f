"""The print against the chip: the SDK's comparison, of what was typed or read from the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mnverify import Text, VerificationResult
from mnverify.masked import MaskedText
from mnverify.printed import Comparison, FieldOutcome, Policy, PrintedData, ReadText, compare
from samples.nfc_kiosk.typed import GREGORIAN, Birth
from samples.nfc_kiosk.visit import Visit
from samples.nfc_kiosk.words import Outcome

ACCEPTED = Text(
    "The card accepted a verification number B made of it.", "カードは、これを含む照合番号Bを受け付けました。"
)
NUMBER_ACCEPTED = Text(
    "The card accepted this number (照合番号A).", "カードは、この番号（照合番号A）を受け付けました。"
)
_OTHER_YEAR = Text(
    "The year in the chip is another than the one that is printed.", "チップの年と印刷の年が異なります。"
)
_ERAS = {"reiwa": "令和", "heisei": "平成", "showa": "昭和", "taisho": "大正", GREGORIAN: ""}
_NOT_READ = "not-read"
Read = Mapping[str, ReadText]


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """What the comparison of one field came to: outcome, stable code, and a sentence without content."""

    outcome: str
    code: str
    detail: Text | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The whole comparison.

    Attributes:
        outcome: one word for all.
        fields: by field name.
        printed: what is printed, by field name.
    """

    outcome: Outcome
    fields: dict[str, FieldVerdict] = field(default_factory=dict)
    printed: dict[str, Text] = field(default_factory=dict)


def birth_as_printed(birth: Birth) -> Text:
    """A typed birth date as the card has it."""
    year = "元" if birth.era != GREGORIAN and birth.year == 1 else str(birth.year)
    month = f"{birth.month}月" if birth.month else ""
    day = f"{birth.day}日" if birth.day else ""
    return Text.of(MaskedText(f"{_ERAS[birth.era]}{year}年{month}{day}"))


def compare_print(visit: Visit, result: VerificationResult, read: Read | None = None) -> Compared:
    """Compare what is printed, as far as it was given, with what the chip holds.

    Args:
        visit: what was typed and what the camera saw.
        result: a verified result.
        read: what a machine read in the chip's own pictures of text.
    """
    scan = visit.scanned
    texts: dict[str, str] = {}
    if visit.printed is not None:
        texts["birth_date"] = birth_as_printed(visit.printed.birth).ja
    if scan is None and not texts:
        return _number_alone(visit)
    policy = Policy(["birth_date"]) if scan is None else Policy()
    found = compare(result, PrintedData(texts), policy=policy, scan=scan, read=read)
    fields = {
        name: FieldVerdict(one.outcome.value, one.code, one.detail)
        for name, one in found.fields.items()
        if one.outcome is not FieldOutcome.NOT_COMPARED
    }
    for name in _not_read(found):
        fields[name] = FieldVerdict("uncertain", _NOT_READ, found.fields[name].detail)
    printed = _seen(scan) | _typed(visit)
    outcome = _outcome(found, year_typed=visit.printed is not None)
    if visit.printed is not None:
        outcome = _with_number_b(visit.printed.expiry_year, result, fields, outcome)
    return Compared(outcome, fields, printed)


def _not_read(found: Comparison) -> set[str]:
    """What the camera should have read, and did not."""
    return {name for name, one in found.fields.items() if one.code == _NOT_READ}


def _outcome(found: Comparison, *, year_typed: bool) -> Outcome:
    """Of all fields; an expiry that was not read is known by its year, which was typed and is held against the chip's."""
    missing = {name for name in found.required() if found.fields[name].outcome is not FieldOutcome.MATCH}
    if year_typed and missing == {"expiry"} == _not_read(found):
        return Outcome.MATCH
    return Outcome(found.outcome.value)


def read_chip(visit: Visit, result: VerificationResult) -> Read | None:
    """What a machine reads in the chip's own pictures of text; only where there is a scan to compare it with."""
    if visit.scanned is None:
        return None
    from mnverify.printed.chip_text import read_chip_texts

    return read_chip_texts(result, frozenset({"name", "address", "security_code"}))


def _with_number_b(year: int, result: VerificationResult, fields: dict[str, FieldVerdict], outcome: Outcome) -> Outcome:
    """The card has opened to a number made of year and code: so much is known of them, where nothing says more."""
    if result.expiry is not None and result.expiry.year != year:
        fields["expiry"] = FieldVerdict("mismatch", "different", _OTHER_YEAR)
        return Outcome.MISMATCH
    for name in ("expiry", "security_code"):
        if name not in fields or fields[name].outcome == "uncertain":
            fields[name] = FieldVerdict("match", "number-accepted", ACCEPTED)
    return outcome


def _number_alone(visit: Visit) -> Compared:
    """The counter for the number: what was typed or decoded opened the card, so it is the card's number."""
    if visit.number is None:
        return Compared(Outcome.UNCERTAIN)
    agrees = FieldVerdict("match", "number-accepted", NUMBER_ACCEPTED)
    return Compared(Outcome.MATCH, {"my_number": agrees})


def _typed(visit: Visit) -> dict[str, Text]:
    if visit.printed is None:
        return {}
    year = visit.printed.expiry_year
    return {
        "birth_date": birth_as_printed(visit.printed.birth),
        "expiry": Text(MaskedText(str(year)), MaskedText(f"{year}年")),
        "security_code": Text.of(visit.printed.security_code),
    }


def _seen(scan: PrintedData | None) -> dict[str, Text]:
    """What the camera read, as text; a line of the 追記欄 stands with the address."""
    if scan is None:
        return {}
    found = {name: Text.of(text) for name in scan.fields() if isinstance(text := getattr(scan, name), str)}
    if scan.additional_entry:
        lines = "／".join(scan.additional_entry)
        found["address"] = Text.of(MaskedText(f"{found.get('address', Text.of('')).ja}［追記］{lines}"))
    return found
