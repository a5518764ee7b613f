package mnverify.files

import mnverify.EvidenceError
import mnverify.MaskedBytes
import mnverify.MaskedText
import mnverify.MnverifyError
import mnverify.Text
import mnverify.UnsupportedCard
import mnverify.json.decoded
import mnverify.values.BirthDay
import mnverify.values.Sex
import mnverify.values.parseCompactBirthDay
import mnverify.values.parseCompactDate
import java.time.LocalDate

// What the objects of all layouts are made of. What fits no layout may be another card, so it is "unsupported"; "malformed" is what
// no card writes: an object that stands twice, a day that does not exist.

/** Ask that the objects are exactly the expected ones, each once, in that order. */
internal fun checkTags(children: List<Tlv>, expected: List<Int>, where: String, end: Int) {
    if (children.map(Tlv::tag) != expected) throw wrongTags(children, expected, where, end)
}

private fun wrongTags(children: List<Tlv>, expected: List<Int>, where: String, end: Int): MnverifyError {
    val seen = HashSet<Int>()
    for (child in children) {
        if (child.tag in seen) return EvidenceError(child.place(where), Reasons.TWICE)
        if (child.tag !in expected) return UnsupportedCard(child.place(where), Reasons.UNKNOWN_OBJECT)
        seen.add(child.tag)
    }
    for ((at, tag) in expected.withIndex()) {
        if (tag !in seen) {
            val following = expected.subList(at, expected.size)
            val before = children.filter { it.tag in following }.minOfOrNull(Tlv::start) ?: end
            return UnsupportedCard(place(where, tag, before), Reasons.MISSING)
        }
    }
    val misplaced = children.zip(expected).first { (child, tag) -> child.tag != tag }.first
    return UnsupportedCard(misplaced.place(where), Reasons.OUT_OF_ORDER)
}

internal fun sized(tlv: Tlv, length: Int, where: String): MaskedBytes {
    if (tlv.length == length) return tlv.value
    throw UnsupportedCard(tlv.place(where), Reasons.WRONG_SIZE.fill("right" to length, "found" to tlv.length))
}

internal fun compactDate(tlv: Tlv, where: String): LocalDate = parseCompactDate(tlv.value) ?: throw noDate(tlv, where)

internal fun birthDay(tlv: Tlv, where: String): BirthDay = parseCompactBirthDay(tlv.value) ?: throw noDate(tlv, where)

private fun noDate(tlv: Tlv, where: String): MnverifyError =
    if (tlv.length == 8 && tlv.value.isDigits()) {
        EvidenceError(tlv.place(where), Reasons.NO_SUCH_DAY)
    } else {
        UnsupportedCard(tlv.place(where), Reasons.NO_DATE)
    }

internal fun sex(tlv: Tlv, where: String): Sex =
    Sex.values().firstOrNull { tlv.length == 1 && tlv.value[0] == it.digit.code }
        ?: throw EvidenceError(tlv.place(where), Reasons.NO_SEX)

internal fun image(tlv: Tlv, mediaType: String, where: String): Image =
    optionalImage(tlv, mediaType) ?: throw UnsupportedCard(tlv.place(where), Reasons.NO_IMAGE)

/** An image that a card may have or not: `null` where the object was dropped, or has no bytes. */
internal fun optionalImage(tlv: Tlv?, mediaType: String): Image? =
    if (tlv == null || tlv.length == 0) null else Image(mediaType, tlv.value)

/** Controls, separators, direction overrides: characters that no name or address has. */
private fun noText(c: Char): Boolean =
    c < '\u0020' || c in '\u007F'..'\u009F' || c in '\u2028'..'\u202E' || c in '\u2066'..'\u2069'

internal fun text(tlv: Tlv, where: String, least: Int, most: Int): MaskedText {
    if (tlv.length !in least..most) {
        throw EvidenceError(tlv.place(where), Reasons.TEXT_SIZE.fill("found" to tlv.length, "least" to least, "most" to most))
    }
    val found = decoded(tlv.value.toByteArray()) ?: throw EvidenceError(tlv.place(where), Reasons.NOT_UTF_8)
    if (found.any(::noText)) throw EvidenceError(tlv.place(where), Reasons.CONTROL_CHARACTERS)
    return MaskedText(found)
}

internal fun signature(tlv: Tlv, where: String, length: Int): MaskedBytes = ofSize(tlv, where, length, Reasons.SIGNATURE_SIZE)

internal fun digest(tlv: Tlv, where: String, length: Int): MaskedBytes = ofSize(tlv, where, length, Reasons.DIGEST_SIZE)

private fun ofSize(tlv: Tlv, where: String, length: Int, otherwise: Text): MaskedBytes {
    if (tlv.length == length) return tlv.value
    throw UnsupportedCard(tlv.place(where), otherwise.fill("found" to tlv.length))
}

/** Whether an offset table of big-endian u16 says where the objects begin. An untrue one is not an error here. */
internal fun offsetsTrue(table: Tlv, starts: List<Int>, where: String): Boolean {
    val stated = sized(table, 2 * starts.size, where)
    return starts.withIndex().all { (at, start) -> stated.slice(2 * at, 2 * at + 2).toNumber() == start }
}
