"""mnverify: check a My Number Card (個人番号カード) by its chip.

Read a card in a gated session, verify the evidence, use the result::

    from mnverify import Evidence, TrustStore, verify

    result = verify(Evidence.from_json(data), trust=TrustStore.production())
    if result:
        birth_date = result.birth_date

The names in ``__all__`` are the public surface; errors are in ``mnverify.errors``, more about readers in ``mnverify.readers``,
the virtual card in ``mnverify.virtual``.
"""

from typing import TYPE_CHECKING

from mnverify.errors import EvidenceError, MnverifyError, RoleError, UnsupportedCard
from mnverify.evidence import Evidence, Presence
from mnverify.images import Image
from mnverify.text import Text
from mnverify.values import CredentialKind, Domain, MyNumber, Purpose, Role, Sex
from mnverify.verification import (
    AgeAnswer,
    AgeCheck,
    Assurance,
    Check,
    Field,
    Outcome,
    TrustAnchor,
    TrustStore,
    VerificationResult,
    check_age,
    verify,
)

if TYPE_CHECKING:
    from mnverify.card import (
        BirthDate,
        Credential,
        FaceCheck,
        InputAssist,
        Link,
        PartialReading,
        Pin,
        VerificationNumberA,
        VerificationNumberB,
    )
    from mnverify.check import CheckedCard, check_card
    from mnverify.readers import Reader, list_readers, open_reader, watch_cards

__version__ = "0.1.0"

__all__ = [
    "AgeAnswer",
    "AgeCheck",
    "Assurance",
    "BirthDate",
    "Check",
    "CheckedCard",
    "Credential",
    "CredentialKind",
    "Domain",
    "Evidence",
    "EvidenceError",
    "FaceCheck",
    "Field",
    "Image",
    "InputAssist",
    "Link",
    "MnverifyError",
    "MyNumber",
    "Outcome",
    "PartialReading",
    "Pin",
    "Presence",
    "Purpose",
    "Reader",
    "Role",
    "RoleError",
    "Sex",
    "Text",
    "TrustAnchor",
    "TrustStore",
    "UnsupportedCard",
    "VerificationNumberA",
    "VerificationNumberB",
    "VerificationResult",
    "__version__",
    "check_age",
    "check_card",
    "list_readers",
    "open_reader",
    "verify",
    "watch_cards",
]

_LAZY = {
    **dict.fromkeys(
        (
            "BirthDate",
            "Credential",
            "FaceCheck",
            "InputAssist",
            "Link",
            "PartialReading",
            "Pin",
            "VerificationNumberA",
            "VerificationNumberB",
        ),
        "card",
    ),
    **dict.fromkeys(("CheckedCard", "check_card"), "check"),
    **dict.fromkeys(("Reader", "list_readers", "open_reader", "watch_cards"), "readers"),
}


def __getattr__(name: str) -> object:
    """The card's side, loaded when it is first asked for: who only verifies does without it."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    loaded: object = getattr(import_module(f"mnverify.{_LAZY[name]}"), name)
    globals()[name] = loaded
    return loaded


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
