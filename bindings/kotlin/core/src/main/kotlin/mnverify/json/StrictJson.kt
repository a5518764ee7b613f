package mnverify.json

import mnverify.MaskedBytes
import mnverify.Text
import mnverify.fromHex
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.CodingErrorAction

/**
 * The one way from foreign JSON to checked values: bounded in size and depth, no key twice, no number where none belongs, canonical
 * base64, no control characters. No reason holds content: not even the name of a key that is not expected.
 *
 * @param root the document as a place in errors, as `evidence`
 * @param maxBytes of its text in UTF-8
 * @param maxDepth levels of nesting
 * @param longestNumber characters of a number; 0 where there are no numbers
 * @param refuse makes the error for a place and a reason
 */
internal class StrictJson(
    private val root: String,
    private val maxBytes: Int,
    private val maxDepth: Int,
    private val longestNumber: Int = 0,
    private val refuse: (String, Text) -> Exception,
) {
    /** The object in UTF-8 text. */
    fun load(data: ByteArray): JsonObject {
        if (data.size > maxBytes) throw tooLarge(data.size)
        val text = decoded(data) ?: throw refuse(root, NOT_UTF_8)
        return parse(text)
    }

    /** The object in a text. */
    fun load(text: String): JsonObject {
        if (text.length > maxBytes) throw tooLarge(text.length)
        val size = utf8Length(text) ?: throw refuse(root, NOT_UTF_8)
        if (size > maxBytes) throw tooLarge(size)
        return parse(text)
    }

    fun keys(value: Any?, where: String, required: Collection<String>, optional: Collection<String>? = emptyList()): JsonObject {
        if (value !is JsonObject) throw refuse(where, Text("it is not an object", "オブジェクトではありません"))
        val missing = required.filterNot(value::containsKey).sorted().joinToString(", ")
        if (missing.isNotEmpty()) throw refuse(where, Text("missing: $missing", "$missing がありません"))
        if (optional != null && value.keys.any { it !in required && it !in optional }) {
            val names = (required.sorted() + optional.sorted()).joinToString(", ")
            throw refuse(where, Text("a key that is none of $names", "$names 以外のキーがあります"))
        }
        return value
    }

    fun items(value: Any?, where: String, most: Int): List<Any?> {
        if (value !is List<*>) throw refuse(where, Text("it is not a list", "配列ではありません"))
        if (value.size > most) throw refuse(where, Text("it has more than $most items", "要素が $most 個を超えています"))
        return value
    }

    fun word(value: Any?, where: String, words: Collection<String>): String {
        if (value is String && value in words) return value
        val names = words.joinToString(", ")
        throw refuse(where, Text("it is none of $names", "$names のいずれでもありません"))
    }

    fun matching(value: Any?, where: String, form: Regex, what: Text): String {
        if (value is String && form.matches(value)) return value
        throw refuse(where, Text("it is not ${what.en}", "${what.ja}ではありません"))
    }

    fun text(value: Any?, where: String, longest: Int, shortest: Int = 0): String {
        if (value !is String) throw refuse(where, Text("it is not a text", "文字列ではありません"))
        if (value.codePointCount(0, value.length) !in shortest..longest) {
            throw refuse(where, Text("it has not $shortest to $longest characters", "$shortest〜$longest 文字ではありません"))
        }
        if (!printable(value)) {
            throw refuse(where, Text("it holds control or invisible characters", "制御文字または表示できない文字があります"))
        }
        return value
    }

    fun whole(value: Any?, where: String, least: Long, most: Long): Long {
        if (value is Long && value in least..most) return value
        throw refuse(where, Text("it is not a whole number from $least to $most", "$least〜$most の整数ではありません"))
    }

    fun flag(value: Any?, where: String): Boolean =
        value as? Boolean ?: throw refuse(where, Text("it is neither true nor false", "true でも false でもありません"))

    fun hex(value: Any?, where: String, least: Int, most: Int): ByteArray {
        if (value !is String || value.length % 2 != 0 || value.any { it !in '0'..'9' && it !in 'a'..'f' }) {
            throw refuse(where, Text("it is not lower-case hex", "小文字の16進数ではありません"))
        }
        if (value.length / 2 !in least..most) throw refuse(where, notSoLong(least, most))
        return value.fromHex()
    }

    fun base64(value: Any?, where: String): MaskedBytes {
        if (value !is String) throw refuse(where, Text("it is not a text in base64", "base64 の文字列ではありません"))
        val raw = Base64.decode(value) ?: throw refuse(where, Text("it is not canonical base64", "正規の base64 ではありません"))
        return MaskedBytes.own(raw)
    }

    private fun parse(text: String): JsonObject {
        checkDepth(text)
        val document =
            try {
                JsonParser(text, longestNumber).document()
            } catch (fault: JsonFault) {
                throw refuse(root, fault.why)
            }
        return document as? JsonObject ?: throw refuse(root, Text("it is not a JSON object", "JSON のオブジェクトではありません"))
    }

    /** Refuse deep nesting before the parser recurses. One pass over the text; a string, ended or not, is passed over. */
    private fun checkDepth(text: String) {
        var depth = 0
        var at = 0
        while (at < text.length) {
            when (text[at]) {
                '"' -> {
                    at++
                    while (at < text.length && text[at] != '"') at += if (text[at] == '\\') 2 else 1
                }
                '{', '[' -> if (++depth > maxDepth) throw refuse(root, tooDeep())
                '}', ']' -> depth--
            }
            at++
        }
    }

    private fun tooDeep() = Text("nested deeper than $maxDepth levels", "入れ子が $maxDepth 段を超えています")

    private fun tooLarge(size: Int) =
        refuse(root, Text("$size bytes, more than $maxBytes", "$size バイトで、上限 $maxBytes バイトを超えています"))

    private fun notSoLong(least: Int, most: Int): Text =
        if (least == most) {
            Text("it has not $most bytes", "$most バイトではありません")
        } else {
            Text("it has not $least to $most bytes", "$least〜$most バイトではありません")
        }

    private companion object {
        val NOT_UTF_8 = Text("it is not UTF-8 text", "UTF-8 の文字列ではありません")
    }
}

/** The text of UTF-8 bytes; `null` where they are none. */
internal fun decoded(data: ByteArray): String? =
    try {
        Charsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(data))
            .toString()
    } catch (_: CharacterCodingException) {
        null
    }

/** Bytes of a text in UTF-8; `null` where half of a character stands alone. */
private fun utf8Length(text: String): Int? {
    var size = 0
    var at = 0
    while (at < text.length) {
        val c = text[at]
        if (c.isSurrogate()) {
            if (!c.isHighSurrogate() || at + 1 == text.length || !text[at + 1].isLowSurrogate()) return null
            at++
            size += 4
        } else {
            size += if (c.code < 0x80) 1 else if (c.code < 0x800) 2 else 3
        }
        at++
    }
    return size
}

private val INVISIBLE =
    setOf(
        Character.CONTROL.toInt(),
        Character.FORMAT.toInt(),
        Character.SURROGATE.toInt(),
        Character.PRIVATE_USE.toInt(),
        Character.UNASSIGNED.toInt(),
        Character.LINE_SEPARATOR.toInt(),
        Character.PARAGRAPH_SEPARATOR.toInt(),
        Character.SPACE_SEPARATOR.toInt(),
    )

/** Whether no character of a text is a control character, a line's end, an override of direction, or has no shape. */
internal fun printable(text: String): Boolean {
    var at = 0
    while (at < text.length) {
        val c = text.codePointAt(at)
        if (c != 0x20 && c != 0x3000 && Character.getType(c) in INVISIBLE) return false
        at += Character.charCount(c)
    }
    return true
}
