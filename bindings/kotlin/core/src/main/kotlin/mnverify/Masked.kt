package mnverify

import java.security.MessageDigest

/**
 * Bytes that may hold a credential or personal data: immutable, and they show their length only.
 *
 * Whatever takes the bytes out ([toByteArray]) is a decision of the caller, who has the content in the clear from there on.
 */
public class MaskedBytes private constructor(
    private val source: ByteArray,
    private val from: Int,
    /** How many bytes. */
    public val size: Int,
) {
    /** The byte at [index], 0 to 255. */
    public operator fun get(index: Int): Int {
        if (index < 0 || index >= size) throw IndexOutOfBoundsException("index $index of $size bytes")
        return source[from + index].toInt() and 0xFF
    }

    /** A part of them, masked too. Nothing is copied. */
    public fun slice(start: Int, end: Int = size): MaskedBytes {
        require(start in 0..end && end <= size) { "a slice of $start to $end of $size bytes" }
        return MaskedBytes(source, from + start, end - start)
    }

    /** A copy of the bytes, in the clear. */
    public fun toByteArray(): ByteArray = source.copyOfRange(from, from + size)

    /** Whether they begin with [prefix] at [at]. */
    public fun startsWith(prefix: ByteArray, at: Int = 0): Boolean {
        if (at < 0 || at + prefix.size > size) return false
        return prefix.indices.all { source[from + at + it] == prefix[it] }
    }

    internal fun addTo(digest: MessageDigest) {
        digest.update(source, from, size)
    }

    /** Where the bytes of `FF` at the end begin. */
    internal fun withoutFiller(): Int {
        var end = size
        while (end > 0 && this[end - 1] == 0xFF) end--
        return end
    }

    internal fun toNumber(): Int = (0 until size).fold(0) { sum, at -> sum shl 8 or this[at] }

    internal fun isDigits(): Boolean = size > 0 && (0 until size).all { this[it] in 0x30..0x39 }

    /** ASCII text of them. */
    internal fun ascii(): String = String(source, from, size, Charsets.US_ASCII)

    /** Equal by content, compared in a time that tells nothing of it. */
    override fun equals(other: Any?): Boolean =
        other is MaskedBytes && MessageDigest.isEqual(toByteArray(), other.toByteArray())

    override fun hashCode(): Int = toByteArray().contentHashCode()

    override fun toString(): String = "MaskedBytes($size bytes)"

    public companion object {
        /** No bytes. */
        public val EMPTY: MaskedBytes = MaskedBytes(ByteArray(0), 0, 0)

        /** A masked copy of [bytes]. */
        public fun of(bytes: ByteArray): MaskedBytes = MaskedBytes(bytes.copyOf(), 0, bytes.size)

        /** The same without a copy, for bytes that nobody else holds. */
        internal fun own(bytes: ByteArray): MaskedBytes = MaskedBytes(bytes, 0, bytes.size)
    }
}

/** A text that may hold personal data or digits of a credential. It shows its length only; [reveal] is explicit. */
public class MaskedText(private val text: String) {
    /** Characters (code points). */
    public val length: Int get() = text.codePointCount(0, text.length)

    /** The text, in the clear. */
    public fun reveal(): String = text

    override fun equals(other: Any?): Boolean = other is MaskedText && other.text == text

    override fun hashCode(): Int = text.hashCode()

    override fun toString(): String = "MaskedText($length characters)"
}

internal fun sha256(bytes: ByteArray): ByteArray = MessageDigest.getInstance("SHA-256").digest(bytes)

internal fun sha256(bytes: MaskedBytes): ByteArray =
    MessageDigest.getInstance("SHA-256").also { bytes.addTo(it) }.digest()

private const val HEX = "0123456789abcdef"

internal fun ByteArray.toHex(): String {
    val out = StringBuilder(2 * size)
    for (byte in this) out.append(HEX[byte.toInt() shr 4 and 15]).append(HEX[byte.toInt() and 15])
    return out.toString()
}

internal fun String.fromHex(): ByteArray =
    ByteArray(length / 2) { (Character.digit(this[2 * it], 16) shl 4 or Character.digit(this[2 * it + 1], 16)).toByte() }
