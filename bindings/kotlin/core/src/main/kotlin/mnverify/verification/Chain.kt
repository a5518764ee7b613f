package mnverify.verification

import mnverify.files.CardKey
import mnverify.files.Certificate
import mnverify.profile.SignatureScheme
import mnverify.values.Domain

private const val MAX_LINKS = 8

/**
 * How a chain ended.
 *
 * @property code `ok`, `unknown-authority`, `bad-signature`, `weak-key` or `missing-certificate`
 * @property anchor the anchor it reached, whether or not the signature held
 * @property key the certified key that signs records; only where the code is `ok`
 */
internal class Chain(val code: String, val anchor: TrustAnchor? = null, val key: PublicKey? = null)

/** Walk from a card's certificate to an anchor of its domain. */
internal fun verifyChain(leaf: Certificate?, trust: TrustStore, domain: Domain, scheme: SignatureScheme): Chain {
    if (leaf == null) return Chain("missing-certificate")
    var certificate: Certificate = leaf
    repeat(MAX_LINKS) {
        if (!certificate.key.toKey().acceptable(scheme)) return Chain("weak-key")
        val anchor = trust.find(domain, certificate.issuer)
        val issuer = trust.certificateOf(certificate.issuer)
        val issuersKey = anchor?.key ?: issuer?.key?.toKey() ?: return Chain("unknown-authority")
        if (anchor == null && !issuersKey.acceptable(scheme)) return Chain("weak-key")
        if (!issuersKey.signed(scheme, certificate.signature, certificate.signed)) return Chain("bad-signature", anchor)
        if (anchor != null) return Chain("ok", anchor, leaf.key.toKey())
        certificate = checkNotNull(issuer)
    }
    return Chain("unknown-authority")
}

internal fun CardKey.toKey(): PublicKey = PublicKey(modulus.toByteArray(), exponent)
