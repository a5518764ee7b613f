package mnverify.files

import mnverify.EvidenceError
import mnverify.MaskedBytes
import mnverify.MnverifyError
import mnverify.UnsupportedCard

/** Tags that card files are made of. An error names a tag only where it is of the card's own making, and no content. */
internal object Tags {
    const val CERTIFICATE = 0x7F21
    const val CERTIFICATE_BODY = 0x5F4E
    const val CERTIFICATE_SIGNATURE = 0x5F37
    const val TRANSPORT_KEY = 0xA1
    const val EXPONENT = 0x90
    const val MODULUS = 0x91

    /** Tags that look like the card's own: those of a layout, and those of the same rows that no layout has (`DF2B`). */
    fun ofTheCard(tag: Int): Boolean =
        when (tag) {
            CERTIFICATE, CERTIFICATE_BODY, CERTIFICATE_SIGNATURE, TRANSPORT_KEY, EXPONENT, MODULUS -> true
            else -> (tag shr 8 == 0xFF || tag shr 8 == 0xDF) && tag and 0xFF in 0x10..0x5F
        }
}

/**
 * One object of a file: where it lies, not a copy of it. It shows no content.
 *
 * @property tag the tag's bytes as a number, `0xDF25`
 * @property start offset of the tag's first byte
 * @property valueStart offset of the value's first byte
 * @property end offset after the value's last byte
 */
internal class Tlv(val tag: Int, val start: Int, val valueStart: Int, val end: Int, private val source: MaskedBytes) {
    val value: MaskedBytes get() = source.slice(valueStart, end)
    val whole: MaskedBytes get() = source.slice(start, end)
    val length: Int get() = end - valueStart
    val file: MaskedBytes get() = source

    fun place(where: String): String = place(where, tag, start)

    override fun toString(): String = if (Tags.ofTheCard(tag)) "Tlv(%02X, $length bytes)".format(tag) else "Tlv(unknown)"
}

/** The place of an object for an error: `files.0002 tag DF25 offset 612`; no tag where it may be content. */
internal fun place(where: String, tag: Int, offset: Int): String =
    if (Tags.ofTheCard(tag)) "$where tag ${"%02X".format(tag)} offset $offset" else "$where offset $offset"

/**
 * Strict BER-TLV (ISO/IEC 7816-4 §6.3): the only reader of card bytes.
 *
 * Tags of one to three bytes in their shortest form, definite lengths of up to two length bytes in any form (real cards write
 * `DF25 82 00A9` where `81 A9` would do), nothing past the end, nothing but `FF` after a file's one object. Objects are read level
 * by level and never by recursion.
 */
internal object StrictTlv {
    const val MAX_FILE_BYTES = 64 * 1024
    const val HEADER_BYTES = 6
    private const val MAX_CHILDREN = 32

    /** The object that begins at [at] and has to end at or before [end]. */
    fun read(data: MaskedBytes, at: Int, end: Int, where: String): Tlv {
        val found = header(data, at, where)
        if (found.end <= end) return found
        if (!Tags.ofTheCard(found.tag)) throw EvidenceError("$where offset $at", Reasons.CUT_OBJECT)
        throw EvidenceError(found.place(where), Reasons.TRUNCATED.fill("needed" to found.end - at, "there" to end - at))
    }

    /** The length in bytes, header included, of the one object of a file, by its first bytes; six are always enough. */
    fun objectLength(head: MaskedBytes, where: String): Int {
        if (head.size > 0 && head[0] and 0x20 == 0) throw UnsupportedCard("$where offset 0", Reasons.NOT_AN_OBJECT)
        val outer = header(head, 0, where)
        if (!Tags.ofTheCard(outer.tag)) throw UnsupportedCard("$where offset 0", Reasons.NOT_AN_OBJECT)
        if (outer.end > MAX_FILE_BYTES) throw EvidenceError(where, Reasons.TOO_LONG_OBJECT)
        return outer.end
    }

    /** Where the content of a file's one object begins. The object may reach past the end of [head]. */
    fun valueStart(head: MaskedBytes, where: String): Int = header(head, 0, where).valueStart

    /** The objects inside a file's one object, in file order. After it only `FF` filler is allowed. */
    fun readFile(data: MaskedBytes, where: String, tag: Int): List<Tlv> {
        val outer = readOuter(data, where, tag)
        val children = ArrayList<Tlv>(10)
        var at = outer.valueStart
        while (at < outer.end) {
            val child = read(data, at, outer.end, where)
            if (!Tags.ofTheCard(child.tag)) throw UnsupportedCard("$where offset $at", Reasons.UNKNOWN_OBJECT)
            if (children.size == MAX_CHILDREN) {
                throw EvidenceError(child.place(where), Reasons.TOO_MANY_OBJECTS.fill("most" to MAX_CHILDREN))
            }
            children.add(child)
            at = child.end
        }
        return children
    }

    /** A file's one object, its end and filler checked, its inside not looked at. */
    fun readOuter(data: MaskedBytes, where: String, tag: Int): Tlv {
        if (data.size > MAX_FILE_BYTES) throw EvidenceError(where, Reasons.TOO_LONG_FILE.fill("length" to data.size))
        val first = if (tag > 0xFF) byteArrayOf((tag shr 8).toByte(), tag.toByte()) else byteArrayOf(tag.toByte())
        if (!data.startsWith(first)) throw otherBeginning(data, where, first, tag)
        val outer = read(data, 0, data.size, where)
        val stray = (outer.end until data.size).firstOrNull { data[it] != 0xFF }
        if (stray != null) throw EvidenceError("$where offset $stray", Reasons.NOT_FILLER)
        return outer
    }

    private fun otherBeginning(data: MaskedBytes, where: String, first: ByteArray, tag: Int): MnverifyError {
        val place = "$where offset 0"
        if (data.withoutFiller() == 0) return EvidenceError(place, Reasons.EMPTY_FILE)
        if (data.size < first.size && data.toByteArray().contentEquals(first.copyOf(data.size))) {
            return EvidenceError(place, Reasons.CUT_TAG)
        }
        return UnsupportedCard(place, Reasons.OTHER_BEGINNING.fill("tag" to "%02X".format(tag)))
    }

    /** The object by its header. Its end may lie past the end of [data]. */
    private fun header(data: MaskedBytes, at: Int, where: String): Tlv {
        var pos = at
        fun next(): Int = if (pos < data.size) data[pos++] else throw EvidenceError("$where offset $at", Reasons.CUT_HEADER)
        var tag = next()
        if (tag and 0x1F == 0x1F) {
            tag = tag shl 8 or next()
            if (tag and 0x80 != 0) {
                val third = if (tag and 0xFF == 0x80) 0x80 else next()
                if (third and 0x80 != 0) throw EvidenceError("$where offset $at", Reasons.LONG_TAG)
                tag = tag shl 8 or third
            }
        } else if (tag == 0) {
            throw EvidenceError("$where offset $at", Reasons.NO_TAG)
        }
        var length = next()
        if (length >= 0x80) {
            length =
                when (length) {
                    0x82 -> next() shl 8 or next()
                    0x81 -> next()
                    else -> {
                        val reason = if (length == 0x80) Reasons.INDEFINITE else Reasons.LONG_LENGTH
                        throw EvidenceError(place(where, tag, at), reason)
                    }
                }
        }
        return Tlv(tag, at, pos, pos + length, data)
    }
}
