package mnverify.card

import mnverify.MaskedBytes
import java.io.ByteArrayOutputStream

internal object Ins {
    const val SELECT = 0xA4
    const val READ_BINARY = 0xB0
    const val VERIFY = 0x20
    const val SIGN = 0x2A
    const val GET_RESPONSE = 0xC0
    const val SET_SESSION_KEY = 0xAE
    private val NAMES =
        mapOf(
            SELECT to "SELECT",
            READ_BINARY to "READ BINARY",
            VERIFY to "VERIFY",
            SIGN to "INTERNAL AUTHENTICATE",
            GET_RESPONSE to "GET RESPONSE",
            SET_SESSION_KEY to "SET SESSION KEY",
        )

    /** The name of an instruction for audit and errors; the hex byte where it is none of ours. */
    fun name(ins: Int): String = NAMES[ins] ?: "INS %02X".format(ins)
}

/** Most bytes of data in one answer, and of one file. */
internal const val MAX_ANSWER = 1 shl 16

/**
 * One command APDU (ISO/IEC 7816-4), encoded in one way only. It shows no data byte.
 *
 * @property data the data field; empty for none
 * @property le bytes expected (256 or 65536 for "all"), `null` for no Le field
 * @property extended three-byte lengths
 */
internal class Command(
    val cla: Int,
    val ins: Int,
    val p1: Int,
    val p2: Int,
    val data: MaskedBytes = MaskedBytes.EMPTY,
    val le: Int? = null,
    val extended: Boolean = false,
) {
    fun encode(): ByteArray {
        val out = ByteArrayOutputStream(data.size + 9)
        for (byte in listOf(cla, ins, p1, p2)) out.write(byte)
        if (data.size > 0) {
            if (extended) {
                out.write(0)
                out.write(data.size shr 8)
            }
            out.write(data.size)
            out.write(data.toByteArray())
        }
        if (le != null) {
            if (extended) {
                if (data.size == 0) out.write(0)
                out.write(le shr 8)
            }
            out.write(le)
        }
        return out.toByteArray()
    }

    fun withLe(le: Int) = Command(cla, ins, p1, p2, data, le)

    fun extended() = Command(cla, ins, p1, p2, data, le, extended = true)

    override fun toString(): String = "Command(${Ins.name(ins)}, ${data.size} data bytes, le=$le)"

    companion object {
        /** The command in bytes that have exactly one of the forms that [encode] makes; `null` where they have none. */
        fun parse(raw: ByteArray): Command? {
            if (raw.size < 4) return null
            val bytes = MaskedBytes.of(raw)
            val body = bytes.slice(4)
            val extended = body.size >= 3 && body[0] == 0
            val (data, le) = split(if (extended) body.slice(1) else body, if (extended) 2 else 1) ?: return null
            val command = Command(bytes[0], bytes[1], bytes[2], bytes[3], data, le, extended)
            return command.takeIf { it.encode().contentEquals(raw) }
        }

        /** Data and Le of a command body whose length fields have [width] bytes. */
        private fun split(body: MaskedBytes, width: Int): Pair<MaskedBytes, Int?>? {
            val most = 1 shl 8 * width
            fun number(at: Int) = body.slice(at, at + width).toNumber()
            if (body.size == 0) return MaskedBytes.EMPTY to null
            if (body.size == width) return MaskedBytes.EMPTY to (number(0).takeIf { it > 0 } ?: most)
            if (body.size < width) return null
            val length = number(0)
            val rest = body.size - width - length
            if (length == 0 || rest != 0 && rest != width) return null
            val data = body.slice(width, width + length)
            return data to if (rest == 0) null else number(width + length).takeIf { it > 0 } ?: most
        }
    }
}

/**
 * One response APDU.
 *
 * @property data what came before the status bytes
 * @property statusWord the two status bytes as a number
 * @property atEnd the card said that the file ends here (`6282`, or `6Cxx` with less than was asked for)
 */
internal class Response(val data: MaskedBytes, val statusWord: Int, val atEnd: Boolean = false) {
    val ok: Boolean get() = statusWord == 0x9000 || statusWord == 0x6282
    val sw1: Int get() = statusWord shr 8
    val sw2: Int get() = statusWord and 0xFF

    override fun toString(): String = "Response(${data.size} data bytes, %04X)".format(statusWord)

    companion object {
        val NONE = Response(MaskedBytes.EMPTY, 0)

        fun parse(raw: ByteArray): Response {
            val bytes = MaskedBytes.own(raw)
            val statusWord = bytes.slice(raw.size - 2).toNumber()
            return Response(bytes.slice(0, raw.size - 2), statusWord, atEnd = statusWord == 0x6282)
        }
    }
}
