"""What a verification's comparison with printed data is here: read in the role of the API key, told, and kept without content.

No picture is sent, and nothing is read in pictures: what the chip holds as a picture alone is ``not-compared``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnverify.errors import RoleError
from mnverify.evidence import Evidence
from mnverify.masked import Unseen
from mnverify.printed.comparing import NUMBER_NOT_FOR_ROLE
from mnverify.printed.comparison import FORMAT, Comparison, Method
from mnverify.printed.data import PrintedData
from mnverify.printed.judging import judged
from mnverify.values.terms import Role

_TEXTS = ("name", "address", "additional_entry")
KEPT = "comparison"
"""The member of a stored outcome."""


def read_printed(document: Unseen, *, role: Role, evidence: Evidence) -> PrintedData:
    """Printed data of a request.

    Args:
        document: the member ``printed``, not judged yet.
        role: of the API key.
        evidence: what it is to be compared with.

    Raises:
        PrintedDataError: it is none.
        RoleError: it holds the 個人番号, and key or evidence are of role ``general``.
    """
    printed = PrintedData.from_object(document, role=role)
    if printed.my_number is not None and evidence.role is not Role.MY_NUMBER_OFFICE:
        raise RoleError(NUMBER_NOT_FOR_ROLE)
    return printed


def kept(comparison: Comparison) -> list[Any]:
    """What is stored: the outcome and, by field, outcome, code and method. No content of either side."""
    fields = {name: [field.outcome, field.code, field.method] for name, field in comparison.fields.items()}
    return [comparison.outcome, fields]


def kept_object(stored: list[Any], lang: str) -> Mapping[str, Any]:
    """The comparison as it was stored, with its sentences."""
    outcome, fields = stored
    return {
        "format": FORMAT,
        "outcome": outcome,
        "fields": {
            name: {**judged(code, Method(method), has_variants=name in _TEXTS).to_dict(lang), "outcome": found}
            for name, (found, code, method) in fields.items()
        },
    }
