"""From evidence to a verdict: trust anchors, signatures, chain, the numbered checks, the result. No I/O but anchor files."""

from mnverify.verification.result import Check, Field, VerificationResult
from mnverify.verification.trust import TrustAnchor, TrustStore
from mnverify.verification.verifier import verify

__all__ = ["Check", "Field", "TrustAnchor", "TrustStore", "VerificationResult", "verify"]
