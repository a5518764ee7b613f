package mnverify.files

import mnverify.EvidenceError
import mnverify.MaskedBytes
import mnverify.profile.SignatureScheme
import java.io.ByteArrayOutputStream

private const val FACE = 0xFF20
private const val OFFSETS = 0xDF21
private val FACE_TAGS = (0xDF22..0xDF2A).toList()

/** Objects of the card face's segments that can be left out: name and address image; photo. */
internal val DROPPABLE: Map<Int, List<Int>> = mapOf(2 to listOf(0xDF25, 0xDF26), 3 to listOf(0xDF27))

/**
 * `FF20 { DF21 offset table, DF22 … DF2A }`, whole or with segments left out: their objects are missing, and their offsets are 0.
 * An untrue offset table is not an error but `offsetsTrue = false`.
 */
internal fun parseFaceRecord(data: MaskedBytes, dropped: Set<Int>, fileId: String, scheme: SignatureScheme): FaceRecord {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, FACE)
    val expected = listOf(OFFSETS) + tagsWithout(dropped)
    if (children.map(Tlv::tag) != expected) {
        refuseDropped(children, dropped, where, data.size)
        checkTags(children, expected, where, data.size)
    }
    val byTag = children.associateBy(Tlv::tag)
    val born = children[1]
    val key = children[3]
    val name = byTag[0xDF25]
    val address = byTag[0xDF26]
    val photo = byTag[0xDF27]
    return FaceRecord(
        birthDate = birthDay(born, where),
        sex = sex(children[2], where),
        cardKey = cardKey(key, where),
        nameImage = name?.let { image(it, Image.PNG, where) },
        addressImage = optionalImage(address, Image.PNG),
        photo = optionalImage(photo, Image.JP2),
        signature = signature(byTag.getValue(0xDF28), where, scheme.signatureLength),
        expiry = compactDate(byTag.getValue(0xDF29), where),
        securityCodeImage = image(byTag.getValue(0xDF2A), Image.PNG, where),
        segments =
            listOf(
                data.slice(born.start, key.end),
                if (name != null && address != null) data.slice(name.start, address.end) else null,
                photo?.whole,
            ),
        offsetsTrue = offsetsTrue(children[0], FACE_TAGS.map { byTag[it]?.start ?: 0 }, where),
    )
}

/**
 * The card face without segment 2 (name and address image) or 3 (photo), and without filler.
 *
 * The outer length is written anew in as many bytes as before, the offsets of the dropped objects become 0, the others are moved. An
 * untrue offset stays untrue by the same difference. A segment that is already missing may be named again.
 */
internal fun dropSegments(data: MaskedBytes, segments: Set<Int>, fileId: String, scheme: SignatureScheme): MaskedBytes {
    val where = "files.$fileId"
    val children = StrictTlv.readFile(data, where, FACE)
    val tags = children.map(Tlv::tag).toSet()
    val absent = DROPPABLE.filterValues { theirs -> theirs.none(tags::contains) }.keys
    parseFaceRecord(data, absent, fileId, scheme)
    val remaining = tagsWithout(segments + absent)
    val table = children.first()
    val objects = children.drop(1)
    val kept = objects.filter { it.tag in remaining }
    val tableLength = table.end - table.start
    val length = tableLength + kept.sumOf { it.end - it.start }
    val old = objects.associate { it.tag to it.start }
    val new = HashMap<Int, Int>()
    var at = table.start + tableLength
    for (child in kept) {
        new[child.tag] = at
        at += child.end - child.start
    }
    val out = ByteArrayOutputStream(at)
    out.write(head(data.slice(0, table.start), length))
    out.write(data.slice(table.start, table.valueStart).toByteArray())
    for ((n, tag) in FACE_TAGS.withIndex()) {
        val moved = table.value.slice(2 * n, 2 * n + 2).toNumber() - (old[tag] ?: 0) + (new[tag] ?: 0)
        out.write(moved shr 8 and 0xFF)
        out.write(moved and 0xFF)
    }
    for (child in kept) out.write(child.whole.toByteArray())
    return MaskedBytes.own(out.toByteArray())
}

/** Where what is missing and what is named as dropped are not the same. */
private fun refuseDropped(children: List<Tlv>, dropped: Set<Int>, where: String, end: Int) {
    val tags = children.map(Tlv::tag).toSet()
    if (tags.size < children.size) return // an object that stands twice is told before one that is missing
    for (child in children) {
        if (dropped.any { child.tag in DROPPABLE.getValue(it) }) throw EvidenceError(child.place(where), Reasons.NAMED)
    }
    for (tag in DROPPABLE.filterKeys { it !in dropped }.values.flatten()) {
        if (tag !in tags) {
            val after = children.filter { it.tag > tag }.minOfOrNull(Tlv::start) ?: end
            throw EvidenceError(place(where, tag, after), Reasons.NOT_NAMED)
        }
    }
}

private fun tagsWithout(dropped: Set<Int>): List<Int> {
    dropped.filterNot(DROPPABLE::containsKey).minOrNull()?.let { throw EvidenceError("segments.$it", Reasons.NOT_DROPPABLE) }
    val gone = dropped.flatMap(DROPPABLE::getValue)
    return FACE_TAGS.filterNot(gone::contains)
}

/** An outer header of the same form for a shorter content: tag and length bytes as they stand, another length. */
private fun head(head: MaskedBytes, length: Int): ByteArray {
    val out = head.toByteArray()
    val octets = out.size - 3
    if (octets == 0) out[2] = length.toByte()
    for (n in 0 until octets) out[3 + n] = (length shr 8 * (octets - 1 - n)).toByte()
    return out
}
