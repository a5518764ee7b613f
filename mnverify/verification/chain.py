"""The certificate chain: from the issuer certificate of the card up to an anchor."""

from __future__ import annotations

from typing import NamedTuple

from mnverify.files.card_key import CardKey
from mnverify.files.certificate import Certificate
from mnverify.profile import SignatureScheme
from mnverify.signatures import PublicKey, acceptable, issuers_key, signature_holds
from mnverify.values.terms import Domain
from mnverify.verification.trust import TrustAnchor, TrustStore

MAX_LINKS = 8


class Chain(NamedTuple):
    """How a chain ended.

    Attributes:
        code: ``ok``, ``unknown-authority``, ``bad-signature``, ``weak-key`` or ``missing-certificate``.
        anchor: the anchor it reached, whether or not the signature held.
        key: the certified key that signs records; only where the code is ``ok``.
    """

    code: str
    anchor: TrustAnchor | None = None
    key: PublicKey | None = None


def verify_chain(leaf: Certificate | None, trust: TrustStore, domain: Domain, scheme: SignatureScheme) -> Chain:
    """Walk from a card's certificate to an anchor of its domain; any number of links up to ``MAX_LINKS``."""
    if leaf is None:
        return Chain("missing-certificate")
    certificate = leaf
    for _ in range(MAX_LINKS):
        if not _acceptable(scheme, certificate.key):
            return Chain("weak-key")
        anchor = trust.find(domain, certificate.issuer)
        issuer = trust.certificates.get(certificate.issuer)
        if anchor is not None:
            key = issuers_key(anchor.modulus, anchor.exponent)
        elif issuer is not None and _acceptable(scheme, issuer.key):
            key = issuers_key(issuer.key.modulus, issuer.key.exponent)
        else:
            return Chain("unknown-authority" if issuer is None else "weak-key")
        if not signature_holds(scheme, key, certificate.signature, certificate.signed):
            return Chain("bad-signature", anchor)
        if anchor is not None:
            return Chain("ok", anchor, issuers_key(leaf.key.modulus, leaf.key.exponent))
        if issuer is not None:
            certificate = issuer
    return Chain("unknown-authority")


def _acceptable(scheme: SignatureScheme, key: CardKey) -> bool:
    return acceptable(scheme, key.modulus, key.exponent)
