package mnverify.json

import mnverify.Text

/** A fault of JSON text: why, without content. */
internal class JsonFault(val why: Text) : Exception(null, null, false, false)

/**
 * JSON (RFC 8259), with nothing beside it: no key twice, no `NaN`, no number longer than asked for.
 *
 * Objects become [JsonObject], lists `List`, texts `String`, numbers `Long` or `Double`, the rest `Boolean` and `null`.
 */
internal class JsonParser(private val text: String, private val longestNumber: Int) {
    private var at = 0

    fun document(): Any? {
        val value = value()
        space()
        if (at != text.length) fail()
        return value
    }

    private fun value(): Any? {
        space()
        return when (peek()) {
            '{' -> members()
            '[' -> items()
            '"' -> string()
            't' -> word("true", true)
            'f' -> word("false", false)
            'n' -> word("null", null)
            else -> number()
        }
    }

    private fun members(): JsonObject {
        at++
        val found = LinkedHashMap<String, Any?>()
        space()
        if (peek() == '}') {
            at++
            return JsonObject(found)
        }
        while (true) {
            space()
            if (peek() != '"') fail()
            val name = string()
            space()
            expect(':')
            if (found.containsKey(name)) throw JsonFault(TWICE)
            found[name] = value()
            space()
            if (peek() == '}') {
                at++
                return JsonObject(found)
            }
            expect(',')
        }
    }

    private fun items(): List<Any?> {
        at++
        val found = ArrayList<Any?>()
        space()
        if (peek() == ']') {
            at++
            return found
        }
        while (true) {
            found.add(value())
            space()
            if (peek() == ']') {
                at++
                return found
            }
            expect(',')
        }
    }

    private fun string(): String {
        at++
        val start = at
        while (at < text.length && text[at] != '"' && text[at] != '\\' && text[at] >= ' ') at++
        if (peek() == '"') return text.substring(start, at++)
        val out = StringBuilder(text.substring(start, at))
        while (true) {
            val c = peek() ?: fail()
            at++
            when {
                c == '"' -> return out.toString()
                c == '\\' -> out.append(escaped())
                c < ' ' -> fail()
                else -> out.append(c)
            }
        }
    }

    private fun escaped(): Char {
        val c = peek() ?: fail()
        at++
        return when (c) {
            '"', '\\', '/' -> c
            'b' -> '\b'
            'f' -> '\u000C'
            'n' -> '\n'
            'r' -> '\r'
            't' -> '\t'
            'u' -> unicode()
            else -> fail()
        }
    }

    private fun unicode(): Char {
        var code = 0
        repeat(4) {
            val c = peek() ?: fail()
            at++
            code = code shl 4 or (HEX_DIGITS.indexOf(c.lowercaseChar()).takeIf { c < '\u0080' && it >= 0 } ?: fail())
        }
        return code.toChar()
    }

    private fun number(): Any {
        val start = at
        if (peek() == '-') at++
        if (peek() == '0') at++ else digits()
        var whole = true
        if (peek() == '.') {
            whole = false
            at++
            digits()
        }
        if (peek() == 'e' || peek() == 'E') {
            whole = false
            at++
            if (peek() == '+' || peek() == '-') at++
            digits()
        }
        val length = at - start
        if (length > longestNumber) throw JsonFault(if (longestNumber == 0) NUMBER else LONG_NUMBER)
        val written = text.substring(start, at)
        return if (whole) written.toLongOrNull() ?: throw JsonFault(LONG_NUMBER) else written.toDouble()
    }

    private fun digits() {
        if (peek() !in '0'..'9') fail()
        while (peek() in '0'..'9') at++
    }

    private operator fun CharRange.contains(c: Char?): Boolean = c != null && c in first..last

    private fun word(word: String, value: Any?): Any? {
        if (!text.startsWith(word, at)) fail()
        at += word.length
        return value
    }

    private fun space() {
        while (at < text.length && text[at] in " \t\n\r") at++
    }

    private fun peek(): Char? = if (at < text.length) text[at] else null

    private fun expect(c: Char) {
        if (peek() != c) fail()
        at++
    }

    private fun fail(): Nothing = throw JsonFault(NOT_JSON)

    private companion object {
        const val HEX_DIGITS = "0123456789abcdef"
        val NOT_JSON = Text("it is not JSON", "JSON ではありません")
        val NUMBER = Text("a number where none belongs", "数値を置けない場所に数値があります")
        val LONG_NUMBER = Text("a number is too long", "数値が長すぎます")
        val TWICE = Text("a key stands twice", "同じキーが2回あります")
    }
}

/** An object of JSON: it shows how many members it has; names can be personal data too. */
internal class JsonObject(private val members: Map<String, Any?>) : Map<String, Any?> by members {
    override fun equals(other: Any?): Boolean = members == other

    override fun hashCode(): Int = members.hashCode()

    override fun toString(): String = "JsonObject(${members.size} members)"
}
