"""From evidence to a verdict: trust anchors, signatures, chain, the checks, the result, an age. No I/O but anchor files."""

from mnverify.verification.age import AgeAnswer, AgeCheck, check_age
from mnverify.verification.result import Assurance, Check, Field, Outcome, VerificationResult
from mnverify.verification.trust import TrustAnchor, TrustStore
from mnverify.verification.verifier import verify

__all__ = [
    "AgeAnswer",
    "AgeCheck",
    "Assurance",
    "Check",
    "Field",
    "Outcome",
    "TrustAnchor",
    "TrustStore",
    "VerificationResult",
    "check_age",
    "verify",
]
