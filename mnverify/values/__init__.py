"""Small immutable values that parse and print: dates, sex, numbers, key ids, and the terms of the law."""

from mnverify.values.dates import Era, Wareki, age_on, parse_compact_date
from mnverify.values.key_id import KeyId
from mnverify.values.my_number import MyNumber, check_digit
from mnverify.values.sex import Sex
from mnverify.values.terms import CredentialKind, Domain, Purpose, Role

__all__ = [
    "CredentialKind",
    "Domain",
    "Era",
    "KeyId",
    "MyNumber",
    "Purpose",
    "Role",
    "Sex",
    "Wareki",
    "age_on",
    "check_digit",
    "parse_compact_date",
]
