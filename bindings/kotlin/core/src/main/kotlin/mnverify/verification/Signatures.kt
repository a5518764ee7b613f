package mnverify.verification

import mnverify.MaskedBytes
import mnverify.files.digestInfo
import mnverify.profile.SignatureScheme
import mnverify.sha256
import java.math.BigInteger
import java.security.MessageDigest

/**
 * RSA PKCS#1 v1.5 (RFC 8017 §8.2.2), public-key operation only: the whole padded message is made and compared, nothing that was
 * recovered is parsed.
 */
internal class PublicKey(modulus: ByteArray, exponent: Long) {
    private val modulus = BigInteger(1, modulus)
    private val exponent = BigInteger.valueOf(exponent)

    /** Whether the scheme accepts such a key: full size, odd modulus, the one exponent. */
    fun acceptable(scheme: SignatureScheme): Boolean =
        modulus.bitLength() >= scheme.keyBits && modulus.testBit(0) && exponent == BigInteger.valueOf(scheme.exponent)

    /** Whether [signature] is this key's over one DigestInfo of the message's digest. */
    fun signed(scheme: SignatureScheme, signature: MaskedBytes, message: MaskedBytes): Boolean =
        holds(scheme, signature, sha256(message))

    /** Whether [signature] is this key's over one DigestInfo whose OCTET STRING is [octets] as it stands. */
    fun holds(scheme: SignatureScheme, signature: MaskedBytes, octets: ByteArray): Boolean {
        val length = (modulus.bitLength() + 7) / 8
        if (signature.size != scheme.signatureLength || signature.size != length) return false
        val number = BigInteger(1, signature.toByteArray())
        if (number >= modulus) return false
        val found = number.modPow(exponent, modulus).toByteArray()
        val whole = ByteArray(length)
        val from = maxOf(0, found.size - length) // a leading 0 of the sign
        System.arraycopy(found, from, whole, length - (found.size - from), found.size - from)
        return MessageDigest.isEqual(whole, padded(digestInfo(octets), length))
    }

    private fun padded(digestInfo: ByteArray, length: Int): ByteArray {
        val out = ByteArray(length) { 0xFF.toByte() }
        out[0] = 0
        out[1] = 1
        out[length - digestInfo.size - 1] = 0
        digestInfo.copyInto(out, length - digestInfo.size)
        return out
    }
}
