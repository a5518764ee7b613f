package mnverify.values

import mnverify.MaskedBytes
import mnverify.toHex

/** A 個人番号 of twelve digits with a right check digit. It never shows itself; [reveal] is explicit. */
public class MyNumber private constructor(private val digits: String) {
    /** The twelve digits. Only a 個人番号利用事務等実施者 may keep them. */
    public fun reveal(): String = digits

    override fun equals(other: Any?): Boolean = other is MyNumber && other.digits == digits

    override fun hashCode(): Int = digits.hashCode()

    override fun toString(): String = "MyNumber(************)"

    public companion object {
        /** The number, or `null` where these are not twelve ASCII digits with a right check digit (番号法施行令 第8条). */
        public fun of(digits: String): MyNumber? {
            if (digits.length != 12 || digits.any { it !in '0'..'9' }) return null
            val total = (1..11).sumOf { n -> (digits[11 - n] - '0') * (if (n <= 6) n + 1 else n - 5) }
            val check = if (total % 11 <= 1) 0 else 11 - total % 11
            return if (digits[11] - '0' == check) MyNumber(digits) else null
        }
    }
}

/** Sixteen bytes that name a key. All of them count when two are compared: the padding can be non-zero. */
public class KeyId internal constructor(internal val bytes: MaskedBytes) {
    init {
        require(bytes.size == LENGTH)
    }

    /** `5000023/001` where the id has the known form, else the hex digits. */
    public val name: String
        get() {
            val number = bytes.slice(0, 7)
            val serial = bytes.slice(9, 12)
            if (!number.isDigits() || !serial.isDigits() || bytes[7] != 0x08 || bytes[8] != 0x05) return bytes.toByteArray().toHex()
            val padding = bytes.slice(12).toByteArray()
            return "${number.ascii()}/${serial.ascii()}" + if (padding.all { it.toInt() == 0 }) "" else "+${padding.toHex()}"
        }

    override fun equals(other: Any?): Boolean = other is KeyId && other.bytes == bytes

    override fun hashCode(): Int = bytes.hashCode()

    override fun toString(): String = "KeyId($name)"

    internal companion object {
        const val LENGTH = 16
    }
}
