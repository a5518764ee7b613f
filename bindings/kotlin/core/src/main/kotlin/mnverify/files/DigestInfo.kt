package mnverify.files

import mnverify.fromHex
import mnverify.sha256

/** DigestInfo (RFC 8017 §9.2) with SHA-256, in the two forms of the card: over one digest, and over three in a row. */
internal fun digestInfo(octets: ByteArray): ByteArray {
    require(octets.size <= 96)
    val head = "3000300d060960864801650304020105000400".fromHex()
    head[1] = (head.size - 2 + octets.size).toByte()
    head[head.size - 1] = octets.size.toByte()
    return head + octets
}

/** The 51 bytes that the card signs to answer a challenge: DigestInfo(SHA-256(challenge)). */
internal fun challengeDigestInfo(challenge: ByteArray): ByteArray = digestInfo(sha256(challenge))
