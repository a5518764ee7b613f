package mnverify.json

/** Base64 in its one canonical form (RFC 4648 §4), and base64url without padding (RFC 7515 §2). */
internal object Base64 {
    private const val ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private val VALUES = IntArray(128) { ALPHABET.indexOf(it.toChar()) }

    fun encode(raw: ByteArray): String {
        val out = StringBuilder((raw.size + 2) / 3 * 4)
        for (at in raw.indices step 3) {
            val left = raw.size - at
            val bits =
                (raw[at].toInt() and 0xFF shl 16) or
                    (if (left > 1) raw[at + 1].toInt() and 0xFF shl 8 else 0) or
                    (if (left > 2) raw[at + 2].toInt() and 0xFF else 0)
            out.append(ALPHABET[bits shr 18]).append(ALPHABET[bits shr 12 and 63])
            out.append(if (left > 1) ALPHABET[bits shr 6 and 63] else '=').append(if (left > 2) ALPHABET[bits and 63] else '=')
        }
        return out.toString()
    }

    /** The bytes, or `null` where the text has another form: another alphabet, padding left over, unused bits that are not 0. */
    fun decode(text: String): ByteArray? {
        if (text.length % 4 != 0) return null
        val padding = if (text.endsWith("==")) 2 else if (text.endsWith("=")) 1 else 0
        return decodeSextets(text, text.length - padding)
    }

    fun encodeUrl(raw: ByteArray): String = encode(raw).trimEnd('=').replace('+', '-').replace('/', '_')

    /** The bytes of canonical base64url without padding, or `null`. */
    fun decodeUrl(text: String): ByteArray? {
        if (text.length % 4 == 1 || text.any { it == '+' || it == '/' }) return null
        return decodeSextets(text.replace('-', '+').replace('_', '/'), text.length)
    }

    private fun decodeSextets(text: String, length: Int): ByteArray? {
        val out = ByteArray(length * 3 / 4)
        var bits = 0
        var held = 0
        var to = 0
        for (at in 0 until length) {
            val c = text[at].code
            val value = if (c < 128) VALUES[c] else -1
            if (value < 0) return null
            bits = bits shl 6 or value
            held += 6
            if (held >= 8) {
                held -= 8
                out[to++] = (bits shr held).toByte()
                bits = bits and (1 shl held) - 1
            }
        }
        return if (bits == 0) out else null
    }
}
