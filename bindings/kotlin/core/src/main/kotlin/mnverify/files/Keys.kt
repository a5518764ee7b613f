package mnverify.files

import mnverify.EvidenceError
import mnverify.MaskedBytes
import mnverify.MnverifyError
import mnverify.UnsupportedCard
import mnverify.profile.SignatureScheme
import mnverify.values.KeyId

private const val MODULUS_LENGTH = 256
private const val MAX_EXPONENT_BYTES = 4

/**
 * The RSA key that fills `data[start:end]`.
 *
 * @param where the file, for errors inside the key
 * @param at the object that holds the key, for errors about the key as a whole
 */
internal fun parseCardKey(data: MaskedBytes, start: Int, end: Int, where: String, at: String): CardKey {
    val parts = ArrayList<Tlv>(2)
    var pos = start
    while (pos < end && parts.size < 3) {
        parts.add(StrictTlv.read(data, pos, end, where))
        pos = parts.last().end
    }
    if (parts.map(Tlv::tag) != listOf(Tags.EXPONENT, Tags.MODULUS)) throw UnsupportedCard(at, Reasons.OTHER_KEY)
    val (exponent, modulus) = parts
    if (modulus.length != MODULUS_LENGTH) {
        throw UnsupportedCard(modulus.place(where), Reasons.MODULUS_SIZE.fill("found" to modulus.length))
    }
    if (exponent.length !in 1..MAX_EXPONENT_BYTES) {
        throw UnsupportedCard(exponent.place(where), Reasons.EXPONENT_SIZE.fill("found" to exponent.length))
    }
    return CardKey(exponent.value.toNumber().toLong() and 0xFFFFFFFFL, modulus.value)
}

/** The key that is an object's value. */
internal fun cardKey(tlv: Tlv, where: String): CardKey =
    parseCardKey(tlv.file, tlv.valueStart, tlv.end, where, tlv.place(where))

/** `7F21 { 5F4E body, 5F37 signature }`. */
internal fun parseCertificate(data: MaskedBytes, fileId: String, scheme: SignatureScheme): Certificate {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, Tags.CERTIFICATE)
    checkTags(children, listOf(Tags.CERTIFICATE_BODY, Tags.CERTIFICATE_SIGNATURE), where, data.size)
    val (body, signedBy) = children
    if (body.length < 2 * KeyId.LENGTH) {
        throw UnsupportedCard(body.place(where), Reasons.SHORT_CERTIFICATE.fill("found" to body.length))
    }
    val middle = body.valueStart + KeyId.LENGTH
    val keyStart = middle + KeyId.LENGTH
    return Certificate(
        issuer = KeyId(data.slice(body.valueStart, middle)),
        subject = KeyId(data.slice(middle, keyStart)),
        key = parseCardKey(data, keyStart, body.end, where, body.place(where)),
        signed = body.value,
        signature = signature(signedBy, where, scheme.signatureLength),
    )
}

private val KEY_TAGS =
    mapOf("age-record" to 0xDF12, "face-record" to 0xDF24, "number-record" to 0xDF42, "card-key-record" to 0xDF51)
private const val MOST_BEFORE_KEY = 4 // the key is the fourth object at most

/** The card's key in the first bytes of a record, if the layout has one and they reach so far. Nothing is verified. */
internal fun keyInHead(layout: String, head: MaskedBytes): CardKey? {
    val wanted = KEY_TAGS[layout]
    if (wanted == null || head.size < StrictTlv.HEADER_BYTES) return null
    try {
        var at = StrictTlv.valueStart(head, "head")
        repeat(MOST_BEFORE_KEY) {
            val found = StrictTlv.read(head, at, head.size, "head")
            if (found.tag == wanted) return cardKey(found, "head")
            at = found.end
        }
    } catch (error: MnverifyError) {
        if (error !is EvidenceError && error !is UnsupportedCard) throw error
    }
    return null
}
