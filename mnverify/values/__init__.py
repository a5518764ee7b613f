"""Small immutable values that parse and print: dates, sex, numbers, key ids, and the terms of the law."""

from mnverify.values.dates import (
    BirthDay,
    Era,
    PartialDate,
    Wareki,
    age_on,
    compact_digits,
    in_japanese_calendar,
    parse_compact_birth_day,
    parse_compact_date,
)
from mnverify.values.key_id import KeyId
from mnverify.values.my_number import MyNumber, check_digit
from mnverify.values.sex import Sex
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role

__all__ = [
    "BirthDay",
    "CredentialKind",
    "Domain",
    "Era",
    "KeyId",
    "MyNumber",
    "PartialDate",
    "Purpose",
    "Role",
    "Sex",
    "Wareki",
    "age_on",
    "check_digit",
    "compact_digits",
    "in_japanese_calendar",
    "parse_compact_birth_day",
    "parse_compact_date",
]
