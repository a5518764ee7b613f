"""mnverify: check a My Number Card (個人番号カード) by its chip.

Read a card in a gated session, verify the evidence, use the result::

    from mnverify import Evidence, TrustStore, verify

    result = verify(Evidence.from_json(data), trust=TrustStore.production())
    if result.verified:
        birth_date = result.fields["birth_date"].value

The names in ``__all__`` are the public surface; errors are in ``mnverify.errors``, the virtual card in ``mnverify.virtual``.
"""

from mnverify.card import (
    BirthDate,
    Credential,
    FaceCheck,
    InputAssist,
    Link,
    Pin,
    VerificationNumberA,
    VerificationNumberB,
)
from mnverify.check import CheckedCard, check_card
from mnverify.errors import EvidenceError, MnverifyError, RoleError, UnsupportedCard
from mnverify.evidence import Evidence, Presence
from mnverify.values import CredentialKind, Domain, Image, MyNumber, Purpose, Role, Sex
from mnverify.verification import Check, Field, TrustAnchor, TrustStore, VerificationResult, verify

__version__ = "0.1.0"

__all__ = [
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
    "Pin",
    "Presence",
    "Purpose",
    "Role",
    "RoleError",
    "Sex",
    "TrustAnchor",
    "TrustStore",
    "UnsupportedCard",
    "VerificationNumberA",
    "VerificationNumberB",
    "VerificationResult",
    "__version__",
    "check_card",
    "verify",
]
